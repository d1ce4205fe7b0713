// Sends COUNT datagrams to itself and ends in the callback of the last one: process.exit(7), or with an
// exception where the second word is "throw".
import dgram from "node:dgram";
import { once } from "node:events";

const count = Number(process.argv[2]);
const socket = dgram.createSocket("udp4");
socket.bind(0, "127.0.0.1");
await once(socket, "listening");
const end =
  process.argv[3] === "throw"
    ? () =>
        setTimeout(() => {
          throw new Error("the program's own fault");
        })
    : () => process.exit(7);
for (let index = 1; index <= count; index++) {
  socket.send(
    `number ${index}`,
    socket.address().port,
    "127.0.0.1",
    index === count ? end : undefined,
  );
}
