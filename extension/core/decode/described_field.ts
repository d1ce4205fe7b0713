import type { DecodedField } from "./decoded.ts";
import { decodedValue } from "./decoded_value.ts";
import { fieldsWithPaths } from "./field_path.ts";

/** A field of a payload, for programs. */
export interface DescribedField {
  /** As `body.points[0].x`: names from the outermost field on, with the place among several of one name. */
  readonly path: string;
  /** A number or a truth value where it is one, else its text without quotes; of what holds other fields mostly "". */
  readonly value: string | number | boolean;
  /** As a person reads it, printable: `sample (1)`. */
  readonly text: string;
  /** Its bytes in the payload, `end` exclusive; the same where it has none. */
  readonly start: number;
  readonly end: number;
}

/** All fields, outer before inner. */
export function describedFields(fields: readonly DecodedField[]): DescribedField[] {
  return fieldsWithPaths(fields).map(({ path, field: { value: text, from, to } }) => ({
    path,
    value: plainValue(text),
    text,
    start: from,
    end: to,
  }));
}

function plainValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  const { name, number, text: plain } = decodedValue(text);
  if (number === undefined) return plain;
  // What is more than a number, such as "4.04 Not Found", keeps its words; one that a double cannot hold its digits.
  const isWhole = name !== undefined || /^[-+\w.]+$/.test(text);
  const isExact = !Number.isInteger(number) || Number.isSafeInteger(number);
  return isWhole && isExact ? number : plain;
}
