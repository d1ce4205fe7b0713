import type { Endpoint } from "../wire/endpoint.ts";

/** A UDP socket that is bound, as the operating system lists it. What a system does not tell is undefined. */
export interface SystemSocket extends Endpoint {
  /** Tells this socket from every other one now; stays the same while it is open. */
  readonly key: string;
  readonly family: "IPv4" | "IPv6";
  /** The zone of a link-local address, `eth0` or `12` (RFC 4007 section 11); "" where there is none. */
  readonly zone: string;
  /** The other end where it is connected. */
  readonly peer: Endpoint | undefined;
  /** Linux: what `/proc/PID/fd` calls it. */
  readonly inode: number | undefined;
  /** Linux: the user who made it. */
  readonly uid: number | undefined;
  readonly pid: number | undefined;
  /** What the table itself calls its process; "" where it does not. */
  readonly processName: string;
  /** Bytes that wait for the program, with the system's own overhead. */
  readonly receiveQueue: number | undefined;
  /** Datagrams that were thrown away since the socket was made, most of them because its receive buffer was full. */
  readonly drops: number | undefined;
}

/** A multicast group that an interface of this machine has joined. */
export interface MulticastGroup {
  readonly address: string;
  /** `eth0`. */
  readonly device: string;
}

/** Gives sockets of a system that has no number for them a key: equal ends of one process are counted. */
export function numbered(sockets: readonly Omit<SystemSocket, "key">[]): SystemSocket[] {
  const seen = new Map<string, number>();
  return sockets.map((socket) => {
    const { family, address, zone, port, pid } = socket;
    const name = `${family} ${address}%${zone} ${port} ${pid}`;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return { ...socket, key: `${name} ${count}` };
  });
}
