import { stripTypeScriptTypes } from "node:module";
import { type Node, parse } from "acorn";

/** A small change to a source file, and where it is. */
export interface Mutant {
  /** Path from the project's root. */
  readonly file: string;
  /** First character of what is replaced, and the one behind its last. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** What becomes of an operator: the slip of a hand, not nonsense. */
const OPERATORS: Readonly<Record<string, string>> = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "&": "|",
  "|": "&",
  "^": "&",
  "<<": ">>",
  ">>": "<<",
  ">>>": "<<",
  "&&": "||",
  "||": "&&",
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "|=": "&=",
  "&=": "|=",
  "<<=": ">>=",
  ">>=": "<<=",
  ">>>=": "<<=",
  "++": "--",
  "--": "++",
};

type AnyNode = Node & Record<string, unknown>;

/**
 * All mutants of a TypeScript file. Types are blanked out, not cut out, before the file is parsed, so that
 * every position is one in the file as it stands.
 */
export function findMutants(file: string, source: string): Mutant[] {
  const program = parse(stripTypeScriptTypes(source, { mode: "strip" }), {
    ecmaVersion: "latest",
    sourceType: "module",
  });
  const mutants: Mutant[] = [];
  const replace = (start: number, end: number, replacement: string) =>
    mutants.push({ file, start, end, replacement });
  visit(program as unknown as AnyNode, undefined, (node, parent) => {
    switch (node.type) {
      case "BinaryExpression":
      case "LogicalExpression":
      case "AssignmentExpression":
        mutateOperator(node, source, replace);
        return;
      case "UpdateExpression":
        replaceOperator(node.operator as string, source, node.start, node.end, replace);
        return;
      case "UnaryExpression":
        if (node.operator === "!" || node.operator === "-") {
          replace(node.start, node.start + 1, " ");
        }
        return;
      case "Literal":
        mutateLiteral(node, parent, replace);
        return;
      case "IfStatement":
      case "ConditionalExpression":
        replaceNode(node.test as AnyNode, "true", replace);
        replaceNode(node.test as AnyNode, "false", replace);
        return;
      case "WhileStatement":
        replaceNode(node.test as AnyNode, "false", replace);
        return;
      case "ExpressionStatement":
        // What is called for what it does, not for what it returns.
        if (isCall(node.expression as AnyNode)) replace(node.start, node.end, ";");
        return;
    }
  });
  return mutants;
}

type Replace = (start: number, end: number, replacement: string) => void;

function visit(
  node: AnyNode,
  parent: AnyNode | undefined,
  see: (node: AnyNode, parent: AnyNode | undefined) => void,
): void {
  see(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) visit(child, node, see);
    }
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function mutateOperator(node: AnyNode, source: string, replace: Replace): void {
  const left = node.left as AnyNode;
  const right = node.right as AnyNode;
  replaceOperator(node.operator as string, source, left.end, right.start, replace);
}

/** Replaces an operator that stands somewhere from `start` to `end`. */
function replaceOperator(
  operator: string,
  source: string,
  start: number,
  end: number,
  replace: Replace,
): void {
  const other = OPERATORS[operator];
  const at = source.slice(start, end).indexOf(operator);
  if (other !== undefined && at >= 0) {
    replace(start + at, start + at + operator.length, other);
  }
}

function mutateLiteral(node: AnyNode, parent: AnyNode | undefined, replace: Replace): void {
  // `bytes[at] ?? 0`: the type checker wants it, and no test can reach it.
  if (parent?.type === "LogicalExpression" && parent.operator === "??") return;
  if (typeof node.value === "number") replaceNode(node, String(node.value + 1), replace);
  if (typeof node.value === "boolean") replaceNode(node, String(!node.value), replace);
}

function replaceNode(node: AnyNode, replacement: string, replace: Replace): void {
  replace(node.start, node.end, replacement);
}

function isCall(expression: AnyNode): boolean {
  return expression.type === "CallExpression" || expression.type === "AwaitExpression";
}
