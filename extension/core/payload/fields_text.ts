import { printable } from "../text/printable.ts";

/** A text as it is written as the value of a field: in quotes, with escapes. */
export function quoted(text: string): string {
  return `"${printable(text).replaceAll('"', '\\"')}"`;
}
