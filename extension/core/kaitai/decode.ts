import { cut } from "../decode/cut.ts";
import type { DecodedField, DefinedAt } from "../decode/decoded.ts";
import { MOST_FIELDS } from "../decode/prune.ts";
import { printable } from "../text/printable.ts";
import type { Place } from "./definition.ts";
import type { FitProblemCode, Misfit } from "./failure.ts";
import type { SlotPlan, StructPlan } from "./plan.ts";
import { Items, Run, Struct, slotValue } from "./run.ts";
import { Stream } from "./stream.ts";
import type { ValueType } from "./types.ts";
import { valueText } from "./value_text.ts";

/** A line that a person reads at a glance. */
const SUMMARY_LIMIT = 300;
/** Deepest fields in one another: instances may lead on without end. */
const DEEPEST = 32;

/** Misfits for which there are too few bytes. */
const NEEDS_BYTES = new Set<FitProblemCode>(["bytesLeft", "bitsLeft", "noTerminator"]);

/** Why a payload does not fit a definition. */
export interface PayloadMisfit {
  readonly code: FitProblemCode;
  /** For the placeholders of `FIT_PROBLEMS[code]`; printable. */
  readonly arguments: readonly string[];
  /** One sentence, in English. */
  readonly problem: string;
  /** The name of the field that it is about; its type or size where bytes are missing. */
  readonly place: Place | undefined;
  /** Where that begins in the payload, as far as it came. */
  readonly from: number | undefined;
}

/** What a payload says by a definition. */
export interface DecodedPayload {
  /** The name of the type. */
  readonly protocol: string;
  /** One line, printable: what `to-string` says, or the first values. */
  readonly summary: string;
  /**
   * All fields, or those that there were; at most 5,000. An instance has the bytes of its own place, which need not be
   * within those of the structure that it belongs to; what is computed has none.
   */
  readonly fields: readonly DecodedField[];
  /** Undefined where the payload fits. */
  readonly misfit: PayloadMisfit | undefined;
}

/** What was read of a payload. */
export interface Reading {
  /** All of it, or as much as there was. */
  readonly root: Struct;
  /** For instances, which are computed when they are asked for. */
  readonly run: Run;
  /** Why the payload does not fit; undefined where it does. */
  readonly misfit: Misfit | undefined;
}

/** Reads a payload as a type. Never throws, whatever the bytes; bounded in steps, depth and output. */
export function readPayload(plan: StructPlan, payload: Uint8Array): Reading {
  const root = new Struct(plan, new Stream(payload), undefined, "itself");
  const run = new Run();
  return { root, run, misfit: run.attempt(() => plan.read(root, run), plan.spec.id) };
}

/** Reads a payload as a type, and tells each field with its bytes. Never throws, whatever the bytes. */
export function decodePayload(plan: StructPlan, payload: Uint8Array): DecodedPayload {
  const { root, run, misfit } = readPayload(plan, payload);
  const tree = new FieldTree(run, misfit);
  const fields = tree.fieldsOf(root, 0);
  return new ReadFields(root, tree, fields);
}

class ReadFields implements DecodedPayload {
  readonly fields: readonly DecodedField[];
  readonly misfit: PayloadMisfit | undefined;
  readonly #root: Struct;
  readonly #tree: FieldTree;

  constructor(root: Struct, tree: FieldTree, fields: readonly DecodedField[]) {
    this.fields = fields;
    this.misfit = tree.misfit && payloadMisfit(tree.misfit);
    this.#root = root;
    this.#tree = tree;
  }

  get protocol(): string {
    return this.#root.plan.spec.id;
  }

  /** Filters, columns and exports, which read many, do not ask for it. */
  get summary(): string {
    return cut(this.#tree.textOf(this.#root) ?? summaryOf(this.fields), SUMMARY_LIMIT);
  }
}

/** Why a payload did not fit, for who shows it. */
export function payloadMisfit(misfit: Misfit): PayloadMisfit {
  const { code, message, words, place } = misfit;
  const struct = place?.struct instanceof Struct ? place.struct : undefined;
  const slot = struct?.plan.slots[place?.slot ?? -1];
  return {
    code,
    arguments: words.map((word) => printable(word, { limit: SUMMARY_LIMIT })),
    problem: printable(message, { limit: 2 * SUMMARY_LIMIT }),
    place: NEEDS_BYTES.has(code) ? slot?.bytesPlace : slot?.place,
    from: struct?.starts[place?.slot ?? -1],
  };
}

/** "temp 21.5, volt 3.29" */
function summaryOf(fields: readonly DecodedField[]): string {
  let summary = "";
  for (const { name, value, fields: inner } of fields) {
    if (summary.length > SUMMARY_LIMIT) break;
    if (summary !== "") summary += ", ";
    summary += inner.length > 0 && value === "" ? name : `${name} ${cut(value, 60)}`;
  }
  return summary;
}

/** A value that is to be told, and its bytes. */
interface ReadValue {
  readonly name: string;
  readonly value: unknown;
  readonly type: ValueType;
  readonly from: number;
  readonly to: number;
  readonly definedAt: DefinedAt;
}

/** Of what is one value; the same for all, as there are many. */
const NONE: readonly DecodedField[] = [];

class FieldTree {
  readonly #run: Run;
  #room = MOST_FIELDS;
  /** The first one, of the payload or of an instance. */
  misfit: Misfit | undefined;

  constructor(run: Run, misfit: Misfit | undefined) {
    this.#run = run;
    this.misfit = misfit;
  }

  /** What `to-string` says, printable. */
  textOf(struct: Struct): string | undefined {
    const { toText, spec } = struct.plan;
    if (!toText) return undefined;
    let text: unknown;
    const misfit = this.#run.attempt(() => {
      text = toText(struct, this.#run);
    }, spec.id);
    return misfit ? undefined : printable(String(text), { limit: SUMMARY_LIMIT });
  }

  fieldsOf(struct: Struct, depth: number): DecodedField[] {
    const fields: DecodedField[] = [];
    if (depth >= DEEPEST) return fields;
    const { values, starts, ends, plan } = struct;
    const { slots } = plan;
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index];
      if (!slot || slot.kind === "param" || this.#room <= 0) continue;
      if (slot.compute) this.#compute(struct, index, slot);
      const value = values[index];
      if (value === undefined || value === null || typeof value === "symbol") continue;
      const start = starts[index];
      const from = start ?? 0;
      const to = start === undefined ? from : Math.max(ends[index] ?? from, from);
      const { id, type, definedAt } = slot;
      if (typeof value === "object") {
        fields.push(this.#field({ name: id, value, type, from, to, definedAt }, depth));
      } else {
        this.#room--;
        fields.push({ name: id, value: valueText(value, type), from, to, fields: NONE, definedAt });
      }
    }
    return fields;
  }

  #compute(struct: Struct, index: number, { id }: SlotPlan): void {
    const misfit = this.#run.attempt(() => slotValue(struct, index, this.#run), id);
    this.misfit ??= misfit;
  }

  #field({ name, value, type, from, to, definedAt }: ReadValue, depth: number): DecodedField {
    this.#room--;
    if (value instanceof Struct) {
      const text = this.textOf(value) ?? "";
      // A structure that an expression found is shown where it was read.
      const isRead = from < to || value.plan.slots.length === 0;
      const fields = isRead ? this.fieldsOf(value, depth + 1) : [];
      return { name, value: text, from, to, fields, definedAt };
    }
    if (!(value instanceof Items)) {
      return { name, value: valueText(value, type), from, to, fields: [], definedAt };
    }
    const { values, starts, ends } = value;
    const element: ValueType = type.kind === "array" ? type.of : type;
    const fields: DecodedField[] = [];
    for (const [index, one] of values.entries()) {
      if (this.#room <= 0) {
        const start = starts[index] ?? to;
        fields.push({ name: "…", value: `+${values.length - index}`, from: start, to, fields: [] });
        break;
      }
      if (one === null || one === undefined) continue;
      const start = starts[index] ?? from;
      const end = starts[index] === undefined ? start : (ends[index] ?? to);
      const range = { from: start, to: Math.max(start, end) };
      const item = { name: `[${index}]`, value: one, type: element, ...range, definedAt };
      fields.push(this.#field(item, depth + 1));
    }
    return { name, value: `[${values.length}]`, from, to, fields, definedAt };
  }
}
