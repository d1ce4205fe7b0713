import type { Flow } from "../capture/flow_table.ts";
import { Automaton, type Program } from "../regexp/automaton.ts";
import { compileRegexp } from "../regexp/regexp.ts";
import { type AddressRange, compareAddresses, isWithin, parseAddresses } from "./addresses.ts";
import { byteText, parseSlice, type Slice } from "./bytes.ts";
import { and, EVERYTHING, type Expression, NOTHING, not, onFlow, onRow, or } from "./expression.ts";
import type { Needle } from "./needle.ts";
import {
  type Comparison,
  compareNumbers,
  type NumberKind,
  type NumberTest,
  numberRange,
  PORT,
  part,
} from "./numbers.ts";
import { WrongFilter } from "./problem.ts";
import type { Literal, Word } from "./scanner.ts";

/** What stands between a field and one value. */
export type Operator = Comparison | "!=" | "contains" | "matches";

/** A field of Wireshark's, as far as it can be told here. */
export interface Field {
  readonly operators: readonly Operator[];
  /** A value that it can be compared with, for proposals. */
  readonly example: string;
  /** True where the datagram has the field. */
  readonly exists: Expression;
  /** `operator` is one of `operators`. Where a field has several values, one has to fulfil it; for `!=`, all. */
  compare(operator: Operator, operand: Literal): Expression;
  /** True where the field is one of the values, or in one of the ranges. */
  isIn(operands: readonly Literal[]): Expression;
  /** The part of the field that `[0:2]` stands for; undefined where the field has no parts. */
  readonly slice?: (slice: Word) => Field;
  /** True where Wireshark's parts of it begin with a header, which cannot be filtered by. */
  readonly isWithHeader?: boolean;
}

const ORDERED: readonly Operator[] = ["==", "!=", ">", "<", ">=", "<="];
const TEXTUAL: readonly Operator[] = ["==", "!=", "contains", "matches"];

const encoder = new TextEncoder();

export function ports(holds: (flow: Flow, test: NumberTest) => boolean): Field {
  return numbers(PORT, "9999", (test) => onFlow((flow) => holds(flow, test)));
}

/** Numbers that every datagram has; `on` makes a condition of a test. */
export function numbers(
  kind: NumberKind,
  example: string,
  on: (test: NumberTest) => Expression,
): Field {
  return {
    operators: ORDERED,
    example,
    exists: EVERYTHING,
    compare(operator, operand) {
      if (operator === "!=") return not(on(compareNumbers(kind, "==", operand)));
      return on(compareNumbers(kind, operator as Comparison, operand));
    },
    isIn(operands) {
      const tests = operands.map((operand) => numberRange(kind, operand));
      return on((value) => tests.some((test) => test(value)));
    },
  };
}

/** Addresses of 4 or 16 bytes; a datagram of the other family has no such field. */
export function addresses(
  size: 4 | 16,
  holds: (flow: Flow, test: (address: Uint8Array) => boolean) => boolean,
): Field {
  const exists = onFlow(({ sourceAddress }) => sourceAddress.length === size);
  const on = (test: (address: Uint8Array) => boolean) =>
    onFlow((flow) => holds(flow, (address) => address.length === size && test(address)));
  const rangeOf = (operand: Literal): AddressRange => {
    const dots = operand.text.indexOf("..");
    if (dots <= 0) return parseAddresses(operand, size);
    const { low } = parseAddresses(part(operand, 0, dots), size);
    const { high } = parseAddresses(part(operand, dots + 2, operand.text.length), size);
    if (compareAddresses(low, high) > 0) throw new WrongFilter(operand, "badRange", operand.text);
    return { low, high };
  };
  return {
    operators: ORDERED,
    example: size === 4 ? "127.0.0.1" : "::1",
    exists,
    compare(operator, operand) {
      const range = parseAddresses(operand, size);
      const { low, high } = range;
      switch (operator) {
        case "!=":
          return and([exists, not(on((address) => isWithin(address, range)))]);
        case ">":
          return on((address) => compareAddresses(address, high) > 0);
        case ">=":
          return on((address) => compareAddresses(address, low) >= 0);
        case "<":
          return on((address) => compareAddresses(address, low) < 0);
        case "<=":
          return on((address) => compareAddresses(address, high) <= 0);
        default:
          return on((address) => isWithin(address, range));
      }
    },
    isIn(operands) {
      const ranges = operands.map(rangeOf);
      return on((address) => ranges.some((range) => isWithin(address, range)));
    },
  };
}

/** Texts; `on` makes a condition that is false where a datagram has none. */
export function texts(example: string, on: (test: (text: string) => boolean) => Expression): Field {
  const exists = on(() => true);
  const textOf = (operand: Literal) => {
    if (!operand.isText) throw new WrongFilter(operand, "notText");
    return operand.text;
  };
  return {
    operators: TEXTUAL,
    example,
    exists,
    compare(operator, operand) {
      const text = textOf(operand);
      switch (operator) {
        case "contains":
          return on((value) => value.includes(text));
        case "matches": {
          const automaton = new Automaton(programOf(operand));
          return on((value) => automaton.test(encoder.encode(value)));
        }
        case "!=":
          return and([exists, not(on((value) => value === text))]);
        default:
          return on((value) => value === text);
      }
    },
    isIn(operands) {
      const all = new Set(operands.map(textOf));
      return on((value) => all.has(value));
    },
  };
}

/** The payload, or a part of it. */
export function payload(exists: Expression, slice?: Slice): Field {
  const equals = (operand: Literal): Expression => {
    const bytes = operandBytes(operand);
    const condition = needle({ kind: "bytes", bytes, at: slice?.first ?? 0 });
    // A part that is not wholly there, or longer or shorter than the value, equals nothing.
    if (slice?.length !== undefined) return slice.length === bytes.length ? condition : NOTHING;
    const whole = (slice?.first ?? 0) + bytes.length;
    return and([onRow(({ capturedLength }) => capturedLength === whole), condition]);
  };
  return {
    operators: slice ? ["==", "!="] : TEXTUAL,
    example: '"Hello"',
    exists,
    compare(operator, operand) {
      switch (operator) {
        case "contains":
          return needle({ kind: "bytes", bytes: operandBytes(operand) });
        case "matches":
          return needle({ kind: "regexp", source: operand.text, program: programOf(operand) });
        case "!=":
          return and([exists, not(equals(operand))]);
        default:
          return equals(operand);
      }
    },
    isIn: (operands) => or(operands.map(equals)),
    ...(!slice && {
      slice: (word) => payload(exists, parseSlice(word)),
    }),
  };
}

function needle(what: Needle): Expression {
  return { kind: "needle", needle: what };
}

/** Without quotes bytes are meant, as in Wireshark, where they can be read as such. */
function operandBytes(operand: Literal): Uint8Array {
  return (operand.isQuoted ? undefined : byteText(operand.text)) ?? operand.bytes;
}

/** Always text: an expression keeps its escapes. */
function programOf(operand: Literal): Program {
  const program = compileRegexp(operand.text);
  if ("code" in program) throw new WrongFilter(operand, program.code, program.what);
  return program;
}
