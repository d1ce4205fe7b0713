import type { TypeSpec } from "./definition.ts";
import { compileExpression, type Names } from "./expression/compiler.ts";
import { parseExpression } from "./expression/parser.ts";
import type { StructPlan } from "./plan.ts";
import { Refusal } from "./problem.ts";
import { Run, Struct } from "./run.ts";
import { Stream } from "./stream.ts";

/** Nothing has a name in a payload of which it is not known yet what it is. */
const NO_NAMES: Names = {
  slot: () => undefined,
  parent: () => undefined,
  type: () => undefined,
  enum: () => undefined,
  builtIn: () => undefined,
  bits: () => undefined,
};

const PAYLOAD: TypeSpec = {
  id: "payload",
  outer: undefined,
  file: { name: "", text: "", top: undefined, allowsOpaque: false, imports: [] },
  place: { file: "", path: "/", from: 0, to: 0 },
  doc: undefined,
  endian: undefined,
  bitEndian: undefined,
  encoding: undefined,
  params: [],
  seq: [],
  instances: [],
  types: new Map(),
  enums: new Map(),
  toText: undefined,
};

const PLAN: StructPlan = { spec: PAYLOAD, slots: [], read: () => {}, toText: undefined };

/**
 * What a payload has to be, as an expression of Kaitai Struct's language in which numbers are read by the name of their
 * type and their first byte: `u2le[0] == 0x4001 and _io.size >= 20`. Bytes that are not there make it false; never throws
 * for any payload.
 *
 * @throws {Refusal} Where the text is no such expression.
 */
export function compileCondition(text: string): (payload: Uint8Array) => boolean {
  const scope = { type: PAYLOAD, names: NO_NAMES, readsBytes: true };
  const { type, evaluate } = compileExpression(parseExpression(text), scope);
  if (type.kind !== "bool") throw new Refusal("wrongType", ["bool", type.kind]);
  return (payload) => {
    const self = new Struct(PLAN, new Stream(payload), undefined, "itself");
    const run = new Run();
    let holds = false;
    run.attempt(() => {
      holds = evaluate(self, run) === true;
    }, PAYLOAD.id);
    return holds;
  };
}
