import { canonicalAddress, formatAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import type { MulticastGroup, SystemSocket } from "./system_socket.ts";

/**
 * The socket tables of Linux: `/proc/net/udp`, `udp6`, `tcp`, `tcp6`, `igmp` and `igmp6` (proc_net(5),
 * Documentation/networking/proc_net_tcp.rst, net/ipv4/udp.c `udp4_format_sock`). Addresses are words of 32 bits in the
 * machine's own byte order, ports are plain hexadecimal numbers. A line that is none of these is left out: the file is
 * read piece by piece while sockets come and go.
 */

const LISTEN = "0A";

/** Reads `/proc/net/udp` and `udp6` again and again; a line that has not changed is not parsed anew. */
export class ProcNetUdp {
  readonly #isLittleEndian: boolean;
  #known = new Map<string, SystemSocket>();

  constructor(isLittleEndian = true) {
    this.#isLittleEndian = isLittleEndian;
  }

  /** The sockets of these tables, whichever each is; owners are not in them. */
  read(tables: readonly string[]): SystemSocket[] {
    const lines = new Map<string, SystemSocket>();
    const sockets = new Map<string, SystemSocket>();
    for (const line of tables.flatMap((table) => table.split("\n"))) {
      const socket = this.#known.get(line) ?? parseUdpLine(line, this.#isLittleEndian);
      if (!socket) continue;
      lines.set(line, socket);
      // Where sockets come while the table is read, one may be listed twice.
      sockets.set(socket.key, socket);
    }
    this.#known = lines;
    return [...sockets.values()];
  }
}

function parseUdpLine(line: string, isLittleEndian: boolean): SystemSocket | undefined {
  const [fields] = rows(line);
  const [, localText = "", peerText = "", , queues = "", , , uidText = ""] = fields ?? [];
  const local = parseEnd(localText, isLittleEndian);
  const peer = parseEnd(peerText, isLittleEndian);
  const inode = wholeNumber(fields?.[9]);
  if (!local || !peer || inode === undefined) return undefined;
  const receiveQueue = /^[0-9A-F]+:([0-9A-F]+)$/i.exec(queues)?.[1];
  return {
    ...local,
    key: `${inode}`,
    family: localText.length > 13 ? "IPv6" : "IPv4",
    zone: "",
    peer: peer.port === 0 ? undefined : peer,
    inode,
    uid: wholeNumber(uidText),
    pid: undefined,
    processName: "",
    receiveQueue: receiveQueue === undefined ? undefined : Number.parseInt(receiveQueue, 16),
    // Linux before 2.6.27 has no such column.
    drops: wholeNumber(fields?.[12]),
  };
}

/** The local ends that are listened on in `/proc/net/tcp` or `tcp6`. */
export function parseProcNetTcp(text: string, isLittleEndian = true): Endpoint[] {
  const ends: Endpoint[] = [];
  for (const [, local = "", , state] of rows(text)) {
    const end = state === LISTEN ? parseEnd(local, isLittleEndian) : undefined;
    if (end) ends.push(end);
  }
  return ends;
}

/** The groups of `/proc/net/igmp`: a line an interface, and below it a line a group, which starts with a tab. */
export function parseProcNetIgmp(text: string, isLittleEndian = true): MulticastGroup[] {
  const groups: MulticastGroup[] = [];
  let device = "";
  for (const line of text.split("\n")) {
    const [first = "", second = ""] = line.trim().split(/\s+/);
    if (/^\d/.test(line)) device = second.replace(/:$/, "");
    const bytes = /^\s/.test(line) ? parseWords(first, 4, isLittleEndian) : undefined;
    if (bytes && device !== "") groups.push({ address: formatAddress(bytes, 0, 4), device });
  }
  return groups;
}

/** The groups of `/proc/net/igmp6`; its addresses are in the order of the network. */
export function parseProcNetIgmp6(text: string): MulticastGroup[] {
  const groups: MulticastGroup[] = [];
  for (const line of text.split("\n")) {
    const [, device = "", address = ""] = line.trim().split(/\s+/);
    const bytes = parseWords(address, 16, false);
    if (bytes) groups.push({ address: formatAddress(bytes, 0, 16), device });
  }
  return groups;
}

/** The fields of each line that starts with a number and a colon; the header does not. */
function rows(text: string): string[][] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([number = ""]) => /^\d+:$/.test(number));
}

function parseEnd(text: string, isLittleEndian: boolean): Endpoint | undefined {
  const [addressText = "", portText = ""] = text.split(":");
  if (!/^[0-9A-F]{4}$/i.test(portText)) return undefined;
  const length = addressText.length === 8 ? 4 : 16;
  const bytes = parseWords(addressText, length, isLittleEndian);
  if (!bytes) return undefined;
  // A socket of both families that is bound to an IPv4 address.
  const address = canonicalAddress(formatAddress(bytes, 0, length));
  return { address, port: Number.parseInt(portText, 16) };
}

/** `length` bytes from hexadecimal words of four bytes each. */
export function parseWords(
  text: string,
  length: number,
  isLittleEndian: boolean,
): Uint8Array | undefined {
  if (text.length !== length * 2 || !/^[0-9A-F]+$/i.test(text)) return undefined;
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const place = isLittleEndian ? (at & ~3) + 3 - (at & 3) : at;
    bytes[place] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  }
  return bytes;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
