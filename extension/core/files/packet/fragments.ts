/** Joins the parts of IP packets that were sent in several (RFC 791 section 3.2, RFC 8200 section 4.5). */
import type { PacketRecord } from "./packet_record.ts";

/** What a part costs beside its bytes, roughly. */
const PART_BYTES = 128;
/** A packet's length is a number of 16 bits. */
const MOST_CONTENT = 0xffff;

export interface FragmentLimits {
  /** Packets that wait for parts at once. */
  readonly packets: number;
  /** Bytes that are kept of them. */
  readonly bytes: number;
  /** Microseconds that a packet waits, by the clock of the capture. */
  readonly age: number;
}

/** As much as Linux keeps, and as long (net.ipv4.ipfrag_high_thresh, ipfrag_time). */
const LIMITS: FragmentLimits = { packets: 1024, bytes: 4 * 2 ** 20, age: 30e6 };

interface Part {
  readonly offset: number;
  /** What was captured of it. */
  readonly bytes: Uint8Array;
  /** Bytes that it had. */
  readonly length: number;
  /** Where in the file it starts. */
  readonly fileOffset: number;
}

/** A packet that waits for parts. */
interface Assembly {
  readonly time: number;
  /** By their offsets; undefined where two contradict each other, and nothing is joined any more. */
  parts: Part[] | undefined;
  /** Bytes that the parts have in all. */
  length: number;
  /** Bytes that the whole has, once its last part is there. */
  total: number | undefined;
  /** Packets that these parts came in. */
  packets: number;
  protocol: number;
}

/** All parts of a packet, put together. */
export interface Joined {
  /** The two addresses, and what was captured of the content without a gap. */
  readonly bytes: Uint8Array;
  readonly protocol: number;
  /** Where in `bytes` the content starts, and where the whole of it would end. */
  readonly start: number;
  readonly originalEnd: number;
  /** Packets that it came in. */
  readonly packets: number;
  /** Where in the file the content from `from` to `to` (in `bytes`) lies: offset and length of one piece after the other. */
  pieces(from: number, to: number): Float64Array;
}

/**
 * The packets of a file that wait for their parts. What is kept is bounded by number, bytes and age; the oldest goes
 * first. Parts that overlap are an attack or a fault (RFC 1858, RFC 3128, RFC 5722): then the whole packet is refused.
 */
export class Fragments {
  readonly #limits: FragmentLimits;
  /** The oldest first. */
  readonly #waiting = new Map<string, Assembly>();
  #bytes = 0;

  constructor(limits: FragmentLimits = LIMITS) {
    this.#limits = limits;
  }

  /** Takes the part that `record` tells, whose packet lies in the file from `fileOffset` on; the whole once all is there. */
  take(record: PacketRecord, fileOffset: number): Joined | undefined {
    this.#forgetOld(record.time);
    const key = keyOf(record);
    const assembly = this.#waiting.get(key) ?? this.#begin(key, record);
    assembly.packets++;
    this.#add(assembly, record, fileOffset);
    const { parts, total } = assembly;
    if (parts === undefined || total === undefined || assembly.length < total) {
      this.#keepWithinLimits();
      return undefined;
    }
    this.#forget(key, assembly);
    return join(record, assembly, parts, total);
  }

  #begin(key: string, { time, fragment }: PacketRecord): Assembly {
    const { protocol } = fragment;
    const assembly = { time, parts: [], length: 0, total: undefined, packets: 0, protocol };
    this.#waiting.set(key, assembly);
    return assembly;
  }

  #add(assembly: Assembly, { bytes, fragment }: PacketRecord, fileOffset: number): void {
    const { parts } = assembly;
    if (parts === undefined) return;
    const { offset, isMore, start, end, originalEnd } = fragment;
    const length = originalEnd - start;
    const stop = offset + length;
    const at = placeOf(parts, offset);
    const [before, behind] = [parts[at - 1], parts[at]];
    const known = behind?.offset === offset && behind.length === length ? behind : undefined;
    if (known) {
      // The same packet once more, as a capture of all interfaces has it.
      if (isSame(known.bytes, bytes.subarray(start, end))) return;
      this.#refuse(assembly);
      return;
    }
    const overlaps =
      (before && before.offset + before.length > offset) || (behind && behind.offset < stop);
    const last = parts.at(-1);
    const isWrong = isMore
      ? length === 0 || length % 8 !== 0 || stop > (assembly.total ?? MOST_CONTENT)
      : assembly.total !== undefined || (last !== undefined && last.offset + last.length > stop);
    if (overlaps || isWrong || stop > MOST_CONTENT) {
      this.#refuse(assembly);
      return;
    }
    if (!isMore) assembly.total = stop;
    if (offset === 0) assembly.protocol = fragment.protocol;
    const part = { offset, length, bytes: bytes.slice(start, end), fileOffset: fileOffset + start };
    parts.splice(at, 0, part);
    assembly.length += length;
    this.#bytes += part.bytes.length + PART_BYTES;
  }

  /** It stays, so that what is still to come of it is refused as well. */
  #refuse(assembly: Assembly): void {
    this.#bytes -= bytesOf(assembly);
    assembly.parts = undefined;
  }

  #forget(key: string, assembly: Assembly): void {
    this.#waiting.delete(key);
    this.#bytes -= bytesOf(assembly);
  }

  #forgetOld(now: number): void {
    for (const [key, assembly] of this.#waiting) {
      if (!(assembly.time + this.#limits.age < now)) return;
      this.#forget(key, assembly);
    }
  }

  #keepWithinLimits(): void {
    for (const [key, assembly] of this.#waiting) {
      const isWithin =
        this.#waiting.size <= this.#limits.packets && this.#bytes <= this.#limits.bytes;
      if (isWithin) return;
      this.#forget(key, assembly);
    }
  }
}

/** What all parts of a packet have in common; seen at two interfaces, a packet is two. */
function keyOf(record: PacketRecord): string {
  const { bytes, addressLength, sourceAddress, destinationAddress, fragment } = record;
  const address = (at: number) => String.fromCharCode(...bytes.subarray(at, at + addressLength));
  const protocol = addressLength === 4 ? fragment.protocol : 0;
  const ends = `${address(sourceAddress)}${address(destinationAddress)}`;
  return `${record.interfaceId} ${record.direction} ${protocol} ${fragment.identification} ${ends}${record.tunnel}`;
}

/** Where in the order of offsets a part belongs. */
function placeOf(parts: readonly Part[], offset: number): number {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.offset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bytesOf({ parts = [] }: Assembly): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length + PART_BYTES, 0);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function join(
  record: PacketRecord,
  { packets, protocol }: Assembly,
  parts: readonly Part[],
  total: number,
): Joined {
  const { addressLength, sourceAddress, destinationAddress } = record;
  const start = 2 * addressLength;
  const cut = parts.findIndex(({ bytes, length }) => bytes.length < length);
  const whole = cut < 0 ? parts : parts.slice(0, cut + 1);
  const captured = whole.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const joined = new Uint8Array(start + captured);
  joined.set(record.bytes.subarray(sourceAddress, sourceAddress + addressLength));
  const destination = record.bytes.subarray(destinationAddress, destinationAddress + addressLength);
  joined.set(destination, addressLength);
  for (const { offset, bytes } of whole) joined.set(bytes, start + offset);
  return {
    bytes: joined,
    protocol,
    start,
    originalEnd: start + total,
    packets,
    pieces(from, to) {
      const pieces: number[] = [];
      for (const { offset, bytes, fileOffset } of whole) {
        const first = Math.max(from, start + offset);
        const behind = Math.min(to, start + offset + bytes.length);
        if (first < behind) pieces.push(fileOffset + first - start - offset, behind - first);
      }
      return Float64Array.from(pieces);
    },
  };
}
