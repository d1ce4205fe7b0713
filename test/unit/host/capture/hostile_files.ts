import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { ipv4Fragments } from "../../support/fragment_packets.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";

/** Capture files of one thing again and again, each a little different: few bytes when packed, and much to remember. */
interface HostileFile {
  readonly start: Uint8Array;
  readonly one: Uint8Array;
  /** Makes the copy of `one` at `at` another one. */
  readonly vary?: (bytes: Buffer, at: number, n: number) => void;
}

/** Where in an enhanced packet block its packet starts, and in that the addresses and ports. */
const PACKET = 28;
const [SOURCE, DESTINATION, SOURCE_PORT, DESTINATION_PORT] = [12, 16, 20, 22];
const TIME_LOW = 16;

const pcapng = () => new PcapngBytes(true);
const packet = [...ipv4Packet()];
const flags = (direction: Direction) => {
  const file = pcapng();
  return [...file.option(2, file.u32(direction)), ...file.option(0, [])];
};
const plain = pcapng().section().interface().bytes;
const ofTap = (file: PcapngBytes, name: string, description: string) =>
  file.interface([...file.text(2, name), ...file.text(3, description), ...file.option(0, [])]);
const hex = (n: number) => n.toString(16).padStart(8, "0");

/** Writes `text` where the placeholder of the same length stands in a copy of `one`. */
function fill(one: Uint8Array, placeholder: string) {
  const place = Buffer.from(one).indexOf(placeholder);
  return (bytes: Buffer, at: number, text: string) => bytes.write(text, at + place, "latin1");
}

/** A datagram of another flow each, from and to other addresses. */
function varyFlow(bytes: Buffer, at: number, n: number, start = PACKET): void {
  bytes.writeUInt32LE(n, at + TIME_LOW);
  bytes.writeUInt32BE(0x0b000000 + (n >> 10), at + start + SOURCE);
  bytes.writeUInt16BE(1024 + (n & 1023), at + start + SOURCE_PORT);
}

function icmp(quoted: readonly number[]): number[] {
  const length = 28 + quoted.length;
  const header = [0x45, 0, length >> 8, length & 255, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 9];
  return [...header, 127, 0, 0, 1, 3, 3, 0, 0, 0, 0, 0, 0, ...quoted];
}

function same(): HostileFile {
  return { start: plain, one: pcapng().packet(0, 1n, packet).bytes };
}

function flows(): HostileFile {
  return {
    start: plain,
    one: pcapng().packet(0, 1n, packet, flags(Direction.in)).bytes,
    vary: varyFlow,
  };
}

/** Both ends of each datagram by a tap, all of equal payload, and each pair of other addresses. */
function pairs(): HostileFile {
  const start = ofTap(pcapng().section(), "0.0.0.0:9999", "a, pid 1, socket 1").bytes;
  const sent = pcapng().packet(0, 1n, packet, flags(Direction.out)).bytes;
  const one = Buffer.concat([sent, pcapng().packet(0, 1n, packet, flags(Direction.in)).bytes]);
  const vary = (bytes: Buffer, at: number, n: number) => {
    for (const half of [at, at + sent.length]) {
      bytes.writeUInt32LE(n, half + TIME_LOW);
      bytes.writeUInt32BE(0x0b000000 + n, half + PACKET + DESTINATION);
    }
  };
  return { start, one, vary };
}

/** The same with ports of their own, so that none can be the other end of another one. */
function channels(): HostileFile {
  const file = pairs();
  const vary = (bytes: Buffer, at: number, n: number) => {
    for (const half of [at, at + file.one.length / 2]) {
      bytes.writeUInt32LE(n, half + TIME_LOW);
      bytes.writeUInt32BE(0x0b000000 + (n >> 15), half + PACKET + DESTINATION);
      bytes.writeUInt16BE(1 + (n & 0x7fff), half + PACKET + SOURCE_PORT);
      bytes.writeUInt16BE(1 + (n & 0x7fff), half + PACKET + DESTINATION_PORT);
    }
  };
  return { ...file, vary };
}

/** Sockets of a tap, each on another address, each of another program. */
function sockets(): HostileFile {
  const section = pcapng();
  section.section([
    ...section.text(4, "node 24, pid 1, ppid 1: ssssssss"),
    ...section.option(0, []),
  ]);
  const one = ofTap(section, "[2001:db8::aaaa:aaaa]:9999", "dddddddd, pid 1, socket 1").bytes;
  const [program, address, name] = ["ssssssss", "aaaa:aaaa", "dddddddd"].map((it) => fill(one, it));
  const vary = (bytes: Buffer, at: number, n: number) => {
    program?.(bytes, at, hex(n));
    address?.(bytes, at, hex(n).replace(/^..../, "$&:"));
    name?.(bytes, at, hex(n));
  };
  return { start: plain, one, vary };
}

function comments(): HostileFile {
  const file = pcapng();
  const one = file.packet(0, 1n, packet, [
    ...file.text(1, "cccccccc"),
    ...file.option(0, []),
  ]).bytes;
  const comment = fill(one, "cccccccc");
  return { start: plain, one, vary: (bytes, at, n) => comment(bytes, at, hex(n)) };
}

/** Datagrams in two pieces. */
function pieces(): HostileFile {
  const file = pcapng();
  for (const part of ipv4Fragments(ipv4Packet(new Uint8Array(8)), [
    [0, 8],
    [8, 8],
  ]))
    file.packet(0, 1n, [...part]);
  return { start: plain, one: file.bytes };
}

/** Messages that datagrams were refused, each about another flow. */
function refusals(): HostileFile {
  const one = pcapng().packet(0, 1n, icmp(packet), flags(Direction.in)).bytes;
  return { start: plain, one, vary: (bytes, at, n) => varyFlow(bytes, at, n, PACKET + 28) };
}

export const HOSTILE_FILES = {
  same,
  flows,
  pairs,
  channels,
  sockets,
  comments,
  pieces,
  refusals,
} as const satisfies Record<string, () => HostileFile>;

/** Such a file with so many. */
export function hostileFile({ start, one, vary }: HostileFile, count: number): Buffer {
  const bytes = Buffer.alloc(start.length + count * one.length);
  bytes.set(start);
  bytes.fill(one, start.length);
  for (let n = 0; vary && n < count; n++) vary(bytes, start.length + n * one.length, n);
  return bytes;
}
