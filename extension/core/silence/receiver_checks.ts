import { routeTo } from "../system/proc_routes.ts";
import { formatEndpoint } from "../wire/endpoint.ts";
import type { OwnedSocket } from "./facts.ts";
import { cause, type Finding, possible, ruledOut, unknown } from "./findings.ts";
import { isIpv6, isLoopbackOnly, isSameAddress, nameOf, type Situation } from "./situation.ts";
import { isWildcard } from "./traffic.ts";

// What can be the case at the socket that is to receive: as far as the system tells of the sockets of this machine.

export function bound(it: Situation): Finding {
  const { to, atPort } = it;
  if (!it.mayBeHere) return unknown("otherMachine", formatEndpoint(to));
  if (!atPort) return unknown("socketsUnknown");
  const [first] = it.takers.length > 0 ? it.takers : atPort;
  if (first) return ruledOut("boundBy", nameOf(first));
  // Who is in the group, or on the network, may be on another machine.
  if (!it.isHere) return unknown("otherMachine", formatEndpoint(to));
  const isTcp = it.facts.tcpListeners.some(({ port }) => port === to.port);
  return cause(isTcp ? "onlyTcp" : "nobody", to.port);
}

export function family(it: Situation): Finding {
  const { to, from, atPort } = it;
  if (from && isIpv6(from.address) !== isIpv6(to.address) && !canMeet(it)) {
    const ends = [from, to].sort((a, b) => Number(isIpv6(a.address)) - Number(isIpv6(b.address)));
    const [one, other] = ends.map(formatEndpoint);
    return cause("familiesDiffer", one ?? "", other ?? "");
  }
  if (!it.mayBeHere || !atPort || atPort.length === 0) return ruledOut("sameFamily");
  const [first] = atPort;
  if (it.ofFamily.length === 0 && first) {
    const reason = isIpv6(to.address) ? "onlyIpv4" : "onlyIpv6";
    return cause(reason, nameOf(first), formatEndpoint(to));
  }
  const isUnsure =
    it.facts.takesIpv4 === undefined &&
    !isIpv6(to.address) &&
    it.takers.every(({ address }) => address === "::");
  const [taker] = it.takers;
  return isUnsure && taker ? unknown("maybeOnlyIpv6", nameOf(taker)) : ruledOut("sameFamily");
}

/** A socket at `::` may be for both families, at either end. */
function canMeet({ to, from, facts }: Situation): boolean {
  return from?.address === "::" || (to.address === "::" && facts.takesIpv4 !== false);
}

export function loopback(it: Situation): Finding {
  const { to, from, ofFamily } = it;
  if (it.isHere && isLoopbackOnly(to)) {
    if (it.isFromHere === false && from) {
      return cause("loopbackFrom", formatEndpoint(to), formatEndpoint(from));
    }
    const isKnown = it.isFromHere === true || it.facts.traffic.sent > 0;
    return isKnown ? ruledOut("notLoopback") : unknown("loopbackMaybe", formatEndpoint(to));
  }
  const [first] = ofFamily;
  if (it.isHere && !it.isAny && first && ofFamily.every(isLoopbackOnly)) {
    return cause("loopbackOnly", nameOf(first), formatEndpoint(first), formatEndpoint(to));
  }
  return ruledOut("notLoopback");
}

/** Of several interfaces, the wrong one. */
export function address(it: Situation): Finding {
  const { to, ofFamily } = it;
  const others = ofFamily.filter((socket) => !isLoopbackOnly(socket));
  const [first] = others;
  if (it.isHere && it.takers.length === 0 && first) {
    return cause("otherAddress", nameOf(first), formatEndpoint(first), formatEndpoint(to));
  }
  return it.isHere
    ? ruledOut("addressFits", formatEndpoint(to))
    : unknown("otherMachine", formatEndpoint(to));
}

/** Linux gives a datagram to the socket that fits best (net/ipv4/udp.c `compute_score`): connected, then bound to the address, then to any. */
export function owner(it: Situation): Finding {
  const { takers, reach } = it;
  if (!it.mayBeHere) return unknown("otherMachine", formatEndpoint(it.to));
  if (!it.atPort) return unknown("socketsUnknown");
  // Each of those that are meant by one of these gets it.
  if (reach === "broadcast" || reach === "multicast") return ruledOut("ownedAlone");
  const { pid } = it.facts.question;
  const own = takers.filter((socket) => pid !== undefined && socket.pid === pid);
  const score = (socket: OwnedSocket) => scoreOf(it, socket);
  const best = Math.max(...takers.map(score));
  const winners = takers.filter((socket) => score(socket) === best);
  const [winner] = winners;
  const [asked] = own;
  if (asked && winner && own.every((socket) => score(socket) < best) && !it.isAny) {
    return cause("closerSocket", nameOf(winner), formatEndpoint(winner), nameOf(asked));
  }
  const closer = asked && takers.find((socket) => !own.includes(socket) && isCloser(socket, asked));
  if (closer && it.isAny) {
    return possible("closerSocket", nameOf(closer), formatEndpoint(closer), nameOf(asked));
  }
  const equals = asked ? takers.filter((socket) => isEqual(socket, asked)) : winners;
  if (equals.length > 1) {
    const names = [...new Set(equals.map(nameOf))].slice(0, MOST_NAMES).join(", ");
    return possible("shared", equals.length, names);
  }
  return ruledOut("ownedAlone");
}

const MOST_NAMES = 8;

function scoreOf({ from }: Situation, { address, peer, family }: OwnedSocket): number {
  const isPeer = from && peer && isSameAddress(peer.address, from.address);
  if (peer && from && !(isPeer && peer.port === from.port)) return -1;
  // One that is for IPv4 alone goes before one for both.
  return (peer ? 4 : 0) + (isWildcard(address) ? 0 : 2) + (family === "IPv4" ? 1 : 0);
}

function isCloser(socket: OwnedSocket, asked: OwnedSocket): boolean {
  return isWildcard(asked.address) && !isWildcard(socket.address) && !socket.peer;
}

function isEqual(socket: OwnedSocket, asked: OwnedSocket): boolean {
  return isSameAddress(socket.address, asked.address) && !socket.peer && !asked.peer;
}

export function buffer(it: Situation): Finding {
  const { asked, atPort } = it;
  const { lost } = it.facts.traffic;
  if (!it.mayBeHere) return unknown("bufferElsewhere");
  const socket = asked ?? (it.takers.length === 1 ? it.takers[0] : undefined);
  if (!atPort || (socket && socket.drops === undefined && socket.receiveQueue === undefined)) {
    // The capture tells that they were lost, and no system where.
    return lost > 0 ? possible("lostOnWay", lost, formatEndpoint(it.to)) : unknown("bufferUnknown");
  }
  const full = socket ?? it.takers.find(({ receiveQueue = 0 }) => receiveQueue > 0);
  if (!full) return ruledOut("bufferFine", it.to.port);
  const { receiveQueue = 0, drops = 0 } = full;
  if (receiveQueue > 0 && drops > 0) return cause("bufferFull", receiveQueue, nameOf(full), drops);
  if (receiveQueue > 0) return cause("notTaken", receiveQueue, nameOf(full));
  return drops > 0
    ? possible("bufferLost", drops, nameOf(full))
    : ruledOut("bufferFine", nameOf(full));
}

export function connected(it: Situation): Finding {
  const { to, from, asked, facts } = it;
  const { otherSources } = facts.traffic;
  const { sender } = it;
  const [source] = [...otherSources].sort(
    (a, b) => Number(b.isOfReceiver) - Number(a.isOfReceiver),
  );
  if (source && from) {
    const isBarred = sender?.peer !== undefined && isSameEnd(sender.peer, to);
    if (isBarred && source.isOfReceiver && sender) {
      return cause("answersFromOther", formatEndpoint(source), nameOf(sender), formatEndpoint(to));
    }
    if (isBarred || source.isOfReceiver) {
      return possible("maybeAnswersFromOther", formatEndpoint(source), formatEndpoint(to));
    }
  }
  if (!it.mayBeHere) return unknown("connectedUnknown");
  const barred = asked?.peer ? asked : undefined;
  if (barred?.peer) {
    const peer = formatEndpoint(barred.peer);
    if (!from) return possible("connectedTo", nameOf(barred), peer);
    if (!mayBe(barred.peer, from)) {
      return cause("connectedElsewhere", nameOf(barred), peer, formatEndpoint(from));
    }
  }
  return ruledOut("notConnected");
}

function isSameEnd(one: { address: string; port: number }, other: typeof one): boolean {
  return one.port === other.port && isSameAddress(one.address, other.address);
}

/** The address of a wildcard is one of several. */
function mayBe(peer: { address: string; port: number }, from: typeof peer): boolean {
  return peer.port === from.port && (isWildcard(from.address) || isSameEnd(peer, from));
}

export function broadcast(it: Situation): Finding {
  const { to, facts } = it;
  if (it.reach !== "broadcast") return ruledOut("noBroadcast", formatEndpoint(to));
  const { failed, sent } = facts.traffic;
  const forbidden = failed.get("EACCES") ?? 0;
  if (forbidden > 0) return cause("broadcastForbidden", forbidden, formatEndpoint(to));
  const narrow = boundToOne(it);
  if (narrow) return narrow;
  return sent > 0 ? ruledOut("broadcastSent") : unknown("broadcastUnknown", formatEndpoint(to));
}

/** What is sent to many reaches those that are bound to any address, or to the one that it is sent to (Linux). */
function boundToOne({ atPort = [], to }: Situation): Finding | undefined {
  const [first] = atPort;
  const isNarrow = ({ address }: OwnedSocket) =>
    !isWildcard(address) && !isSameAddress(address, to.address);
  if (!first || !atPort.every(isNarrow)) return undefined;
  return cause("boundToOne", nameOf(first), formatEndpoint(first));
}

export function multicast(it: Situation): Finding {
  const { to, atPort = [], facts } = it;
  if (it.reach !== "multicast") return ruledOut("noMulticast", formatEndpoint(to));
  const narrow = boundToOne(it);
  if (narrow) return narrow;
  if (!facts.groups) return unknown("groupsUnknown");
  const devices = facts.groups
    .filter(({ address }) => isSameAddress(address, to.address))
    .map(({ device }) => device);
  // Nobody here is to receive it, as far as can be seen.
  if (atPort.length === 0) return unknown("otherMachine", formatEndpoint(to));
  if (devices.length === 0) return cause("notJoined", to.address);
  const by = arrivalDevice(it);
  const joined = [...new Set(devices)].slice(0, MOST_NAMES).join(", ");
  if (by !== undefined && !devices.includes(by)) {
    const tell = it.isFromHere === true ? cause : possible;
    return tell("joinedElsewhere", to.address, joined, by);
  }
  return ruledOut("joined", to.address, joined);
}

/** The interface that it comes over: of what this machine sends, that of the way; else that of the way back, most often. */
function arrivalDevice({ facts, from, isFromHere }: Situation): string | undefined {
  if (isFromHere === false && from) return routeTo(facts.routes ?? [], from.address)?.device;
  return facts.way && "device" in facts.way ? facts.way.device : undefined;
}
