import { builtInOf, type NumberType, numberReader, numberTypeOf } from "../built_in.ts";
import type {
  Endian,
  EndianSwitch,
  FieldSpec,
  Source,
  SwitchSpec,
  TypeSpec,
} from "../definition.ts";
import { encodingOf } from "../encodings.ts";
import type { Scope } from "../expression/compiler.ts";
import { Misfit } from "../failure.ts";
import type { Stream } from "../stream.ts";
import { compileChoice } from "./choice.ts";
import { type Compilation, inherited, type Read } from "./compilation.ts";
import { compileRegion, isSized } from "./read_bytes.ts";
import { compileStruct } from "./read_struct.ts";

/** Reads one value of a field: a number, bytes, a text, a structure, or what a switch chooses. */
export function compileRead(
  compilation: Compilation,
  field: FieldSpec,
  type: TypeSpec,
  scope: Scope,
): Read {
  const { type: how } = field;
  if (how && "on" in how) return readSwitch(compilation, field, how, type, scope);
  const number = how && numberTypeOf(how.text);
  if (number) return readNumber(compilation, number, how, field, type);
  return readUsed(compilation, field, how, type, scope);
}

function readSwitch(
  compilation: Compilation,
  field: FieldSpec,
  { on, cases }: SwitchSpec,
  type: TypeSpec,
  scope: Scope,
): Read {
  const choose = compileChoice(
    compilation,
    on,
    cases.map(({ key }) => key),
    scope,
  );
  const reads = cases.map((one): Read => {
    const number = numberTypeOf(one.type.text);
    return number
      ? readNumber(compilation, number, one.type, field, type)
      : readUsed(compilation, field, one.type, type, scope);
  });
  const rest = isSized(field) ? compileRegion(compilation, field, scope, undefined) : undefined;
  return (self, io, run) => {
    const chosen = reads[choose?.(self, run) ?? -1];
    if (chosen) return chosen(self, io, run);
    if (!rest) return null;
    const part = rest(self, io, run);
    return part.bytes.subarray(part.from, part.end);
  };
}

function readNumber(
  compilation: Compilation,
  builtIn: NumberType,
  source: Source,
  field: FieldSpec,
  type: TypeSpec,
): Read {
  const name = field.id;
  if (builtIn.kind === "bits") {
    const endian = builtIn.endian ?? inherited(type, ({ bitEndian }) => bitEndian) ?? "be";
    const { count } = builtIn;
    if (count === 1 && !field.enum) {
      return (_, io) => io.readBits(1, endian, name) === 1;
    }
    return (_, io) => io.readBits(count, endian, name);
  }
  const { size } = builtIn;
  const take = (io: Stream): number => {
    io.bitsLeft = 0;
    return io.take(size, name);
  };
  const endian: Endian | EndianSwitch | undefined =
    size === 1 ? "be" : (builtIn.endian ?? inherited(type, (one) => one.endian));
  if (!endian) compilation.problems.refuse(source.place, "noEndian", source.text);
  if (typeof endian === "string") {
    const read = numberReader(builtIn, endian === "le");
    return (_, io) => read(io.view, take(io));
  }
  const [little, big] = [numberReader(builtIn, true), numberReader(builtIn, false)];
  return (self, io) => {
    if (self.isLittle === undefined) throw new Misfit("undecidedEndian", name);
    return (self.isLittle ? little : big)(io.view, take(io));
  };
}

/** Bytes, a text, or a structure. */
function readUsed(
  compilation: Compilation,
  field: FieldSpec,
  how: Source | undefined,
  type: TypeSpec,
  scope: Scope,
): Read {
  const name = field.id;
  const builtIn = how && builtInOf(how.text);
  if (how && !builtIn) return compileStruct(compilation, field, how, type, scope);
  const source = builtIn && encodingSource(compilation, field, type);
  const encoding = source && encodingOf(source.text);
  const isZeroEnded = builtIn?.kind === "strz";
  const region = compileRegion(compilation, field, scope, encoding, isZeroEnded);
  if (!region) {
    if (!field.isBroken) compilation.problems.refuse(field.place, "noLength", name);
    return () => undefined;
  }
  if (source && !encoding) {
    return () => {
      throw new Misfit("unknownEncoding", source.text);
    };
  }
  if (!encoding) {
    return (self, io, run) => {
      const part = region(self, io, run);
      return part.bytes.subarray(part.from, part.end);
    };
  }
  return (self, io, run) => {
    const part = region(self, io, run);
    run.step(1 + (part.size >> 4));
    return encoding.decode(part.bytes.subarray(part.from, part.end));
  };
}

function encodingSource(
  compilation: Compilation,
  field: FieldSpec,
  type: TypeSpec,
): Source | undefined {
  if (field.encoding) checkEncoding(compilation, field.encoding);
  const source = field.encoding ?? inherited(type, ({ encoding }) => encoding);
  if (!source) compilation.problems.refuse(field.place, "noEncoding");
  return source;
}

export function checkEncoding(compilation: Compilation, source: Source | undefined): void {
  if (!source) return;
  const encoding = encodingOf(source.text);
  if (!encoding) compilation.problems.warn(source.place, "unknownEncoding", source.text);
  else if (encoding.name !== source.text) {
    compilation.problems.warn(source.place, "encodingName", source.text, encoding.name);
  }
}
