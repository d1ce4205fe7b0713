/** A word in double quotes, in single quotes, or without. */
const WORD = /"((?:[^"\\]|\\.)*)"(?!\S)|'([^']*)'(?!\S)|(\S+)/gs;

/**
 * Splits a line into words at white space. Quotes around a word keep its white space together; in double quotes
 * `\"` is a quotation mark. Quotes elsewhere are what they are, so that `{"a":1}` and `it's` need no thought.
 */
export function splitWords(line: string): string[] {
  return [...line.matchAll(WORD)].map(
    ([, double, single, plain]) => double?.replace(/\\(.)/gs, "$1") ?? single ?? plain ?? "",
  );
}
