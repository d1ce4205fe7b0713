import { Unwritable } from "./encoded.ts";

/** More bytes than any datagram carries. */
export const MOST_BYTES = 65_535;

type Endian = "le" | "be";

/** Bytes that are written one after the other, and bits within them, the highest or the lowest of a byte first. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  length = 0;
  /** Bits of the last byte that are not written yet. */
  #bitsLeft = 0;
  #bitEndian: Endian = "be";

  /** What was written; shares memory with the writer. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Begins with a whole byte. */
  align(): void {
    this.#bitsLeft = 0;
  }

  /** Makes room for so many bytes, which are 0, and returns where they begin. */
  reserve(count: number): number {
    this.align();
    const at = this.length;
    if (count > MOST_BYTES - at) throw new Unwritable("tooLong", MOST_BYTES);
    this.length += count;
    if (this.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.length));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    return at;
  }

  write(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** The low bits of a number, as many as are told, in the order in which they are read. */
  writeBits(value: bigint, count: number, endian: Endian): void {
    if (this.#bitEndian !== endian) {
      this.align();
      this.#bitEndian = endian;
    }
    for (let written = 0; written < count; written++) {
      if (this.#bitsLeft === 0) {
        this.reserve(1);
        this.#bitsLeft = 8;
      }
      const from = endian === "be" ? count - 1 - written : written;
      const to = endian === "be" ? this.#bitsLeft - 1 : 8 - this.#bitsLeft;
      const bit = Number((value >> BigInt(from)) & 1n);
      const last = this.length - 1;
      this.#bytes[last] = (this.#bytes[last] ?? 0) | (bit << to);
      this.#bitsLeft--;
    }
  }
}
