import type { DecodeProblemCode } from "./problem.ts";

/** A piece of a datagram that means something. Texts are printable, names are those of the protocol's specification. */
export interface DecodedField {
  readonly name: string;
  readonly value: string;
  /** First byte in the payload, and the one behind the last. Fields within lie within; a range may be empty. */
  readonly from: number;
  readonly to: number;
  readonly fields: readonly DecodedField[];
  /** Of a definition's field: where that names it. */
  readonly definedAt?: DefinedAt;
}

/** A line of a definition. */
export interface DefinedAt {
  /** As the definition's files are named: a path within the workspace. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What a payload says, in the words of one protocol. */
export interface Decoded {
  /** "DNS" */
  readonly protocol: string;
  /** One line: "query A example.org". */
  readonly summary: string;
  readonly fields: readonly DecodedField[];
}

/** Why a payload is no message of that protocol. */
export interface DecodeProblem {
  readonly protocol: string;
  /** What is wrong: one sentence, in English and printable; the host translates `code` and `arguments`. */
  readonly problem: string;
  readonly code: DecodeProblemCode;
  /** For the placeholders of `DECODE_PROBLEMS[code]`; printable. */
  readonly arguments: readonly string[];
  /** What could be read before, where the capture ends and not the payload; without the values that it ends within. */
  readonly fields?: readonly DecodedField[];
}
