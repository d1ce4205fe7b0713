import {
  CHECKSUMS,
  NUMBER_TYPE_NAMES,
  OPERATORS,
  type RequestFile,
} from "../../../scripts/udp_run.ts";
import { WORD_DOCS } from "./request_words.ts";

/** What can stand at a place of a request file. */
export interface RequestProposal {
  readonly text: string;
  readonly kind: "keyword" | "directive" | "name" | "address" | "path" | "operator" | "value";
}

/** What is known besides the file: addresses that datagrams may go to, and fields of definitions, `sensor.temp`. */
export interface RequestSurroundings {
  readonly ends: readonly string[];
  readonly fields: readonly string[];
}

/**
 * What can stand behind the text of a line.
 *
 * @param before the line up to the caret
 * @param above the kind of the step that the line belongs to
 * @returns where the word begins that they are for, counted from 0, and what there is
 */
export function completeRequest(
  before: string,
  above: "send" | "expect" | "serve" | "replay" | undefined,
  { mentions }: Pick<RequestFile, "mentions">,
  { ends, fields }: RequestSurroundings,
): { readonly from: number; readonly proposals: readonly RequestProposal[] } {
  const at = (word: string, proposals: readonly RequestProposal[]) => ({
    from: before.length - word.length,
    proposals,
  });
  const directive = /^\s*#.*?(@\w*)$/.exec(before);
  if (directive) return at(directive[1] ?? "", DIRECTIVES);
  if (/^[^"]*#/.test(before)) return at("", []);
  const names = new Set(mentions.filter((it) => it.isDefinition).map(({ name }) => name));
  const named = proposals("name", names);
  const placeholder = /\{\{\s*(?:([\w./-]+)\s+)?([\w./-]*)$/.exec(before);
  if (placeholder) {
    const [, first, word = ""] = placeholder;
    if (first !== undefined && Object.hasOwn(CHECKSUMS, first)) return at(word, ORDERS);
    return at(word, first === undefined ? [...named, ...COMPUTED] : TYPES);
  }
  // Within a string there is nothing but its text.
  if ((before.match(/"/g)?.length ?? 0) % 2 === 1) return at("", []);
  const written = /(?<![\w{])([A-Za-z_]\w*)\s*\{(?!\{)(?:[^{}]*[\s,])?(\w*)$/.exec(before);
  if (written) {
    const [, type = "", part = ""] = written;
    // Behind a colon stands a value.
    return at(part, /:\s*\w*$/.test(before) ? [] : fieldsIn(type, fields));
  }
  const [, word = ""] = /(\S*)$/.exec(before) ?? [];
  const inBraces = proposals("address", [...[...names].map((name) => `{{${name}}}`), ...ends]);
  if (/^\s*(SEND|SERVE|REPLAY\s+\S+\s+to)\s+\S*$/.test(before)) return at(word, inBraces);
  if (/^\s*SEND\s+\S+\s+\S*$/.test(before)) return at(word, proposals("keyword", ["from"]));
  if (/^\s*REPLAY\s+\S+\s+\S*$/.test(before)) return at(word, proposals("keyword", ["to"]));
  if (/^\s*EXPECT\s+\S*$/.test(before)) return at(word, COUNTS);
  if (/^\s*EXPECT\s+same\s+\S*$/.test(before)) return at(word, proposals("keyword", ["except"]));
  if (/^\s*EXPECT\s.*\swithin\s+\S*$/.test(before)) return at(word, TIMES);
  if (/^\s*EXPECT\s/.test(before)) return at(word, proposals("keyword", ["within"]));
  const paths = [...PATHS, ...proposals("path", fields)];
  if (/^\s*(WHEN|AND)\s+\S*$/.test(before)) return at(word, paths);
  if (/^\s*REPLY\s/.test(before)) return at(word, PAYLOADS);
  const condition =
    /^\s*(?:WHEN|AND)\s/.test(before) || (above === "expect" && /\S\s/.test(before));
  if (condition) {
    const isBehindOperator = OPERATORS.some((operator) => before.includes(` ${operator} `));
    if (!isBehindOperator) return at(word, CONDITIONS);
    return at(word, / from\s+\S+\s+\S*$/.test(` ${before}`) ? inBraces : PAYLOADS);
  }
  if (/\S\s/.test(before)) return at(word, above === undefined ? [] : PAYLOADS);
  const mine = { send: PAYLOADS, expect: paths, serve: [], replay: [] };
  return at(word, [...(above ? mine[above] : []), ...KEYWORDS]);
}

/** The fields of a type, as they are written in a payload: not those within them. */
function fieldsIn(type: string, fields: readonly string[]): RequestProposal[] {
  const own = fields.filter((field) => field.startsWith(`${type}.`));
  const names = own.map((field) => field.slice(type.length + 1));
  return proposals(
    "path",
    names.filter((name) => !name.includes(".")).map((name) => `${name}: `),
  );
}

function proposals(kind: RequestProposal["kind"], texts: Iterable<string>): RequestProposal[] {
  return Array.from(texts, (text) => ({ text, kind }));
}

const words = Object.keys(WORD_DOCS);
const KEYWORDS = proposals("keyword", [...words.filter((word) => /^[A-Z]+$/.test(word)), "###"]);
const DIRECTIVES = proposals(
  "directive",
  words.filter((word) => word.startsWith("@")),
);
const TYPES = proposals("value", NUMBER_TYPE_NAMES);
const ORDERS = proposals("value", ["be", "le"]);
const COMPUTED = proposals("value", [
  ...["seq", "length", "now", "random", "request"],
  ...Object.keys(CHECKSUMS),
]);
const PAYLOADS = proposals("value", ["hex", "base64", "file"]);
const COUNTS = proposals("value", ["0", "1", "2..", "refused", "same"]);
const TIMES = proposals("value", ["200ms", "1s"]);
const PATHS = proposals("path", [
  ...["length", "bytes", "text", "json", "from", "delay"],
  ...NUMBER_TYPE_NAMES.map((name) => `${name}[0]`),
]);
const CONDITIONS = proposals("operator", [...OPERATORS, "not", "distinct"]);
