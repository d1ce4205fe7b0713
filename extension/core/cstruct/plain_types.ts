import type { Target } from "./target.ts";
import type { CType, Scalar } from "./types.ts";

/** A type that is written with C's own words, in any order: "unsigned long int". Undefined: it is none. */
export function typeOfWords(words: readonly string[], target: Target): CType | undefined {
  const name = words.join(" ");
  const counts = new Map<string, number>();
  for (const word of words) {
    const known = word === "__signed__" ? "signed" : word === "bool" ? "_Bool" : word;
    counts.set(known, (counts.get(known) ?? 0) + 1);
  }
  const take = (word: string): number => {
    const count = counts.get(word) ?? 0;
    counts.delete(word);
    return count;
  };
  const signs = { signed: take("signed"), unsigned: take("unsigned") };
  const isOnly = (...rest: readonly string[]) =>
    counts.size === 0 ||
    (counts.size <= rest.length &&
      [...counts].every(([word, count]) => rest.includes(word) && count === 1));
  if (signs.signed + signs.unsigned > 1) return undefined;
  const hasSign = signs.signed + signs.unsigned > 0;
  const isSigned = signs.unsigned === 0;
  const long = take("long");
  if (counts.has("double")) {
    take("double");
    if (hasSign || counts.size > 0 || long > 1) return undefined;
    return long === 0 ? floating(name, 8, target) : longDouble(target);
  }
  if (long > 0) {
    if (long > 2 || !isOnly("int")) return undefined;
    return integer(name, long === 2 ? 8 : target.long, isSigned, target);
  }
  if (counts.has("short")) {
    return take("short") === 1 && isOnly("int") ? integer(name, 2, isSigned, target) : undefined;
  }
  if (counts.has("char")) {
    if (take("char") > 1 || counts.size > 0) return undefined;
    if (hasSign) return ofBits(name, 8, isSigned, target);
    return { ...integer(name, 1, target.isCharSigned, target), of: "char" };
  }
  if (counts.has("__int64")) {
    return take("__int64") === 1 && counts.size === 0
      ? integer(name, 8, isSigned, target)
      : undefined;
  }
  if (counts.has("int")) {
    return take("int") === 1 && counts.size === 0 ? integer(name, 4, isSigned, target) : undefined;
  }
  if (hasSign) return counts.size === 0 ? integer(name, 4, isSigned, target) : undefined;
  if (counts.size > 1) return undefined;
  if (counts.get("float") === 1) return floating(name, 4, target);
  if (counts.get("_Bool") === 1) {
    return { kind: "boolean", name, size: 1, align: 1, isSigned: false };
  }
  return undefined;
}

/** A type that a header of C's library, of Linux or of Windows defines, or that people define so. */
export function plainType(name: string, target: Target): CType | undefined {
  const [, sign, bits] =
    /^(u?)int(?:_least)?(8|16|32|64)(?:_t)?$/.exec(name) ??
    /^(?:__)?([usiUSI])(8|16|32|64)$/.exec(name) ??
    /^(U?)INT(8|16|32|64)$/.exec(name) ??
    [];
  if (bits !== undefined) {
    return ofBits(name, Number(bits), (sign ?? "").toLowerCase() !== "u", target);
  }
  const [, order, width] = /^__([lb]e)(16|32|64)$/.exec(name) ?? [];
  if (width !== undefined) {
    return {
      ...integer(name, Number(width) / 8, false, target),
      endian: order === "le" ? "le" : "be",
    };
  }
  const { pointer, wchar } = target;
  switch (name) {
    case "size_t":
    case "uintptr_t":
      return integer(name, pointer, false, target);
    case "ssize_t":
    case "ptrdiff_t":
    case "intptr_t":
      return integer(name, pointer, true, target);
    case "wchar_t":
      return integer(name, wchar.size, wchar.isSigned, target);
    case "char8_t":
    case "BYTE":
    case "UCHAR":
    case "uchar":
    case "byte":
      return ofBits(name, 8, false, target);
    case "char16_t":
    case "WORD":
    case "USHORT":
    case "ushort":
      return integer(name, 2, false, target);
    case "char32_t":
    case "DWORD":
    case "UINT":
    case "uint":
      return integer(name, 4, false, target);
    case "QWORD":
    case "DWORD64":
      return integer(name, 8, false, target);
    case "ulong":
      return integer(name, target.long, false, target);
    case "float32_t":
      return floating(name, 4, target);
    case "float64_t":
      return floating(name, 8, target);
    default:
      return undefined;
  }
}

function ofBits(name: string, bits: number, isSigned: boolean, target: Target): Scalar {
  const type = integer(name, bits / 8, isSigned, target);
  return bits === 8 && !isSigned ? { ...type, of: "byte" } : type;
}

function integer(name: string, size: number, isSigned: boolean, target: Target): Scalar {
  return { kind: "integer", name, size, align: alignment(size, target), isSigned };
}

function floating(name: string, size: number, target: Target): Scalar {
  return { kind: "float", name, size, align: alignment(size, target), isSigned: true };
}

function longDouble({ longDouble: { size, align } }: Target): Scalar {
  const kind = size === 8 ? "float" : "opaque";
  return { kind, name: "long double", size, align, isSigned: true };
}

function alignment(size: number, { align8 }: Target): number {
  return size === 8 ? align8 : size;
}
