import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Below the ports that systems give to whoever asks for any: Linux from 32768 on, others from 49152 on. */
const LOWEST = 20_000;
const ABOVE = 32_768;

/**
 * A UDP port on 127.0.0.1 that nobody has: for a person who has to type one. No program that asks the system for any
 * port gets it before it is typed.
 */
export async function freeUdpPort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, ABOVE);
    const socket = createSocket("udp4").bind(port, "127.0.0.1");
    try {
      await once(socket, "listening");
      return port;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EADDRINUSE" && code !== "EACCES") throw error;
    } finally {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    }
  }
}
