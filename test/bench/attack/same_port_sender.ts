import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Sends the same payload to 127.0.0.1:`port` again and again, `rate` times a second for so many seconds, from the port
 * of the same number of another address: what goes there and what comes back look alike. Prints how many it sent.
 */
const [port = 0, rate = 0, seconds = 0] = process.argv.slice(2).map(Number);
const socket = createSocket("udp4");
socket.on("message", () => {});
socket.bind(port, "127.0.0.2");
await new Promise((done) => socket.once("listening", done));
const start = performance.now();
let sent = 0;
for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - start) {
  for (; sent < (elapsed / 1000) * rate; sent++) socket.send("keep-alive", port, "127.0.0.1");
  await sleep(2);
}
// The last answer is on its way.
await sleep(500);
socket.close();
console.log(sent);
