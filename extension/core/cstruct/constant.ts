import { CRefusal } from "./problem.ts";
import type { Token } from "./scanner.ts";

/** Deepest parentheses, and structs in one another. */
export const DEEPEST = 60;

/** Words and signs, one after the other; the last is the end. */
export class Tokens<T extends Token = Token> {
  readonly #tokens: readonly T[];
  #at = 0;

  constructor(tokens: readonly T[]) {
    this.#tokens = tokens;
  }

  /** The next one, or one of those behind it. */
  peek(ahead = 0): T {
    const index = Math.min(this.#at + ahead, this.#tokens.length - 1);
    return this.#tokens[index] as T;
  }

  next(): T {
    const token = this.peek();
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  /** Takes the next one where it is this. */
  take(text: string): T | undefined {
    const { kind, text: found } = this.peek();
    return found === text && kind !== "string" && kind !== "character" ? this.next() : undefined;
  }

  expect(text: string): T {
    return this.take(text) ?? this.refuse(text);
  }

  refuse(wanted: string): never {
    const { kind, text, at } = this.peek();
    if (kind === "end") throw new CRefusal("endOfText", at, wanted);
    throw new CRefusal("expected", at, wanted, text);
  }

  /** Behind the parenthesis that closes the one that comes next. */
  skipParentheses(open = "(", close = ")"): void {
    const { at } = this.expect(open);
    for (let depth = 1; depth > 0; ) {
      const token = this.next();
      if (token.kind === "end") throw new CRefusal("unclosed", at, open);
      if (token.kind !== "mark") continue;
      if (token.text === open) depth++;
      else if (token.text === close) depth--;
    }
  }
}

/** What names stand for in a constant. */
export interface Names {
  valueOf(token: Token): bigint;
  /** `sizeof (...)`: called behind the word. */
  sizeOf?(): bigint;
}

const BINARY: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

/**
 * A constant expression (C17, 6.6). Its numbers have no width: what does not fit into 64 bits is refused.
 * @throws {CRefusal}
 */
export function readConstant(tokens: Tokens, names: Names, depth = 0): bigint {
  const from = tokens.peek();
  if (depth > DEEPEST) throw new CRefusal("nestedTooDeep", from.at, DEEPEST);
  const condition = readBinary(tokens, names, 0, depth);
  if (!tokens.take("?")) return condition;
  const yes = readConstant(tokens, names, depth + 1);
  tokens.expect(":");
  const no = readConstant(tokens, names, depth + 1);
  return condition !== 0n ? yes : no;
}

function readBinary(tokens: Tokens, names: Names, level: number, depth: number): bigint {
  const operators = BINARY[level];
  if (!operators) return readUnary(tokens, names, depth);
  let left = readBinary(tokens, names, level + 1, depth);
  for (;;) {
    const { kind, text, at } = tokens.peek();
    if (kind !== "mark" || !operators.includes(text)) return left;
    tokens.next();
    const right = readBinary(tokens, names, level + 1, depth);
    left = fitting(operate(text, left, right, at), at);
  }
}

function readUnary(tokens: Tokens, names: Names, depth: number): bigint {
  const token = tokens.peek();
  const { kind, text, at } = token;
  if (depth > DEEPEST) throw new CRefusal("nestedTooDeep", at, DEEPEST);
  if (kind === "number") {
    tokens.next();
    return fitting(wholeNumber(text, at), at);
  }
  if (kind === "character") {
    tokens.next();
    return characterOf(text, at);
  }
  if (text === "sizeof" && names.sizeOf) {
    tokens.next();
    return names.sizeOf();
  }
  if (kind === "name") {
    tokens.next();
    return names.valueOf(token);
  }
  if (tokens.take("(")) {
    const value = readConstant(tokens, names, depth + 1);
    tokens.expect(")");
    return value;
  }
  if (!["-", "+", "~", "!"].includes(text)) tokens.refuse("a number");
  tokens.next();
  const value = readUnary(tokens, names, depth + 1);
  if (text === "-") return -value;
  if (text === "~") return ~value;
  return text === "!" ? BigInt(value === 0n) : value;
}

function operate(operator: string, a: bigint, b: bigint, at: number): bigint {
  switch (operator) {
    case "||":
      return BigInt(a !== 0n || b !== 0n);
    case "&&":
      return BigInt(a !== 0n && b !== 0n);
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "&":
      return a & b;
    case "==":
      return BigInt(a === b);
    case "!=":
      return BigInt(a !== b);
    case "<":
      return BigInt(a < b);
    case ">":
      return BigInt(a > b);
    case "<=":
      return BigInt(a <= b);
    case ">=":
      return BigInt(a >= b);
    case "<<":
    case ">>":
      if (b < 0n || b > 64n) throw new CRefusal("numberTooLarge", at, `${a} ${operator} ${b}`);
      return operator === "<<" ? a << b : a >> b;
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    default:
      if (b === 0n) throw new CRefusal("divisionByZero", at);
      return operator === "/" ? a / b : a % b;
  }
}

function fitting(value: bigint, at: number): bigint {
  if (value >= 1n << 64n || value < -(1n << 63n)) throw new CRefusal("numberTooLarge", at, value);
  return value;
}

function wholeNumber(text: string, at: number): bigint {
  const [, digits = ""] = /^(0[xX][\da-fA-F']+|0[bB][01']+|\d[\d']*)[uUlLzZ]*$/.exec(text) ?? [];
  const plain = digits.replaceAll("'", "");
  const isOctal = /^0\d/.test(plain);
  if (plain === "" || plain.length > 80 || (isOctal && /[89]/.test(plain))) {
    throw new CRefusal("badNumber", at, text);
  }
  return BigInt(isOctal ? `0o${plain.slice(1)}` : plain);
}

const ESCAPES: Readonly<Record<string, number>> = {
  ...{ a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 },
  ...{ "\\": 92, "'": 39, '"': 34, "?": 63 },
};

function characterOf(text: string, at: number): bigint {
  const [, escaped, octal, hex, plain] =
    /'(?:\\([abfnrtv\\'"?])|\\([0-7]{1,3})|\\x([\da-fA-F]{1,2})|([^\\']))'$/u.exec(text) ?? [];
  if (escaped !== undefined) return BigInt(ESCAPES[escaped] ?? 0);
  if (octal !== undefined) return BigInt(Number.parseInt(octal, 8));
  if (hex !== undefined) return BigInt(Number.parseInt(hex, 16));
  if (plain !== undefined) return BigInt(plain.codePointAt(0) ?? 0);
  throw new CRefusal("badNumber", at, text);
}
