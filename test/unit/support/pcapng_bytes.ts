/** Bytes of a pcapng file in either byte order, put together by hand: the reader is not tested by its writer alone. */
export class PcapngBytes {
  readonly #littleEndian: boolean;
  readonly #bytes: number[] = [];

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** A block of this type around `body`, which is filled up to 32 bits. */
  block(type: number, body: readonly number[]): this {
    const filled = fill(body);
    const length = this.u32(filled.length + 12);
    this.#bytes.push(...this.u32(type), ...length, ...filled, ...length);
    return this;
  }

  section(options: readonly number[] = []): this {
    const unknownLength = new Array<number>(8).fill(0xff);
    return this.block(0x0a0d0d0a, [
      ...this.u32(0x1a2b3c4d),
      ...this.u16(1),
      ...this.u16(0),
      ...unknownLength,
      ...options,
    ]);
  }

  interface(options: readonly number[] = [], linkType = 101, snapLength = 0): this {
    const fields = [...this.u16(linkType), 0, 0, ...this.u32(snapLength)];
    return this.block(1, [...fields, ...options]);
  }

  packet(
    interfaceId: number,
    time: bigint,
    packet: readonly number[],
    options: readonly number[] = [],
  ): this {
    return this.block(6, [
      ...this.u32(interfaceId),
      ...this.u32(Number(time >> 32n)),
      ...this.u32(Number(time & 0xffff_ffffn)),
      ...this.u32(packet.length),
      ...this.u32(packet.length),
      ...fill(packet),
      ...options,
    ]);
  }

  option(code: number, value: readonly number[]): number[] {
    return [...this.u16(code), ...this.u16(value.length), ...fill(value)];
  }

  text(code: number, text: string): number[] {
    return this.option(code, [...new TextEncoder().encode(text)]);
  }

  u16(value: number): number[] {
    return this.#ordered([value >> 8, value & 255]);
  }

  u32(value: number): number[] {
    return this.#ordered([24, 16, 8, 0].map((shift) => (value >>> shift) & 255));
  }

  u64(value: bigint): number[] {
    const bytes = Array.from({ length: 8 }, (_, at) =>
      Number((value >> BigInt(56 - 8 * at)) & 255n),
    );
    return this.#ordered(bytes);
  }

  #ordered(bytes: number[]): number[] {
    return this.#littleEndian ? bytes.reverse() : bytes;
  }
}

function fill(bytes: readonly number[]): number[] {
  return [...bytes, ...new Array<number>(-bytes.length & 3).fill(0)];
}
