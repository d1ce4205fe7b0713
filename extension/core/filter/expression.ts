import type { Flow } from "../capture/flow_table.ts";
import type { Needle } from "./needle.ts";
import type { FilterRow, FilterSocket } from "./row.ts";

/** What a condition's answer can change with, other than its own datagram. */
export type FilterDependency = "firstTime" | "sockets";

/** A filter, understood. */
export type Expression =
  /** All of them; true where there are none. */
  | { readonly kind: "and"; readonly terms: readonly Expression[] }
  /** One of them. */
  | { readonly kind: "or"; readonly terms: readonly Expression[] }
  | { readonly kind: "not"; readonly term: Expression }
  | FlowExpression
  | {
      readonly kind: "row";
      readonly test: (row: FilterRow) => boolean;
      readonly dependsOn?: FilterDependency;
    }
  | { readonly kind: "needle"; readonly needle: Needle };

/** A condition that all datagrams of a flow answer in the same way. */
export interface FlowExpression {
  readonly kind: "flow";
  readonly test: (flow: Flow, socket: FilterSocket) => boolean;
  /** Asked of the flow that tells the row only, and not of the other end's. */
  readonly asShown?: boolean;
  readonly dependsOn?: FilterDependency;
}

export const EVERYTHING: Expression = { kind: "and", terms: [] };
export const NOTHING: Expression = { kind: "or", terms: [] };

export function not(term: Expression): Expression {
  return { kind: "not", term };
}

export function and(terms: readonly Expression[]): Expression {
  const [only] = terms;
  return only && terms.length === 1 ? only : { kind: "and", terms };
}

export function or(terms: readonly Expression[]): Expression {
  const [only] = terms;
  return only && terms.length === 1 ? only : { kind: "or", terms };
}

export function onFlow(test: FlowExpression["test"]): Expression {
  return { kind: "flow", test };
}

export function onRow(test: (row: FilterRow) => boolean): Expression {
  return { kind: "row", test };
}

/**
 * A filter without its conditions on the time since the first datagram, as far as all must hold;
 * the same one where it has none.
 */
export function withoutTimes(expression: Expression): Expression {
  if (expression.kind === "and" && expression.terms.some(isOnTime)) {
    return and(expression.terms.filter((term) => !isOnTime(term)));
  }
  return isOnTime(expression) ? EVERYTHING : expression;
}

function isOnTime(expression: Expression): boolean {
  if (expression.kind === "not") return isOnTime(expression.term);
  return expression.kind === "row" && expression.dependsOn === "firstTime";
}
