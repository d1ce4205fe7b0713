import type { Source } from "../definition.ts";
import { parseExpression } from "../expression/parser.ts";
import type { Expression } from "../expression/syntax.ts";
import type { Int } from "../integers.ts";
import * as integers from "../integers.ts";
import { Struct } from "../run.ts";

/** What solving an expression for one of its fields needs to know of the payload that is being written. */
export interface Unknowns {
  /** The value of an expression in a structure as far as that is written; undefined where it has none yet. */
  valueOf(expression: Expression, self: Struct): unknown;
  /** Gives a field a value, if nobody has written one. */
  set(self: Struct, slot: number, value: Int | boolean): boolean;
  /** What a parameter of a structure was given: an expression in the structure around it. */
  argument(
    self: Struct,
    slot: number,
  ): { readonly of: Expression; readonly in: Struct } | undefined;
}

const parsed = new WeakMap<Source, Expression>();

/** An expression of a definition that was checked. */
export function expressionOf(source: Source): Expression {
  let expression = parsed.get(source);
  if (!expression) {
    expression = parseExpression(source.text);
    parsed.set(source, expression);
  }
  return expression;
}

/**
 * Looks for a field that nobody has written, and whose value makes an expression have the value that is wanted: `len` for
 * `len - 4`, `has_temp` for `has_temp`, `flags` for `flags & 2 != 0`. False where there is none.
 */
export function derive(
  expression: Expression,
  self: Struct,
  wanted: Int | boolean,
  unknowns: Unknowns,
): boolean {
  const again = (of: Expression, value: Int | boolean) => derive(of, self, value, unknowns);
  switch (expression.kind) {
    case "name":
      return deriveSlot(self, expression.name, wanted, unknowns);
    case "cast":
      return again(expression.of, wanted);
    case "attribute": {
      if (expression.arguments) return false;
      if (expression.name === "to_i") return again(expression.of, wanted);
      const owner = unknowns.valueOf(expression.of, self);
      return owner instanceof Struct && deriveSlot(owner, expression.name, wanted, unknowns);
    }
    case "unary": {
      if (expression.operator === "not") return again(expression.of, !wanted);
      if (expression.operator === "-") return again(expression.of, integers.negate(Number(wanted)));
      return false;
    }
    case "binary":
      return deriveBinary(expression, self, wanted, unknowns);
    default:
      return false;
  }
}

function deriveSlot(
  owner: Struct,
  name: string,
  wanted: Int | boolean,
  unknowns: Unknowns,
): boolean {
  const { slots, spec } = owner.plan;
  const slot = slots.findIndex(({ id }) => id === name);
  if (slots[slot]?.kind === "field") return unknowns.set(owner, slot, wanted);
  if (slots[slot]?.kind === "param") {
    const given = unknowns.argument(owner, slot);
    return given !== undefined && derive(given.of, given.in, wanted, unknowns);
  }
  const value = spec.instances.find(({ id }) => id === name)?.value;
  return value !== undefined && derive(expressionOf(value), owner, wanted, unknowns);
}

type Binary = Expression & { readonly kind: "binary" };

function deriveBinary(
  expression: Binary,
  self: Struct,
  wanted: Int | boolean,
  unknowns: Unknowns,
): boolean {
  const { operator, left, right } = expression;
  const again = (of: Expression, value: Int | boolean) => derive(of, self, value, unknowns);
  if (operator === "and") {
    if (wanted !== true) return false;
    // Of two that hold already nothing has to be derived.
    const isLeft = unknowns.valueOf(left, self) === true || again(left, true);
    return (unknowns.valueOf(right, self) === true || again(right, true)) && isLeft;
  }
  if (operator === "or") return wanted === true && (again(left, true) || again(right, true));
  const [a, b] = [unknowns.valueOf(left, self), unknowns.valueOf(right, self)];
  const attempt = (of: Expression, value: Int | boolean | undefined) =>
    value !== undefined && again(of, value);
  if (typeof wanted === "boolean") {
    if (!isValue(a) && !isValue(b)) return false;
    return (
      (isValue(b) &&
        attempt(left, sideFor(operator, wanted, b, false, maskOf(left, self, unknowns)))) ||
      (isValue(a) &&
        attempt(right, sideFor(operator, wanted, a, true, maskOf(right, self, unknowns))))
    );
  }
  return (
    (isInt(b) && attempt(left, leftOf(operator, wanted, b, a))) ||
    (isInt(a) && attempt(right, rightOf(operator, wanted, a, b)))
  );
}

/** The bits that an expression leaves of a field: of `flags & 2` these are 2. */
function maskOf(of: Expression, self: Struct, unknowns: Unknowns): Int | undefined {
  if (of.kind !== "binary" || of.operator !== "&") return undefined;
  const mask = unknowns.valueOf(of.right, self);
  return isInt(mask) ? mask : undefined;
}

/** What one side of a comparison has to be so that it holds, or does not; `isRight`: the other side is the left one. */
function sideFor(
  operator: Binary["operator"],
  wanted: boolean,
  other: Int | boolean,
  isRight: boolean,
  mask: Int | undefined,
): Int | boolean | undefined {
  if (operator === "==" ? wanted : operator === "!=" && !wanted) return other;
  if (operator === "==" || operator === "!=") {
    if (typeof other === "boolean") return !other;
    if (other !== 0) return mask === undefined ? integers.add(other, 1) : 0;
    return mask ?? 1;
  }
  if (!wanted || typeof other === "boolean") return undefined;
  if (operator === "<=" || operator === ">=") return other;
  if (operator !== "<" && operator !== ">") return undefined;
  return integers.add(other, (operator === ">") !== isRight ? 1 : -1);
}

/** What is on the left, by what is on the right and what comes of both. */
function leftOf(
  operator: Binary["operator"],
  wanted: Int,
  right: Int,
  now: unknown,
): Int | undefined {
  switch (operator) {
    case "+":
      return integers.subtract(wanted, right);
    case "-":
      return integers.add(wanted, right);
    case "*":
      return right !== 0 && integers.modulo(wanted, right) === 0
        ? integers.divide(wanted, right)
        : undefined;
    case "/":
      return integers.multiply(wanted, right);
    case "<<":
      return bitsFit(right) && integers.modulo(wanted, integers.shiftLeft(1, right)) === 0
        ? integers.shiftRight(wanted, right)
        : undefined;
    case ">>":
      return bitsFit(right) ? integers.shiftLeft(wanted, right) : undefined;
    case "&": {
      if (integers.and(wanted, right) !== wanted) return undefined;
      const others = integers.and(isInt(now) ? now : 0, integers.invert(right));
      return integers.or(others, wanted);
    }
    default:
      return undefined;
  }
}

function rightOf(
  operator: Binary["operator"],
  wanted: Int,
  left: Int,
  now: unknown,
): Int | undefined {
  if (operator === "-") return integers.subtract(left, wanted);
  if (operator === "+" || operator === "*" || operator === "&") {
    return leftOf(operator, wanted, left, now);
  }
  return undefined;
}

function bitsFit(bits: Int): boolean {
  return bits >= 0 && bits <= 64;
}

function isInt(value: unknown): value is Int {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

function isValue(value: unknown): value is Int | boolean {
  return isInt(value) || typeof value === "boolean";
}
