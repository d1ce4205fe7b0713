import { type Ending, takeRest, takeSized, takeTerminated } from "../bytes.ts";
import type { FieldSpec } from "../definition.ts";
import type { Encoding } from "../encodings.ts";
import type { Scope } from "../expression/compiler.ts";
import type { Int } from "../integers.ts";
import type { Run, Struct } from "../run.ts";
import type { Stream } from "../stream.ts";
import { INT } from "../types.ts";
import type { Compilation } from "./compilation.ts";
import { compileProcess } from "./unpack.ts";

/** The part of a stream that belongs to a field; the stream stands behind it then. */
export type Region = (self: Struct, io: Stream, run: Run) => Stream;

/** The bytes of a field that says where they end, unpacked; undefined where nothing says that. */
export function compileRegion(
  compilation: Compilation,
  field: FieldSpec,
  scope: Scope,
  encoding: Encoding | undefined,
  isZeroEnded = false,
): Region | undefined {
  const name = field.id;
  const ending: Ending = {
    terminator: field.terminator ?? (isZeroEnded ? 0 : undefined),
    unit: encoding?.unit ?? 1,
    include: field.include,
    consume: field.consume,
    isNeeded: field.eosError,
    padRight: field.padRight,
  };
  const size = compilation.checker.wanted(field.size, scope, INT);
  const { contents } = field;
  const process = compileProcess(compilation, field, scope);
  let take: Region | undefined;
  if (contents) take = (_, io, run) => takeSized(io, contents.length, ending, name, run);
  else if (field.size) {
    take = (self, io, run) => takeSized(io, (size?.(self, run) as Int) ?? 0, ending, name, run);
  } else if (field.sizeEos) take = (_, io, run) => takeRest(io, ending, run);
  else if (ending.terminator !== undefined) {
    take = (_, io, run) => takeTerminated(io, ending, name, run);
  }
  if (!take) return undefined;
  const taken = take;
  return (self, io, run) => {
    io.align();
    const part = taken(self, io, run);
    return process ? process(self, part, run) : part;
  };
}

/** True where a field says where it ends. */
export function isSized({ size, sizeEos, terminator }: FieldSpec): boolean {
  return size !== undefined || sizeEos || terminator !== undefined;
}
