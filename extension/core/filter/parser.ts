import { type DecodedFieldNames, decodedField, NO_DECODED_FIELDS } from "./decoded_fields.ts";
import { and, type Expression, not, or } from "./expression.ts";
import type { Field, Operator } from "./field_kinds.ts";
import { DECODED_PROTOCOLS, FIELDS, OTHER_PROTOCOLS, PROTOCOLS } from "./fields.ts";
import { type Span, WrongFilter } from "./problem.ts";
import { payloadText, QUALIFIERS } from "./qualifiers.ts";
import { FilterScanner, type Literal, type Word } from "./scanner.ts";
import { closestName } from "./spelling.ts";

/** Longer texts are not meant as filters; they bound the work of a keystroke. */
export const MAX_FILTER_LENGTH = 16_384;
const MAX_DEPTH = 100;
const MAX_TERMS = 500;
/** Names of fields in a reason. */
const MOST_TOLD = 12;

const OR = /\|\||(?:or|OR)(?![^\s()"!&|])/y;
const AND = /&&|(?:and|AND)(?![^\s()"!&|])/y;
const NOT = /!(?!=)|-(?=[^\s)])|(?:not|NOT)(?![^\s()"!&|])/y;
const COMPARISON = /[=!<>]=|[<>]/y;
const WORD_OPERATOR = /~|(?:eq|ne|gt|lt|ge|le|contains|matches)(?![\w.:-])/y;
const MEMBERSHIP = /(?:not\s+)?in(?=[\s{])/y;
/** With one of these in it the whole filter is taken to be Wireshark's spelling: `ip` is a protocol there, and no text. */
const WIRESHARK = /&&|\|\||[=!<>]=|\b(?:ip|ipv6|udp|data|frame)\.[a-z]/;

/** Where Wireshark has parts of its headers, or a bit of a field: as text it would find nothing and tell nothing. */
const BITS = /&(?!&)|bitwise_and(?![\w.:-])/y;
/** What may hold anything: quoted texts, and the values of qualifiers. */
const VALUES = /"(?:[^"\\]|\\.)*"?|(?<![a-z])[a-z]+:[^\s()"]+/gs;
/** What a field of Wireshark's may be; whether it is one, {@link FIELDS} knows. */
const DOTTED = /(?<![\w.-])[a-z][a-z0-9]*\.[a-z0-9_.]+/g;
const SEARCHED = /(?<![\w.-])(?:frame|ip|ipv6|udp|data)(?:\s*\[|\s+(?:contains|matches)\s|\s*~)/;

/** True where a text is written for Wireshark beyond doubt, so that a bare word in it is no text to look for. */
function isWrittenForWireshark(text: string, fields: DecodedFieldNames): boolean {
  const bare = text.replace(VALUES, '""');
  if (SEARCHED.test(bare)) return true;
  return (bare.match(DOTTED) ?? []).some(
    (name) => Object.hasOwn(FIELDS, name) || fields.find(name) === "known",
  );
}

const SIGNS: Readonly<Record<string, Operator>> = {
  eq: "==",
  ne: "!=",
  gt: ">",
  lt: "<",
  ge: ">=",
  le: "<=",
  "~": "matches",
};

/**
 * Reads a filter. `not` binds closest, then `and`, which may be left out, then `or`.
 *
 * @param fields What decoders find, beside the fields that every datagram has.
 * @throws WrongFilter where the text is none.
 */
export function parseFilter(
  text: string,
  fields: DecodedFieldNames = NO_DECODED_FIELDS,
): Expression {
  if (text.length > MAX_FILTER_LENGTH) {
    const span = { start: MAX_FILTER_LENGTH, end: text.length };
    throw new WrongFilter(span, "tooLong", String(MAX_FILTER_LENGTH));
  }
  return new FilterParser(text, fields).parse();
}

class FilterParser {
  readonly #scanner: FilterScanner;
  readonly #isWireshark: boolean;
  /** A bare word is no text: Wireshark has none. */
  readonly #hasNoText: boolean;
  readonly #fields: DecodedFieldNames;
  #terms = 0;

  constructor(text: string, fields: DecodedFieldNames) {
    this.#scanner = new FilterScanner(text);
    this.#fields = fields;
    this.#hasNoText = isWrittenForWireshark(text, fields);
    this.#isWireshark = this.#hasNoText || WIRESHARK.test(text);
  }

  parse(): Expression {
    this.#scanner.skipSpace();
    if (this.#scanner.isAtEnd) return and([]);
    const expression = this.#alternatives(0, undefined);
    const rest = this.#scanner.take(/\)/y);
    if (rest) throw new WrongFilter(rest, "closingParenthesis");
    return expression;
  }

  /** `before`: what stands before it and so needs it. */
  #alternatives(depth: number, before: Word | undefined): Expression {
    const terms = [this.#sequence(depth, before)];
    for (let next = this.#scanner.take(OR); next; next = this.#scanner.take(OR)) {
      terms.push(this.#sequence(depth, next));
    }
    return or(terms);
  }

  #sequence(depth: number, before: Word | undefined): Expression {
    const terms = [this.#negation(depth, before)];
    for (;;) {
      const operator = this.#scanner.take(AND);
      const { isAtEnd } = this.#scanner;
      if (!operator && (isAtEnd || this.#scanner.sees(")") || this.#seesOr())) return and(terms);
      terms.push(this.#negation(depth, operator));
    }
  }

  #seesOr(): boolean {
    const { at } = this.#scanner;
    const sees = this.#scanner.take(OR) !== undefined;
    this.#scanner.at = at;
    return sees;
  }

  #negation(depth: number, before: Word | undefined): Expression {
    let isNegative = false;
    let last = before;
    this.#scanner.skipSpace();
    for (let sign = this.#scanner.take(NOT); sign; sign = this.#scanner.take(NOT)) {
      isNegative = !isNegative;
      last = sign;
      this.#scanner.skipSpace();
    }
    const term = this.#operand(depth, last);
    this.#scanner.skipSpace();
    return isNegative ? not(term) : term;
  }

  #operand(depth: number, before: Word | undefined): Expression {
    const scanner = this.#scanner;
    const missing = scanner.take(AND) ?? scanner.take(OR);
    if (missing) throw new WrongFilter(missing, "missingOperand", missing.text);
    if (before && (scanner.isAtEnd || scanner.sees(")"))) {
      const isOpen = before.text === "(" && scanner.isAtEnd;
      throw new WrongFilter(before, isOpen ? "openParenthesis" : "missingOperand", before.text);
    }
    this.#countTerm();
    const parenthesis = scanner.take(/\(/y);
    if (parenthesis) return this.#group(depth, parenthesis);
    if (scanner.sees('"')) return payloadText(filled(scanner.quoted()));
    const name = scanner.take(/[a-z]+:/y);
    if (name) {
      const condition = this.#qualifier(name);
      if (condition) return condition;
      scanner.at = name.start;
    }
    const word = scanner.word();
    if (word.text !== "") return this.#comparison(word) ?? this.#text(word);
    const sign = scanner.take(/[=!<>]=|./suy) ?? { start: 0, end: scanner.text.length, text: "" };
    if (sign.text === ")") throw new WrongFilter(sign, "closingParenthesis");
    throw new WrongFilter(sign, "unexpected", sign.text);
  }

  #group(depth: number, parenthesis: Word): Expression {
    if (depth >= MAX_DEPTH) throw new WrongFilter(parenthesis, "tooDeep", String(MAX_DEPTH));
    const expression = this.#alternatives(depth + 1, parenthesis);
    if (!this.#scanner.take(/\)/y)) throw new WrongFilter(parenthesis, "openParenthesis");
    return expression;
  }

  /** `name:value`; undefined where the name is none, so that `temp:21` is text. */
  #qualifier(word: Word): Expression | undefined {
    const name = word.text.slice(0, -1);
    const qualifier = Object.hasOwn(QUALIFIERS, name) ? QUALIFIERS[name] : undefined;
    if (!qualifier) {
      const meant = closestName(name, Object.keys(QUALIFIERS));
      if (meant) throw new WrongFilter(word, "unknownQualifier", word.text, `${meant}:`);
      return undefined;
    }
    const value = this.#scanner.value();
    if (!value) {
      throw new WrongFilter(word, "missingValue", word.text, `${word.text}${qualifier.example}`);
    }
    return qualifier.condition(filled(value));
  }

  /** `field operator value`, or a field alone; undefined where the word begins neither. */
  #comparison(word: Word): Expression | undefined {
    const scanner = this.#scanner;
    const decodedAs = this.#decoded(word);
    if (decodedAs) return this.#fieldOrText(decodedAs, word);
    const [, name = "", slice] = /^([^[]*)(\[.*)?$/s.exec(word.text) ?? [];
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    scanner.skipSpace();
    const operator = scanner.take(COMPARISON) ?? (field && scanner.take(WORD_OPERATOR));
    if (!operator && field && name.includes(".")) refuseSingleEquals(name, scanner.take(/=/y));
    if (!operator && field && this.#isWireshark) this.#refuseBits(name, field);
    const membership = operator || !field ? undefined : scanner.take(MEMBERSHIP);
    if (!field) {
      if (operator) throw this.#unknownField(word);
      const decoded = DECODED_PROTOCOLS.get(word.text);
      if (decoded) return decoded;
      return this.#isWireshark && Object.hasOwn(PROTOCOLS, name)
        ? PROTOCOLS[name as keyof typeof PROTOCOLS]
        : undefined;
    }
    if (membership) return this.#membership(this.#part(field, word, slice), membership);
    if (operator) return this.#compared(this.#part(field, word, slice), name, operator);
    return (this.#isWireshark || name.includes(".")) && slice === undefined
      ? field.exists
      : undefined;
  }

  /** A field of a decoder; a name of one that it never has is none where it is compared. */
  #decoded(word: Word): "known" | "open" | undefined {
    if (Object.hasOwn(FIELDS, word.text.replace(/\[.*$/s, ""))) return undefined;
    const found = this.#fields.find(word.text);
    if (found || this.#fields.namesOf(decoderOf(word.text)).length === 0) return found;
    const { at } = this.#scanner;
    this.#scanner.skipSpace();
    const isCompared = word.text.includes(".") && this.#scanner.take(WORD_OPERATOR);
    this.#scanner.at = at;
    if (isCompared) throw this.#unknownField(word);
    return undefined;
  }

  /** A field that only some payloads have is text where it is not compared: `json.org` is a name. */
  #fieldOrText(found: "known" | "open", word: Word): Expression | undefined {
    const scanner = this.#scanner;
    const field = decodedField(word.text);
    const { at } = scanner;
    scanner.skipSpace();
    const operator = scanner.take(COMPARISON) ?? scanner.take(WORD_OPERATOR);
    if (operator) return this.#compared(field, word.text, operator);
    if (found === "known") refuseSingleEquals(word.text, scanner.take(/=/y));
    const membership = scanner.take(MEMBERSHIP);
    if (membership) return this.#membership(field, membership);
    if (found === "known") return field.exists;
    scanner.at = at;
    return undefined;
  }

  #unknownField(word: Word): WrongFilter {
    const decoder = decoderOf(word.text);
    const names = this.#fields.namesOf(decoder);
    if (names.length === 0) return new WrongFilter(word, "unknownField", word.text);
    const meant = closestName(word.text, names);
    const known = [...new Set([...(meant ? [meant] : []), ...names])];
    const told = known.slice(0, MOST_TOLD).join(", ");
    const list = known.length > MOST_TOLD ? `${told}, …` : told;
    return new WrongFilter(word, "unknownDecodedField", word.text, decoder, list);
  }

  /** Wireshark tests single bits of a field. */
  #refuseBits(name: string, { operators }: Field): void {
    const sign = this.#scanner.take(BITS);
    if (sign) throw new WrongFilter(sign, "badOperator", name, sign.text, operators.join(" "));
  }

  #part(field: Field, word: Word, slice: string | undefined): Field {
    if (slice === undefined) return field;
    const span = { text: slice, start: word.end - slice.length, end: word.end };
    if (field.isWithHeader) throw new WrongFilter(word, "headerSlice", word.text, slice);
    if (!field.slice) throw new WrongFilter(span, "badSlice", slice);
    return field.slice(span);
  }

  #compared(field: Field, name: string, sign: Word): Expression {
    const operator = SIGNS[sign.text] ?? (sign.text as Operator);
    if (!field.operators.includes(operator)) {
      throw new WrongFilter(sign, "badOperator", name, sign.text, field.operators.join(" "));
    }
    this.#scanner.skipSpace();
    const operand = this.#scanner.operand(operator === "matches");
    if (!operand) {
      const example = `${name} ${sign.text} ${field.example}`;
      throw new WrongFilter(sign, "missingValue", sign.text, example);
    }
    return field.compare(operator, filled(operand));
  }

  #membership(field: Field, sign: Word): Expression {
    const scanner = this.#scanner;
    scanner.skipSpace();
    const example = `{${field.example}}`;
    const brace = scanner.take(/\{/y);
    if (!brace) throw new WrongFilter(sign, "missingValue", sign.text, `in ${example}`);
    const operands: Literal[] = [];
    for (;;) {
      scanner.take(/[\s,]+/y);
      const close = scanner.take(/\}/y);
      if (close && operands.length === 0) {
        throw new WrongFilter({ start: brace.start, end: close.end }, "emptySet", example);
      }
      if (close) break;
      const operand = this.#member();
      if (!operand) throw new WrongFilter(brace, "openSet", example);
      this.#countTerm();
      operands.push(operand);
    }
    const condition = field.isIn(operands);
    return sign.text === "in" ? condition : not(condition);
  }

  /** One member of a set; `1 .. 5` is one, too. */
  #member(): Literal | undefined {
    const scanner = this.#scanner;
    const from = scanner.operand(false);
    if (!from || from.isQuoted) return from && filled(from);
    const dots = from.text.endsWith("..") || scanner.take(/\s*\.\.\s*/y);
    if (!dots) return from;
    scanner.skipSpace();
    const to = scanner.operand(false);
    if (!to) return undefined;
    const text = `${from.text.replace(/\.\.$/, "")}..${to.text}`;
    return { ...from, text, end: to.end };
  }

  #text(word: Word): Expression {
    const [name = "", value] = word.text.split("=");
    const isField = Object.hasOwn(FIELDS, name) || this.#fields.find(name) === "known";
    if (name.includes(".") && value !== undefined && isField) {
      const start = word.start + name.length;
      refuseSingleEquals(name, { start, end: start + 1 });
    }
    this.#refuseBareWord(word);
    const bytes = new TextEncoder().encode(word.text);
    return payloadText({ ...word, bytes, isText: true, isQuoted: false });
  }

  /** As text it would find nothing, or with a "not" before it everything, and tell neither. */
  #refuseBareWord(word: Word): void {
    if (!this.#isWireshark) return;
    if (OTHER_PROTOCOLS.has(word.text)) throw new WrongFilter(word, "protocol", word.text);
    const isFunction = this.#scanner.text[word.end] === "(";
    if (this.#hasNoText || isFunction) throw new WrongFilter(word, "bareWord", word.text);
  }

  #countTerm(): void {
    this.#terms++;
    if (this.#terms <= MAX_TERMS) return;
    const { at, text } = this.#scanner;
    const span = { start: Math.min(at, text.length - 1), end: text.length };
    throw new WrongFilter(span, "tooManyTerms", String(MAX_TERMS));
  }
}

/** `dns` of `dns.qry.name`, `json` of `json[0].x`. */
function decoderOf(name: string): string {
  return /^[^.[]*/.exec(name)?.[0] ?? "";
}

/** Wireshark knows no single "="; as text it would find nothing and tell nothing. */
function refuseSingleEquals(field: string, sign: Span | undefined): void {
  if (sign) throw new WrongFilter(sign, "badOperator", field, "=", "==");
}

/** Nothing holds an empty text in any useful sense. */
function filled(literal: Literal): Literal {
  if (literal.bytes.length === 0) throw new WrongFilter(literal, "emptyText");
  return literal;
}
