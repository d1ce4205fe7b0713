import { caseVariants } from "../text/case_variants.ts";
import type { Program } from "./automaton.ts";
import { ESCAPES, onlyByte, setOf, setOfBytes } from "./byte_set.ts";
import { assemble, type Node, RegexpError, type RegexpProblem } from "./regexp_program.ts";

const encoder = new TextEncoder();
const MAX_LENGTH = 1000;
const MAX_DEPTH = 50;
const MAX_REPEAT = 1000;

/**
 * Compiles a regular expression over bytes, in the syntax of PCRE2 that Wireshark's `matches` has, and like there in any
 * case unless it starts with `(?-i)`. What needs backtracking (back references, look around, atomic groups) is refused,
 * so that no expression can take longer than its text and the payload are long.
 */
export function compileRegexp(source: string): Program | RegexpProblem {
  try {
    return assemble(new RegexpParser(source).parse());
  } catch (error) {
    if (error instanceof RegexpError) return error.problem;
    throw error;
  }
}

class RegexpParser {
  readonly #characters: readonly string[];
  #at = 0;
  #ignoreCase = true;

  constructor(source: string) {
    if (source.length > MAX_LENGTH) throw new RegexpError("regexpTooLarge", "");
    const flag = /^\(\?(-?)i\)/.exec(source);
    this.#ignoreCase = flag?.[1] !== "-";
    this.#characters = [...source.slice(flag?.[0].length ?? 0)];
  }

  parse(): Node {
    const node = this.#choice(0);
    if (this.#at < this.#characters.length) throw new RegexpError("regexpSyntax", ")");
    return node;
  }

  #choice(depth: number): Node {
    if (depth > MAX_DEPTH) throw new RegexpError("regexpTooLarge", "(");
    const nodes = [this.#sequence(depth)];
    while (this.#takes("|")) nodes.push(this.#sequence(depth));
    return { kind: "choice", nodes };
  }

  #sequence(depth: number): Node {
    const nodes: Node[] = [];
    while (this.#at < this.#characters.length && !this.#sees("|") && !this.#sees(")")) {
      nodes.push(this.#repeated(this.#atom(depth)));
    }
    return { kind: "sequence", nodes };
  }

  #repeated(node: Node): Node {
    const count = this.#quantifier();
    if (!count) return node;
    if (this.#takes("+")) throw new RegexpError("regexpUnsupported", `${count.text}+`);
    // Lazy or greedy makes no difference to whether it matches.
    this.#takes("?");
    const again = this.#quantifier();
    if (again) throw new RegexpError("regexpSyntax", again.text);
    if (count.min > MAX_REPEAT || (count.max > MAX_REPEAT && Number.isFinite(count.max))) {
      throw new RegexpError("regexpTooLarge", count.text);
    }
    if (count.max < count.min) throw new RegexpError("regexpSyntax", count.text);
    return { kind: "repeat", node, min: count.min, max: count.max };
  }

  #quantifier(): { min: number; max: number; text: string } | undefined {
    if (this.#takes("*")) return { min: 0, max: Number.POSITIVE_INFINITY, text: "*" };
    if (this.#takes("+")) return { min: 1, max: Number.POSITIVE_INFINITY, text: "+" };
    if (this.#takes("?")) return { min: 0, max: 1, text: "?" };
    if (!this.#sees("{")) return undefined;
    const rest = this.#characters.slice(this.#at, this.#at + 20).join("");
    const match = /^\{(\d+)(?:(,)(\d*))?\}/.exec(rest);
    if (!match) return undefined;
    const [text, low, comma, high] = match;
    this.#at += text.length;
    const min = Number(low);
    const max = comma === undefined ? min : high === "" ? Number.POSITIVE_INFINITY : Number(high);
    return { min, max, text };
  }

  #atom(depth: number): Node {
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group(depth);
      case "[":
        return { kind: "set", set: this.#class() };
      case ".":
        return { kind: "set", set: setOf((byte) => byte !== 0x0a) };
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "\\":
        return { kind: "set", set: this.#escape() };
      case "*":
      case "+":
      case "?":
        throw new RegexpError("regexpSyntax", character);
      default:
        return this.#character(character);
    }
  }

  #group(depth: number): Node {
    if (this.#takes("?") && !this.#takes(":")) {
      throw new RegexpError("regexpUnsupported", `(?${this.#characters[this.#at] ?? ""}`);
    }
    if (this.#sees("*")) throw new RegexpError("regexpUnsupported", "(*");
    const node = this.#choice(depth + 1);
    if (!this.#takes(")")) throw new RegexpError("regexpSyntax", "(");
    return node;
  }

  #character(character: string): Node {
    if (character < "\x80") return { kind: "set", set: this.#withCases(setOfBytes([character])) };
    const forms = this.#ignoreCase
      ? (caseVariants(character)[0] ?? [])
      : [encoder.encode(character)];
    const sequences = forms.map((form): Node => {
      const nodes = [...form].map((byte): Node => ({ kind: "set", set: setOf((b) => b === byte) }));
      return { kind: "sequence", nodes };
    });
    return { kind: "choice", nodes: sequences };
  }

  /** The bytes of `\d`, `\x41`, `\.` and so on, behind the backslash. */
  #escape(): Uint8Array {
    const character = this.#next();
    const known = ESCAPES[character];
    if (known) return known;
    if (character === "x") {
      const digits = this.#characters.slice(this.#at, this.#at + 2).join("");
      if (!/^[0-9a-fA-F]{2}$/.test(digits)) throw new RegexpError("regexpUnsupported", "\\x");
      this.#at += 2;
      const code = Number.parseInt(digits, 16);
      return this.#withCases(setOf((byte) => byte === code));
    }
    if (/^[0-9A-Za-z]$/.test(character) || character > "\x7f") {
      throw new RegexpError("regexpUnsupported", `\\${character}`);
    }
    return setOfBytes([character]);
  }

  /** A class, behind its opening bracket. */
  #class(): Uint8Array {
    const isNegated = this.#takes("^");
    const all = new Uint8Array(256);
    for (let first = true; first || !this.#sees("]"); first = false) {
      const from = this.#classMember();
      const isRange = this.#sees("-") && this.#characters[this.#at + 1] !== "]";
      if (!isRange) {
        for (let byte = 0; byte < 256; byte++) all[byte] = (all[byte] ?? 0) | (from[byte] ?? 0);
        continue;
      }
      this.#at++;
      const low = onlyByte(from);
      const high = onlyByte(this.#classMember());
      if (low === undefined || high === undefined || low > high) {
        throw new RegexpError("regexpUnsupported", "[-]");
      }
      all.fill(1, low, high + 1);
    }
    this.#at++;
    const set = this.#withCases(all);
    return isNegated ? setOf((byte) => !set[byte]) : set;
  }

  #classMember(): Uint8Array {
    if (this.#at >= this.#characters.length) throw new RegexpError("regexpSyntax", "[");
    const character = this.#next();
    const next = this.#characters[this.#at] ?? "";
    if (character === "[" && /^[:.=]$/.test(next)) {
      throw new RegexpError("regexpUnsupported", `[${next}`);
    }
    if (character > "\x7f") throw new RegexpError("regexpUnsupported", `[${character}]`);
    // Cases are added to the class as a whole: a range knows its ends as they were written.
    if (character !== "\\") return setOfBytes([character]);
    const wasIgnored = this.#ignoreCase;
    this.#ignoreCase = false;
    const set = this.#escape();
    this.#ignoreCase = wasIgnored;
    return set;
  }

  #withCases(set: Uint8Array): Uint8Array {
    if (!this.#ignoreCase) return set;
    return setOf((byte) => {
      const other = /[A-Za-z]/.test(String.fromCharCode(byte)) ? byte ^ 0x20 : byte;
      return set[byte] === 1 || set[other] === 1;
    });
  }

  #next(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) throw new RegexpError("regexpSyntax", "\\");
    this.#at++;
    return character;
  }

  #sees(character: string): boolean {
    return this.#characters[this.#at] === character;
  }

  #takes(character: string): boolean {
    const sees = this.#sees(character);
    if (sees) this.#at++;
    return sees;
  }
}
