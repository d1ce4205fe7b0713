import { latin1 } from "../decode/latin1.ts";
import { printableBytes } from "../text/printable.ts";
import { type Endpoint, formatEndpoint } from "../wire/endpoint.ts";
import type { CopiedDatagram } from "./copy_as.ts";

/** Wireshark's display modes of *Follow UDP Stream*, by the names that tshark gives them. */
export type FollowLayout = "ascii" | "utf-8" | "hex" | "raw";

const RULE = "=".repeat(67);
const BYTES_PER_LINE = 16;
const GROUP = 8;

/**
 * A conversation as plain text, laid out as `tshark -z follow,udp,LAYOUT` does: who talks, then every datagram in
 * the given order, those of the second node indented by a tab. The node that sent first is node 0, the client.
 * Empty datagrams have no line in hex and raw; in the texts, where Wireshark leaves them out, their length is told.
 *
 * Whatever the bytes: the text is printable. A carriage return, which Wireshark passes on, shows only before a line
 * feed, as the line's end. Of a datagram that was captured in part the text layouts tell both lengths: `64 of 1400`.
 *
 * @param datagrams All of two endpoints, in the order of their time.
 */
export function followText(datagrams: readonly CopiedDatagram[], layout: FollowLayout): string {
  const [first] = datagrams;
  if (!first) return "";
  const { source: client, destination: server } = first;
  const write = LAYOUTS[layout]();
  const lines = datagrams.flatMap((datagram) => {
    const isServer = isSame(datagram.source, server) && !isSame(server, client);
    return write(datagram, isServer ? "\t" : "");
  });
  const head = [
    `Follow: udp,${layout}`,
    `Filter: ${conversationFilter(client, server)}`,
    `Node 0: ${formatEndpoint(client)}`,
    `Node 1: ${formatEndpoint(server)}`,
  ];
  return `${[RULE, ...head, ...lines, RULE].join("\n")}\n`;
}

/** Writes one datagram after the other; hex counts the bytes of each side. */
type DatagramWriter = (datagram: CopiedDatagram, indent: string) => string[];

const LAYOUTS: Readonly<Record<FollowLayout, () => DatagramWriter>> = {
  ascii: () => (datagram, indent) => textLines(datagram, indent, asciiText(datagram.payload)),
  "utf-8": () => (datagram, indent) =>
    textLines(datagram, indent, printableBytes(datagram.payload, { keepLineBreaks: true })),
  hex: () => {
    const offsets = new Map<string, number>();
    return ({ payload }, indent) => {
      const offset = offsets.get(indent) ?? 0;
      offsets.set(indent, offset + payload.length);
      return hexLines(payload, offset).map((line) => indent + line);
    };
  },
  raw: () => (datagram, indent) =>
    datagram.payload.length === 0 ? [] : [indent + hexDigits(datagram.payload, "")],
};

/** As in Wireshark only the line with the length is indented: the text is as it was sent. */
function textLines({ payload, length }: CopiedDatagram, indent: string, text: string): string[] {
  const count = payload.length === length ? `${length}` : `${payload.length} of ${length}`;
  return [indent + count, ...(text === "" ? [] : [text])];
}

function asciiText(bytes: Uint8Array): string {
  return latin1(bytes)
    .replaceAll("\r\n", "\n")
    .replace(/[^\n -~]/g, ".");
}

function dottedText(bytes: Uint8Array): string {
  return latin1(bytes).replace(/[^ -~]/g, ".");
}

/** Wireshark's layout here differs from its packet bytes: capital offsets, and a gap in the text. */
function hexLines(bytes: Uint8Array, offset: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const line = bytes.subarray(at, at + BYTES_PER_LINE);
    const hex = inGroups(line, (part) => hexDigits(part, " "), "  ").padEnd(BYTES_PER_LINE * 3);
    const place = (offset + at).toString(16).toUpperCase().padStart(8, "0");
    lines.push(`${place}  ${hex}  ${inGroups(line, dottedText, " ")}`);
  }
  return lines;
}

function inGroups(line: Uint8Array, write: (part: Uint8Array) => string, gap: string): string {
  const [left, right] = [line.subarray(0, GROUP), line.subarray(GROUP)];
  return right.length === 0 ? write(left) : write(left) + gap + write(right);
}

function hexDigits(bytes: Uint8Array, gap: string): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(gap);
}

/** What Wireshark filters by when it follows a conversation; the number of the stream is its own. */
function conversationFilter(one: Endpoint, other: Endpoint): string {
  const field = one.address.includes(":") ? "ipv6.addr" : "ip.addr";
  return `(${field} eq ${one.address} and ${field} eq ${other.address}) and (udp.port eq ${one.port} and udp.port eq ${other.port})`;
}

function isSame(one: Endpoint, other: Endpoint): boolean {
  return one.address === other.address && one.port === other.port;
}
