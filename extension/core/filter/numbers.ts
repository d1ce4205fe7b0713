import { type Span, WrongFilter } from "./problem.ts";

/** A comparison, by its sign; `!=` is what is not `==`. */
export type Comparison = "==" | ">" | "<" | ">=" | "<=";

export type NumberTest = (value: number) => boolean;

/** A stretch of a filter's text that stands for a value. */
export interface ValueText extends Span {
  readonly text: string;
}

/** How a kind of number is written. */
export interface NumberKind {
  /**
   * The numbers that a text stands for, from `low` to `high`: more than one where it may be rounded. Only equality
   * makes use of `high`.
   *
   * @throws WrongFilter where the text is none.
   */
  parse(value: ValueText): { low: number; high: number };
}

/** Whole numbers from 0 to `max`, decimal or with `0x`. */
export function wholeNumber(max: number): NumberKind {
  return {
    parse(value) {
      const isNumber = /^(?:0|[1-9]\d{0,9}|0x[0-9a-fA-F]{1,8})$/.test(value.text);
      const number = Number(value.text);
      if (!isNumber || number > max) {
        throw new WrongFilter(value, "badNumber", value.text, "0", String(max));
      }
      return { low: number, high: number };
    },
  };
}

export const PORT = wholeNumber(0xffff);
export const LENGTH = wholeNumber(0xffff_ffff);

/** Powers of ten, and how often, for a microsecond. */
const UNITS = {
  us: [0, 1],
  µs: [0, 1],
  ms: [3, 1],
  s: [6, 1],
  m: [6, 60],
  h: [6, 3600],
} as const;

/** Seconds, or a number with `us`, `ms`, `s`, `m` or `h`; as microseconds. */
export const SECONDS: NumberKind = {
  parse(value) {
    const { time } = parseTime(value);
    return { low: time, high: time };
  },
};

/** As {@link SECONDS}, but a bare `1.5` is all from 1.5 up to 1.6: nobody types six decimals to find a row. */
export const ROUNDED_SECONDS: NumberKind = {
  parse(value) {
    const { time, step } = parseTime(value);
    // Captures tell whole microseconds.
    return { low: time, high: time + Math.max(0, step - 1) };
  },
};

/** A time in microseconds, and how much one more in its last digit would be. */
function parseTime(value: ValueText): { readonly time: number; readonly step: number } {
  const match = /^(?=[\d.])(\d{0,12}(?:\.(\d{1,12}))?)(us|µs|ms|s|m|h)?$/.exec(value.text);
  if (!match) throw new WrongFilter(value, "badTime", value.text);
  const [, digits, decimals = "", unit = "s"] = match;
  const [exponent, factor] = UNITS[unit as keyof typeof UNITS];
  // The exponent is put into the text: 1.1 * 1e6 would not be 1.1e6.
  return {
    time: Number(`${digits}e${exponent}`) * factor,
    step: Number(`1e${exponent - decimals.length}`) * factor,
  };
}

/** A test for `value <comparison> number`. */
export function compareNumbers(
  kind: NumberKind,
  comparison: Comparison,
  value: ValueText,
): NumberTest {
  const { low, high } = kind.parse(value);
  switch (comparison) {
    case "==":
      return (number) => number >= low && number <= high;
    case ">":
      return (number) => number > low;
    case ">=":
      return (number) => number >= low;
    case "<":
      return (number) => number < low;
    case "<=":
      return (number) => number <= low;
  }
}

/** A test for `10`, `10..20`, `10..` or `..20`; both ends belong to a range. */
export function numberRange(kind: NumberKind, value: ValueText): NumberTest {
  const dots = value.text.indexOf("..");
  if (dots < 0) return compareNumbers(kind, "==", value);
  const from = part(value, 0, dots);
  const to = part(value, dots + 2, value.text.length);
  if (from.text === "" && to.text === "") kind.parse(value);
  const low = from.text === "" ? Number.NEGATIVE_INFINITY : kind.parse(from).low;
  const high = to.text === "" ? Number.POSITIVE_INFINITY : kind.parse(to).low;
  if (low > high) throw new WrongFilter(value, "badRange", value.text);
  return (number) => number >= low && number <= high;
}

/** A test for what a qualifier takes: `>10`, `>=10`, `<10`, `<=10`, `=10`, or a {@link numberRange}. */
export function numberCondition(kind: NumberKind, value: ValueText): NumberTest {
  const sign = /^(?:[<>]=?|==?)/.exec(value.text)?.[0];
  if (sign === undefined) return numberRange(kind, value);
  const comparison = sign === "=" ? "==" : (sign as Comparison);
  return compareNumbers(kind, comparison, part(value, sign.length, value.text.length));
}

/** A part of a value, with its own place in the filter; `from` and `to` count in its text. */
export function part(value: ValueText, from: number, to: number): ValueText {
  // Quotes are no part of the text: then the whole is underlined.
  if (value.end - value.start !== value.text.length) {
    return { ...value, text: value.text.slice(from, to) };
  }
  const text = value.text.slice(from, to);
  if (text === "") return { ...value, text };
  return { text, start: value.start + from, end: value.start + to };
}
