/**
 * Payloads with bytes that are computed when they are sent, written in any format between two braces:
 *
 * - `{{seq u16be}}`: counts what was sent so, from 1;
 * - `{{length u16le}}`: the bytes of the whole payload; `{{length u16le -4}}` is four less;
 * - `{{crc16/modbus}}`: of the bytes before it, by a name of the catalogue; lowest byte first where the CRC takes lowest bits
 *   first, else highest; `le` or `be` say otherwise, `from 2` leaves out the first two bytes;
 * - `{{now u32be}}`: seconds since 1970; `ms` and `us` behind it: in these;
 * - `{{random 4}}`: so many random bytes.
 *
 * Types are u8, and u16, u24, u32, u64 with le or be; what does not fit begins again at 0, but a length is refused.
 */
import {
  bestFormat,
  formatPayload,
  PAYLOAD_PROBLEMS,
  type PayloadFormat,
  parsePayload,
} from "../text/payload_format.ts";
import { crcOf } from "./crc.ts";
import { CRC_CATALOGUE, type CrcParameters, crcNamed, shortName } from "./crc_catalogue.ts";
import { integerBytes } from "./integer_bytes.ts";

/** Why a text is no payload, as English templates; `{0}` is the part that is wrong. */
export const TEMPLATE_PROBLEMS = {
  ...PAYLOAD_PROBLEMS,
  unclosed:
    "{0} is not closed: write two closing braces behind it, or \\x7b for a brace as an escape",
  unknownName:
    "{0} computes nothing: there are seq, length, now, random, and CRCs such as crc16/modbus",
  unknownCrc: "{0} is no CRC of the catalogue, which has {1}",
  badType: "{0} is no type: write u8, or u16, u24, u32 or u64 with le or be behind it",
  missingType: "{0} needs a type, such as u16be",
  noOrder: "{0} needs an order of bytes: write le or be behind it",
  badNumber: "{0} is no number from {1} to {2}",
  unexpected: "{0} means nothing behind {1}",
  lengthTooLarge: "a length of {0} bytes does not fit into {1}",
  tooMany: "more than {0} computed parts",
} as const;

export interface TemplateProblem {
  readonly code: keyof typeof TEMPLATE_PROBLEMS;
  /** For the placeholders; parts of the text as they are. */
  readonly arguments: readonly string[];
}

/** What computed bytes are made of. */
export interface Values {
  readonly sequence: bigint;
  /** Microseconds since 1970. */
  readonly now: bigint;
  random(count: number): Uint8Array;
}

export type ParsedTemplate =
  | { readonly template: Template }
  | { readonly problem: TemplateProblem; readonly template?: never };

/** So many, as each CRC reads all that is before it. */
const MOST_COMPUTED = 100;
/** Longer than any datagram: who asks for more is told so. */
const MOST_RANDOM = 65_536;

/** Bytes of a payload that are computed when it is sent. */
export interface Computed {
  /** As it was written. */
  readonly source: string;
  readonly length: number;
  bytes(values: Values, before: Uint8Array, whole: number): Uint8Array;
}

export type Part = Uint8Array | Computed;

/** A payload whose length is known, and of whose bytes some are computed. */
export class Template {
  readonly length: number;
  readonly #parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
    this.length = parts.reduce((length, part) => length + part.length, 0);
  }

  /** Whether each payload has a number of its own. */
  get hasSequence(): boolean {
    return this.#parts.some(
      (part) => !(part instanceof Uint8Array) && /^\{\{\s*seq/i.test(part.source),
    );
  }

  fill(values: Values): Uint8Array {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      const own =
        part instanceof Uint8Array ? part : part.bytes(values, bytes.subarray(0, at), this.length);
      bytes.set(own, at);
      at += own.length;
    }
    return bytes;
  }

  /** The same in another format; undefined where its bytes cannot be written so. */
  write(format: PayloadFormat): string | undefined {
    const texts = this.#parts.map((part) =>
      part instanceof Uint8Array ? templateText(part, format) : part.source,
    );
    return texts.includes(undefined) ? undefined : texts.join(format === "hex" ? " " : "");
  }
}

/** What a text stands for; or what is wrong with it. */
export function parseTemplate(text: string, format: PayloadFormat): ParsedTemplate {
  const parts: Part[] = [];
  let computed = 0;
  for (let at = 0; at <= text.length; ) {
    const open = text.indexOf("{{", at);
    const literal = text.slice(at, open < 0 ? text.length : open);
    if (literal !== "") {
      const { bytes, problem } = { problem: undefined, ...parsePayload(literal, format) };
      if (problem) return failed(problem.code, problem.part);
      if (bytes) parts.push(bytes);
    }
    if (open < 0) break;
    const close = text.indexOf("}}", open);
    if (close < 0) return failed("unclosed", text.slice(open));
    if (++computed > MOST_COMPUTED) return failed("tooMany", String(MOST_COMPUTED));
    const part = readComputed(text.slice(open, close + 2));
    if ("code" in part) return { problem: part };
    parts.push(part);
    at = close + 2;
  }
  return completeTemplate(parts);
}

/** A payload of these parts; or why one of them cannot be in it. */
export function completeTemplate(parts: readonly Part[]): ParsedTemplate {
  const template = new Template(parts);
  for (const part of parts) {
    if (!(part instanceof Uint8Array) && "check" in part) {
      const problem = (part as LengthPart).check(template.length);
      if (problem) return { problem };
    }
  }
  return { template };
}

/** The format in which these bytes are the easiest to change: without what looks like computed ones. */
export function bestTemplateFormat(bytes: Uint8Array): "text" | "escape" | "hex" {
  const best = bestFormat(bytes);
  return best === "text" && templateText(bytes, best) === undefined ? "escape" : best;
}

/** A text that stands for these bytes; undefined where there is none in this format. */
export function templateText(bytes: Uint8Array, format: PayloadFormat): string | undefined {
  if (format !== "text") return formatPayload(bytes, format).replaceAll("{{", "{\\x7b");
  if (bytes.length > 0 && bestFormat(bytes) !== "text") return undefined;
  const text = new TextDecoder().decode(bytes);
  return text.includes("{{") ? undefined : text;
}

interface LengthPart extends Computed {
  check(whole: number): TemplateProblem | undefined;
}

function failed(
  code: TemplateProblem["code"],
  ...words: readonly string[]
): { problem: TemplateProblem } {
  return { problem: { code, arguments: words } };
}

function problem(code: TemplateProblem["code"], ...words: readonly string[]): TemplateProblem {
  return { code, arguments: words };
}

/**
 * Computed bytes as they stand between two braces, with these; or what is wrong with them.
 *
 * @param type `u16be`: what they are where nothing else is written
 */
export function readComputed(written: string, type?: string): Computed | TemplateProblem {
  const [name = "", ...words] = written.slice(2, -2).trim().split(/\s+/);
  if (type !== undefined) {
    const isCrc = /^crc/i.test(name);
    const isTold = isCrc ? /^(le|be)$/.test(words[0] ?? "") : /^u\d/.test(words[0] ?? "");
    const order = /[lb]e$/.exec(type)?.[0];
    if (isCrc && !isTold && order) words.unshift(order);
    if (/^(seq|now|length)$/i.test(name) && !isTold) words.unshift(type);
  }
  const source = type === undefined ? written : `{{${[name, ...words].join(" ")}}}`;
  switch (name.toLowerCase()) {
    case "seq":
      return readInteger(source, name, words, [], ({ sequence }) => sequence);
    case "now":
      return readInteger(source, name, words, ["s", "ms", "us"], ({ now }, unit) =>
        unit === "us" ? now : unit === "ms" ? now / 1000n : now / 1_000_000n,
      );
    case "length":
      return readLength(source, name, words);
    case "random":
      return readRandom(source, words);
    default:
      return /^crc/i.test(name) ? readCrc(source, name, words) : problem("unknownName", source);
  }
}

interface IntegerType {
  readonly bytes: number;
  readonly isLittle: boolean;
}

function readType(name: string, type: string | undefined): IntegerType | TemplateProblem {
  if (type === undefined) return problem("missingType", name);
  const [, bits, order] = /^u(8|16|24|32|64)(le|be)?$/.exec(type) ?? [];
  if (bits === undefined) return problem("badType", type);
  if (bits !== "8" && order === undefined) return problem("noOrder", type);
  return { bytes: Number(bits) / 8, isLittle: order === "le" };
}

function readInteger(
  source: string,
  name: string,
  [typeName, unit, extra]: readonly string[],
  units: readonly string[],
  value: (values: Values, unit: string | undefined) => bigint,
): Computed | TemplateProblem {
  const type = readType(name, typeName);
  if ("code" in type) return type;
  const wrong = unit !== undefined && !units.includes(unit) ? unit : extra;
  if (wrong !== undefined) return problem("unexpected", wrong, name);
  return {
    source,
    length: type.bytes,
    bytes: (values) => integerBytes(value(values, unit), type.bytes, type.isLittle),
  };
}

function readLength(
  source: string,
  name: string,
  [typeName = "", more, extra]: readonly string[],
): LengthPart | TemplateProblem {
  const type = readType(name, typeName || undefined);
  if ("code" in type) return type;
  if (more !== undefined && !/^[+-]\d{1,5}$/.test(more)) return problem("unexpected", more, name);
  if (extra !== undefined) return problem("unexpected", extra, name);
  const added = Number(more ?? 0);
  return {
    source,
    length: type.bytes,
    bytes: (_, __, whole) => integerBytes(BigInt(whole + added), type.bytes, type.isLittle),
    check: (whole) => {
      const told = whole + added;
      const fits = told >= 0 && told < 256 ** type.bytes;
      return fits ? undefined : problem("lengthTooLarge", String(told), typeName);
    },
  };
}

function readRandom(
  source: string,
  [count = "", extra]: readonly string[],
): Computed | TemplateProblem {
  const length = /^\d{1,5}$/.test(count) ? Number(count) : 0;
  if (length < 1 || length > MOST_RANDOM) {
    return problem("badNumber", count || source, "1", String(MOST_RANDOM));
  }
  if (extra !== undefined) return problem("unexpected", extra, "random");
  return { source, length, bytes: (values) => values.random(length) };
}

function readCrc(
  source: string,
  name: string,
  words: readonly string[],
): Computed | TemplateProblem {
  const crc = crcNamed(name);
  if (!crc) return problem("unknownCrc", name, likeNames(name));
  const rest = [...words];
  const order = /^(le|be)$/.test(rest[0] ?? "") ? rest.shift() : undefined;
  let from = 0;
  if (rest[0] === "from") {
    const [, number = ""] = rest.splice(0, 2);
    if (!/^\d{1,5}$/.test(number)) return problem("badNumber", number || source, "0", "99999");
    from = Number(number);
  }
  if (rest[0] !== undefined) return problem("unexpected", rest[0], name);
  const count = crc.width / 8;
  const isLittle = order === undefined ? crc.isReflected : order === "le";
  return {
    source,
    length: count,
    bytes: (_, before) => integerBytes(crcOf(crc, before.subarray(from)), count, isLittle),
  };
}

/** The names of the same width, or of all widths. */
function likeNames(name: string): string {
  const width = Number(/^crc-?(\d+)/i.exec(name)?.[1]);
  const names = (crcs: readonly CrcParameters[]) => crcs.map((crc) => shortName(crc.name));
  const same = names(CRC_CATALOGUE.filter((crc) => crc.width === width));
  return same.length > 0
    ? same.join(", ")
    : [...new Set(CRC_CATALOGUE.map((crc) => `crc${crc.width}`))].join(", ");
}
