import { printableBytes } from "../text/printable.ts";
import type { FieldReader } from "./field_reader.ts";
import { Undecodable } from "./problem.ts";

/** RFC 1035 section 2.3.4, on the wire. */
const MOST_NAME_BYTES = 255;
const POINTER = 0xc0;
/** A name has no more labels, and nobody needs more pointers than labels. */
const MOST_POINTERS = 127;

/**
 * Reads a domain name (RFC 1035 sections 3.1 and 4.1.4); it takes the bytes up to its end or its first pointer.
 * A pointer leads to bytes before the name, so that there is no loop. Dots within a label are escaped (RFC 4343).
 */
export function readName(reader: FieldReader, what: string): string {
  const start = reader.at;
  const { bytes } = reader;
  const labels: string[] = [];
  let length = 1;
  /** Where the labels go on after a pointer; undefined before the first one. */
  let jumped: number | undefined;
  let least = start;
  let pointers = 0;
  for (;;) {
    const at = jumped ?? reader.at;
    const size =
      jumped === undefined ? reader.number(1, what, start) : byteAt(bytes, at, what, start);
    if (size === 0) break;
    if ((size & POINTER) === POINTER) {
      const low =
        jumped === undefined ? reader.number(1, what, start) : byteAt(bytes, at + 1, what, start);
      const target = ((size & 0x3f) << 8) | low;
      if (++pointers > MOST_POINTERS) throw new Undecodable("badPointer", at, target);
      if (target >= least) {
        // It has to point to what was before it (section 4.1.4), or names could have no end. The other fields can be read.
        labels.push(`→${target}`);
        break;
      }
      least = target;
      jumped = target;
      continue;
    }
    if (size > 63) throw new Undecodable("noMeaning", at, `0x${size.toString(16)}`);
    length += size + 1;
    if (length > MOST_NAME_BYTES) throw new Undecodable("nameTooLong", start, MOST_NAME_BYTES);
    if (jumped === undefined) reader.take(size, what, start);
    else jumped = at + 1 + size;
    labels.push(printableBytes(bytes.subarray(at + 1, at + 1 + size)).replaceAll(".", "\\."));
  }
  return labels.join(".") || ".";
}

/** Reads a domain name as a field. */
export function nameField(reader: FieldReader, what: string): string {
  const from = reader.at;
  const name = readName(reader, what);
  reader.add(what, name, from);
  return name;
}

function byteAt(bytes: Uint8Array, at: number, what: string, start: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Undecodable("endsWithin", what, start);
  return byte;
}
