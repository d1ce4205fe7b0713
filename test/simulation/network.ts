import type { SimulatedSocket } from "./program.ts";

/** A datagram of the world, as nobody but the world knows it. */
export interface TrueDatagram {
  readonly from: SimulatedSocket;
  readonly toAddress: string;
  readonly toPort: number;
  readonly payload: string;
  /** Microseconds, by the clock of the sending program. */
  readonly sentAt: number;
  /** The same by the clock of a command that captures. */
  readonly seenAt: number;
  /** The watched or unwatched socket that was there when it left; undefined where nobody was. */
  readonly expectedBy: SimulatedSocket | undefined;
  readonly arrivals: Arrival[];
}

export interface Arrival {
  readonly by: SimulatedSocket;
  /** Microseconds, by the clock of the receiving program. */
  readonly at: number;
}

/** The socket that a datagram to an address and port gets to: the one with just that address before a wildcard. */
export function receiverOf(
  sockets: readonly SimulatedSocket[],
  address: string,
  port: number,
): SimulatedSocket | undefined {
  const open = sockets.filter((socket) => socket.isOpen && socket.port === port);
  return (
    open.find((socket) => socket.address === address) ??
    open.find((socket) => isWildcardFor(socket.address, address))
  );
}

/** `::` takes IPv4 as well (RFC 3493 section 5.3). */
export function isWildcardFor(own: string, address: string): boolean {
  return own === "::" || (own === "0.0.0.0" && !address.includes(":"));
}

/** Whether a socket can be bound so while another one is: no address is in both. */
export function collides(one: SimulatedSocket, address: string, port: number): boolean {
  return (
    one.isOpen &&
    one.port === port &&
    (one.address === address ||
      isWildcardFor(one.address, address) ||
      isWildcardFor(address, one.address))
  );
}
