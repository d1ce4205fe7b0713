/** Reads pcapng files of any writer (draft-ietf-opsawg-pcapng), whole or while they grow. */
import type { CaptureSink } from "../capture_sink.ts";
import { Packets } from "../packet/packets.ts";
import { type CaptureProblem, captureProblem } from "../problem.ts";
import {
  type CaptureInterface,
  readInterface,
  readSection,
  readStatistics,
} from "./descriptions.ts";
import { BLOCK_OVERHEAD, BlockType, BYTE_ORDER_MAGIC, minimalLength, padded } from "./format.ts";
import { type OptionList, Texts } from "./options.ts";
import { readPacketOptions } from "./packet_options.ts";
import { toMicroseconds } from "./time.ts";

/** A longer block is corruption: waiting for what it claims could take for ever. */
const MAX_BLOCK = 16 * 1024 * 1024;

/**
 * Interfaces of a file, in all of its sections: several times what a tap's segment holds. Each is remembered as a socket, and
 * a few hundred kilobytes of gzip hold millions of them.
 */
const MOST_INTERFACES = 2 ** 18;

/**
 * Blocks without a packet that are read at once: they are a few bytes long, and each takes as long as many packets, of
 * which a piece of a file holds fewer.
 */
const MOST_DESCRIBED = 1024;
/** Behind a block of so many bytes nothing is read at once: what had room for it has room for very many others. */
const LONG_BLOCK = 2 ** 19;

/** Where a packet lies in its block, of whichever of the three kinds. */
interface PacketPlace {
  interfaceId: number;
  high: number;
  low: number;
  /** Where its bytes start. */
  start: number;
  capturedLength: number;
  originalLength: number;
}

/**
 * Tells a sink what is in a pcapng file. Feed it the file from its start, as it comes: {@link read}
 * takes whole blocks and leaves a half-written last one for the next call. What is wrong with a
 * file is in {@link problem}; all that stood before the fault has been told, nothing behind it is.
 */
export class PcapngReader {
  readonly #sink: CaptureSink;
  readonly #packets: Packets;
  readonly #place: PacketPlace = {
    interfaceId: 0,
    high: 0,
    low: 0,
    start: 0,
    capturedLength: 0,
    originalLength: 0,
  };
  /** The interfaces of this section; of the sections before it only the number is kept. */
  #interfaces: CaptureInterface[] = [];
  #earlierInterfaces = 0;
  readonly #texts = new Texts();
  /** Blocks without a packet since {@link read} was called. */
  #described = 0;
  #hasMore = false;
  #sawSection = false;
  #littleEndian = true;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #fileOffset = 0;
  #problem: CaptureProblem | undefined;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
    this.#packets = new Packets(sink);
  }

  /** Where and why the file stopped making sense, or undefined. */
  get problem(): CaptureProblem | undefined {
    return this.#problem;
  }

  /** True where {@link read} left whole blocks for the next time, so as to hold up nobody. */
  get hasMore(): boolean {
    return this.#hasMore;
  }

  /**
   * Reads the whole blocks of `bytes`, which lie in the file from `fileOffset` on, or some of them.
   * Returns how many bytes it consumed; feed the rest again with more behind it. Never throws.
   */
  read(bytes: Uint8Array, fileOffset: number): number {
    if (this.#problem !== undefined) return 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#packets.begin(bytes, fileOffset);
    this.#fileOffset = fileOffset;
    this.#described = 0;
    this.#hasMore = false;
    let at = 0;
    while (at + BLOCK_OVERHEAD <= bytes.length) {
      const length = this.#blockLength(at);
      if (length === 0 || at + length > bytes.length) break;
      if (this.#described >= MOST_DESCRIBED) {
        this.#hasMore = true;
        break;
      }
      this.#readBlock(at, at + length);
      if (this.#texts.areTooMany) {
        this.#fail(captureProblem("texts", this.#fileOffset + at, this.#texts.most));
      }
      if (this.#problem !== undefined) break;
      at += length;
      if (length >= LONG_BLOCK) this.#described = MOST_DESCRIBED;
    }
    return at;
  }

  /** Bytes of the block at `at`, or 0 where it is none, which is then the problem. */
  #blockLength(at: number): number {
    const view = this.#view;
    if (view.getUint32(at) === BlockType.sectionHeader) {
      // A section header reads the same in both byte orders and says which one comes.
      if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) this.#littleEndian = true;
      else if (view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC) this.#littleEndian = false;
      else return this.#fail(captureProblem("noByteOrder", this.#fileOffset + at));
    } else if (!this.#sawSection) {
      return this.#fail(captureProblem("noSection", this.#fileOffset + at));
    }
    const length = view.getUint32(at + 4, this.#littleEndian);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0 || length > MAX_BLOCK) {
      return this.#fail(captureProblem("blockLength", this.#fileOffset + at, length));
    }
    return length;
  }

  #readBlock(start: number, end: number): void {
    const view = this.#view;
    const type = view.getUint32(start, this.#littleEndian);
    const repeated = view.getUint32(end - 4, this.#littleEndian);
    if (repeated !== end - start) {
      this.#fail(captureProblem("blockEnd", this.#fileOffset + start, end - start, repeated));
      return;
    }
    if (end - start < minimalLength(type)) {
      this.#fail(captureProblem("blockTooShort", this.#fileOffset + start, type, end - start));
      return;
    }
    switch (type) {
      case BlockType.enhancedPacket:
        this.#readEnhancedPacket(start, end - 4);
        return;
      case BlockType.sectionHeader:
        this.#startSection(start, end - 4);
        break;
      case BlockType.interfaceDescription:
        this.#addInterface(start, end - 4);
        break;
      case BlockType.interfaceStatistics:
        this.#readStatistics(start, end - 4);
        break;
      case BlockType.simplePacket:
        this.#readSimplePacket(start, end - 4);
        return;
      case BlockType.packet:
        this.#readOldPacket(start, end - 4);
        return;
    }
    this.#described++;
  }

  #startSection(start: number, end: number): void {
    const major = this.#view.getUint16(start + 12, this.#littleEndian);
    if (major !== 1) {
      this.#fail(captureProblem("version", this.#fileOffset + start, major, "pcapng"));
      return;
    }
    this.#earlierInterfaces += this.#interfaces.length;
    this.#interfaces = [];
    this.#sawSection = true;
    this.#sink.section(readSection(this.#options(start + 24, end)));
  }

  #addInterface(start: number, end: number): void {
    const linkType = this.#view.getUint16(start + 8, this.#littleEndian);
    const snapLength = this.#view.getUint32(start + 12, this.#littleEndian);
    const id = this.#earlierInterfaces + this.#interfaces.length;
    if (id >= MOST_INTERFACES) {
      this.#fail(captureProblem("interfaces", this.#fileOffset + start, MOST_INTERFACES));
      return;
    }
    const fields = { id, linkType, snapLength };
    const { record, kept } = readInterface(this.#options(start + 16, end), fields);
    this.#interfaces.push(kept);
    this.#sink.interface(record);
  }

  #readStatistics(start: number, end: number): void {
    const number = this.#view.getUint32(start + 8, this.#littleEndian);
    const owner = this.#interfaces[number];
    // Nothing in the packets needs it: what it counts, nobody shows.
    if (owner !== undefined) {
      const statistics = readStatistics(this.#options(start + 20, end), owner);
      const high = this.#view.getUint32(start + 12, this.#littleEndian);
      const low = this.#view.getUint32(start + 16, this.#littleEndian);
      const time = toMicroseconds(owner.timeScale, high, low);
      this.#sink.statistics(statistics, this.#fileOffset + start, time);
    }
  }

  #readEnhancedPacket(start: number, end: number): void {
    const view = this.#view;
    const little = this.#littleEndian;
    const place = this.#place;
    place.interfaceId = view.getUint32(start + 8, little);
    place.high = view.getUint32(start + 12, little);
    place.low = view.getUint32(start + 16, little);
    place.capturedLength = view.getUint32(start + 20, little);
    place.originalLength = view.getUint32(start + 24, little);
    place.start = start + 28;
    this.#readPacket(start, end, 0);
  }

  /** The obsolete Packet Block: interface and drop count of 16 bits each, the rest as above. */
  #readOldPacket(start: number, end: number): void {
    const view = this.#view;
    const little = this.#littleEndian;
    const place = this.#place;
    place.interfaceId = view.getUint16(start + 8, little);
    place.high = view.getUint32(start + 12, little);
    place.low = view.getUint32(start + 16, little);
    place.capturedLength = view.getUint32(start + 20, little);
    place.originalLength = view.getUint32(start + 24, little);
    place.start = start + 28;
    const dropped = view.getUint16(start + 10, little);
    this.#readPacket(start, end, dropped === 0xffff ? 0 : dropped);
  }

  /** Section 4.4: no time stamp, and what was captured follows from the interface's snap length. */
  #readSimplePacket(start: number, end: number): void {
    const place = this.#place;
    const snapLength = this.#interfaces[0]?.snapLength ?? 0;
    place.interfaceId = 0;
    place.originalLength = this.#view.getUint32(start + 8, this.#littleEndian);
    place.start = start + 12;
    place.capturedLength = Math.min(place.originalLength, snapLength || place.originalLength);
    place.high = Number.NaN;
    this.#readPacket(start, end, 0);
  }

  #readPacket(block: number, end: number, dropped: number): void {
    const place = this.#place;
    const owner = this.#interfaces[place.interfaceId];
    if (owner === undefined) {
      this.#failInterface(block, place.interfaceId);
      return;
    }
    const packetEnd = place.start + place.capturedLength;
    if (packetEnd > end) {
      this.#fail(captureProblem("packetTooLong", this.#fileOffset + block, place.capturedLength));
      return;
    }
    const original = Math.max(place.originalLength, place.capturedLength);
    const datagram = this.#packets.record;
    datagram.time = Number.isNaN(place.high)
      ? Number.NaN
      : toMicroseconds(owner.timeScale, place.high, place.low);
    const { id, linkType } = owner;
    const isDatagram = this.#packets.read(id, linkType, place.start, packetEnd, original);
    if (!isDatagram && datagram.refusal === undefined) return;
    datagram.dropped = dropped;
    const options = place.start + padded(place.capturedLength);
    readPacketOptions(datagram, this.#view, this.#littleEndian, options, end, this.#texts);
    if (isDatagram) this.#sink.datagram(datagram);
    else if (datagram.refusal !== undefined) this.#sink.refusal?.(datagram, datagram.refusal);
  }

  #options(start: number, end: number): OptionList {
    return { view: this.#view, littleEndian: this.#littleEndian, start, end, texts: this.#texts };
  }

  #failInterface(at: number, number: number): void {
    const count = this.#interfaces.length;
    this.#fail(captureProblem("unknownInterface", this.#fileOffset + at, number, count));
  }

  #fail(problem: CaptureProblem): 0 {
    this.#problem = problem;
    return 0;
  }
}
