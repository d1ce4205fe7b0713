import { ThriftWriter } from "./thrift_writer.ts";

/** Physical types of Parquet, by their numbers in its `parquet.thrift`. */
export const ParquetType = { boolean: 0, int32: 1, int64: 2, double: 5, bytes: 6 } as const;
export type ParquetType = (typeof ParquetType)[keyof typeof ParquetType];
/** How a reader is to take them: as text, or as microseconds since 1970 in UTC. */
export const ConvertedType = { utf8: 0, timestampMicros: 10 } as const;

const PLAIN = 0;
const RLE = 3;
const DATA_PAGE = 0;
const UNCOMPRESSED = 0;
const FIRST_BYTES = 1024;
const utf8 = new TextEncoder();

export interface ParquetSchema {
  readonly name: string;
  readonly type: ParquetType;
  readonly converted?: number;
}

/** What is said of a column of a row group, once its page has been written. */
export interface WrittenChunk {
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly bytes: number;
  readonly values: number;
}

/**
 * A column of a row group: values that may be missing, in Parquet's plain encoding, and a bit for each row that tells whether it
 * has one.
 */
export class ParquetColumn {
  readonly schema: ParquetSchema;
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  /** A bit for each row. */
  #defined = new Uint8Array(FIRST_BYTES);
  /** Values that are there. */
  #values = 0;

  constructor(schema: ParquetSchema) {
    this.schema = schema;
  }

  /** Bytes that it takes now. */
  get size(): number {
    return this.#length;
  }

  /** The value of a row; rows come in their order, and those that are left out have none. */
  set(row: number, value: number | boolean | string | Uint8Array): void {
    this.#reserveRows(row + 1);
    this.#defined[row >> 3] = (this.#defined[row >> 3] ?? 0) | (1 << (row & 7));
    this.#push(value);
    this.#values++;
  }

  /** The page with its header for so many rows; the column is empty then. */
  page(rows: number): Uint8Array {
    this.#reserveRows(rows);
    const levels =
      this.#values === 0
        ? noValues(rows)
        : bitPacked(this.#defined.subarray(0, Math.ceil(rows / 8)));
    const body = new Uint8Array(4 + levels.length + this.#length);
    new DataView(body.buffer).setUint32(0, levels.length, true);
    body.set(levels, 4);
    body.set(this.#bytes.subarray(0, this.#length), 4 + levels.length);
    this.#defined.fill(0);
    this.#length = 0;
    this.#values = 0;
    const header = pageHeader(rows, body.length);
    const page = new Uint8Array(header.length + body.length);
    page.set(header);
    page.set(body, header.length);
    return page;
  }

  #push(value: number | boolean | string | Uint8Array): void {
    const { type } = this.schema;
    if (typeof value === "string" || typeof value === "object") {
      const bytes = typeof value === "string" ? utf8.encode(value) : value;
      this.#reserve(4 + bytes.length);
      this.#view.setUint32(this.#length, bytes.length, true);
      this.#bytes.set(bytes, this.#length + 4);
      this.#length += 4 + bytes.length;
      return;
    }
    if (type === ParquetType.boolean) {
      const at = this.#values >> 3;
      this.#reserve(1);
      if ((this.#values & 7) === 0) this.#bytes[this.#length++] = 0;
      if (value) this.#bytes[at] = (this.#bytes[at] ?? 0) | (1 << (this.#values & 7));
      return;
    }
    const number = Number(value);
    this.#reserve(8);
    if (type === ParquetType.int32) {
      this.#view.setInt32(this.#length, number, true);
      this.#length += 4;
      return;
    }
    if (type === ParquetType.int64)
      this.#view.setBigInt64(this.#length, BigInt(Math.floor(number)), true);
    else this.#view.setFloat64(this.#length, number, true);
    this.#length += 8;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#length + more, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  #reserveRows(rows: number): void {
    const bytes = Math.ceil(rows / 8);
    if (bytes <= this.#defined.length) return;
    const larger = new Uint8Array(Math.max(bytes, this.#defined.length * 2));
    larger.set(this.#defined);
    this.#defined = larger;
  }
}

/** Which rows have a value, as a run of bits (the hybrid encoding of levels, with one bit each). */
function bitPacked(bits: Uint8Array): Uint8Array {
  return joined(Uint8Array.from(varint(bits.length * 2 + 1)), bits);
}

/** The same where none has: one run of zeros. */
function noValues(rows: number): Uint8Array {
  return Uint8Array.of(...varint(rows * 2), 0);
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  return [...bytes, left];
}

function pageHeader(rows: number, bytes: number): Uint8Array {
  return new ThriftWriter()
    .int32(1, DATA_PAGE)
    .int32(2, bytes)
    .int32(3, bytes)
    .struct(5, (page) => page.int32(1, rows).int32(2, PLAIN).int32(3, RLE).int32(4, RLE))
    .done();
}

/** What the end of the file says of a column of a row group. */
export function chunkMetadata(
  { name, type }: ParquetSchema,
  { offset, bytes, values }: WrittenChunk,
): (chunk: ThriftWriter) => ThriftWriter {
  return (chunk) =>
    chunk
      .int64(2, offset)
      .struct(3, (it) =>
        it
          .int32(1, type)
          .int32List(2, [PLAIN, RLE])
          .textList(3, [name])
          .int32(4, UNCOMPRESSED)
          .int64(5, values)
          .int64(6, bytes)
          .int64(7, bytes)
          .int64(9, offset),
      );
}
