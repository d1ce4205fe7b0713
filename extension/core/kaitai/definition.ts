import type { Int } from "./integers.ts";

/** A part of a definition file: UTF-16 units of its text, `to` exclusive. */
export interface Place {
  /** The file's name as it was handed in or imported. */
  readonly file: string;
  /** As "/seq/0/size". */
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** A text of a definition that still has to be understood: an expression, or the use of a type. */
export interface Source {
  readonly text: string;
  readonly place: Place;
  /** Where in the file a unit of the text stands. */
  offsetOf(unit: number): number;
}

export type Endian = "le" | "be";

/** An order of bytes that depends on what is read (User Guide, 6.1 "Meta section", `endian` with `switch-on`). */
export interface EndianSwitch {
  readonly on: Source;
  readonly cases: readonly { readonly key: Source | undefined; readonly endian: Endian }[];
}

export interface EnumSpec {
  readonly id: string;
  readonly place: Place;
  readonly members: ReadonlyMap<Int, EnumMember>;
  readonly byId: ReadonlyMap<string, Int>;
}

export interface EnumMember {
  readonly id: string;
  readonly doc: string | undefined;
}

export interface ParamSpec {
  readonly id: string;
  readonly place: Place;
  /** Undefined: bytes. */
  readonly type: Source | undefined;
  readonly enum: Source | undefined;
}

export interface SwitchSpec {
  readonly on: Source;
  /** Without a key: what is read where no other fits. */
  readonly cases: readonly { readonly key: Source | undefined; readonly type: Source }[];
}

export interface ValidSpec {
  readonly equal?: Source;
  readonly min?: Source;
  readonly max?: Source;
  readonly anyOf?: readonly Source[];
  readonly expression?: Source;
  readonly inEnum?: Place;
}

/** A field of the sequence, or an instance. */
export interface FieldSpec {
  /** Fields without one are `_unnamed0` and so on. */
  readonly id: string;
  /** Its name, where it has one; the path is that of the whole: "/seq/0" or "/instances/x". */
  readonly place: Place;
  /** The whole of it. */
  readonly extent: Place;
  readonly idPlace: Place;
  readonly doc: string | undefined;
  /** Something in it was refused already. */
  readonly isBroken: boolean;
  /** What it has is a value, and no bytes. */
  readonly value: Source | undefined;
  readonly pos: Source | undefined;
  readonly io: Source | undefined;
  readonly condition: Source | undefined;
  readonly type: Source | SwitchSpec | undefined;
  readonly size: Source | undefined;
  readonly sizeEos: boolean;
  readonly repeat: "eos" | "expr" | "until" | undefined;
  readonly count: Source | undefined;
  readonly until: Source | undefined;
  readonly contents: Uint8Array | undefined;
  readonly valid: ValidSpec | undefined;
  readonly process: Source | undefined;
  readonly enum: Source | undefined;
  readonly encoding: Source | undefined;
  readonly terminator: number | undefined;
  readonly consume: boolean;
  readonly include: boolean;
  readonly eosError: boolean;
  readonly padRight: number | undefined;
  /** False: none. */
  readonly parent: Source | false | undefined;
}

export interface TypeSpec {
  readonly id: string;
  /** The type that it is defined in. */
  readonly outer: TypeSpec | undefined;
  readonly file: DefinitionFile;
  readonly place: Place;
  readonly doc: string | undefined;
  readonly endian: Endian | EndianSwitch | undefined;
  readonly bitEndian: Endian | undefined;
  readonly encoding: Source | undefined;
  readonly params: readonly ParamSpec[];
  readonly seq: readonly FieldSpec[];
  readonly instances: readonly FieldSpec[];
  readonly types: ReadonlyMap<string, TypeSpec>;
  readonly enums: ReadonlyMap<string, EnumSpec>;
  /** `to-string`: an expression that tells the value in words. */
  readonly toText: Source | undefined;
}

/** A file that was read, with its top type and what it imports. */
export interface DefinitionFile {
  readonly name: string;
  readonly text: string;
  readonly top: TypeSpec | undefined;
  /** Unknown types may be classes of a program: `ks-opaque-types`. */
  readonly allowsOpaque: boolean;
  readonly imports: readonly Source[];
}
