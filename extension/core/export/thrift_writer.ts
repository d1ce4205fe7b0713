/** Types of the compact protocol. */
const INT32 = 5;
const INT64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
const utf8 = new TextEncoder();

/** Writes a struct in the compact protocol of Apache Thrift, as far as Parquet needs it: fields in ascending order of their numbers. */
export class ThriftWriter {
  readonly #bytes: number[] = [];
  #last = 0;

  int32(field: number, value: number): this {
    this.#field(field, INT32);
    return this.#integer(value);
  }

  /** Up to 2^52. */
  int64(field: number, value: number): this {
    this.#field(field, INT64);
    return this.#integer(value);
  }

  text(field: number, value: string): this {
    this.#field(field, BINARY);
    return this.#text(value);
  }

  struct(field: number, write: (inner: ThriftWriter) => ThriftWriter): this {
    this.#field(field, STRUCT);
    return this.#struct(write);
  }

  int32List(field: number, values: readonly number[]): this {
    this.#list(field, INT32, values.length);
    for (const value of values) this.#integer(value);
    return this;
  }

  textList(field: number, values: readonly string[]): this {
    this.#list(field, BINARY, values.length);
    for (const value of values) this.#text(value);
    return this;
  }

  structList(field: number, values: readonly ((inner: ThriftWriter) => ThriftWriter)[]): this {
    this.#list(field, STRUCT, values.length);
    for (const write of values) this.#struct(write);
    return this;
  }

  /** All of it, with the stop that ends a struct. */
  done(): Uint8Array {
    return Uint8Array.from([...this.#bytes, 0]);
  }

  #struct(write: (inner: ThriftWriter) => ThriftWriter): this {
    const written = write(new ThriftWriter()).done();
    for (const byte of written) this.#bytes.push(byte);
    return this;
  }

  #field(field: number, type: number): void {
    const ahead = field - this.#last;
    // A field is told by how far it is behind the one before, where that fits; none of Parquet's is farther.
    if (ahead < 1 || ahead > 15) throw new RangeError(`Cannot write field ${field} here`);
    this.#bytes.push((ahead << 4) | type);
    this.#last = field;
  }

  #list(field: number, type: number, length: number): void {
    this.#field(field, LIST);
    if (length < 15) this.#bytes.push((length << 4) | type);
    else {
      this.#bytes.push(0xf0 | type);
      this.#varint(length);
    }
  }

  #text(value: string): this {
    const bytes = utf8.encode(value);
    this.#varint(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** Zigzag: numbers near 0 are short, of either sign. */
  #integer(value: number): this {
    this.#varint(value < 0 ? -value * 2 - 1 : value * 2);
    return this;
  }

  #varint(value: number): void {
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 128)) this.#bytes.push((left % 128) | 0x80);
    this.#bytes.push(left);
  }
}
