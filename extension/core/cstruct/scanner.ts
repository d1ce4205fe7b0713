import { CRefusal } from "./problem.ts";

/** Longest text, in UTF-16 units. */
export const MOST_CHARACTERS = 200_000;

export interface Token {
  readonly kind: "name" | "number" | "character" | "string" | "mark" | "end";
  readonly text: string;
  /** UTF-16 units of the text. */
  readonly at: number;
  /** No other is before it on its line. */
  readonly isFirst: boolean;
}

const NAME = /[A-Za-z_$][\w$]*/y;
/** A number of the preprocessor (C17, 6.4.8): what is none of C's is refused when it is read. */
const NUMBER = /\.?\d(?:[eEpP][+-]|[\w.'])*/y;
const QUOTED = /(?:L|u8?|U)?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/y;
const MARK =
  /<<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||::|\[\[|\]\]|##|[-+*/%&|^~!<>=?:;,.(){}[\]#]/y;

/** The words and signs of C, without comments. @throws {CRefusal} at what is none. */
export function scan(text: string): Token[] {
  if (text.length > MOST_CHARACTERS) throw new CRefusal("textTooLong", 0, MOST_CHARACTERS);
  const tokens: Token[] = [];
  let at = 0;
  let isFirst = true;
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? "";
  };
  const add = (kind: Token["kind"], found: string): void => {
    tokens.push({ kind, text: found, at, isFirst });
    at += found.length;
    isFirst = false;
  };
  while (at < text.length) {
    const character = text[at] ?? "";
    if (character === "\n") {
      isFirst = true;
      at++;
    } else if (/\s/.test(character) || character === "\ufeff") at++;
    else if (character === "\\" && /^\\\r?\n/.test(text.slice(at, at + 3))) {
      // The line goes on in the next one.
      at = text.indexOf("\n", at) + 1;
    } else if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      if (end < 0) throw new CRefusal("unclosed", at, "/*");
      at = end + 2;
    } else {
      const quoted = match(QUOTED);
      const name = quoted === "" ? match(NAME) : "";
      const number = quoted + name === "" ? match(NUMBER) : "";
      if (quoted !== "") add(quoted.endsWith("'") ? "character" : "string", quoted);
      else if (name !== "") add("name", name);
      else if (number !== "") add("number", number);
      else {
        const mark = match(MARK);
        if (mark !== "") add("mark", mark);
        else if (character === '"' || character === "'") {
          throw new CRefusal("unclosed", at, character);
        } else {
          throw new CRefusal("notC", at, String.fromCodePoint(text.codePointAt(at) ?? 0));
        }
      }
    }
  }
  tokens.push({ kind: "end", text: "", at: text.length, isFirst: true });
  return tokens;
}
