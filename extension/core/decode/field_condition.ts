import { decodedValue } from "./decoded_value.ts";

/** Longer values nobody filters by. */
const LONGEST = 200;
/** What stands without quotes in a comparison. */
const PLAIN = /^[^\s"'(){},&|\\]+$/;
/** Escapes that a filter does not have as well. */
const OTHER_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\[^nrtxu\\]/;
const CHOICE = /(^|\s)(or|OR)(\s|$)|\|\|/;

/** The condition that a field has this value, `tracker.type == sample`; that it is there, where it has none or a long one. */
export function fieldCondition(name: string, value: string): string {
  const { text, name: label } = decodedValue(value);
  const meant = label ?? text;
  // Of a text that was cut only the start is known.
  if (meant === "" || meant.length > LONGEST || OTHER_ESCAPE.test(meant)) return name;
  if (PLAIN.test(meant) && !value.startsWith('"')) return `${name} == ${meant}`;
  return `${name} == "${meant.replace(/"/g, '\\"')}"`;
}

/** A filter narrowed by a condition, or by its opposite. */
export function withCondition(filter: string, condition: string, isOut: boolean): string {
  const added = isOut ? `!(${condition})` : condition;
  const before = filter.trim();
  if (before === "") return added;
  // "Either this or that" has to stay one condition beside the new one.
  return `${CHOICE.test(before) ? `(${before})` : before} && ${added}`;
}
