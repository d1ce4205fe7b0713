import { access, readFile } from "node:fs/promises";
import { endianness } from "node:os";
import { setTimeout } from "node:timers/promises";
import type { Capture } from "../../core/capture/capture.ts";
import type {
  OwnedSocket,
  SilenceFacts,
  SilenceQuestion,
  Surroundings,
} from "../../core/silence/facts.ts";
import { isWildcard, trafficOf } from "../../core/silence/traffic.ts";
import {
  parseProcNetArp,
  parseProcNetIpv6Route,
  parseProcNetRoute,
  parseProcNetSnmp,
} from "../../core/system/proc_routes.ts";
import { programName } from "../../core/system/processes.ts";
import type { SystemSocket } from "../../core/system/system_socket.ts";
import { canonicalAddress, parseAddress } from "../../core/wire/address.ts";
import { type InterfaceAddress, reachOf } from "../../core/wire/reach.ts";
import { interfaceAddresses } from "../system/interfaces.ts";
import type { OperatingSystem } from "../system/operating_system.ts";
import { probe } from "./probe.ts";
import { takesIpv4, wayTo } from "./way.ts";

/** Between two looks at what waits in receive buffers: what is still there was not just passing. */
const LOOK_AGAIN_MS = 150;

/** Where the facts are read from. */
export interface FactSources {
  readonly capture: Capture;
  /** Undefined where there is none that we can ask. */
  readonly system: OperatingSystem | undefined;
  /** `vscode.env.remoteName`. */
  readonly remoteName: string | undefined;
  /** Whether one empty datagram may be sent. */
  readonly mayProbe: boolean;
}

/** Reads all that the checks look at, without rights that a user does not have. What fails is not known. */
export async function readFacts(
  question: SilenceQuestion,
  { capture, system, remoteName, mayProbe }: FactSources,
): Promise<SilenceFacts> {
  const { to, from } = question;
  const addresses = interfaceAddresses();
  const isLinux = process.platform === "linux";
  const isAny = isWildcard(canonicalAddress(to.address));
  // Another machine's way is not ours.
  const isFromHere = !from || isOwn(from.address, addresses);
  const probed =
    mayProbe && !isAny
      ? await probe(to, async () => (await icmp()).get("Icmp.InTimeExcds"))
      : undefined;
  const [sockets, tcpListeners = [], groups, way, routes, arp, snmp, surroundings, firewall, mtus] =
    await Promise.all([
      readSockets(system, [to.port, ...(from ? [from.port] : [])]).catch(() => undefined),
      system?.tcpListeners().catch(() => []),
      isLinux ? system?.groups().catch(() => undefined) : undefined,
      isAny || !isFromHere ? undefined : wayTo(to, from?.address, addresses),
      isLinux ? readRoutes() : undefined,
      text("/proc/net/arp"),
      icmp(),
      readSurroundings(remoteName),
      readFirewall(),
      readMtus([...new Set(addresses.map(({ device }) => device))]),
    ]);
  return {
    question,
    traffic: trafficOf(capture, question),
    now: Date.now() * 1000,
    sockets,
    tcpListeners,
    addresses,
    mtus,
    way,
    routes,
    neighbours: parseProcNetArp(arp),
    groups,
    takesIpv4: isLinux ? await asksForIpv4(question, sockets) : undefined,
    expired: snmp.get("Icmp.InTimeExcds"),
    surroundings,
    remoteName: remoteName ?? "",
    firewall,
    probe: probed,
  };
}

function isOwn(address: string, own: readonly InterfaceAddress[]): boolean {
  return isWildcard(canonicalAddress(address)) || reachOf(address, own) === "machine";
}

async function readSockets(
  system: OperatingSystem | undefined,
  ports: readonly number[],
): Promise<OwnedSocket[] | undefined> {
  if (!system) return undefined;
  const before = new Map((await system.udpSockets()).map((socket) => [socket.key, socket]));
  await Promise.all([system.findOwners(), setTimeout(LOOK_AGAIN_MS)]);
  const sockets = await system.udpSockets();
  return Promise.all(
    sockets.map(async (socket) => ({
      ...socket,
      receiveQueue: atLeast(before.get(socket.key), socket),
      program: ports.includes(socket.port) ? await nameOf(system, socket) : "",
    })),
  );
}

function atLeast(before: SystemSocket | undefined, now: SystemSocket): number | undefined {
  return now.receiveQueue && Math.min(now.receiveQueue, before?.receiveQueue ?? 0);
}

async function nameOf(system: OperatingSystem, { pid, processName }: SystemSocket) {
  const owner = pid === undefined ? undefined : await system.process(pid);
  return programName(owner, processName);
}

/** Only where it matters: what is bound to `::` there, and nobody for IPv4. */
async function asksForIpv4(
  { to }: SilenceQuestion,
  sockets: readonly OwnedSocket[] | undefined,
): Promise<boolean | undefined> {
  const there = sockets?.filter(({ port }) => port === to.port) ?? [];
  const isAsked =
    there.some(({ address, family }) => address === "::" && family === "IPv6") &&
    there.every(({ address }) => parseAddress(address)?.length === 16);
  return isAsked ? takesIpv4(to.port) : undefined;
}

async function readRoutes() {
  const [ipv4, ipv6] = await Promise.all([text("/proc/net/route"), text("/proc/net/ipv6_route")]);
  return [...parseProcNetRoute(ipv4, endianness() === "LE"), ...parseProcNetIpv6Route(ipv6)];
}

async function icmp(): Promise<ReadonlyMap<string, number>> {
  return parseProcNetSnmp(await text("/proc/net/snmp"));
}

/** In this order: sysfs shows the network namespace that it was mounted in, which may be another one. */
async function readMtus(devices: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const device of devices.filter((name) => !/[/\0]/.test(name))) {
    const own = await text(`/proc/sys/net/ipv6/conf/${device}/mtu`);
    const mtu = Number(own || (await text(`/sys/class/net/${device}/mtu`)));
    if (Number.isInteger(mtu) && mtu > 0) found.set(device, mtu);
  }
  return found;
}

async function readSurroundings(remoteName: string | undefined): Promise<Surroundings> {
  if (remoteName === "wsl") return "wsl";
  if (remoteName !== undefined) return /container/.test(remoteName) ? "container" : "remote";
  if (/microsoft/i.test(await text("/proc/sys/kernel/osrelease"))) return "wsl";
  const marks = await Promise.all(["/.dockerenv", "/run/.containerenv"].map(exists));
  return marks.includes(true) ? "container" : undefined;
}

/** What says so to everybody. */
async function readFirewall(): Promise<string> {
  if (/^ENABLED=yes/im.test(await text("/etc/ufw/ufw.conf"))) return "ufw";
  return (await exists("/run/firewalld")) ? "firewalld" : "";
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
