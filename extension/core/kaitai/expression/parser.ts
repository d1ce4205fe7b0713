import { parseInteger } from "../integers.ts";
import { Refusal } from "../problem.ts";
import { scan, type Token, unescaped } from "./scanner.ts";
import type { BinaryOperator, Expression, TypePath } from "./syntax.ts";

/** Deepest nesting, so that neither reading nor running one uses up the stack. */
const DEEPEST = 64;
/** Most operators in one expression: `1 + 1 + …` is a tree as deep as it is long. */
const MOST_OPERATORS = 400;

/** Operators that bind alike, the loosest first: Python's order, in which `a & 1 == 1` is `(a & 1) == 1`. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];
const COMPARISONS: readonly BinaryOperator[] = ["==", "!=", "<", "<=", ">", ">="];
const WORDS = new Set(["and", "or", "not"]);

/**
 * Reads an expression of Kaitai Struct's language (User Guide, section 6).
 * @throws {Refusal} With the place in the text; also for what is too long or nested too deep.
 */
export function parseExpression(text: string): Expression {
  return new Parser(text, scan(text)).whole();
}

/**
 * Reads how a type is used: `name`, `a::b` or `name(argument, …)`.
 * @throws {Refusal} As {@link parseExpression}.
 */
export function parseTypeCall(text: string): { path: TypePath; arguments?: readonly Expression[] } {
  return new Parser(text, scan(text)).typeCall();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #operators = 0;

  constructor(text: string, tokens: readonly Token[], depth = 0) {
    this.#text = text;
    this.#tokens = tokens;
    this.#depth = depth;
  }

  whole(): Expression {
    if (this.#next.kind === "end") throw new Refusal("emptyExpression");
    const expression = this.#choice();
    this.#end();
    return expression;
  }

  typeCall(): { path: TypePath; arguments?: readonly Expression[] } {
    const path = this.#typePath();
    const call = this.#takeSign("(") ? { arguments: this.#list(")") } : {};
    this.#end();
    return { path, ...call };
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", from: 0, to: 0 };
  }

  #is(kind: Token["kind"], text: string): boolean {
    return this.#next.kind === kind && this.#next.text === text;
  }

  #takeSign(text: string): boolean {
    const isNext = this.#is("sign", text);
    if (isNext) this.#at++;
    return isNext;
  }

  #takeWord(text: string): boolean {
    const isNext = this.#is("name", text);
    if (isNext) this.#at++;
    return isNext;
  }

  #expect(text: string): void {
    if (!this.#takeSign(text)) throw this.#unexpected();
  }

  #end(): void {
    if (this.#next.kind !== "end") throw this.#unexpected();
  }

  #unexpected(): Refusal {
    const { kind, from, to } = this.#next;
    if (kind === "end") return new Refusal("endsEarly", [], { from, to });
    return new Refusal("unexpected", [this.#text.slice(from, to)], { from, to });
  }

  #operator(): void {
    if (++this.#operators > MOST_OPERATORS)
      throw new Refusal("expressionTooLong", [MOST_OPERATORS]);
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) throw new Refusal("expressionTooDeep", [DEEPEST], this.#next);
    const result = read();
    this.#depth--;
    return result;
  }

  #choice(): Expression {
    return this.#deeper(() => {
      const condition = this.#or();
      if (!this.#takeSign("?")) return condition;
      const yes = this.#choice();
      this.#expect(":");
      const no = this.#choice();
      return { kind: "choice", condition, yes, no, from: condition.from, to: no.to };
    });
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#takeWord("or")) left = this.#binary("or", left, this.#and());
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#takeWord("and")) left = this.#binary("and", left, this.#not());
    return left;
  }

  #not(): Expression {
    const { from } = this.#next;
    if (!this.#takeWord("not")) return this.#comparison();
    return this.#deeper(() => {
      const of = this.#not();
      return { kind: "unary", operator: "not", of, from, to: of.to };
    });
  }

  #comparison(): Expression {
    const left = this.#level(0);
    const operator = this.#takeOneOf(COMPARISONS);
    if (operator === undefined) return left;
    const right = this.#level(0);
    const { from, to, kind, text } = this.#next;
    if (kind === "sign" && (COMPARISONS as readonly string[]).includes(text)) {
      throw new Refusal("chainedComparison", [], { from, to });
    }
    return this.#binary(operator, left, right);
  }

  #level(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#level(level + 1);
    for (;;) {
      const operator = this.#takeOneOf(operators);
      if (operator === undefined) return left;
      left = this.#binary(operator, left, this.#level(level + 1));
    }
  }

  #takeOneOf(operators: readonly BinaryOperator[]): BinaryOperator | undefined {
    if (this.#next.kind !== "sign") return undefined;
    const operator = operators.find((one) => one === this.#next.text);
    if (operator !== undefined) this.#at++;
    return operator;
  }

  #binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
    this.#operator();
    return { kind: "binary", operator, left, right, from: left.from, to: right.to };
  }

  #unary(): Expression {
    const { kind, text, from } = this.#next;
    if (kind !== "sign" || (text !== "-" && text !== "+" && text !== "~")) return this.#postfix();
    this.#at++;
    return this.#deeper(() => {
      const of = this.#unary();
      return { kind: "unary", operator: text, of, from, to: of.to };
    });
  }

  #postfix(): Expression {
    let of = this.#atom();
    for (;;) {
      const { from } = of;
      if (this.#takeSign("[")) {
        this.#operator();
        const index = this.#choice();
        this.#expect("]");
        of = { kind: "index", of, index, from, to: this.#lastEnd };
      } else if (this.#takeSign(".")) {
        this.#operator();
        of = this.#attribute(of);
      } else {
        return of;
      }
    }
  }

  #attribute(of: Expression): Expression {
    const { from } = of;
    const { kind, text: name, from: nameFrom } = this.#next;
    if (kind !== "name" || WORDS.has(name)) throw this.#unexpected();
    this.#at++;
    if (name === "as" && this.#is("sign", "<")) {
      const type = this.#angled();
      return { kind: "cast", of, type, from, to: this.#lastEnd };
    }
    const list = this.#takeSign("(") ? this.#list(")") : undefined;
    return { kind: "attribute", of, name, arguments: list, nameFrom, from, to: this.#lastEnd };
  }

  get #lastEnd(): number {
    return this.#tokens[this.#at - 1]?.to ?? 0;
  }

  #angled(): TypePath {
    this.#expect("<");
    const path = this.#typePath();
    this.#expect(">");
    return path;
  }

  #typePath(): TypePath {
    const { from } = this.#next;
    const isAbsolute = this.#takeSign("::");
    const names = [this.#name()];
    while (this.#takeSign("::")) names.push(this.#name());
    const isArray = this.#takeSign("[");
    if (isArray) this.#expect("]");
    return { names, isAbsolute, isArray, from, to: this.#lastEnd };
  }

  #name(): string {
    const { kind, text, from, to } = this.#next;
    if (kind !== "name" || WORDS.has(text)) throw this.#unexpected();
    if (/[A-Z]/.test(text)) throw new Refusal("badId", [text], { from, to });
    this.#at++;
    return text;
  }

  /** Expressions up to what closes them, which the caller has opened. */
  #list(close: ")" | "]"): Expression[] {
    const items: Expression[] = [];
    if (this.#takeSign(close)) return items;
    for (;;) {
      items.push(this.#choice());
      if (this.#takeSign(close)) return items;
      this.#expect(",");
      if (close === "]" && this.#takeSign(close)) return items;
    }
  }

  #atom(): Expression {
    const { kind, text, from, to } = this.#next;
    if (kind === "int") return this.#integer();
    if (kind === "float") {
      this.#at++;
      return { kind: "float", value: Number(text.replaceAll("_", "")), from, to };
    }
    if (kind === "string") return this.#string();
    if (kind === "format") {
      this.#at++;
      return { kind: "format", parts: this.#format(from + 2, to - 1), from, to };
    }
    if (this.#takeSign("(")) {
      const inner = this.#choice();
      if (!this.#takeSign(")")) {
        if (this.#next.kind === "end") throw new Refusal("unclosed", ["("], { from, to });
        throw this.#unexpected();
      }
      return { ...inner, from, to: this.#lastEnd };
    }
    if (this.#takeSign("[")) {
      const items = this.#list("]");
      return { kind: "list", items, from, to: this.#lastEnd };
    }
    if (this.#is("sign", "::")) {
      const path = this.#typePath();
      return { kind: "member", path, from: path.from, to: path.to };
    }
    if (kind !== "name" || WORDS.has(text)) throw this.#unexpected();
    return this.#named();
  }

  #named(): Expression {
    const { text, from, to } = this.#next;
    const following = this.#tokens[this.#at + 1];
    if (text === "true" || text === "false") {
      this.#at++;
      return { kind: "bool", value: text === "true", from, to };
    }
    if ((text === "sizeof" || text === "bitsizeof") && following?.text === "<") {
      this.#at++;
      const type = this.#angled();
      const unit = text === "sizeof" ? "bytes" : "bits";
      return { kind: "sizeof", unit, type, from, to: this.#lastEnd };
    }
    if (following?.kind === "sign" && following.text === "::") {
      const path = this.#typePath();
      return { kind: "member", path, from, to: path.to };
    }
    return { kind: "name", name: this.#name(), from, to };
  }

  #integer(): Expression {
    const { text, from, to } = this.#next;
    const value = parseInteger(text);
    if (value === undefined) throw new Refusal("badNumber", [text], { from, to });
    this.#at++;
    return { kind: "int", value, from, to };
  }

  /** Strings that follow one another are one, as in C. */
  #string(): Expression {
    const { from } = this.#next;
    let value = "";
    while (this.#next.kind === "string") {
      value += this.#next.text;
      this.#at++;
    }
    return { kind: "string", value, from, to: this.#lastEnd };
  }

  #format(from: number, end: number): (string | Expression)[] {
    const parts: (string | Expression)[] = [];
    let start = from;
    for (let at = from; at < end; at++) {
      if (this.#text[at] === "\\") at++;
      else if (this.#text[at] === "{") {
        const close = this.#text.indexOf("}", at);
        if (close === -1 || close >= end)
          throw new Refusal("unclosed", ["{"], { from: at, to: end });
        this.#operator();
        if (start < at) parts.push(unescaped(this.#text, start, at));
        const inner = scan(this.#text, at + 1, close);
        parts.push(this.#deeper(() => new Parser(this.#text, inner, this.#depth).whole()));
        at = close;
        start = close + 1;
      }
    }
    if (start < end) parts.push(unescaped(this.#text, start, end));
    return parts;
  }
}
