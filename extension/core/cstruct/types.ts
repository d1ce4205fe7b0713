/** A type of C, laid out for a target. Sizes and alignments are in bytes. */
export type CType = Scalar | CEnum | CArray | CRecord;

export interface Scalar {
  readonly kind: "integer" | "boolean" | "float" | "pointer" | "opaque";
  /** As it is called in C. */
  readonly name: string;
  readonly size: number;
  readonly align: number;
  readonly isSigned: boolean;
  /** `char`: of an array it is text; `byte`: of an array it is bytes. */
  readonly of?: "char" | "byte";
  /** Whatever the order of bytes is: `__be16`, `__le32`. */
  readonly endian?: "le" | "be";
}

export interface CEnum {
  readonly kind: "enum";
  /** Undefined: it has none. */
  readonly tag: string | undefined;
  readonly size: number;
  readonly align: number;
  readonly isSigned: boolean;
  readonly members: ReadonlyMap<string, bigint>;
}

export interface CArray {
  readonly kind: "array";
  readonly of: CType;
  /** Undefined: as many as there are, at the end of a struct. */
  readonly count: number | undefined;
  readonly size: number;
  readonly align: number;
}

export interface CRecord {
  readonly kind: "struct" | "union";
  readonly tag: string | undefined;
  readonly size: number;
  readonly align: number;
  readonly members: readonly CMember[];
}

export interface CMember {
  /** Undefined: a struct or union whose members are the outer one's. */
  readonly name: string | undefined;
  readonly type: CType;
  /** From the struct's first; with little-endian bytes bit 0 is the lowest of a byte, else the highest. */
  readonly bitOffset: number;
  /** Of a bit-field. */
  readonly bitWidth: number | undefined;
}

/** As a person calls it: "struct point", "uint16_t". */
export function typeName(type: CType): string {
  if (type.kind === "array") {
    let element: CType = type;
    let counts = "";
    for (; element.kind === "array"; element = element.of) counts += `[${element.count ?? ""}]`;
    return typeName(element) + counts;
  }
  if ("tag" in type) return type.tag === undefined ? type.kind : `${type.kind} ${type.tag}`;
  return type.name;
}
