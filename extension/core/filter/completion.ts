import { DECODED_OPERATORS } from "./decoded_fields.ts";
import { DECODED_PROTOCOLS, FIELDS } from "./fields.ts";
import { QUALIFIERS } from "./qualifiers.ts";

/** What occurs in the capture, for values; all may hold anything that a file says. */
export interface CompletionContext {
  readonly ports: readonly number[];
  /** Other ends, `127.0.0.1:9999`. */
  readonly peers: readonly string[];
  /** Names of sockets. */
  readonly sockets: readonly string[];
  /** Names of programs. */
  readonly programs: readonly string[];
  /** Fields that decoders find, each with values that it has. */
  readonly fields?: ReadonlyMap<string, readonly string[]>;
}

const NO_FIELDS: ReadonlyMap<string, readonly string[]> = new Map();

export interface Proposal {
  /** What takes the place of the text from `start` to `end`. */
  readonly insert: string;
  readonly kind: "qualifier" | "field" | "protocol" | "operator" | "value";
  /** The qualifier or field that it is, or belongs to: what a description is found by. */
  readonly name: string;
}

export interface Completion {
  /** Characters of the text that a proposal replaces: up to the caret, and what goes on behind it. */
  readonly start: number;
  readonly end: number;
  readonly proposals: readonly Proposal[];
}

const MOST_PROPOSALS = 50;
/** The pieces of a filter as it is typed, the last quote not yet closed; and what is between them. */
const PIECES = /(?:"(?:[^"\\]|\\(?:.|$))*(?:"|$)|[^\s()"])+|[\s()]+/gs;
/** A field with a comparison behind it that waits for its value. */
const COMPARED =
  /([a-z][\w.[\]-]*?)\s*(?:[=!<>]=|[<>]|\b(?:eq|ne|gt|lt|ge|le|contains|matches)\s)\s*$/;
const FIELD = /([a-z][\w.[\]-]*)\s+$/;

/** Proposes how a filter may go on at the caret, from 0 to its length. What is typed already narrows the proposals. */
export function completeFilter(
  text: string,
  caret: number,
  context: CompletionContext,
): Completion {
  const before = text.slice(0, caret);
  const piece = lastPiece(before).replace(/^[-!]+/, "");
  const end = caret + (/^[^\s()"]*/.exec(text.slice(caret))?.[0].length ?? 0);
  const [, name = "", typed = ""] = /^([a-z]+):(.*)$/s.exec(piece) ?? [];
  if (Object.hasOwn(QUALIFIERS, name)) {
    const proposals = values(name, typed, context, (value) => quoted(value, /[\s()"]/));
    return { start: caret - typed.length, end, proposals };
  }
  const start = caret - piece.length;
  const compared = COMPARED.exec(before.slice(0, start))?.[1] ?? "";
  const { fields = NO_FIELDS } = context;
  if (Object.hasOwn(FIELDS, compared) || fields.has(compared)) {
    const proposals = values(compared, piece, context, (value) => quoted(value, /[\s(){}",]/));
    return { start, end, proposals };
  }
  const field = FIELD.exec(before.slice(0, start))?.[1] ?? "";
  const isField = field.includes(".") && (Object.hasOwn(FIELDS, field) || fields.has(field));
  const proposals = [...(isField ? operators(field, piece) : []), ...names(piece, fields)];
  return { start, end, proposals: proposals.slice(0, MOST_PROPOSALS) };
}

/** What is being typed; "" behind a space or parenthesis. */
function lastPiece(text: string): string {
  let last = "";
  for (const [piece] of text.matchAll(PIECES)) last = piece;
  return /^[\s()]/.test(last) ? "" : last;
}

/** Qualifiers always, fields and protocols once one has been begun: there are many, and few know them by heart. */
function names(typed: string, decoded: ReadonlyMap<string, unknown>): Proposal[] {
  const qualifiers = Object.keys(QUALIFIERS).map(
    (name): Proposal => ({ insert: `${name}:`, kind: "qualifier", name }),
  );
  const fields = [...Object.keys(FIELDS), ...decoded.keys()].map(
    (name): Proposal => ({ insert: name, kind: "field", name }),
  );
  const protocols = [...DECODED_PROTOCOLS.keys()].map(
    (name): Proposal => ({ insert: name, kind: "protocol", name }),
  );
  return [...qualifiers, ...(typed === "" ? [] : [...fields, ...protocols])].filter(
    ({ insert }) => insert.startsWith(typed) && insert !== typed,
  );
}

function operators(name: string, typed: string): Proposal[] {
  return [...(FIELDS[name]?.operators ?? DECODED_OPERATORS), "in"]
    .filter((operator) => operator.startsWith(typed) && operator !== typed)
    .map((insert) => ({ insert, kind: "operator", name }));
}

function values(
  name: string,
  typed: string,
  context: CompletionContext,
  write: (value: string) => string,
): Proposal[] {
  const wanted = typed.replace(/^"/, "").toLowerCase();
  const known = [...new Set(knownValues(name, context))];
  return known
    .map((value) => ({ value, place: value.toLowerCase().indexOf(wanted) }))
    .filter(({ value, place }) => place >= 0 && write(value) !== typed)
    .sort((a, b) => Math.min(a.place, 1) - Math.min(b.place, 1))
    .slice(0, MOST_PROPOSALS)
    .map(({ value }) => ({ insert: write(value), kind: "value", name }));
}

function knownValues(name: string, context: CompletionContext): readonly string[] {
  const { ports, peers, sockets, programs } = context;
  switch (name) {
    case "port":
    case "udp.port":
    case "udp.srcport":
    case "udp.dstport":
      return ports.map(String);
    case "from":
    case "to":
    case "addr":
      return [...sockets.filter((socket) => /:\d+$/.test(socket)), ...peers];
    case "peer":
      return peers;
    case "socket":
    case "frame.interface_name":
      return sockets.filter((socket) => socket !== "");
    case "program":
      return programs.filter((program) => program !== "");
    case "ip.addr":
    case "ip.src":
    case "ip.dst":
      return addresses([...sockets, ...peers], false);
    case "ipv6.addr":
    case "ipv6.src":
    case "ipv6.dst":
      return addresses([...sockets, ...peers], true);
    default: {
      const values = context.fields?.get(name);
      if (values) return values;
      return (
        QUALIFIERS[name]?.choices ?? [QUALIFIERS[name]?.example ?? FIELDS[name]?.example ?? ""]
      );
    }
  }
}

/** The addresses of ends, without their ports. */
function addresses(ends: readonly string[], isIpv6: boolean): string[] {
  return ends
    .map((text) => /^(?:\[(.*)\]|([^:]*)):\d+$/.exec(text))
    .flatMap((match) => (isIpv6 ? match?.[1] : match?.[2]) ?? []);
}

function quoted(value: string, special: RegExp): string {
  if (/^"/.test(value) || !special.test(value)) return value;
  return `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
}
