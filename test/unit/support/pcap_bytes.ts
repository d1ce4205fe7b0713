/** Magic numbers of the variants of pcap, as the writing machine sees them. */
export const PcapMagic = {
  microseconds: 0xa1b2c3d4,
  nanoseconds: 0xa1b23c4d,
  patched: 0xa1b2cd34,
} as const;

interface PcapOptions {
  readonly littleEndian?: boolean;
  readonly magic?: number;
  readonly linkType?: number;
  readonly version?: readonly [major: number, minor: number];
}

/** Bytes of a classic pcap file, put together by hand. */
export class PcapBytes {
  readonly #littleEndian: boolean;
  readonly #magic: number;
  readonly #bytes: number[] = [];

  constructor({ littleEndian = true, magic = PcapMagic.microseconds, ...rest }: PcapOptions = {}) {
    const { linkType = 101, version: [major, minor] = [2, 4] } = rest;
    this.#littleEndian = littleEndian;
    this.#magic = magic;
    this.#push(4, magic);
    this.#push(2, major, minor);
    this.#push(4, 0, 0, 262_144, linkType);
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** Where the next packet header will start. */
  get length(): number {
    return this.#bytes.length;
  }

  /** A packet at so many seconds and µs or ns; `original` and `captured` are the two lengths as the file tells them. */
  packet(
    seconds: number,
    fraction: number,
    packet: ArrayLike<number>,
    original = packet.length,
    captured = packet.length,
  ): this {
    this.#push(4, seconds, fraction, captured, original);
    // Interface, protocol, packet type and padding.
    if (this.#magic === PcapMagic.patched) this.#push(2, 1, 0, 0x0800, 0);
    this.#bytes.push(...Array.from(packet));
    return this;
  }

  #push(size: number, ...values: readonly number[]): void {
    for (const value of values) {
      const bytes = Array.from({ length: size }, (_, at) => (value >>> (8 * at)) & 255);
      this.#bytes.push(...(this.#littleEndian ? bytes : bytes.reverse()));
    }
  }
}
