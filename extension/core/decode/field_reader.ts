import { printableBytes } from "../text/printable.ts";
import { formatAddress } from "../wire/address.ts";
import type { DecodedField } from "./decoded.ts";
import { Undecodable } from "./problem.ts";

/** Most characters of a value; longer ones are shown cut, with their length. */
export const VALUE_LIMIT = 1000;
/** Most bytes that a value shows in hex. */
const HEX_LIMIT = 256;

/** The reader that was made first since {@link fieldsBefore} was called last. */
let first: FieldReader | undefined;

/** Runs a decoder; where it throws, `fields` is given what it had read of the payload. */
export function fieldsBefore<T>(
  decode: () => T,
  failed: (error: unknown, fields: readonly DecodedField[]) => T,
): T {
  first = undefined;
  try {
    return decode();
  } catch (error) {
    return failed(error, first === undefined ? [] : (first as FieldReader).fields);
  }
}

/**
 * Reads a payload, or a part of it, from front to back. What is read with a name becomes a field with the bytes that it
 * was read from. Numbers are big-endian, as nearly all of the Internet's protocols have them.
 * @throws {Undecodable} Where the part ends within what is read.
 */
export class FieldReader {
  /** The whole payload: offsets count from its start. */
  readonly bytes: Uint8Array;
  /** Behind the last byte of the part. */
  readonly end: number;
  readonly fields: DecodedField[] = [];
  at: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, from = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = from;
    this.end = end;
    first ??= this;
  }

  /** Bytes that are left to read. */
  get left(): number {
    return this.end - this.at;
  }

  /** Takes `length` bytes without making a field of them. `name` and `from` tell what they belong to. */
  take(length: number, name: string, from = this.at): Uint8Array {
    if (length > this.left) throw this.#tooLong(length, name, from);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** The next `length` bytes as a part of its own. */
  part(length: number, name: string): FieldReader {
    const from = this.at;
    this.take(length, name);
    return new FieldReader(this.bytes, from, this.at);
  }

  /** An unsigned number of 1, 2 or 4 bytes that makes no field. */
  number(size: 1 | 2 | 4, name: string, from = this.at): number {
    const at = this.at;
    this.take(size, name, from);
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  /** Makes a field of what has been read since `from`. */
  add(name: string, value: string, from: number, fields: readonly DecodedField[] = []): void {
    this.fields.push({ name, value, from, to: this.at, fields });
  }

  /** An unsigned number of 1, 2 or 4 bytes as a field. */
  uint(size: 1 | 2 | 4, name: string, format: (value: number) => string = String): number {
    const from = this.at;
    const value = this.number(size, name);
    this.add(name, format(value), from);
    return value;
  }

  /** Bytes as a field, in hexadecimal digits. */
  hex(length: number, name: string): Uint8Array {
    const from = this.at;
    const bytes = this.take(length, name);
    this.add(name, hexText(bytes), from);
    return bytes;
  }

  /** Bytes as a field, as text in UTF-8; returns the text, printable. */
  text(length: number, name: string): string {
    const from = this.at;
    const text = printableBytes(this.take(length, name), { limit: VALUE_LIMIT });
    this.add(name, text, from);
    return text;
  }

  /** An IPv4 (4) or IPv6 (16) address as a field. */
  address(length: 4 | 16, name: string): string {
    const from = this.at;
    this.take(length, name);
    const text = formatAddress(this.bytes, from, length);
    this.add(name, text, from);
    return text;
  }

  /** Several values in the bits of one number of so many bytes: all have the bytes of the number. */
  bits(from: number, values: readonly (readonly [name: string, value: string])[]): DecodedField[] {
    return values.map(([name, value]) => ({ name, value, from, to: this.at, fields: [] }));
  }

  #tooLong(length: number, name: string, from: number): Undecodable {
    return this.end === this.bytes.length
      ? new Undecodable("endsWithin", name, from)
      : new Undecodable("endsBefore", name, from, this.at + length);
  }
}

/** Hexadecimal digits of bytes, two each; of many, the first ones and how many there are. */
export function hexText(bytes: Uint8Array): string {
  const digits = Array.from(bytes.subarray(0, HEX_LIMIT), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return bytes.length > HEX_LIMIT ? `${digits}… (${bytes.length} B)` : digits;
}

/** A number as `0x` and that many digits. */
export function hexNumber(digits: number): (value: number) => string {
  return (value) => `0x${value.toString(16).padStart(digits, "0")}`;
}

/** A number by its name, `A (1)`; a number without one as it is. */
export function byName(names: Readonly<Record<number, string>>): (value: number) => string {
  return (value) => (names[value] === undefined ? `${value}` : `${names[value]} (${value})`);
}

/** A bit as it is written down. */
export function bit(value: number, mask: number): string {
  return (value & mask) === 0 ? "0" : "1";
}
