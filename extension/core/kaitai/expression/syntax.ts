import type { Int } from "../integers.ts";

/** Where it stands in its expression: UTF-16 units, `to` exclusive. */
interface Span {
  readonly from: number;
  readonly to: number;
}

export type BinaryOperator =
  | "or"
  | "and"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "|"
  | "^"
  | "&"
  | "<<"
  | ">>"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%";

/** A type as it is written in `.as<a::b[]>`: names from the outermost to the innermost. */
export interface TypePath extends Span {
  readonly names: readonly string[];
  /** Begins with `::`. */
  readonly isAbsolute: boolean;
  readonly isArray: boolean;
}

/** An expression as a tree. */
export type Expression = Span &
  (
    | { readonly kind: "int"; readonly value: Int }
    | { readonly kind: "float"; readonly value: number }
    | { readonly kind: "bool"; readonly value: boolean }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "format"; readonly parts: readonly (string | Expression)[] }
    | { readonly kind: "list"; readonly items: readonly Expression[] }
    | { readonly kind: "name"; readonly name: string }
    /** `a::b::c`: a member of an enum. */
    | { readonly kind: "member"; readonly path: TypePath }
    | { readonly kind: "sizeof"; readonly unit: "bytes" | "bits"; readonly type: TypePath }
    | {
        readonly kind: "unary";
        readonly operator: "-" | "+" | "~" | "not";
        readonly of: Expression;
      }
    | {
        readonly kind: "binary";
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: "choice";
        readonly condition: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
    | { readonly kind: "index"; readonly of: Expression; readonly index: Expression }
    | {
        readonly kind: "attribute";
        readonly of: Expression;
        readonly name: string;
        /** Of a call; undefined without parentheses. */
        readonly arguments?: readonly Expression[] | undefined;
        readonly nameFrom: number;
      }
    | { readonly kind: "cast"; readonly of: Expression; readonly type: TypePath }
  );
