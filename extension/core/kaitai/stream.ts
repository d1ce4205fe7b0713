import type { Endian } from "./definition.ts";
import { Misfit } from "./failure.ts";
import { type Int, int } from "./integers.ts";

/** Bytes of the payload that bytes after unpacking come from; `to` exclusive. */
export interface Origin {
  readonly from: number;
  readonly to: number;
}

/**
 * A part of some bytes with a place to read at, which may be within a byte. Positions are indexes of `bytes`; what a
 * definition sees counts from the start of the part.
 */
export class Stream {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly end: number;
  pos: number;
  /** Bits of the byte before `pos` that are not read yet. */
  bitsLeft = 0;
  #bitEndian: Endian = "be";
  /** What to add to an index to get a byte of the payload; or where all of it comes from. */
  readonly #origin: number | Origin;
  readonly view: DataView;

  constructor(
    bytes: Uint8Array,
    from = 0,
    end = bytes.length,
    origin: number | Origin = 0,
    view?: DataView,
  ) {
    this.bytes = bytes;
    this.from = from;
    this.end = end;
    this.pos = from;
    this.#origin = origin;
    this.view = view ?? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get size(): number {
    return this.end - this.from;
  }

  get left(): number {
    return this.end - this.pos;
  }

  get isAtEnd(): boolean {
    return this.pos >= this.end && this.bitsLeft === 0;
  }

  /** The first byte of the payload that something which starts at an index is from. */
  originOf(index: number): number {
    return typeof this.#origin === "number" ? index + this.#origin : this.#origin.from;
  }

  /** The byte of the payload behind the last one of something that ends at an index. */
  originEnd(index: number): number {
    return typeof this.#origin === "number" ? index + this.#origin : this.#origin.to;
  }

  /** Of the bytes from one index to another, as a stream of their own. */
  part(from: number, end: number): Stream {
    return new Stream(this.bytes, from, end, this.#origin, this.view);
  }

  /** Other bytes that stand for those from one index to another; `isSameLength`: byte by byte. */
  replaced(bytes: Uint8Array, from: number, end: number, isSameLength: boolean): Stream {
    const origin = this.originOf(from);
    if (isSameLength && typeof this.#origin === "number")
      return new Stream(bytes, 0, bytes.length, origin);
    return new Stream(bytes, 0, bytes.length, { from: origin, to: this.originEnd(end) });
  }

  /** Gives up what is left of a byte that was begun. */
  align(): void {
    this.bitsLeft = 0;
  }

  /** Makes sure that so many bytes are left, and steps over them; returns where they begin. */
  take(length: number, name: string): number {
    if (length > this.end - this.pos)
      throw new Misfit("bytesLeft", Math.max(this.left, 0), name, length);
    const at = this.pos;
    this.pos += length;
    return at;
  }

  /** 1 to 64 bits. Where the other order was read before, the rest of that byte is given up. */
  readBits(count: number, endian: Endian, name: string): Int {
    if (this.#bitEndian !== endian) {
      this.bitsLeft = 0;
      this.#bitEndian = endian;
    }
    const available = this.bitsLeft + Math.max(this.left, 0) * 8;
    if (count > available) throw new Misfit("bitsLeft", available, name, count);
    // Two halves, each exact as a number.
    if (count > 32) {
      const first = this.#bits(count - 32, endian);
      const second = this.#bits(32, endian);
      const [high, low, width] =
        endian === "be" ? [first, second, 32] : [second, first, count - 32];
      const value = high * 2 ** width + low;
      return Number.isSafeInteger(value)
        ? value
        : int((BigInt(high) << BigInt(width)) | BigInt(low));
    }
    return this.#bits(count, endian);
  }

  #bits(count: number, endian: Endian): number {
    let value = 0;
    for (let read = 0; read < count; ) {
      if (this.bitsLeft === 0) {
        this.pos++;
        this.bitsLeft = 8;
      }
      const byte = this.bytes[this.pos - 1] ?? 0;
      const taken = Math.min(this.bitsLeft, count - read);
      const mask = 2 ** taken - 1;
      if (endian === "be") {
        value = value * 2 ** taken + ((byte >> (this.bitsLeft - taken)) & mask);
      } else {
        value += ((byte >> (8 - this.bitsLeft)) & mask) * 2 ** read;
      }
      this.bitsLeft -= taken;
      read += taken;
    }
    return value;
  }
}
