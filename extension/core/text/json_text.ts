import { printable } from "./printable.ts";

/** Deeper levels are indented no further: the text of hostile nesting must not grow with its square. */
const MOST_INDENTED = 40;

/** What lies between strings, and strings: commas, colons and brackets alone. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s"[\]{},:]+/gs;

/**
 * A payload as indented JSON (RFC 8259), line by line; undefined where it is none, or only a number, a string or a
 * literal: those are what they are.
 *
 * Nothing is lost on the way through a parser: numbers keep all digits, equal keys and their order stay, escapes stay
 * escapes. What is not plainly printable is written as an escape of JSON, so that the lines are the same JSON.
 */
export function indentedJson(payload: Uint8Array): string[] | undefined {
  const text = jsonText(payload);
  if (text === undefined) return undefined;
  const lines: string[] = [];
  let line = "";
  let depth = 0;
  const breakLine = () => {
    lines.push(line);
    line = "  ".repeat(Math.min(depth, MOST_INDENTED));
  };
  const tokens = text.match(TOKEN) ?? [];
  for (const [index, token] of tokens.entries()) {
    const isEmpty = /^[[{]$/.test(tokens[index - 1] ?? "");
    if (token === "]" || token === "}") {
      depth--;
      if (!isEmpty) breakLine();
      line += token;
    } else {
      // The first token within brackets.
      if (isEmpty) breakLine();
      line += printableJson(token);
      if (token === "[" || token === "{") depth++;
      else if (token === ",") breakLine();
      else if (token === ":") line += " ";
    }
  }
  return [...lines, line];
}

function jsonText(payload: Uint8Array): string | undefined {
  const first = payload.find((byte) => !" \t\n\r".includes(String.fromCharCode(byte)));
  if (first === undefined || !"[{".includes(String.fromCharCode(first))) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(payload);
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

/** A token as it is written, but in a string; a character goes along, as a mark needs something to stand on. */
function printableJson(token: string): string {
  return token.replace(/[ -[\]-~]?[^ -~]+/g, (part) =>
    printable(part)
      .replace(/\\u\{([\da-f]+)\}/g, (_, digits) => unitEscapes(Number.parseInt(digits, 16)))
      .replace(/\\x([\da-f]{2})/g, "\\u00$1"),
  );
}

/** JSON escapes UTF-16 units, two of them for what lies beyond the first 65,536 characters. */
function unitEscapes(codePoint: number): string {
  return String.fromCodePoint(codePoint)
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}
