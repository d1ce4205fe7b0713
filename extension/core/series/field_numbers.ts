import type { DecodedField } from "../decode/decoded.ts";
import { decodedValue } from "../decode/decoded_value.ts";
import { pathName } from "../decode/field_path.ts";
import {
  type NumberSink,
  nameText,
  type SampleNumber,
  SampleState,
  sampleBoolean,
  sampleNumber,
  stateOf,
} from "./number_sink.ts";

/** A list that is longer is samples of one field; a shorter one is a vector, each of whose parts is a field. */
const LONGEST_VECTOR = 8;
/** Structures within structures that are looked into. */
const DEEPEST = 16;
const ITEM = /^\[\d+\]$/;
const INTEGER = /^[-+]?(?:0x[0-9a-f]+|\d+)(?![\w.])/i;
const NAMED_INTEGER = / \((?:-?\d+|0x[0-9a-f]+)\)$/;

/** The numbers among what a decoder has found, by the names that filters have behind the decoder's. */
export function fieldNumbers(
  decoder: string,
  fields: readonly DecodedField[],
  sink: NumberSink,
): void {
  if (decoder === "statsd") metricNumbers(fields, sink);
  else if (decoder === "osc") oscNumbers(fields, sink);
  else namedNumbers(fields, sink);
}

function namedNumbers(fields: readonly DecodedField[], sink: NumberSink): void {
  const lists = new Map<string, SampleNumber[]>();
  new FieldWalk(sink, lists).fields(fields, "", 0);
  for (const [name, numbers] of lists) sink.samples(nameText(name), numbers);
}

/** What a field's text says as a number; undefined where it says none. */
export function textNumber(text: string): SampleNumber | undefined {
  const first = text.charCodeAt(0);
  // Quoted texts, brackets, words: most fields that are no numbers end here.
  if (first === 0x22 || first === 0x7b || first === 0x5b) return undefined;
  switch (text) {
    case "true":
      return sampleBoolean(true);
    case "false":
      return sampleBoolean(false);
    case "NaN":
      return { value: Number.NaN, state: SampleState.nan, kind: "number" };
    case "Infinity":
      return sampleNumber(Number.POSITIVE_INFINITY, false);
    case "-Infinity":
      return sampleNumber(Number.NEGATIVE_INFINITY, false);
  }
  const { number, name } = decodedValue(text);
  if (number === undefined) return undefined;
  if (name !== undefined) {
    const state = stateOf(number, NAMED_INTEGER.test(text));
    return { value: number, state, kind: "enum", label: name };
  }
  const unit = /^\S+?(?: ([µ°%A-Za-z][^\s]{0,15})|([µ°%]\S{0,15}))$/.exec(text);
  return sampleNumber(number, INTEGER.test(text), unit?.[1] ?? unit?.[2]);
}

class FieldWalk {
  readonly #sink: NumberSink;
  /** Samples by the names of their fields. */
  readonly #lists: Map<string, SampleNumber[]>;

  constructor(sink: NumberSink, lists: Map<string, SampleNumber[]>) {
    this.#sink = sink;
    this.#lists = lists;
  }

  fields(fields: readonly DecodedField[], before: string, depth: number, inList = false): void {
    if (depth > DEEPEST) return;
    const isLong = fields.length > LONGEST_VECTOR;
    const counts = isLong || hasTwins(fields) ? countsOf(fields) : undefined;
    const seen = new Map<string, number>();
    for (const field of fields) {
      const { name } = field;
      if (ITEM.test(name)) {
        this.#field(field, isLong ? before : `${before}${name}`, depth, inList || isLong);
        continue;
      }
      const path = before === "" ? pathName(name) : `${before}.${pathName(name)}`;
      const twins = counts?.get(name) ?? 1;
      if (twins === 1) this.#field(field, path, depth, inList);
      else {
        const place = seen.get(name) ?? 0;
        seen.set(name, place + 1);
        const isMany = twins > LONGEST_VECTOR;
        this.#field(field, isMany ? path : `${path}[${place}]`, depth, inList || isMany);
      }
    }
  }

  #field(field: DecodedField, path: string, depth: number, inList: boolean): void {
    if (field.fields.length > 0) {
      this.fields(field.fields, path, depth + 1, inList);
      return;
    }
    const number = textNumber(field.value);
    if (!number) return;
    const name = path === "" ? "items" : path;
    if (!inList) {
      this.#sink.number(nameText(name), number);
      return;
    }
    const list = this.#lists.get(name);
    if (list) list.push(number);
    else this.#lists.set(name, [number]);
  }
}

function hasTwins(fields: readonly DecodedField[]): boolean {
  for (let index = 1; index < fields.length; index++) {
    const name = fields[index]?.name;
    for (let other = 0; other < index; other++) if (fields[other]?.name === name) return true;
  }
  return false;
}

function countsOf(fields: readonly DecodedField[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of fields) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Of StatsD each metric is a field; one that is told several times in a datagram has samples. */
function metricNumbers(fields: readonly DecodedField[], sink: NumberSink): void {
  const metrics = new Map<string, SampleNumber[]>();
  for (const { fields: parts } of fields) {
    const name = parts.find((part) => part.name === "name")?.value;
    if (name === undefined) continue;
    for (const part of parts) {
      const number = part.name === "value" ? textNumber(part.value) : undefined;
      if (!number) continue;
      const numbers = metrics.get(name);
      if (numbers) numbers.push(number);
      else metrics.set(name, [number]);
    }
  }
  tell(metrics, sink);
}

/** Of OSC the arguments of an address: `/fader/1`, or `/xy[0]` and `/xy[1]` where there are several. */
function oscNumbers(fields: readonly DecodedField[], sink: NumberSink): void {
  const found = new Map<string, SampleNumber[]>();
  const packet = (parts: readonly DecodedField[], depth: number) => {
    if (depth > DEEPEST) return;
    const address = parts.find(({ name }) => name === "address")?.value;
    const numbers: { readonly place: number; readonly number: SampleNumber }[] = [];
    let place = 0;
    for (const part of parts) {
      if (part.name === "element") packet(part.fields, depth + 1);
      if (!/^(?:\[\]|[a-zA-Z])$/.test(part.name)) continue;
      const number = textNumber(part.value);
      if (number) numbers.push({ place, number });
      place++;
    }
    if (address === undefined) return;
    for (const { place, number } of numbers) {
      const name = numbers.length === 1 ? address : `${address}[${place}]`;
      const list = found.get(name);
      if (list) list.push(number);
      else found.set(name, [number]);
    }
  };
  packet(fields, 0);
  tell(found, sink);
}

function tell(numbers: ReadonlyMap<string, readonly SampleNumber[]>, sink: NumberSink): void {
  for (const [name, list] of numbers) {
    const [only] = list;
    if (list.length === 1 && only) sink.number(nameText(name), only);
    else sink.samples(nameText(name), list);
  }
}
