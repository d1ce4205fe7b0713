import { canonicalAddress, isLoopback, parseAddress } from "../wire/address.ts";
import { type Endpoint, formatEndpoint } from "../wire/endpoint.ts";
import { type Reach, reachOf } from "../wire/reach.ts";
import type { OwnedSocket, SilenceFacts } from "./facts.ts";
import { isWildcard } from "./traffic.ts";

/** What several checks ask of the facts. */
export class Situation {
  readonly facts: SilenceFacts;
  readonly to: Endpoint;
  readonly from: Endpoint | undefined;
  /** Who is meant by `to`; "machine" where it is a wildcard of a socket here. */
  readonly reach: Reach;
  /** All sockets with the port of `to`; undefined where the system does not tell. */
  readonly atPort: readonly OwnedSocket[] | undefined;

  constructor(facts: SilenceFacts) {
    this.facts = facts;
    this.to = facts.question.to;
    this.from = facts.question.from;
    this.reach = isWildcard(canonicalAddress(this.to.address))
      ? "machine"
      : reachOf(this.to.address, facts.addresses);
    this.atPort = facts.sockets
      ?.filter(({ port }) => port === this.to.port)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  get isAny(): boolean {
    return isWildcard(canonicalAddress(this.to.address));
  }

  /** True where `to` is an address of this machine, or a wildcard of a socket of it. */
  get isHere(): boolean {
    return this.reach === "machine";
  }

  /** True where what is sent there may come to sockets of this machine. */
  get mayBeHere(): boolean {
    return this.reach !== "network";
  }

  /** True where who sends is on this machine; undefined where it is not known who does. */
  get isFromHere(): boolean | undefined {
    if (!this.from) return undefined;
    const { address } = this.from;
    return (
      isWildcard(canonicalAddress(address)) || reachOf(address, this.facts.addresses) === "machine"
    );
  }

  /** Those at the port that are for the family of `to`, as far as is known. */
  get ofFamily(): readonly OwnedSocket[] {
    return (this.atPort ?? []).filter((socket) => this.takesFamily(socket));
  }

  /** Those that take what is sent to exactly that address, be it from anybody. */
  get takers(): readonly OwnedSocket[] {
    return this.ofFamily.filter((socket) => this.takesAddress(socket));
  }

  /** The socket that is meant: that of the process that was asked about, or the only one. */
  get asked(): OwnedSocket | undefined {
    const { pid } = this.facts.question;
    const own = this.takers.filter((socket) => pid !== undefined && socket.pid === pid);
    if (own.length > 0) return own.length === 1 ? own[0] : undefined;
    return this.takers.length === 1 && pid === undefined ? this.takers[0] : undefined;
  }

  /** The socket of who sends, where it is the only one there. */
  get sender(): OwnedSocket | undefined {
    const { from } = this;
    if (!from) return undefined;
    const all = (this.facts.sockets ?? []).filter(
      (socket) => socket.port === from.port && isSameAddress(socket.address, from.address),
    );
    return all.length === 1 ? all[0] : undefined;
  }

  takesFamily({ address, family }: OwnedSocket): boolean {
    if (isIpv6(this.to.address)) return isIpv6(address);
    // Bound to an IPv4 address it is for IPv4, whatever the socket was made for.
    if (!isIpv6(address)) return true;
    return family === "IPv6" && address === "::" && this.facts.takesIpv4 !== false;
  }

  takesAddress({ address }: OwnedSocket): boolean {
    return this.isAny || isWildcard(address) || isSameAddress(address, this.to.address);
  }
}

export function isIpv6(address: string): boolean {
  return parseAddress(address)?.length === 16;
}

export function isSameAddress(one: string, other: string): boolean {
  return canonicalAddress(one) === canonicalAddress(other);
}

export function isLoopbackOnly({ address }: Endpoint): boolean {
  return isLoopback(address);
}

/** `my_server.py`, or `process 4242`, or the end that it is bound to. */
export function nameOf({ program, pid, ...end }: OwnedSocket): string {
  if (program !== "") return program;
  return pid === undefined ? formatEndpoint(end) : String(pid);
}
