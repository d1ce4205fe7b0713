import type { EnumSpec, TypeSpec } from "./definition.ts";

/** What is known of a value before there is one. */
export type ValueType =
  /** `byte`: certainly from 0 to 255. */
  | { readonly kind: "int"; readonly byte?: boolean }
  | { readonly kind: "float" | "bool" | "str" | "bytes" | "io" }
  /** One of several kinds: good for nothing but `.as<>`. */
  | { readonly kind: "any" }
  | { readonly kind: "array"; readonly of: ValueType }
  | { readonly kind: "enum"; readonly enum: EnumSpec }
  /** Without a type: a structure of which it is not known which. */
  | { readonly kind: "struct"; readonly type?: TypeSpec | undefined };

export const INT: ValueType = { kind: "int" };
export const BYTE: ValueType = { kind: "int", byte: true };
export const FLOAT: ValueType = { kind: "float" };
export const BOOL: ValueType = { kind: "bool" };
export const STR: ValueType = { kind: "str" };
export const BYTES: ValueType = { kind: "bytes" };
export const IO: ValueType = { kind: "io" };
export const ANY: ValueType = { kind: "any" };
export const STRUCT: ValueType = { kind: "struct" };

/** In the words of the language. */
export function typeName(type: ValueType): string {
  switch (type.kind) {
    case "array":
      return `${typeName(type.of)}[]`;
    case "enum":
      return `enum ${type.enum.id}`;
    case "struct":
      return type.type ? type.type.id : type.kind;
    default:
      return type.kind;
  }
}

/** True where they are of one type, whatever the width. */
export function sameType(a: ValueType, b: ValueType): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "array" && b.kind === "array") return sameType(a.of, b.of);
  if (a.kind === "enum" && b.kind === "enum") return a.enum === b.enum;
  if (a.kind === "struct" && b.kind === "struct") return a.type === b.type;
  return true;
}

/** The type of a value that is of one or the other; undefined where no sensible value is. */
export function combine(a: ValueType, b: ValueType): ValueType | undefined {
  if (a.kind === "int" && b.kind === "int") return a.byte && b.byte ? BYTE : INT;
  if (sameType(a, b)) return a;
  if (isNumber(a) && isNumber(b)) return FLOAT;
  if (a.kind === "struct" && b.kind === "struct") return STRUCT;
  return undefined;
}

export function isNumber(type: ValueType): boolean {
  return type.kind === "int" || type.kind === "float";
}

/** True where a value of one type may be given where the other is wanted. */
export function fits(given: ValueType, wanted: ValueType): boolean {
  if (wanted.kind === "any") return true;
  if (wanted.kind === "float") return isNumber(given);
  if (wanted.kind === "struct" && given.kind === "struct") {
    return wanted.type === undefined || wanted.type === given.type;
  }
  if (wanted.kind === "array" && given.kind === "array") return fits(given.of, wanted.of);
  // A list of nothing but bytes is bytes; it is a list of integers as well.
  if (wanted.kind === "array" && given.kind === "bytes") return wanted.of.kind === "int";
  return sameType(given, wanted);
}
