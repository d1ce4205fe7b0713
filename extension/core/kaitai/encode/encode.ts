import { shortName } from "../../payload/crc_catalogue.ts";
import { type Encoded, encoded, templateOf, Unwritable } from "../../payload/encoded.ts";
import { type FoundCrc, findCrc } from "../../payload/find_crc.ts";
import type { Template } from "../../payload/template.ts";
import { parseFields, type WrittenFields } from "../../payload/written_fields.ts";
import { readPayload } from "../decode.ts";
import { Misfit } from "../failure.ts";
import { Items, Struct } from "../run.ts";
import type { ValueType } from "../types.ts";
import { valueText } from "../value_text.ts";
import { lengthFields, structText } from "./fields_text.ts";
import { Memory, PayloadWriter, type WritableType } from "./payload_writer.ts";

/** Turns after which nothing may change any more: what is derived may be of what is derived. */
const MOST_TURNS = 12;

/**
 * The bytes of a payload that is written as its fields. What nobody has written is derived of what others ask for (lengths,
 * counts, tags), else it is the first value that the definition allows, mostly 0. The result is read again: bytes that
 * would not say what was written are none.
 */
export function encodeFields(type: WritableType, written: WrittenFields): Encoded {
  return encoded(() => {
    try {
      return encodeInTurns(type, written);
    } catch (error) {
      if (error instanceof Misfit) return doesNotFit(error);
      throw error;
    }
  });
}

/** A payload as it is written; undefined where what is written would not be the same bytes. */
export function writtenPayload(type: WritableType, payload: Uint8Array): string | undefined {
  const { root, misfit } = readPayload(type.plan, payload);
  if (misfit) return undefined;
  const { checker, plans } = type;
  const lengths = lengthFields(plans.keys(), (of, within) => {
    const typed = checker.typeOf(of, within);
    return typed?.kind === "struct" ? typed.type : undefined;
  });
  const none: ReadonlySet<never> = new Set();
  const [crc] = findCrc([payload]);
  const computed = crc ? crcTexts(crc) : [];
  const texts = [
    ...computed.map((text) => structText(root, lengths, text)),
    structText(root, lengths, undefined),
    structText(root, none, undefined),
  ];
  return texts.find((text) => {
    const { template } = encoded(() => encodeFields(type, parseFields(text)));
    const bytes = template?.fill(NOTHING_COMPUTED);
    return bytes?.length === payload.length && bytes.every((byte, at) => byte === payload[at]);
  });
}

const NOTHING_COMPUTED = {
  sequence: 1n,
  now: 0n,
  random: (count: number) => new Uint8Array(count),
};

/** As it is written, without and with its order of bytes: the field of the CRC may have that. */
function crcTexts({ crc, isLittle, from }: FoundCrc): string[] {
  const name = shortName(crc.name);
  const rest = from > 0 ? ` from ${from}` : "";
  return [`{{${name}${rest}}}`, `{{${name} ${isLittle ? "le" : "be"}${rest}}}`];
}

function encodeInTurns(type: WritableType, written: WrittenFields): Encoded {
  const memory = new Memory();
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const writer = new PayloadWriter(type, memory);
    const { root, bytes } = writer.write(written);
    if (writer.isChanged) continue;
    if (writer.problem) throw writer.problem;
    const template = templateOf(bytes, writer.holes);
    const { misfit } = check(type, root, template, writer.filled);
    if (misfit) return doesNotFit(misfit);
    const derived = [...memory.derived].map(([path, value]) => `${path} ${value}`);
    return { template, derived };
  }
  throw new Unwritable("unsettled");
}

function doesNotFit({ code, words, message }: Misfit): Encoded {
  const misfit = { code, arguments: words };
  return { problem: { code: "doesNotFit", arguments: [message], misfit } };
}

/** Reads the payload again: whatever was written has to be there. */
function check(
  { plan }: WritableType,
  root: Struct,
  template: Template,
  filled: ReadonlySet<string>,
): { readonly misfit: Misfit | undefined } {
  const read = readPayload(plan, template.fill(NOTHING_COMPUTED));
  if (read.misfit) return { misfit: read.misfit };
  compareStructs(root, read.root, "", filled);
  return { misfit: undefined };
}

function compareStructs(
  written: Struct,
  read: Struct,
  path: string,
  filled: ReadonlySet<string>,
): void {
  for (const [slot, { id, kind, type }] of written.plan.slots.entries()) {
    if (kind !== "field") continue;
    const at = path === "" ? id : `${path}.${id}`;
    compareValues(written.values[slot], read.values[slot], type, at, filled);
  }
}

function compareValues(
  written: unknown,
  read: unknown,
  type: ValueType,
  path: string,
  filled: ReadonlySet<string>,
): void {
  if (filled.has(path)) return;
  if (written instanceof Struct && read instanceof Struct && written.plan === read.plan) {
    compareStructs(written, read, path, filled);
    return;
  }
  const element = type.kind === "array" ? type.of : type;
  if (written instanceof Items && read instanceof Items) {
    for (const [index, one] of written.values.entries()) {
      compareValues(one, read.values[index], element, `${path}[${index}]`, filled);
    }
    if (written.values.length === read.values.length) return;
  } else if (isSame(written, read)) return;
  throw new Unwritable("readOtherwise", path, text(read, element), text(written, element));
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, at) => byte === b[at]);
  }
  return Object.is(a, b) || (a ?? null) === (b ?? null);
}

function text(value: unknown, type: ValueType): string {
  if (value === undefined || value === null) return "…";
  return typeof value === "string" ? `"${value}"` : valueText(value, type);
}
