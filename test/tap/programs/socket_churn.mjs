// Opens, uses and closes COUNT sockets as fast as it can, each with one datagram to itself.
import dgram from "node:dgram";
import { once } from "node:events";

const count = Number(process.argv[2]);
for (let number = 1; number <= count; number++) {
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.send(`number ${number}`, socket.address().port, "127.0.0.1");
  await once(socket, "message");
  socket.close();
}
