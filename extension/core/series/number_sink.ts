import { printable } from "../text/printable.ts";

/** What a sample is, beside its value: a byte a sample in a column. */
export const SampleState = {
  /** The datagram has no such field. */
  none: 0,
  finite: 1,
  /** Not a number (IEEE 754 section 6.2): counted and said, in no minimum and no mean. */
  nan: 2,
  /** Plus or minus infinity: the same. */
  infinite: 3,
  /** An integer beyond 2^53, of which a float of 64 bits has not all digits. */
  inexact: 4,
  /** Several samples in one datagram; the column tells where they are. */
  many: 5,
} as const;
export type SampleState = (typeof SampleState)[keyof typeof SampleState];

/** How a field's numbers are to be drawn. */
export type FieldKind = "number" | "boolean" | "enum";

/** A number that a payload says. */
export interface SampleNumber {
  readonly value: number;
  readonly state: SampleState;
  readonly kind: FieldKind;
  /** `A` of `A (1)`: what an enum calls this value; of a boolean `true` or `false`. */
  readonly label?: string | undefined;
  readonly unit?: string | undefined;
}

/** Takes the numbers of one payload. Names are printable, and those that filters have, where a decoder read them. */
export interface NumberSink {
  number(name: string, number: SampleNumber): void;
  /** Several samples of one field in one datagram, in their order; at least one. */
  samples(name: string, numbers: readonly SampleNumber[]): void;
  /** A line of words that stands above columns: what CSV calls the 1st, 2nd ... of so many. */
  header(names: readonly string[]): void;
}

/** Longer names and units are nobody's: they are cut. */
const LONGEST_NAME = 120;
const LONGEST_UNIT = 16;
const MOST_EXACT = Number.MAX_SAFE_INTEGER;

export function nameText(name: string): string {
  return printable(name, { limit: LONGEST_NAME });
}

export function unitText(unit: string | undefined): string | undefined {
  const text = unit?.trim();
  return text ? printable(text, { limit: LONGEST_UNIT }) : undefined;
}

/** A number as it stands; `isInteger`: it is written as one, so that its digits matter. */
export function sampleNumber(value: number, isInteger: boolean, unit?: string): SampleNumber {
  return { value, state: stateOf(value, isInteger), kind: "number", unit: unitText(unit) };
}

export function stateOf(value: number, isInteger: boolean): SampleState {
  if (Number.isFinite(value)) {
    return isInteger && Math.abs(value) > MOST_EXACT ? SampleState.inexact : SampleState.finite;
  }
  return Number.isNaN(value) ? SampleState.nan : SampleState.infinite;
}

export function sampleBoolean(value: boolean): SampleNumber {
  return {
    value: value ? 1 : 0,
    state: SampleState.finite,
    kind: "boolean",
    label: String(value),
  };
}
