import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";

/**
 * Sends datagrams from many sockets in turns to where nobody listens, and prints how many microseconds of the processor
 * each took. Usage: many_sockets.ts SOCKETS DATAGRAMS
 */
const [count = 1, datagrams = 1] = process.argv.slice(2).map(Number);
const sockets: Socket[] = [];
for (let number = 0; number < count; number++) {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  sockets.push(socket);
}
const payload = Buffer.alloc(32, ".");

/** As many as a socket takes at once without a queue of its own. */
const AT_ONCE = 1000;

async function send(most: number): Promise<void> {
  for (let sent = 0; sent < most; sent++) {
    sockets[sent % count]?.send(payload, 9, "127.0.0.1");
    if (sent % AT_ONCE === 0) await turn();
  }
}

// What is compiled by then is compiled.
await send(datagrams / 4);
const before = process.cpuUsage();
await send(datagrams);
const { user, system } = process.cpuUsage(before);
for (const socket of sockets) socket.close();
process.stdout.write(String((user + system) / datagrams));
