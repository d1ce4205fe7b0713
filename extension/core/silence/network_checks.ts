import type { Refusal } from "../files/capture_sink.ts";
import { routeTo } from "../system/proc_routes.ts";
import { formatEndpoint } from "../wire/endpoint.ts";
import { cause, type Finding, possible, type Reason, ruledOut, unknown } from "./findings.ts";
import { isIpv6, isLoopbackOnly, isSameAddress, type Situation } from "./situation.ts";

// What can be the case between the two sockets: what passed, the ways, and what is in between.

/** What came within so many seconds is not missing. */
const JUST_NOW_S = 10;
/** What every host has to take in one piece, or joined (RFC 1122 section 3.3.2, RFC 8200 section 5), without headers. */
const CERTAIN_BYTES = { ipv4: 576 - 28, ipv6: 1280 - 48 };
const HEADERS = { ipv4: 28, ipv6: 48 };

export function arrives({ to, facts }: Situation): Finding {
  const { received, lastReceived, isReceiverWatched } = facts.traffic;
  const end = formatEndpoint(to);
  if (received > 0 && lastReceived !== undefined) {
    const seconds = Math.max(0, Math.round((facts.now - lastReceived) / 1e6));
    return seconds <= JUST_NOW_S
      ? cause("arriving", end, received)
      : unknown("arrivedBefore", end, received, seconds);
  }
  return unknown(isReceiverWatched ? "nothingArrived" : "arrivalUnseen", end);
}

export function rule({ facts: { traffic } }: Situation): Finding {
  return traffic.dropped > 0 ? cause("droppedByRule", traffic.dropped) : ruledOut("noRule");
}

export function sent({ to, from, facts: { traffic } }: Situation): Finding {
  if (traffic.sent > 0) return ruledOut("wasSent", traffic.sent, formatEndpoint(to));
  if (from && traffic.isSenderWatched) {
    return cause("nothingSent", formatEndpoint(from), formatEndpoint(to));
  }
  return unknown("senderUnknown", formatEndpoint(to));
}

/** What the system itself says when it is asked to send, and no other check has a word for. */
const TOLD_ELSEWHERE = new Set(["EMSGSIZE", "EPERM", "ECONNREFUSED", ...noWayErrors()]);

function noWayErrors(): string[] {
  return ["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "ENETDOWN", "EHOSTDOWN"];
}

export function permission(it: Situation): Finding {
  const { failed } = it.facts.traffic;
  const { way } = it.facts;
  if (it.reach !== "broadcast") {
    const denied = failed.get("EACCES") ?? 0;
    if (denied > 0) return cause("notPermitted", denied, "EACCES");
    if (way && "error" in way && way.error === "EACCES") {
      return cause("wayForbidden", it.to.address);
    }
  }
  for (const [code, count] of failed) {
    if (TOLD_ELSEWHERE.has(code) || code === "EACCES") continue;
    // Bound to loopback, it is a way that there is not.
    if (code === "EINVAL" && it.from && isLoopbackOnly(it.from)) continue;
    return cause("failedToSend", count, code);
  }
  return ruledOut("nothingForbidden");
}

export function route(it: Situation): Finding {
  const { to, from, facts } = it;
  const { way, traffic } = facts;
  if (from && isLoopbackOnly(from) && it.reach === "network") {
    return cause("noWayFrom", formatEndpoint(from), formatEndpoint(to));
  }
  for (const code of noWayErrors()) {
    if (traffic.failed.has(code)) return cause("noWay", to.address, code);
  }
  if (way && "error" in way && way.error !== "EACCES") {
    return cause("noWay", to.address, way.error);
  }
  const next = nextMachine(it);
  const neighbour = facts.neighbours.find(
    ({ address, device }) => next?.device === device && isSameAddress(address, next.address),
  );
  if (neighbour && !neighbour.isKnown) {
    return cause("noNeighbour", neighbour.device, neighbour.address);
  }
  if (it.isAny || (it.isHere && it.isFromHere !== false)) return ruledOut("sameMachine");
  if (!way || "error" in way) return unknown("wayUnknown", to.address);
  const device = way.device ?? "?";
  const own = from && facts.addresses.find(({ address }) => isSameAddress(address, from.address));
  const table = routeTo(facts.routes ?? [], to.address);
  const by = table?.device ?? way.device;
  if (own && from && by !== undefined && own.device !== by && !it.isHere) {
    return possible("otherWay", from.address, own.device, to.address, by);
  }
  return ruledOut("wayFound", to.address, device);
}

/** The machine that has to answer first, by the routing table: the router, or that of `to` itself. */
function nextMachine({
  to,
  facts,
  reach,
}: Situation): { address: string; device: string } | undefined {
  if (reach !== "network" || !facts.routes) return undefined;
  const route = routeTo(facts.routes, to.address);
  return route && { address: route.gateway ?? to.address, device: route.device };
}

/** True where routers are on the way; undefined where nobody can tell. */
function hasRouters(it: Situation): boolean | undefined {
  const { to, facts, reach } = it;
  if (reach !== "network") return false;
  if (!facts.routes) return undefined;
  const route = routeTo(facts.routes, to.address);
  return route ? route.gateway !== undefined : undefined;
}

const REFUSED: Readonly<Record<Exclude<Refusal, "tooLarge" | "expired">, Reason>> = {
  port: "refusedPort",
  host: "refusedHost",
  network: "refusedNetwork",
  prohibited: "refusedProhibited",
  other: "refusedOther",
};

export function refused({ to, facts: { traffic, probe } }: Situation): Finding {
  const end = formatEndpoint(to);
  for (const [refusal, reason] of Object.entries(REFUSED)) {
    const count = traffic.refused.get(refusal as Refusal) ?? 0;
    if (count > 0) return cause(reason, count, end);
  }
  const unsent = traffic.failed.get("ECONNREFUSED") ?? 0;
  if (unsent > 0) return cause("refusedPort", unsent, end);
  if (probe?.error === "ECONNREFUSED") return cause("probeRefused", end);
  if (probe?.answeredBy) return ruledOut("probeAnswered", end, formatEndpoint(probe.answeredBy));
  return unknown("noRefusal");
}

export function hops(it: Situation): Finding {
  const { traffic, probe, expired } = it.facts;
  const refusedCount = traffic.refused.get("expired") ?? 0;
  const count = refusedCount + (probe?.expired ?? 0);
  if (count > 0) return cause("expired", count);
  if (it.reach === "multicast") {
    return it.isFromHere && (it.atPort?.length ?? 0) > 0
      ? ruledOut("noRouters")
      : unknown("multicastHops");
  }
  const routers = hasRouters(it);
  if (routers === false) return ruledOut("noRouters");
  return routers && (expired ?? 0) > 0
    ? possible("expiredBefore", expired ?? 0)
    : unknown("hopsUnknown");
}

export function size(it: Situation): Finding {
  const { to, facts } = it;
  const { traffic, way, mtus, question } = facts;
  const unsent = traffic.failed.get("EMSGSIZE") ?? 0;
  if (unsent > 0) return cause("tooLarge", unsent);
  const onWay = traffic.refused.get("tooLarge") ?? 0;
  if (onWay > 0) return cause("tooLargeOnWay", onWay);
  const length = question.length ?? traffic.largest;
  if (length === undefined) return unknown("sizeUnknown");
  if (it.isHere && it.isFromHere !== false) return ruledOut("sizeFits", length);
  const version = isIpv6(to.address) ? "ipv6" : "ipv4";
  if (length <= CERTAIN_BYTES[version]) return ruledOut("sizeFits", length);
  const device = way && "device" in way ? way.device : undefined;
  const mtu = device === undefined ? undefined : mtus.get(device);
  if (device !== undefined && mtu !== undefined && length + HEADERS[version] > mtu) {
    return possible("fragments", length, fragments(length, mtu, version), device, mtu);
  }
  return unknown("sizeOnWay", length);
}

/** RFC 791 section 2.3, RFC 8200 section 4.5: of each but the last, a multiple of eight bytes; the UDP header is in the first. */
function fragments(length: number, mtu: number, version: "ipv4" | "ipv6"): number {
  const room = mtu - (version === "ipv4" ? 20 : 48);
  return Math.ceil((length + 8) / Math.max(8, room - (room % 8)));
}

/** Windows, macOS and Linux call it otherwise; `any` of Linux is all of them. */
const LOOPBACK_DEVICE = /^(?:lo\d*|any|Loopback.*|\\Device\\NPF_Loopback)$/i;

/** A command captures where these never pass. */
export function interfaceCaptured({ to, isHere, isFromHere, facts }: Situation): Finding {
  const { sniffed, isReceiverWatched, received } = facts.traffic;
  const isElsewhere = sniffed.length > 0 && !sniffed.some((name) => LOOPBACK_DEVICE.test(name));
  if (!isElsewhere || isReceiverWatched || received > 0) return ruledOut("interfaceFits");
  if (!isHere || isFromHere === false) return ruledOut("interfaceFits");
  const tell = isFromHere === true ? cause : possible;
  return tell("capturedElsewhere", formatEndpoint(to), sniffed.join(", "));
}

export function machine(it: Situation): Finding {
  const { surroundings, remoteName } = it.facts;
  if (it.isHere && it.isFromHere === true) return ruledOut("sameMachine");
  switch (surroundings) {
    case "remote":
      return possible("remoteMachine", remoteName);
    case "wsl":
      return possible("wsl");
    case "container":
      return possible("container");
    case undefined:
      return ruledOut("otherMachineKnown");
  }
}

export function firewall(it: Situation): Finding {
  const { traffic, firewall: name, probe } = it.facts;
  const forbidden = traffic.failed.get("EPERM") ?? 0;
  if (forbidden > 0) return cause("firewallRefuses", forbidden, formatEndpoint(it.to));
  if (traffic.received > 0 || probe?.answeredBy) return ruledOut("firewallPassed");
  return name === "" ? unknown("firewallUnknown") : possible("firewallOn", name);
}
