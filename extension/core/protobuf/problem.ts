/** What can be wrong with a `.proto`, in English; `{0}` and so on stand for the arguments. Whoever shows one translates it. */
export const PROTO_PROBLEMS = {
  notProto: "{0} is nothing that a .proto knows.",
  expected: "Expected {0}, found {1}.",
  endOfFile: "Expected {0}, but the file ends here.",
  unclosed: "{0} is not closed.",
  nestedTooDeep: "Messages are nested deeper than {0}.",
  fileTooLong: "The file has more than {0} characters.",
  importsTooMany: "More than {0} files are imported.",
  importNotFound: "There is no file {0} in the workspace that could be imported.",
  unknownSyntax: "{0} is no syntax that is known: proto2, proto3, or an edition.",
  badNumber: "A field has a number from 1 to 536870911, and none from 19000 to 19999; {0} is none.",
  badEnumNumber: "An enum has numbers of 32 bits; {0} is none.",
  duplicateName: "The name {0} is there twice.",
  duplicateNumber: "{0} has the number {1}, as {2} has.",
  unknownType: "There is no message and no enum {0} here.",
  badKey: "{0} cannot be the key of a map.",
  firstNotZero: "The first value of an enum is 0 in proto3; {0} is not.",
  noMessage: "The file has no message.",
} as const;

export type ProtoProblemCode = keyof typeof PROTO_PROBLEMS;

/** Why bytes are no message of a type, in the same way. Bytes count from 0. */
export const WIRE_PROBLEMS = {
  bytesLeft: "{0} bytes left, {1} needs {2}.",
  varintEnds: "The payload ends within the number at byte {0}.",
  varintTooLong: "The number at byte {0} has more than 64 bits.",
  badTag: "The tag at byte {0} has no field number.",
  badWireType: "The tag at byte {0} has the wire type {1}, which is none.",
  groupEnds: "The group {0} does not end.",
  groupNotOpen: "A group ends at byte {0} that did not begin.",
  tooDeep: "{0} is nested too deep.",
  headerEnds: "The header has {0} bytes, and the payload {1}.",
} as const;

export type WireProblemCode = keyof typeof WIRE_PROBLEMS;

/** What is wrong with a `.proto`, and where. */
export interface ProtoProblem {
  /** As it was handed in or imported. */
  readonly file: string;
  /** From 1, as editors count; columns are UTF-16 units. */
  readonly line: number;
  readonly column: number;
  readonly code: ProtoProblemCode;
  /** For the placeholders of `PROTO_PROBLEMS[code]`: parts of the file as they are. */
  readonly arguments: readonly string[];
}

/** Carries a problem to whoever knows the file. */
export class ProtoRefusal extends Error {
  readonly code: ProtoProblemCode;
  readonly words: readonly string[];
  /** UTF-16 units of the file. */
  readonly at: number;

  constructor(code: ProtoProblemCode, at: number, ...words: readonly (string | number)[]) {
    super(code);
    this.code = code;
    this.at = at;
    this.words = words.map((word) => String(word).slice(0, 100));
  }
}
