import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { Place, Source } from "./definition.ts";
import {
  type DefinitionProblem,
  type DefinitionProblemCode,
  type Position,
  sentence,
  shortened,
} from "./problem.ts";

/** Longest file, in UTF-16 units; the longest public definition has 120,000. */
const LONGEST_TEXT = 500_000;
/** Most values of one file, those behind aliases counted where they are used. */
const MOST_VALUES = 50_000;

/** A value of a file with where it stands. */
export interface YamlValue {
  readonly node: Node | null;
  readonly place: Place;
}

export interface YamlEntry extends YamlValue {
  readonly key: string;
  /** Where the key stands; its path is that of the value. */
  readonly keyPlace: Place;
  readonly keySource: Source;
}

/** Most problems of one file that are told: whoever has more mends these first. */
const MOST_PROBLEMS = 200;

/** Stops reading where a file is too large to go on. */
class TooMuch extends Error {}

/**
 * A file in YAML 1.2 (core schema) whose values know where they stand. What is wrong is collected, and reading goes on with
 * the rest.
 */
export class YamlFile {
  readonly name: string;
  readonly text: string;
  readonly problems: DefinitionProblem[] = [];
  /** Where lines start. */
  readonly #lines: readonly number[];
  #values = 0;
  #hasError = false;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.#lines = [
      0,
      ...[...text.slice(0, LONGEST_TEXT).matchAll(/\n/g)].map(({ index }) => index + 1),
    ];
  }

  /** Gives the top value to `read`, unless the file is no YAML. */
  read<T>(read: (top: YamlValue) => T): T | undefined {
    const whole = { file: this.name, path: "/", from: 0, to: 0 };
    if (this.text.length > LONGEST_TEXT) {
      this.report("fileTooLong", whole, LONGEST_TEXT);
      return undefined;
    }
    try {
      const document = parseDocument(this.text, {
        version: "1.2",
        schema: "core",
        intAsBigInt: true,
        merge: false,
        prettyErrors: false,
        logLevel: "silent",
      });
      let last = -1;
      for (const { code, message, pos } of document.errors) {
        // One mistake has several names there.
        if (pos[0] === last) continue;
        last = pos[0];
        const place = { ...whole, from: pos[0], to: Math.max(pos[1], pos[0]) };
        if (code === "DUPLICATE_KEY") {
          const key = /^[\w.-]+/.exec(this.text.slice(pos[0]))?.[0] ?? "";
          this.report("duplicateKey", { ...place, to: pos[0] + key.length }, key);
        } else {
          this.report("badYaml", place, message.split("\n")[0] ?? "");
        }
      }
      if (document.errors.length > 0) return undefined;
      this.#resolve = (node) => (isAlias(node) ? (node.resolve(document) ?? null) : node);
      return read(this.#value(document.contents, "/"));
    } catch (error) {
      if (error instanceof TooMuch) {
        this.report("tooManyNodes", whole, MOST_VALUES);
      } else if (error instanceof RangeError || error instanceof ReferenceError) {
        // Nested deeper than the stack takes, or more aliases than the library follows.
        this.report("nestedTooDeep", whole);
      } else {
        throw error;
      }
      return undefined;
    }
  }

  #resolve: (node: unknown) => unknown = (node) => node;

  #value(found: unknown, path: string, at?: Node | null): YamlValue {
    if (++this.#values > MOST_VALUES) throw new TooMuch();
    const node = (this.#resolve(found) ?? null) as Node | null;
    const [from, to] = rangeOf(found as Node | null) ?? rangeOf(at ?? null) ?? [0, 0];
    return { node, place: { file: this.name, path, from, to } };
  }

  /** The entries of a map whose keys are scalars; what is no map is reported. */
  entries(value: YamlValue): YamlEntry[] {
    const { node, place } = value;
    if (!isMap(node)) {
      this.report("expectedKind", place, "map", describe(node));
      return [];
    }
    const entries: YamlEntry[] = [];
    for (const pair of node.items) {
      const keyNode = this.#resolve(pair.key);
      if (!isScalar(keyNode)) {
        this.report("expectedKind", place, "scalar", describe(keyNode as Node | null));
        continue;
      }
      const key = scalarText(keyNode);
      const path = `${place.path === "/" ? "" : place.path}/${key}`;
      const keyValue = this.#value(keyNode, path);
      const keySource = this.source(keyValue);
      const inner = this.#value(pair.value, path, keyNode);
      entries.push({ ...inner, key, keyPlace: keyValue.place, keySource });
    }
    return entries;
  }

  /** The values of a list; what is no list is reported. */
  items(value: YamlValue): YamlValue[] {
    const { node, place } = value;
    if (isSeq(node))
      return node.items.map((item, index) => this.#value(item, `${place.path}/${index}`, node));
    this.report("expectedKind", place, "list", describe(node));
    return [];
  }

  /** A scalar as an expression or a text; what is none is reported. */
  source(value: YamlValue): Source {
    const { node, place } = value;
    if (!isScalar(node) || node.value === null) {
      this.report("expectedKind", place, "scalar", describe(node));
      return { text: "", place, offsetOf: () => place.from };
    }
    const text = scalarText(node);
    let offsets: readonly number[] | undefined;
    return {
      text,
      place,
      offsetOf: (unit) => {
        offsets ??= offsetsOf(this.text, place.from, place.to, node.type ?? "PLAIN", text);
        return offsets[Math.min(unit, offsets.length - 1)] ?? place.to;
      },
    };
  }

  /** A scalar as the core schema has it: text, number, boolean or null. */
  scalar(value: YamlValue): unknown {
    return isScalar(value.node) ? value.node.value : undefined;
  }

  isMap(value: YamlValue): boolean {
    return isMap(value.node);
  }

  isList(value: YamlValue): boolean {
    return isSeq(value.node);
  }

  /** Reports what `value` has instead of what is expected. */
  expected(what: string, value: YamlValue): void {
    this.report("expectedKind", value.place, what, describe(value.node));
  }

  report(code: DefinitionProblemCode, place: Place, ...words: readonly (string | number)[]): void {
    this.reportAs("error", code, place, ...words);
  }

  reportAs(
    severity: DefinitionProblem["severity"],
    code: DefinitionProblemCode,
    place: Place,
    ...words: readonly (string | number)[]
  ): void {
    if (this.problems.length >= MOST_PROBLEMS && (severity === "warning" || this.#hasError)) return;
    if (severity === "error") this.#hasError = true;
    const texts = words.map((word) => shortened(String(word)));
    this.problems.push({
      file: this.name,
      path: place.path,
      ...this.positionOf(place),
      severity,
      code,
      arguments: texts,
      problem: sentence(code, texts),
    });
  }

  /** Where a part of the file stands, as editors count. */
  positionOf(place: Place): Position {
    const from = Math.min(place.from, this.text.length);
    const line = this.#lineOf(from);
    return {
      line,
      column: from - (this.#lines[line - 1] ?? 0) + 1,
      length: Math.max(Math.min(place.to, this.text.length) - from, 0),
    };
  }

  /** From 1. */
  #lineOf(offset: number): number {
    let [low, high] = [0, this.#lines.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }
}

function rangeOf(node: Node | null): readonly [number, number] | undefined {
  const range = node?.range;
  return range ? [range[0], range[1]] : undefined;
}

function scalarText(node: { value: unknown; source?: string }): string {
  return typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
}

function describe(node: Node | null): string {
  if (isMap(node)) return "map";
  if (isSeq(node)) return "list";
  if (!isScalar(node) || node.value === null) return "null";
  return scalarText(node);
}

const isSpace = (character: string | undefined): boolean =>
  character === " " || character === "\n" || character === "\r" || character === "\t";

/** For each unit of a scalar's text, and for its end, where it stands in the file. */
function offsetsOf(file: string, from: number, to: number, type: string, text: string): number[] {
  const isDouble = type === "QUOTE_DOUBLE";
  let at = from;
  if (isDouble || type === "QUOTE_SINGLE") at++;
  if (type.startsWith("BLOCK")) {
    const header = file.indexOf("\n", from);
    at = header === -1 ? from : header + 1;
  }
  const offsets: number[] = [];
  for (let unit = 0; unit < text.length; unit++) {
    const character = text[unit];
    // Line breaks and indentation are folded: any run of them stands for any other.
    if (!isSpace(character)) {
      while (
        at < to &&
        (isSpace(file[at]) || (isDouble && file[at] === "\\" && file[at + 1] === "\n"))
      )
        at++;
    }
    offsets.push(Math.min(at, to));
    if (isDouble && file[at] === "\\") at += escapeLength(file[at + 1]);
    else if (!isSpace(character)) at += type === "QUOTE_SINGLE" && character === "'" ? 2 : 1;
    else if (isSpace(file[at])) at++;
  }
  offsets.push(Math.min(at, to));
  return offsets;
}

/** Of an escape in double quotes (YAML 1.2.2, section 5.7), with its backslash. */
function escapeLength(character: string | undefined): number {
  return character === "x" ? 4 : character === "u" ? 6 : character === "U" ? 10 : 2;
}

/**
 * Where a text stands that is written nowhere else: the keys and indexes that lead there, the last key being the text itself
 * where it is one. Undefined where it is not found, or the file cannot be read as far as that.
 */
export function pathTo(text: string, marker: string): readonly (string | number)[] | undefined {
  if (text.length > LONGEST_TEXT) return undefined;
  try {
    const options = { version: "1.2", uniqueKeys: false, logLevel: "silent" } as const;
    return findMarker(parseDocument(text, options).contents, marker);
  } catch (error) {
    // Nested deeper than the stack takes.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function findMarker(node: unknown, marker: string): readonly (string | number)[] | undefined {
  const isMarker = (one: unknown) => isScalar(one) && String(one.value).includes(marker);
  if (isMarker(node)) return [];
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const inner = findMarker(item, marker);
      if (inner) return [index, ...inner];
    }
  }
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items) {
    if (isMarker(key)) return [marker];
    const inner = findMarker(value, marker);
    if (inner) return [String(isScalar(key) ? key.value : ""), ...inner];
  }
  return undefined;
}
