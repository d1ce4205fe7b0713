import type { Endian } from "./definition.ts";
import type { Int } from "./integers.ts";
import { ANY, BOOL, BYTE, BYTES, FLOAT, INT, IO, STR, STRUCT, type ValueType } from "./types.ts";

/** A type that needs no definition (User Guide, appendix "Built-in types"). */
export type BuiltIn =
  | {
      readonly kind: "int";
      readonly size: 1 | 2 | 4 | 8;
      readonly isSigned: boolean;
      readonly endian: Endian | undefined;
    }
  | { readonly kind: "float"; readonly size: 4 | 8; readonly endian: Endian | undefined }
  | { readonly kind: "bits"; readonly count: number; readonly endian: Endian | undefined }
  | { readonly kind: "str" }
  | { readonly kind: "strz" };

/** What a field can be read as; undefined where the name is none of these. */
export function builtInOf(name: string): BuiltIn | undefined {
  const number = /^(?:([us])([1248])|f([48]))(le|be)?$/.exec(name);
  if (number) {
    const [, sign, size, floatSize, endian] = number;
    if (floatSize) {
      return {
        kind: "float",
        size: Number(floatSize) as 4 | 8,
        endian: endian as Endian | undefined,
      };
    }
    if (size === "1" && endian) return undefined;
    return {
      kind: "int",
      size: Number(size) as 1 | 2 | 4 | 8,
      isSigned: sign === "s",
      endian: endian as Endian | undefined,
    };
  }
  const bits = /^b([1-9]\d?)(le|be)?$/.exec(name);
  if (bits) {
    const count = Number(bits[1]);
    return count <= 64 ? { kind: "bits", count, endian: bits[2] as Endian | undefined } : undefined;
  }
  return name === "str" || name === "strz" ? { kind: name } : undefined;
}

/** What has as many bytes or bits as its name says. */
export type NumberType = Exclude<BuiltIn, { kind: "str" | "strz" }>;

export function numberTypeOf(name: string): NumberType | undefined {
  const type = builtInOf(name);
  return type && type.kind !== "str" && type.kind !== "strz" ? type : undefined;
}

/** The values of a built-in type. One bit is a boolean, unless it has an enum. */
export function valueTypeOf(type: BuiltIn, hasEnum = false): ValueType {
  switch (type.kind) {
    case "int":
      return type.size === 1 && !type.isSigned ? BYTE : INT;
    case "bits":
      return type.count === 1 && !hasEnum ? BOOL : INT;
    case "float":
      return FLOAT;
    default:
      return STR;
  }
}

/** Bits; undefined where that depends on what is read. */
export function bitsOf(type: BuiltIn): number | undefined {
  if (type.kind === "bits") return type.count;
  return type.kind === "int" || type.kind === "float" ? type.size * 8 : undefined;
}

const OTHERS = new Map<string, ValueType>([
  ["bool", BOOL],
  ["bytes", BYTES],
  ["io", IO],
  ["struct", STRUCT],
  ["any", ANY],
]);

/** What a parameter can be, or a value be taken for. */
export function valueTypeNamed(name: string): ValueType | undefined {
  const builtIn = builtInOf(name);
  return builtIn ? valueTypeOf(builtIn) : OTHERS.get(name);
}

/** A number at an index; the caller has made sure that its bytes are there. */
export type ReadNumber = (view: DataView, at: number) => Int;

/** How a number of 1, 2, 4 or 8 bytes is read; those of 8 are exact, too. */
export function numberReader(
  type: BuiltIn & { kind: "int" | "float" },
  isLittle: boolean,
): ReadNumber {
  if (type.kind === "float") {
    return type.size === 4
      ? (view, at) => view.getFloat32(at, isLittle)
      : (view, at) => view.getFloat64(at, isLittle);
  }
  const { size, isSigned } = type;
  if (size === 1)
    return isSigned ? (view, at) => view.getInt8(at) : (view, at) => view.getUint8(at);
  if (size === 2) {
    return isSigned
      ? (view, at) => view.getInt16(at, isLittle)
      : (view, at) => view.getUint16(at, isLittle);
  }
  if (size === 4) {
    return isSigned
      ? (view, at) => view.getInt32(at, isLittle)
      : (view, at) => view.getUint32(at, isLittle);
  }
  const [highAt, lowAt] = isLittle ? [4, 0] : [0, 4];
  return (view, at) => {
    const high = isSigned
      ? view.getInt32(at + highAt, isLittle)
      : view.getUint32(at + highAt, isLittle);
    const value = high * 0x1_0000_0000 + view.getUint32(at + lowAt, isLittle);
    if (Number.isSafeInteger(value)) return value;
    return isSigned ? view.getBigInt64(at, isLittle) : view.getBigUint64(at, isLittle);
  };
}
