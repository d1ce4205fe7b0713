import { decodedValue } from "../decode/decoded_value.ts";
import { Automaton } from "../regexp/automaton.ts";
import { compileRegexp } from "../regexp/regexp.ts";
import { printable } from "../text/printable.ts";
import { and, type Expression, not } from "./expression.ts";
import type { Field, Operator } from "./field_kinds.ts";
import type { FieldTest } from "./needle.ts";
import { type NumberTest, part } from "./numbers.ts";
import { WrongFilter } from "./problem.ts";
import type { Literal } from "./scanner.ts";

/** The fields that decoders can find, by the names that filters call them: `dns.qry.name`, `tracker.body.x`. */
export interface DecodedFieldNames {
  /** "open": there may be such a field, depending on the payload. Undefined: no decoder ever finds one. */
  find(name: string): "known" | "open" | undefined;
  /** All that are known of a decoder; empty where there is no such decoder. */
  namesOf(decoder: string): readonly string[];
}

export const NO_DECODED_FIELDS: DecodedFieldNames = { find: () => undefined, namesOf: () => [] };

export const DECODED_OPERATORS: readonly Operator[] = [
  "==",
  "!=",
  ">",
  "<",
  ">=",
  "<=",
  "contains",
  "matches",
];
const NUMBER =
  /^[-+]?(?:0x[0-9a-fA-F]{1,13}|(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,3})?)$/;
const encoder = new TextEncoder();

/**
 * A field that a decoder finds. It is compared as a number where both are one; for equality also by its text, by the
 * name of its number, and bytes as hexadecimal digits. Of several values one has to fulfil it; for `!=`, all.
 */
export function decodedField(name: string): Field {
  const on = (key: string, test: Omit<FieldTest, "key">): Expression => ({
    kind: "needle",
    needle: { kind: "field", name, test: { key, ...test } },
  });
  const exists = on("exists", { ofNumber: () => true, ofText: () => true });
  const equals = (operand: Literal) =>
    on(`== ${operand.isQuoted} ${operand.text}`, equality(operand));
  return {
    operators: DECODED_OPERATORS,
    example: "1",
    exists,
    compare(operator, operand) {
      if (!operand.isText) throw new WrongFilter(operand, "notText");
      const { text } = operand;
      const shown = printable(text);
      switch (operator) {
        case "==":
          return equals(operand);
        case "!=":
          return and([exists, not(equals(operand))]);
        case "contains":
          return on(`contains ${text}`, {
            ofText: (value) => decodedValue(value).text.includes(shown),
          });
        case "matches": {
          const program = compileRegexp(text);
          if ("code" in program) throw new WrongFilter(operand, program.code, program.what);
          const automaton = new Automaton(program);
          return on(`matches ${text}`, {
            ofText: (value) => automaton.test(encoder.encode(decodedValue(value).text)),
          });
        }
        default: {
          const limit = numberIn(operand);
          if (limit === undefined) throw new WrongFilter(operand, "notNumber", text, operator);
          return on(`${operator} ${limit}`, comparison(ORDER[operator](limit), [limit]));
        }
      }
    },
    isIn(operands) {
      const tests = operands.map((operand) => range(operand) ?? equality(operand));
      const key = operands.map(({ isQuoted, text }) => `${isQuoted} ${text}`).join("\n");
      return on(`in ${key}`, { ofText: (value) => tests.some((test) => test.ofText(value)) });
    },
  };
}

const ORDER: Readonly<Record<">" | "<" | ">=" | "<=", (limit: number) => NumberTest>> = {
  ">": (limit) => (value) => value > limit,
  "<": (limit) => (value) => value < limit,
  ">=": (limit) => (value) => value >= limit,
  "<=": (limit) => (value) => value <= limit,
};

/** A test of numbers; `limits` are where its answer changes. */
function comparison(test: NumberTest, limits: readonly number[]): Omit<FieldTest, "key"> {
  const rounded = limits.map(Math.fround);
  return {
    // A float of four bytes is told with fewer digits than it has: only where that matters, its text is asked.
    ofNumber: (value) =>
      rounded.includes(value) && !Number.isInteger(value) ? undefined : test(value),
    ofText(text) {
      const { number } = decodedValue(text);
      return number !== undefined && test(number);
    },
  };
}

function equality(operand: Literal): Omit<FieldTest, "key"> {
  const { text } = operand;
  // As decoders tell texts.
  const shown = printable(text);
  const number = operand.isQuoted ? undefined : numberIn(operand);
  const isTrue = !operand.isQuoted && /^true$/i.test(text);
  const isFalse = !operand.isQuoted && /^false$/i.test(text);
  const digits = operand.isQuoted ? undefined : hexDigits(text);
  return {
    ...(number !== undefined && {
      ofNumber: comparison((value) => value === number, [number]).ofNumber,
    }),
    ofText(value) {
      const told = decodedValue(value);
      if (told.text === shown || told.name === shown) return true;
      if (number !== undefined && told.number === number) return true;
      // Flags are 0 and 1 in some decoders, true and false in others.
      if (isTrue && (told.text === "1" || told.text === "true")) return true;
      if (isFalse && (told.text === "0" || told.text === "false")) return true;
      return digits !== undefined && told.text === digits;
    },
  };
}

/** `1..5`; undefined for a single value. */
function range(operand: Literal): Omit<FieldTest, "key"> | undefined {
  const dots = operand.isQuoted ? -1 : operand.text.indexOf("..");
  if (dots <= 0) return undefined;
  const [low, high] = [part(operand, 0, dots), part(operand, dots + 2, operand.text.length)].map(
    (end) => {
      const number = numberIn(end);
      if (number === undefined) throw new WrongFilter(end, "notNumber", end.text, "..");
      return number;
    },
  );
  if (low === undefined || high === undefined || low > high) {
    throw new WrongFilter(operand, "badRange", operand.text);
  }
  return comparison((value) => value >= low && value <= high, [low, high]);
}

function numberIn({ text }: { readonly text: string }): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const sign = text.startsWith("-") ? -1 : 1;
  return sign * Number(text.replace(/^[-+]/, ""));
}

/** `07:00:a1` as fields have it: `0700a1`. */
function hexDigits(text: string): string | undefined {
  return /^[0-9a-fA-F]{2}(?:[:.-]?[0-9a-fA-F]{2})+$/.test(text)
    ? text.replace(/[:.-]/g, "").toLowerCase()
    : undefined;
}
