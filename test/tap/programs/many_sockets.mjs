// Opens COUNT sockets, sends one datagram from each to the first, and closes all but the first; then sends LAST
// datagrams more from the first to itself.
import dgram from "node:dgram";
import { once } from "node:events";

const [count, last] = process.argv.slice(2).map(Number);
const sockets = [];
for (let index = 0; index < count; index++) {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  sockets.push(socket);
}
const [first, ...others] = sockets;
const { port } = first.address();
for (const socket of others) {
  socket.send("one", port, "127.0.0.1");
  await once(first, "message");
  socket.close();
}
for (let index = 0; index < last; index++) {
  first.send(Buffer.alloc(1000), port, "127.0.0.1");
  await once(first, "message");
}
first.close();
