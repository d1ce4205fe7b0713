import { inflated, rotated, xored } from "../bytes.ts";
import type { FieldSpec } from "../definition.ts";
import type { Scope, Typed } from "../expression/compiler.ts";
import { parseTypeCall } from "../expression/parser.ts";
import type { Int } from "../integers.ts";
import { Refusal } from "../problem.ts";
import type { Run, Struct } from "../run.ts";
import type { Stream } from "../stream.ts";
import { ANY, INT, typeName } from "../types.ts";
import type { Compilation } from "./compilation.ts";

/** Unpacks bytes that were read. */
export type Unpack = (self: Struct, part: Stream, run: Run) => Stream;

export function compileProcess(
  compilation: Compilation,
  field: FieldSpec,
  scope: Scope,
): Unpack | undefined {
  const { process: source, id } = field;
  if (!source || source.text === "") return undefined;
  const [, name = ""] = /^([\w.]+)/.exec(source.text) ?? [];
  const isKnown = ["xor", "rol", "ror", "zlib"].includes(name);
  if (!isKnown) {
    compilation.problems.refuse(source.place, "needsCode", source.text);
    return undefined;
  }
  let words: readonly Typed[];
  try {
    const { path, arguments: given = [] } = parseTypeCall(source.text);
    if (path.names.length !== 1) throw new Refusal("needsCode", [source.text]);
    words = given.map((one) => compilation.checker.compile(one, scope, source.text.length));
    const wanted = name === "zlib" ? 0 : 1;
    if (words.length !== wanted) throw new Refusal("wrongCount", [name, wanted, words.length]);
    const kind = words[0]?.type.kind;
    if (wanted === 1 && kind !== "int" && !(name === "xor" && kind === "bytes")) {
      const allowed = name === "xor" ? "int, bytes" : typeName(INT);
      throw new Refusal("wrongType", [allowed, typeName(words[0]?.type ?? ANY)]);
    }
  } catch (error) {
    compilation.problems.caught(error, source);
    return undefined;
  }
  const word = words[0]?.evaluate;
  const inflate = compilation.inflate;
  if (name === "zlib") {
    if (!inflate) compilation.problems.refuse(source.place, "noInflate");
    return inflate && ((_, part, run) => inflated(part, inflate, id, run));
  }
  if (name === "xor") {
    return (self, part, run) => xored(part, word?.(self, run) as Int | Uint8Array, id, run);
  }
  const sign = name === "rol" ? 1n : -1n;
  return (self, part, run) => rotated(part, sign * BigInt(word?.(self, run) as Int), run);
}
