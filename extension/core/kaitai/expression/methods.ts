import { encodingOf } from "../encodings.ts";
import { Misfit } from "../failure.ts";
import { type Int, int } from "../integers.ts";
import { Items, type Run } from "../run.ts";
import type { Stream } from "../stream.ts";
import { BOOL, BYTE, INT, STR, type ValueType } from "../types.ts";
import { comparison } from "./values.ts";

/** What a value can be asked for, with the kinds of its arguments. */
export interface Method {
  readonly type: (of: ValueType) => ValueType;
  /** Fewest and most arguments, and of which kind each is. */
  readonly arguments: readonly [fewest: number, ...kinds: ValueType["kind"][]];
  readonly call: (of: unknown, words: readonly unknown[], run: Run, type: ValueType) => unknown;
}

const elementOf = (type: ValueType): ValueType => (type.kind === "array" ? type.of : BYTE);

function method(
  type: ValueType | ((of: ValueType) => ValueType),
  call: Method["call"],
  fewest = 0,
  ...kinds: ValueType["kind"][]
): Method {
  return {
    type: typeof type === "function" ? type : () => type,
    arguments: [fewest, ...kinds],
    call,
  };
}

/** The elements of a list, or the bytes of bytes. */
function elements(of: unknown): ArrayLike<unknown> {
  return of instanceof Items ? of.values : (of as Uint8Array);
}

function end(of: unknown, which: "first" | "last"): unknown {
  const all = elements(of);
  if (all.length === 0) throw new Misfit("emptyList", which);
  return present(all[which === "first" ? 0 : all.length - 1]);
}

/** What is used has to be there: a repeated `switch-on` without a fitting case leaves elements out. */
function present(value: unknown): unknown {
  if (value === null || value === undefined) throw new Misfit("missing", "[]");
  return value;
}

function extreme(which: "min" | "max"): Method {
  return method(elementOf, (of, _, run, type) => {
    const all = elements(of);
    if (all.length === 0) throw new Misfit("emptyList", which);
    const compare = comparison(elementOf(type));
    let best = present(all[0]);
    for (let index = 1; index < all.length; index++) {
      run.step();
      const difference = compare(present(all[index]), best, run);
      if (which === "min" ? difference < 0 : difference > 0) best = all[index];
    }
    return best;
  });
}

const size = method(INT, (of) => elements(of).length);
const list = {
  size,
  length: size,
  first: method(elementOf, (of) => end(of, "first")),
  last: method(elementOf, (of) => end(of, "last")),
  min: extreme("min"),
  max: extreme("max"),
};
const toInteger = method(INT, (of) => of);

/** By kind of value and name (User Guide, 6.4 "Methods and attributes of built-in data types"). */
const METHODS: Readonly<Partial<Record<ValueType["kind"], Readonly<Record<string, Method>>>>> = {
  int: { to_s: method(STR, (of) => String(of)) },
  float: { to_i: method(INT, (of) => truncate(of as number)) },
  bool: { to_i: method(INT, (of) => (of ? 1 : 0)) },
  enum: { to_i: toInteger },
  bytes: {
    ...list,
    to_s: method(STR, (of, [name], run) => textOf(of as Uint8Array, String(name), run), 1, "str"),
  },
  array: list,
  str: {
    length: method(INT, (of, _, run) => charactersOf(of as string, run).length),
    reverse: method(STR, (of, _, run) =>
      charactersOf(of as string, run)
        .reverse()
        .join(""),
    ),
    substring: method(
      STR,
      (of, [from, to], run) => substring(of as string, from as Int, to as Int, run),
      2,
      "int",
      "int",
    ),
    to_i: method(INT, (of, [radix = 10], run) => toInt(of as string, radix as Int, run), 0, "int"),
  },
  io: {
    size: method(INT, (of) => (of as Stream).size),
    pos: method(INT, (of) => (of as Stream).pos - (of as Stream).from),
    eof: method(BOOL, (of) => (of as Stream).isAtEnd),
  },
};

export function methodOf({ kind }: ValueType, name: string): Method | undefined {
  const methods = METHODS[kind];
  return methods && Object.hasOwn(methods, name) ? methods[name] : undefined;
}

/** An element, counted from 0. */
export function element(of: unknown, index: Int): unknown {
  const all = elements(of);
  if (typeof index !== "number" || index < 0 || index >= all.length) {
    throw new Misfit("noIndex", index, all.length);
  }
  return present(all[index]);
}

export function textOf(bytes: Uint8Array, encoding: string, run: Run): string {
  run.step(1 + (bytes.length >> 4));
  const known = encodingOf(encoding);
  if (!known) throw new Misfit("unknownEncoding", encoding);
  return run.text(known.decode(bytes));
}

function truncate(value: number): Int {
  if (!Number.isFinite(value)) throw new Misfit("noInteger", value);
  const whole = Math.trunc(value) + 0;
  return Number.isSafeInteger(whole) ? whole : int(BigInt(whole));
}

/** Characters are code points, whatever UTF-16 makes of them. */
function charactersOf(text: string, run: Run): string[] {
  run.step(1 + (text.length >> 2));
  return Array.from(text);
}

function substring(text: string, from: Int, to: Int, run: Run): string {
  const characters = charactersOf(text, run);
  if (from < 0 || from > to || to > characters.length) {
    throw new Misfit("noIndex", from < 0 || from > to ? from : to, characters.length);
  }
  return characters.slice(Number(from), Number(to)).join("");
}

function toInt(text: string, radix: Int, run: Run): Int {
  const base = Number(radix);
  const match = /^([-+]?)([0-9a-z]+)$/i.exec(text);
  if (!match || text.length > 200 || base < 2 || base > 36)
    throw new Misfit("noInteger", quoted(text));
  run.step(1 + text.length);
  let value = 0n;
  for (const digit of match[2] ?? "") {
    const worth = Number.parseInt(digit, 36);
    if (worth >= base) throw new Misfit("noInteger", quoted(text));
    value = value * BigInt(base) + BigInt(worth);
  }
  return int(match[1] === "-" ? -value : value);
}

function quoted(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 59)}…` : text}"`;
}
