import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Destination } from "./messages.ts";

/** A third of what Linux gives a socket by default (net.core.rmem_default: 208 KiB, of which payloads are a part). */
const MOST_QUEUED = 64 * 1024;
const LOOK_EVERY_MS = 1;
/** A receiver that has read nothing for so long does not keep up: it is not waited for any more. */
const PATIENCE_MS = 500;

/**
 * How much a receiver on this machine has not read yet, where the system tells (Linux): UDP itself tells a sender
 * nothing, and what does not fit into the receiver's buffer is lost.
 */
export class ReceiverQueue {
  readonly #file: string;
  readonly #port: string;
  #isKnown: boolean;

  constructor({ address, port }: Destination) {
    const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const isHere = address.startsWith("127.") || interfaces.some((one) => one.address === address);
    this.#isKnown = process.platform === "linux" && isHere;
    // An IPv6 socket may take IPv4, too: where the one file knows nothing, the other is not asked.
    this.#file = address.includes(":") ? "/proc/net/udp6" : "/proc/net/udp";
    this.#port = port.toString(16).toUpperCase().padStart(4, "0");
  }

  /** Resolves when there is room for a burst, or at once where nobody knows. */
  async room(): Promise<void> {
    let least = Number.POSITIVE_INFINITY;
    let since = performance.now();
    while (this.#isKnown) {
      const queued = await this.#queued();
      if (queued === undefined || queued <= MOST_QUEUED) return;
      if (queued < least) {
        least = queued;
        since = performance.now();
      }
      if (performance.now() - since > PATIENCE_MS) this.#isKnown = false;
      else await sleep(LOOK_EVERY_MS);
    }
  }

  /** Bytes in the fullest buffer of the sockets that have the port; undefined where there is none. */
  async #queued(): Promise<number | undefined> {
    try {
      const table = await readFile(this.#file, "latin1");
      // proc(5): "sl local_address rem_address st tx_queue:rx_queue ...", addresses and numbers in hexadecimal digits.
      const line = new RegExp(`: [0-9A-F]+:${this.#port} \\S+ \\S+ [0-9A-F]+:([0-9A-F]+)`, "g");
      const queues = Array.from(table.matchAll(line), ([, rx = ""]) => Number.parseInt(rx, 16));
      return queues.length > 0 ? Math.max(...queues) : undefined;
    } catch {
      this.#isKnown = false;
      return undefined;
    }
  }
}
