/**
 * IP addresses between their text and their bytes (RFC 4291, RFC 5952).
 *
 * An IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) in a text is what a dual-stack socket calls an IPv4 peer, and is IPv4:
 * that is what is on the wire. In a packet it is what it says, an IPv6 address (RFC 4291 section 2.5.5.2).
 */

/**
 * The 4 or 16 bytes of an address, or undefined where the text is no IP address.
 * The zone of `fe80::1%eth0` is dropped: no packet carries it (RFC 4007 section 11).
 */
export function parseAddress(text: string): Uint8Array | undefined {
  const bytes = parseAddressAsWritten(text);
  return bytes?.length === 16 && isMapped(bytes, 0) ? bytes.slice(12) : bytes;
}

/** The same, but an IPv4-mapped address has its 16 bytes. */
export function parseAddressAsWritten(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text.replace(/%.*/s, "")) : parseIpv4(text);
}

/** The text of the address of `length` bytes at `offset` (RFC 5952 for IPv6, its section 5 for a mapped one). */
export function formatAddress(bytes: Uint8Array, offset: number, length: 4 | 16): string {
  if (length === 4) return formatIpv4(bytes, offset);
  const isDotted = isMapped(bytes, offset);
  return isDotted ? `::ffff:${formatIpv4(bytes, offset + 12)}` : formatIpv6(bytes, offset);
}

/** The one way to write an address, without its zone; a text that is none stays as it is. */
export function canonicalAddress(text: string): string {
  const bytes = parseAddress(text);
  return bytes ? formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16) : text;
}

/** True where only this machine can reach the address: 127.0.0.0/8 (RFC 1122 section 3.2.1.3) and ::1. */
export function isLoopback(text: string): boolean {
  const bytes = parseAddress(text);
  return bytes !== undefined && isLoopbackAddress(bytes);
}

/** The same of its 4 or 16 bytes. */
export function isLoopbackAddress(bytes: Uint8Array): boolean {
  return bytes.length === 4 ? bytes[0] === 127 : formatIpv6(bytes, 0) === "::1";
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [index, part] of parts.entries()) {
    // A leading zero means octal to some resolvers, so it is nobody's plain address.
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[index] = Number(part);
  }
  return bytes;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = parseGroups(halves[1] ?? "", true);
  if (!head || !tail) return undefined;
  const gap = 16 - head.length - tail.length;
  // "::" stands for at least one group; without it all eight have to be there.
  if (halves.length === 2 ? gap < 2 : gap !== 0) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The bytes of the groups between two colons; only the end of an address may be dotted IPv4. */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const dotted = isEnd && index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (!dotted) return undefined;
    bytes.push(...dotted);
  }
  return bytes;
}

function isMapped(bytes: Uint8Array, offset: number): boolean {
  for (let index = 0; index < 10; index++) if (bytes[offset + index] !== 0) return false;
  return bytes[offset + 10] === 0xff && bytes[offset + 11] === 0xff;
}

function formatIpv4(bytes: Uint8Array, offset: number): string {
  return bytes.subarray(offset, offset + 4).join(".");
}

function formatIpv6(bytes: Uint8Array, offset: number): string {
  const groups: string[] = [];
  for (let at = offset; at < offset + 16; at += 2) {
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  }
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return groups.join(":");
  return `${groups.slice(0, start).join(":")}::${groups.slice(start + length).join(":")}`;
}

/** RFC 5952 section 4.2.3: the longest run of zero groups is shortened, the first of equals. */
function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== "0") start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
