// A worker of a cluster asks its primary for a port that somebody else has. Prints the port, and what the worker was told.
import cluster from "node:cluster";
import dgram from "node:dgram";
import { once } from "node:events";

const HOST = "127.0.0.1";

if (cluster.isPrimary) {
  const owner = dgram.createSocket("udp4");
  owner.bind(0, HOST);
  await once(owner, "listening");
  const { port } = owner.address();
  const worker = cluster.fork({ TAKEN_PORT: String(port) });
  const [told] = await once(worker, "message");
  await once(worker, "exit");
  console.log(JSON.stringify({ port, ...told }));
  owner.close();
} else {
  const { bind } = dgram.Socket.prototype;
  const socket = dgram.createSocket("udp4");
  socket.bind(Number(process.env.TAKEN_PORT), HOST);
  const [{ code, syscall }] = await once(socket, "error");
  process.send({ code, syscall, isSame: bind === dgram.Socket.prototype.bind }, () =>
    process.disconnect(),
  );
}
