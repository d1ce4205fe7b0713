// Sends itself numbered datagrams of LENGTH bytes without a pause, COUNT of them or until it is killed; prints "flooding"
// with the first that arrives. Where the third word names a file, it is deleted halfway.
import dgram from "node:dgram";
import { once } from "node:events";
import { rmSync } from "node:fs";

const [length, count] = process.argv.slice(2, 4).map(Number);
const ballast = process.argv[4];
const socket = dgram.createSocket("udp4");
socket.bind(0, "127.0.0.1");
await once(socket, "listening");
const { port } = socket.address();
const payload = Buffer.alloc(length);
for (let number = 1; number <= count; number++) {
  payload.writeUInt32BE(number);
  socket.send(payload, port, "127.0.0.1");
  await once(socket, "message");
  if (number === 1) console.log("flooding");
  if (ballast && number === Math.floor(count / 2)) {
    rmSync(ballast);
    // The tap asks a full disk again after a second.
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}
socket.close();
