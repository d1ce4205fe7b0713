import { formatAddress, parseAddress } from "../wire/address.ts";
import { isInNetwork } from "../wire/reach.ts";
import { parseWords } from "./proc_net.ts";

/**
 * Where datagrams go from this machine, as Linux tells everybody: `/proc/net/route`, `ipv6_route` (the main table,
 * Documentation/networking/proc_net_tcp.rst has the like; net/ipv4/fib_trie.c `fib_route_seq_show`, net/ipv6/route.c
 * `rt6_info_route`), `arp` and `snmp`. A line that is none is left out.
 */

/** One way, to all addresses that begin with the same bits. */
export interface Route {
  /** 4 or 16 bytes. */
  readonly network: Uint8Array;
  readonly prefixLength: number;
  /** `eth0`. */
  readonly device: string;
  /** The router that it leads by; undefined where the other machines are on the same link. */
  readonly gateway: string | undefined;
  readonly metric: number;
  /** It says that there is no way (`ip route add unreachable`). */
  readonly isRejected: boolean;
}

/** A machine of a link that was asked for. */
export interface Neighbour {
  readonly address: string;
  readonly device: string;
  /** False where none has answered. */
  readonly isKnown: boolean;
}

// include/uapi/linux/route.h, include/uapi/linux/ipv6_route.h
const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;
const RTF_REJECT = 0x200;
/** include/uapi/linux/if_arp.h: the entry has an address. */
const ATF_COM = 0x2;

export function parseProcNetRoute(text: string, isLittleEndian = true): Route[] {
  const routes: Route[] = [];
  for (const line of text.split("\n")) {
    const [device = "", to = "", by = "", flagText = "", , , metric = "", maskText = ""] = line
      .trim()
      .split(/\s+/);
    const network = parseWords(to, 4, isLittleEndian);
    const gateway = parseWords(by, 4, isLittleEndian);
    const mask = parseWords(maskText, 4, isLittleEndian);
    const flags = Number.parseInt(flagText, 16);
    if (!network || !gateway || !mask || !(flags & RTF_UP)) continue;
    routes.push({
      network,
      prefixLength: bitsOf(mask),
      device,
      gateway: flags & RTF_GATEWAY ? formatAddress(gateway, 0, 4) : undefined,
      metric: Number(metric),
      isRejected: (flags & RTF_REJECT) !== 0,
    });
  }
  return routes;
}

export function parseProcNetIpv6Route(text: string): Route[] {
  const routes: Route[] = [];
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const [to = "", bits = "", , , by = "", metric = "", , , flagText = "", device = ""] = fields;
    const network = parseWords(to, 16, false);
    const gateway = parseWords(by, 16, false);
    const flags = Number.parseInt(flagText, 16);
    if (!network || !gateway || !(flags & RTF_UP)) continue;
    routes.push({
      network,
      prefixLength: Number.parseInt(bits, 16),
      device,
      gateway: flags & RTF_GATEWAY ? formatAddress(gateway, 0, 16) : undefined,
      metric: Number.parseInt(metric, 16),
      isRejected: (flags & RTF_REJECT) !== 0,
    });
  }
  return routes;
}

/**
 * The way that these tables have for an address: the closest, and of equals that of the lowest metric. Undefined where
 * there is none; other tables (ip-rule(8)) may know another one.
 */
export function routeTo(routes: readonly Route[], address: string): Route | undefined {
  const bytes = parseAddress(address);
  if (!bytes) return undefined;
  let best: Route | undefined;
  for (const route of routes) {
    if (!isInNetwork(bytes, route.network, route.prefixLength)) continue;
    const by = best ? route.prefixLength - best.prefixLength || best.metric - route.metric : 1;
    if (by > 0) best = route;
  }
  return best?.isRejected ? undefined : best;
}

export function parseProcNetArp(text: string): Neighbour[] {
  const neighbours: Neighbour[] = [];
  for (const line of text.split("\n")) {
    const [address = "", , flags = "", , , device = ""] = line.trim().split(/\s+/);
    if (device === "" || !parseAddress(address)) continue;
    neighbours.push({ address, device, isKnown: (Number(flags) & ATF_COM) !== 0 });
  }
  return neighbours;
}

/** `/proc/net/snmp`: a line of names and a line of figures for each protocol; the figures by `Icmp.InTimeExcds`. */
export function parseProcNetSnmp(text: string): ReadonlyMap<string, number> {
  const figures = new Map<string, number>();
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  for (const [at, [protocol = "", ...names]] of lines.entries()) {
    const [same, ...values] = lines[at + 1] ?? [];
    if (at % 2 === 1 || same !== protocol) continue;
    for (const [index, name] of names.entries()) {
      const value = Number(values[index]);
      if (Number.isSafeInteger(value)) figures.set(protocol.replace(":", `.${name}`), value);
    }
  }
  return figures;
}

function bitsOf(mask: Uint8Array): number {
  return mask.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
}
