import { parseAddress } from "../wire/address.ts";
import type { CapturedSocket } from "./captured_socket.ts";
import type { Flow } from "./flow_table.ts";

/** A program may read its clock a little later than the sender did. */
const SKEW_US = 5_000;

/** The watched sockets by port, to tell whether a datagram went to one of them. */
export class Receivers {
  readonly #byPort = new Map<
    number,
    { readonly socket: CapturedSocket; readonly address: Uint8Array }[]
  >();

  #revision = 0;

  /** Counts up whenever there may be a receiver for flows that had none. */
  get revision(): number {
    return this.#revision;
  }

  /** Takes in where a socket is bound; call it again when that changes. */
  add(socket: CapturedSocket): void {
    this.#revision++;
    const address = socket.local && parseAddress(socket.local.address);
    if (!socket.local || !address) return;
    const sockets = this.#byPort.get(socket.local.port) ?? [];
    sockets.push({ socket, address });
    this.#byPort.set(socket.local.port, sockets);
  }

  /** Forgets sockets that are no more. */
  removeAll(isGone: (socket: CapturedSocket) => boolean): void {
    for (const [port, sockets] of this.#byPort) {
      const kept = sockets.filter(({ socket }) => !isGone(socket));
      if (kept.length > 0) this.#byPort.set(port, kept);
      else this.#byPort.delete(port);
    }
  }

  /** True when a socket is or was bound where this flow goes to, whenever that was. */
  hasReceiver(flow: Flow): boolean {
    const sockets = this.#byPort.get(flow.destinationPort) ?? [];
    return sockets.some(({ address }) => isSameOrWildcard(address, flow.destinationAddress));
  }

  /** True when a socket was bound where this flow goes to, at that time in microseconds since 1970. */
  isWatched(flow: Flow, time: number): boolean {
    const sockets = this.#byPort.get(flow.destinationPort);
    if (!sockets) return false;
    return sockets.some(
      ({ socket, address }) =>
        socket.state !== "failed" &&
        (socket.boundAt ?? Number.NEGATIVE_INFINITY) <= time + SKEW_US &&
        time <= (socket.closedAt ?? (socket.state === "bound" ? Number.POSITIVE_INFINITY : 0)) &&
        isSameOrWildcard(address, flow.destinationAddress),
    );
  }
}

/**
 * True when what leaves by `sent` can arrive by `received`. Node.js does not tell the real local address of a socket
 * that is bound to a wildcard, so a wildcard fits every address.
 */
export function canArriveAs(sent: Flow, received: Flow): boolean {
  return (
    sent.sourcePort === received.sourcePort &&
    sent.destinationPort === received.destinationPort &&
    isSameOrWildcard(sent.sourceAddress, received.sourceAddress) &&
    isSameOrWildcard(received.destinationAddress, sent.destinationAddress)
  );
}

/** `::` takes IPv4 as well (RFC 3493 section 5.3); `0.0.0.0` takes IPv4 only. */
function isSameOrWildcard(own: Uint8Array, other: Uint8Array): boolean {
  if (own.every((byte) => byte === 0)) return own.length === 16 || other.length === 4;
  return own.length === other.length && own.every((byte, index) => byte === other[index]);
}
