import { parseAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { numbered, type SystemSocket } from "./system_socket.ts";

/**
 * The tables that `netstat -anvW -p udp` and `-p tcp` of macOS print (netstat(1)). Columns come and go with the
 * version: until macOS 13 there is one for the process id, later one for `name:id`, whose name may hold spaces and
 * colons. The header line is in English whatever the language of the system.
 */
export function parseMacosUdp(text: string): SystemSocket[] {
  const sockets: Omit<SystemSocket, "key">[] = [];
  const isNamed = /^Proto\s.*\sprocess:pid\s/m.test(text);
  for (const line of text.split("\n")) {
    const match = /^udp(4|6|46)\s+(\d+)\s+\d+\s+(\S+)\s+(\S+)\s*(.*)$/.exec(line);
    const [, version, queue, localText = "", peerText = "", rest = ""] = match ?? [];
    const family = version === "4" ? "IPv4" : "IPv6";
    const local = parseEnd(localText, family);
    // `*.*` is a socket that was made and not bound.
    if (!local) continue;
    const peer = parseEnd(peerText, family);
    const { pid, processName } = isNamed ? namedOwner(rest) : numberedOwner(rest);
    sockets.push({
      address: local.address,
      port: local.port,
      family,
      zone: local.zone,
      peer: peer && { address: peer.address, port: peer.port },
      inode: undefined,
      uid: undefined,
      pid,
      processName,
      receiveQueue: Number(queue),
      drops: undefined,
    });
  }
  return numbered(sockets);
}

/** The local ends that are listened on in `netstat -anW -p tcp`. */
export function parseMacosTcp(text: string): Endpoint[] {
  const ends: Endpoint[] = [];
  for (const line of text.split("\n")) {
    const match = /^tcp(4|6|46)\s+\d+\s+\d+\s+(\S+)\s+\S+\s+LISTEN\b/.exec(line);
    const end = match && parseEnd(match[2] ?? "", match[1] === "4" ? "IPv4" : "IPv6");
    if (end) ends.push({ address: end.address, port: end.port });
  }
  return ends;
}

/**
 * `*.5353`, `127.0.0.1.5353`, `fe80::1%lo0.5353`: the last dot stands before the port, `*` for any address. Undefined
 * for `*.*`, an end that there is not.
 */
function parseEnd(
  text: string,
  family: "IPv4" | "IPv6",
): (Endpoint & { zone: string }) | undefined {
  const match = /^(.+)\.(\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const [host = "", zone = ""] = (match[1] ?? "").split("%");
  const address = host === "*" ? (family === "IPv4" ? "0.0.0.0" : "::") : host;
  const port = Number(match[2]);
  return parseAddress(address) && port <= 0xffff ? { address, zone, port } : undefined;
}

/** Behind four counters there is the name, anything at all, and behind its last colon the id. */
function namedOwner(rest: string): { pid: number | undefined; processName: string } {
  const match = /^(?:\d+\s+){4}(.*):(\d+)(?=\s|$)/.exec(rest);
  return { pid: toPid(match?.[2]), processName: match?.[1]?.trim() ?? "" };
}

/** Behind two buffer sizes there is the id. */
function numberedOwner(rest: string): { pid: number | undefined; processName: string } {
  return { pid: toPid(/^\d+\s+\d+\s+(\d+)(?=\s|$)/.exec(rest)?.[1]), processName: "" };
}

/** The kernel's own sockets have process 0. */
function toPid(text: string | undefined): number | undefined {
  const pid = Number(text ?? 0);
  return pid > 0 ? pid : undefined;
}
