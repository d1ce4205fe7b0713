// Sends itself COUNT datagrams of LENGTH bytes, one after the other; then closes the socket, or, where the third
// word is "stay", prints "done" and stays.
import dgram from "node:dgram";
import { once } from "node:events";

const [count, length] = process.argv.slice(2).map(Number);
const socket = dgram.createSocket("udp4");
socket.bind(0, "127.0.0.1");
await once(socket, "listening");
const { port } = socket.address();
for (let index = 0; index < count; index++) {
  socket.send(Buffer.alloc(length, String(index % 10)), port, "127.0.0.1");
  await once(socket, "message");
}
if (process.argv[4] === "stay") console.log("done");
else socket.close();
