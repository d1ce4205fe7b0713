import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

const MOST_TRIES = 100;

/** The next UDP port above `port` that nobody has on `host`; 0, which lets the system choose, when none is near. */
export async function nextFreePort(host: string, port: number): Promise<number> {
  for (let next = port + 1; next <= Math.min(port + MOST_TRIES, 0xffff); next++) {
    if (await isFree(host, next)) return next;
  }
  return 0;
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
