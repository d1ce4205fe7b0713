import { readConstant, Tokens } from "./constant.ts";
import { CRefusal, type CRemark, type CRemarkCode } from "./problem.ts";
import { scan, type Token } from "./scanner.ts";

/** Most words and signs, with what macros stand for. */
const MOST_TOKENS = 100_000;
/** Deepest macros in one another. */
const DEEPEST_MACROS = 30;

/** A word or sign as the compiler sees it. */
export interface CToken extends Token {
  /** Of `#pragma pack`, as it is here; 0: none. */
  readonly pack: number;
}

type Macro = readonly Token[] | "withParameters";

/** What the lines of an `#if` are. */
interface Branch {
  /** These lines count, by their own condition and by those around. */
  isActive: boolean;
  /** One of the conditions did hold. */
  wasTaken: boolean;
  readonly isOuterActive: boolean;
  readonly at: number;
}

/**
 * Does what C's preprocessor does (C17, 6.10) with a text that stands alone: conditions, `#define` of values, `#pragma
 * pack`. What it includes is not read.
 * @throws {CRefusal}
 */
export function preprocess(text: string, remark: (remark: CRemark) => void): CToken[] {
  return new Preprocessor(text, remark).run();
}

class Preprocessor {
  readonly #raw: readonly Token[];
  readonly #remark: (code: CRemarkCode, ...words: readonly string[]) => void;
  readonly #macros = new Map<string, Macro>();
  readonly #branches: Branch[] = [];
  readonly #packs: { readonly name: string; readonly pack: number }[] = [];
  readonly #out: CToken[] = [];
  #pack = 0;
  /** Of all macros together: what one stands for may be nothing. */
  #steps = 0;

  constructor(text: string, remark: (remark: CRemark) => void) {
    this.#raw = scan(text);
    this.#remark = (code, ...words) => remark({ code, arguments: words });
  }

  run(): CToken[] {
    let at = 0;
    for (;;) {
      const token = this.#raw[at];
      if (!token) break;
      if (token.kind !== "end" && token.text === "#" && token.isFirst) {
        let end = at + 1;
        while (!this.#raw[end]?.isFirst) end++;
        this.#direct(token, this.#raw.slice(at + 1, end));
        at = end;
        continue;
      }
      if (token.kind === "end") {
        const open = this.#branches.at(-1);
        if (open) throw new CRefusal("unclosed", open.at, "#if");
        this.#add(token);
      } else if (this.#isActive) this.#expand(token, [], (one) => this.#add(one));
      at++;
    }
    return this.#out;
  }

  get #isActive(): boolean {
    return this.#branches.at(-1)?.isActive ?? true;
  }

  #add(token: Token): void {
    if (this.#out.length >= MOST_TOKENS) throw new CRefusal("tooManyTokens", token.at, MOST_TOKENS);
    this.#out.push({ ...token, pack: this.#pack });
  }

  #expand(
    token: Token,
    within: readonly string[],
    add: (token: Token) => void,
    at = token.at,
  ): void {
    if (++this.#steps > 4 * MOST_TOKENS) throw new CRefusal("tooManyTokens", at, MOST_TOKENS);
    const macro = token.kind === "name" ? this.#macros.get(token.text) : undefined;
    if (macro === "withParameters") throw new CRefusal("macroWithParameters", at, token.text);
    if (!macro || within.includes(token.text)) {
      add({ ...token, at });
      return;
    }
    if (within.length >= DEEPEST_MACROS) throw new CRefusal("nestedTooDeep", at, DEEPEST_MACROS);
    for (const inner of macro) this.#expand(inner, [...within, token.text], add, at);
  }

  #direct(hash: Token, line: readonly Token[]): void {
    const [name, ...rest] = line;
    // A sign alone is allowed, and means nothing.
    if (!name) return;
    if (/^(if|ifdef|ifndef|elif|else|endif)$/.test(name.text)) {
      this.#condition(name, rest);
      return;
    }
    if (!this.#isActive) return;
    const [first, second] = rest;
    switch (name.text) {
      case "define": {
        if (first?.kind !== "name") throw new CRefusal("badDirective", hash.at, "#define");
        const hasParameters = second?.text === "(" && second.at === first.at + first.text.length;
        this.#macros.set(first.text, hasParameters ? "withParameters" : rest.slice(1));
        return;
      }
      case "undef":
        this.#macros.delete(first?.text ?? "");
        return;
      case "pragma":
        if (first?.text === "pack") this.#setPack(rest.slice(1), first);
        return;
      case "include":
        // What the headers of the system define is known, as far as it is of use here.
        if (first?.kind === "string") this.#remark("include", first.text);
        return;
      case "error":
        throw new CRefusal("errorDirective", hash.at, textOf(rest));
      case "warning":
      case "line":
      case "ident":
        return;
      default:
        throw new CRefusal("badDirective", hash.at, `#${name.text}`);
    }
  }

  #condition(name: Token, rest: readonly Token[]): void {
    const branch = this.#branches.at(-1);
    switch (name.text) {
      case "endif":
        if (!this.#branches.pop()) throw new CRefusal("badDirective", name.at, "#endif");
        return;
      case "else":
      case "elif": {
        if (!branch) throw new CRefusal("badDirective", name.at, `#${name.text}`);
        const mayBe = branch.isOuterActive && !branch.wasTaken;
        branch.isActive = mayBe && (name.text === "else" || this.#holds(rest, name));
        branch.wasTaken ||= branch.isActive;
        return;
      }
      default: {
        const isOuterActive = this.#isActive;
        const isActive =
          isOuterActive &&
          (name.text === "if"
            ? this.#holds(rest, name)
            : this.#isDefined(rest[0], name) === (name.text === "ifdef"));
        this.#branches.push({ isActive, wasTaken: isActive, isOuterActive, at: name.at });
      }
    }
  }

  #isDefined(token: Token | undefined, directive: Token): boolean {
    if (token?.kind !== "name")
      throw new CRefusal("badDirective", directive.at, `#${directive.text}`);
    return this.#macros.has(token.text);
  }

  /** The condition of an `#if`: names that are not defined are 0. */
  #holds(line: readonly Token[], directive: Token): boolean {
    const end: Token = { kind: "end", text: "", at: directive.at, isFirst: true };
    const known: Token[] = [];
    for (let at = 0; at < line.length; at++) {
      const token = line[at] ?? end;
      if (token.text !== "defined") {
        known.push(token);
        continue;
      }
      const hasParentheses = line[at + 1]?.text === "(";
      const isDefined = this.#isDefined(line[at + (hasParentheses ? 2 : 1)], directive);
      known.push({ ...token, kind: "number", text: isDefined ? "1" : "0" });
      at += hasParentheses ? 3 : 1;
    }
    const expanded: Token[] = [];
    for (const token of known) this.#expand(token, [], (one) => expanded.push(one));
    const tokens = new Tokens<Token>([...expanded, end]);
    const value = readConstant(tokens, {
      valueOf: ({ text }) => {
        this.#remark("undefinedMacro", text);
        return 0n;
      },
    });
    if (tokens.peek().kind !== "end") tokens.refuse("a line break");
    return value !== 0n;
  }

  /** `pack(n)`, `pack()`, `pack(push)`, `pack(push, n)`, `pack(push, name, n)`, `pack(pop)`, `pack(pop, name)`. */
  #setPack(line: readonly Token[], pragma: Token): void {
    const words = line.filter(({ kind }) => kind === "name").map(({ text }) => text);
    const number = line.find(({ kind }) => kind === "number")?.text;
    const [action, name = ""] = words;
    if (action === "push") this.#packs.push({ name, pack: this.#pack });
    else if (action === "pop") {
      const index = name === "" ? -1 : this.#packs.findLastIndex((one) => one.name === name);
      const [popped] = this.#packs.splice(index, this.#packs.length);
      this.#pack = popped?.pack ?? 0;
    } else if (action !== undefined) throw new CRefusal("badDirective", pragma.at, textOf(line));
    if (number !== undefined) {
      if (!/^(1|2|4|8|16)$/.test(number)) throw new CRefusal("badPack", pragma.at, number);
      this.#pack = Number(number);
    } else if (action === undefined) this.#pack = 0;
  }
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(" ");
}
