/** Reads the classic capture files (draft-ietf-opsawg-pcap), whole or while they grow. */
import type { CaptureSink } from "./capture_sink.ts";
import { Packets } from "./packet/packets.ts";
import { type CaptureProblem, captureProblem } from "./problem.ts";

/** Bytes before the first packet. */
export const PCAP_FILE_HEADER = 24;
/** A longer packet is corruption: libpcap and Wireshark stop there as well. */
const MAX_PACKET = 256 * 1024;

/** How packets are told after a magic number. */
interface Variant {
  readonly unitsPerMicrosecond: 1 | 1000;
  /** Bytes before each packet. */
  readonly packetHeader: 16 | 24;
}

/** Magic number, big-endian → variant (section 4). */
const VARIANTS: ReadonlyMap<number, Variant> = new Map<number, Variant>([
  [0xa1b2c3d4, { unitsPerMicrosecond: 1, packetHeader: 16 }],
  [0xa1b23c4d, { unitsPerMicrosecond: 1000, packetHeader: 16 }],
  // A patched libpcap of 1999: interface, protocol and packet type follow the two lengths.
  [0xa1b2cd34, { unitsPerMicrosecond: 1, packetHeader: 24 }],
]);

/** Whether a file that starts with these four bytes, taken as a big-endian number, is a classic capture file. */
export function isPcapMagic(magic: number): boolean {
  return VARIANTS.has(magic) || VARIANTS.has(swapped(magic));
}

/**
 * Tells a sink what is in a pcap file. Feed it the file from its start, as it comes: {@link read} takes
 * whole packets and leaves a half-written last one for the next call. What is wrong with a file is in
 * {@link problem}; all that stood before the fault has been told, nothing behind it is.
 */
export class PcapReader {
  readonly #sink: CaptureSink;
  readonly #packets: Packets;
  #variant: Variant | undefined;
  #littleEndian = true;
  /** Before version 2.4 some writers told the two lengths of a packet the other way round. */
  #isOld = false;
  #linkType = 0;
  #problem: CaptureProblem | undefined;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
    this.#packets = new Packets(sink);
  }

  /** Where and why the file stopped making sense, or undefined. */
  get problem(): CaptureProblem | undefined {
    return this.#problem;
  }

  /**
   * Reads the whole packets of `bytes`, which lie in the file from `fileOffset` on.
   * Returns how many bytes it consumed; feed the rest again with more behind it. Never throws.
   */
  read(bytes: Uint8Array, fileOffset: number): number {
    if (this.#problem !== undefined) return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#packets.begin(bytes, fileOffset);
    let at = this.#variant === undefined ? PCAP_FILE_HEADER : 0;
    this.#variant ??= this.#readFileHeader(view);
    const variant = this.#variant;
    if (variant === undefined) return 0;
    while (at + variant.packetHeader <= bytes.length) {
      const length = view.getUint32(at + 8, this.#littleEndian);
      const other = view.getUint32(at + 12, this.#littleEndian);
      const captured = this.#isOld ? Math.min(length, other) : length;
      if (captured > MAX_PACKET) {
        this.#problem = captureProblem("packetLength", fileOffset + at, captured);
        break;
      }
      const start = at + variant.packetHeader;
      if (start + captured > bytes.length) break;
      this.#packets.record.time = this.#time(view, at, variant);
      const original = Math.max(length, other);
      if (this.#packets.read(0, this.#linkType, start, start + captured, original)) {
        this.#sink.datagram(this.#packets.record);
      } else this.#tellRefusal();
      at = start + captured;
    }
    return at;
  }

  #tellRefusal(): void {
    const { record } = this.#packets;
    if (record.refusal !== undefined) this.#sink.refusal?.(record, record.refusal);
  }

  /** Undefined where the header is not whole yet, or not one. */
  #readFileHeader(view: DataView): Variant | undefined {
    if (view.byteLength < PCAP_FILE_HEADER) return undefined;
    const magic = view.getUint32(0);
    const variant = VARIANTS.get(magic) ?? VARIANTS.get(swapped(magic));
    if (variant === undefined) {
      this.#problem = captureProblem("noMagic", 0);
      return undefined;
    }
    this.#littleEndian = !VARIANTS.has(magic);
    const major = view.getUint16(4, this.#littleEndian);
    const minor = view.getUint16(6, this.#littleEndian);
    if (major !== 2) {
      this.#problem = captureProblem("version", 0, `${major}.${minor}`, "pcap");
      return undefined;
    }
    this.#isOld = minor < 4;
    // The upper half tells of frame check sequences, which lie behind the IP packet and don't matter here.
    this.#linkType = view.getUint32(20, this.#littleEndian) & 0xffff;
    this.#sink.section({ application: "", os: "", comments: [] });
    this.#sink.interface({ id: 0, name: "", description: "", comments: [] });
    return variant;
  }

  /** Microseconds since 1970; nanoseconds are rounded down. */
  #time(view: DataView, at: number, { unitsPerMicrosecond }: Variant): number {
    const seconds = view.getUint32(at, this.#littleEndian);
    const fraction = view.getUint32(at + 4, this.#littleEndian);
    return seconds * 1_000_000 + Math.floor(fraction / unitsPerMicrosecond);
  }
}

/** The same four bytes in the other order. */
function swapped(word: number): number {
  const pairs = ((word & 0x00ff_00ff) << 8) | ((word >>> 8) & 0x00ff_00ff);
  return ((pairs << 16) | (pairs >>> 16)) >>> 0;
}
