/** What a `.proto` says, with its names resolved. */

export const SCALARS = [
  ...["double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64"],
  ...["fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes"],
] as const;

export interface Message {
  readonly kind: "message";
  /** With its package: "acme.Sensor.Point". */
  readonly fullName: string;
  readonly fields: Map<number, Field>;
}

export interface Enum {
  readonly kind: "enum";
  readonly fullName: string;
  /** The first name of each number. */
  readonly names: Map<number, string>;
}

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly isRepeated: boolean;
  /** Repeated numbers are written one behind the other, with one tag; they are read either way. */
  readonly isPacked: boolean;
  /** A group, or a message that is written as one: between two tags (`DELIMITED` of editions). */
  readonly isDelimited: boolean;
  /** A scalar as it is called; else as it is written until it is resolved. */
  readonly type: string;
  /** Undefined for scalars. */
  resolved: Message | Enum | undefined;
  /** Of the type's name in the file. */
  readonly at: number;
}

export interface Schema {
  /** Of the file itself, and of those in its messages, in their order. */
  readonly messages: readonly Message[];
  /** Of all files, by full name. */
  readonly byName: ReadonlyMap<string, Message | Enum>;
}

export function isScalar(type: string): boolean {
  return (SCALARS as readonly string[]).includes(type);
}
