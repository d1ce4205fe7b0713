import { numberReader, numberTypeOf, type ReadNumber } from "../built_in.ts";
import type { FieldSpec, TypeSpec } from "../definition.ts";
import type { Run, Struct } from "../run.ts";
import { inherited } from "./compilation.ts";

/** A number at a place of its block. */
export interface FixedField {
  readonly offset: number;
  readonly size: number;
  readonly read: ReadNumber;
}

/** Numbers one after another, whose places are known before anything is read: their bytes are looked for once. */
export interface FixedBlock {
  size: number;
  readonly fields: FixedField[];
}

/** A number that is always there, as long, and in the same order; undefined for all else. */
export function fixedNumber(
  field: FieldSpec,
  type: TypeSpec,
): Omit<FixedField, "offset"> | undefined {
  const { condition, repeat, valid, contents, type: how } = field;
  if (!how || "on" in how || condition || repeat || valid || contents) return undefined;
  const number = numberTypeOf(how.text);
  if (!number || number.kind === "bits") return undefined;
  const { size } = number;
  const endian = size === 1 ? "be" : (number.endian ?? inherited(type, (one) => one.endian));
  if (endian !== "le" && endian !== "be") return undefined;
  return { size, read: numberReader(number, endian === "le") };
}

/** Reads all of a block, for which there are bytes enough. */
export function readBlock(
  { size, fields }: FixedBlock,
  first: number,
  self: Struct,
  run: Run,
): void {
  const { io, values, starts, ends } = self;
  run.step(fields.length);
  io.bitsLeft = 0;
  const { pos, view } = io;
  const start = io.originOf(pos);
  const isByteByByte = io.originEnd(pos) === start;
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index];
    if (!field) continue;
    const slot = first + index;
    values[slot] = field.read(view, pos + field.offset);
    starts[slot] = isByteByByte ? start + field.offset : start;
    ends[slot] = isByteByByte ? start + field.offset + field.size : io.originEnd(pos);
  }
  io.pos = pos + size;
}
