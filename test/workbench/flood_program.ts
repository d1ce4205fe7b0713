import { createSocket } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";

/** What is late waits in this program's memory otherwise. */
const MOST_AT_ONCE = 1000;

/**
 * Sends datagrams of `length` bytes to where nobody listens, `rate` a second for so many seconds or until SIGINT, as
 * evenly as timers allow, and prints how many it sent.
 */
const [rate = 0, seconds = 0, length = 32] = process.argv.slice(2).map(Number);
const socket = createSocket("udp4");
socket.bind(0, "127.0.0.1");
await new Promise((done) => socket.once("listening", done));
const payload = Buffer.alloc(length, ".");
const start = performance.now();
let sent = 0;
let isTold = false;
process.once("SIGINT", () => {
  isTold = true;
});
for (let elapsed = 0; elapsed < seconds * 1000 && !isTold; elapsed = performance.now() - start) {
  const due = Math.min(Math.floor((elapsed / 1000) * rate), sent + MOST_AT_ONCE);
  for (; sent < due; sent++) {
    payload.writeUInt32BE(sent);
    socket.send(payload, 9, "127.0.0.1");
  }
  await sleep(2);
}
socket.close();
process.stdout.write(`sent ${sent} in ${Math.round(performance.now() - start)} ms\n`);
