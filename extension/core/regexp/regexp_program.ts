import type { Instruction, Program } from "./automaton.ts";

/** Why an expression cannot be used; `what` is the construct or the character. */
export interface RegexpProblem {
  readonly code: "regexpSyntax" | "regexpUnsupported" | "regexpTooLarge";
  readonly what: string;
}

/** A regular expression, read. */
export type Node =
  | { readonly kind: "set"; readonly set: Uint8Array }
  | { readonly kind: "sequence" | "choice"; readonly nodes: readonly Node[] }
  | { readonly kind: "repeat"; readonly node: Node; readonly min: number; readonly max: number }
  | { readonly kind: "start" | "end" };

/** Bounds the automaton, and with it the time for one byte and the memory. */
const MAX_STEPS = 2000;

/** Carries a problem to compileRegexp(), which returns it. */
export class RegexpError extends Error {
  readonly problem: RegexpProblem;

  constructor(code: RegexpProblem["code"], what: string) {
    super(code);
    this.problem = { code, what };
  }
}

/** Puts the instructions together from the end to the start, so that each knows the next. */
export function assemble(root: Node): Program {
  const instructions: Instruction[] = [];
  let steps = 0;
  const add = (instruction: Instruction) => instructions.push(instruction) - 1;
  const emit = (node: Node, next: number): number => {
    steps++;
    if (steps > MAX_STEPS) throw new RegexpError("regexpTooLarge", "");
    switch (node.kind) {
      case "set":
        return add({ kind: "byte", set: node.set, next });
      case "start":
      case "end":
        return add({ kind: node.kind, next });
      case "sequence":
        return node.nodes.reduceRight((after, part) => emit(part, after), next);
      case "choice":
        return node.nodes.length === 1
          ? node.nodes.reduce((after, part) => emit(part, after), next)
          : add({ kind: "either", next: node.nodes.map((part) => emit(part, next)) });
      case "repeat":
        return repeat(node, next);
    }
  };
  const repeat = ({ node, min, max }: Node & { kind: "repeat" }, next: number): number => {
    let first = next;
    if (max === Number.POSITIVE_INFINITY) {
      const loop = { kind: "either" as const, next: [next] as readonly number[] };
      first = add(loop);
      loop.next = [emit(node, first), next];
    } else {
      for (let count = min; count < max; count++) {
        first = add({ kind: "either", next: [emit(node, first), next] });
      }
    }
    for (let count = 0; count < min; count++) first = emit(node, first);
    return first;
  };
  const match = add({ kind: "match" });
  const first = emit(root, match);
  return { instructions, first };
}
