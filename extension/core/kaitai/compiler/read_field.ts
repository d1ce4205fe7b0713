import type { FieldSpec, Source, TypeSpec } from "../definition.ts";
import type { Scope } from "../expression/compiler.ts";
import { Misfit } from "../failure.ts";
import type { Int } from "../integers.ts";
import { isBitField } from "../names.ts";
import { Items } from "../run.ts";
import type { Stream } from "../stream.ts";
import { BOOL, INT, IO, type ValueType } from "../types.ts";
import type { Compilation, Read, ReadField } from "./compilation.ts";
import { compileRead } from "./read_value.ts";
import { Reported } from "./reporter.ts";
import { compileValid } from "./validation.ts";

export function compileField(
  compilation: Compilation,
  field: FieldSpec,
  slot: number,
  type: TypeSpec,
): ReadField {
  const scope: Scope = { type, names: compilation.checker };
  const condition = compilation.checker.wanted(field.condition, scope, BOOL);
  const read = compileRepeated(compilation, field, slot, type);
  return (self, run) => {
    run.step();
    if (condition && !condition(self, run)) self.values[slot] = null;
    else read(self, self.io, run);
  };
}

export function compileInstance(
  compilation: Compilation,
  field: FieldSpec,
  slot: number,
  type: TypeSpec,
): ReadField {
  const scope: Scope = { type, names: compilation.checker };
  const condition = compilation.checker.wanted(field.condition, scope, BOOL);
  const set = field.value
    ? setValue(compilation, field, slot, type)
    : setParsed(compilation, field, slot, type);
  return (self, run) => {
    run.step();
    if (condition && !condition(self, run)) self.values[slot] = null;
    else set(self, run);
  };
}

function setValue(
  compilation: Compilation,
  field: FieldSpec,
  slot: number,
  type: TypeSpec,
): ReadField {
  let valueType: ValueType | undefined;
  try {
    valueType = compilation.checker.slotType({ kind: "instance", spec: field }, type);
  } catch (error) {
    compilation.problems.caught(error, field.value as Source);
  }
  const check = valueType && compileValid(compilation, field, valueType, type);
  const evaluate = compilation.checker.valueOf(field)?.evaluate;
  return (self, run) => {
    const value = evaluate?.(self, run);
    check?.(value, self, run);
    self.values[slot] = value;
  };
}

function setParsed(
  compilation: Compilation,
  field: FieldSpec,
  slot: number,
  type: TypeSpec,
): ReadField {
  const scope: Scope = { type, names: compilation.checker };
  const pos = compilation.checker.wanted(field.pos, scope, INT);
  const streamOf = compilation.checker.wanted(field.io, scope, IO);
  const read = compileRepeated(compilation, field, slot, type);
  return (self, run) => {
    const io = streamOf ? (streamOf(self, run) as Stream) : self.io;
    if (!pos) {
      read(self, io, run);
      return;
    }
    const at = pos(self, run) as Int;
    if (at < 0 || at > io.size) throw new Misfit("badPosition", field.id, at, io.size);
    const { pos: before, bitsLeft } = io;
    io.pos = io.from + Number(at);
    io.bitsLeft = 0;
    try {
      read(self, io, run);
    } finally {
      io.pos = before;
      io.bitsLeft = bitsLeft;
    }
  };
}

/** Reads a field as often as it is repeated, into its slot. */
function compileRepeated(
  compilation: Compilation,
  field: FieldSpec,
  slot: number,
  type: TypeSpec,
): Read {
  const { id } = field;
  const isBits = isBitField(field);
  const inRepeat: Scope = {
    type,
    names: compilation.checker,
    hasIndex: field.repeat !== undefined,
  };
  let elementType: ValueType | undefined;
  try {
    const slotType = compilation.checker.slotType({ kind: "field", spec: field }, type);
    elementType = slotType.kind === "array" && field.repeat ? slotType.of : slotType;
  } catch (error) {
    if (!(error instanceof Reported)) throw error;
  }
  const read = compileRead(compilation, field, type, inRepeat);
  const check = elementType && compileValid(compilation, field, elementType, type);
  const startOf = (io: Stream): number => (isBits && io.bitsLeft > 0 ? io.pos - 1 : io.pos);
  if (!field.repeat) {
    return (self, io, run) => {
      self.starts[slot] = io.originOf(startOf(io));
      const value = read(self, io, run);
      self.values[slot] = value;
      self.ends[slot] = io.originEnd(io.pos);
      check?.(value, self, run);
    };
  }
  const count = compilation.checker.wanted(field.count, { type, names: compilation.checker }, INT);
  const until =
    elementType &&
    compilation.checker.wanted(field.until, { ...inRepeat, item: elementType }, BOOL);
  const { repeat } = field;
  return (self, io, run) => {
    const items = new Items();
    self.values[slot] = items;
    self.starts[slot] = io.originOf(startOf(io));
    self.ends[slot] = io.originEnd(io.pos);
    const times = count ? (count(self, run) as Int) : Number.POSITIVE_INFINITY;
    if (times < 0) throw new Misfit("badCount", id, times);
    for (let index = 0; index < times; index++) {
      if (repeat === "eos" && io.isAtEnd) return;
      run.step();
      run.index = index;
      const { pos, bitsLeft } = io;
      items.starts.push(io.originOf(startOf(io)));
      const value = read(self, io, run);
      items.ends.push(io.originEnd(io.pos));
      items.values.push(value);
      self.ends[slot] = io.originEnd(io.pos);
      run.index = index;
      check?.(value, self, run);
      if (repeat === "eos" && io.pos === pos && io.bitsLeft === bitsLeft) {
        throw new Misfit("noProgress", id);
      }
      if (repeat !== "until") continue;
      run.item = value;
      run.index = index;
      if (!until || until(self, run)) return;
    }
  };
}
