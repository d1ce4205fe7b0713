import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Sends `rate` datagrams of `length` bytes a second to 127.0.0.1:`port` for so many seconds, from `peers` sockets in
 * turns, as evenly as timers and this machine allow, and prints how many and in how many milliseconds.
 */
const [port = 0, rate = 0, seconds = 0, length = 0, peers = 1] = process.argv.slice(2).map(Number);
/** So that one turn of the event loop ends soon. */
const MOST_AT_ONCE = 1000;

async function openSocket(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

const sockets: Socket[] = [];
while (sockets.length < peers) {
  const more = Math.min(100, peers - sockets.length);
  sockets.push(...(await Promise.all(Array.from({ length: more }, openSocket))));
}
const payload = Buffer.alloc(length, ".");
let failed = 0;
const sentOne = (error: Error | null) => {
  if (error) failed++;
};
let sent = 0;
const start = performance.now();
for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - start) {
  const due = Math.min(Math.floor((elapsed / 1000) * rate), sent + MOST_AT_ONCE);
  for (; sent < due; sent++) sockets[sent % peers]?.send(payload, sentOne);
  await sleep(1);
}
const milliseconds = Math.round(performance.now() - start);
await Promise.all(sockets.map((socket) => new Promise<void>((done) => socket.close(() => done()))));
process.stdout.write(`${sent - failed} ${milliseconds}\n`);
