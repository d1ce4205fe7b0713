import type { DecodedField } from "./decoded.ts";

/** A way to fields within fields: `body.points[0].x`. */
export type FieldPath = readonly FieldStep[];

export interface FieldStep {
  readonly name: string;
  /** Which one of several, from 0, and of which of its items; without one every one is meant. */
  readonly indices: readonly number[];
}

/** A field with the way to it. */
export interface FieldOfPath {
  readonly path: string;
  readonly field: DecodedField;
}

/** A path that is longer is none: it bounds the work of a filter. */
const MOST_STEPS = 64;
/** Names are the payload's, and each level repeats those above it: what would be longer is counted, and not named. */
const LONGEST_PATH = 500;
const STEP = /^([^.[\]]*)((?:\[\d{1,6}\])*)$/;

/** A name as a path has it: without quotes, and `_` for what is no letter, digit, `-` or `_`: `question count` is `question_count`. */
export function pathName(name: string): string {
  return name
    .replace(/^"(.*)"$/s, "$1")
    .replace(/[^\p{L}\p{N}_-]+/gu, "_")
    .replace(/(?<=.)_$/, "");
}

/** Reads `points[0].x`, or `[0].x` of what is a list itself; undefined where it is no path. */
export function parsePath(text: string): FieldPath | undefined {
  const parts = text.split(".");
  if (parts.length > MOST_STEPS) return undefined;
  const steps: FieldStep[] = [];
  for (const [place, part] of parts.entries()) {
    const [, name, brackets = ""] = STEP.exec(part) ?? [];
    if (name === undefined || (name === "" && (place > 0 || brackets === ""))) return undefined;
    steps.push({ name, indices: Array.from(brackets.matchAll(/\d+/g), ([digits]) => +digits) });
  }
  return steps;
}

/**
 * All fields, outer before inner, each with its path: among several of one name with its place among them, from 0. Those whose
 * path would be too long are one field `…` in the place of the first, with their number and bytes.
 */
export function fieldsWithPaths(fields: readonly DecodedField[]): FieldOfPath[] {
  const found: FieldOfPath[] = [];
  const add = (list: readonly DecodedField[], before: string) => {
    const counts = new Map<string, number>();
    for (const { name } of list) counts.set(name, (counts.get(name) ?? 0) + 1);
    const seen = new Map<string, number>();
    const tooLong: DecodedField[] = [];
    for (const field of list) {
      const place = seen.get(field.name) ?? 0;
      seen.set(field.name, place + 1);
      const isOneOfMany = (counts.get(field.name) ?? 0) > 1;
      const path = joined(before, field.name) + (isOneOfMany ? `[${place}]` : "");
      if (path.length > LONGEST_PATH) {
        tooLong.push(field);
        continue;
      }
      found.push({ path, field });
      add(field.fields, path);
    }
    const [first] = tooLong;
    if (!first) return;
    const { to } = tooLong.at(-1) ?? first;
    const rest = { name: "…", value: `+${tooLong.length}`, from: first.from, to, fields: [] };
    found.push({ path: before === "" ? "…" : `${before}.…`, field: rest });
  };
  add(fields, "");
  return found;
}

/** The fields that a path leads to, in their order. */
export function fieldsAt(fields: readonly DecodedField[], path: FieldPath): DecodedField[] {
  let found: readonly DecodedField[] = fields;
  for (const [place, { name, indices }] of path.entries()) {
    const isWhole = place === 0 && name === "";
    const within = place === 0 ? [fields] : found.map((field) => field.fields);
    const [first, ...rest] = isWhole ? [undefined, ...indices] : indices;
    found = within.flatMap((list) => {
      if (isWhole) return [{ name, value: "", from: 0, to: 0, fields: list }];
      const named = list.filter((field) => pathName(field.name) === name);
      if (first === undefined) return named;
      // Either fields of one name, or one field whose items they are.
      if (named.length > 1) return named[first] ?? [];
      return named.flatMap((field) => itemOf(field, first));
    });
    for (const index of rest) found = found.flatMap((field) => itemOf(field, index ?? 0));
    // Of a list without an index each item is meant.
    if (place < path.length - 1) found = found.flatMap(itemsOrItself);
  }
  return [...found];
}

function itemOf({ fields }: DecodedField, index: number): readonly DecodedField[] {
  return fields.filter(({ name }) => name === `[${index}]`);
}

function itemsOrItself(field: DecodedField): readonly DecodedField[] {
  const items = field.fields.filter(({ name }) => isItem(name));
  return items.length === 0 ? [field] : items.flatMap(itemsOrItself);
}

function isItem(name: string): boolean {
  return /^\[\d+\]$/.test(name);
}

function joined(before: string, name: string): string {
  if (isItem(name)) return `${before}${name}`;
  return before === "" ? pathName(name) : `${before}.${pathName(name)}`;
}
