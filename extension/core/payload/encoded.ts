import {
  type Computed,
  completeTemplate,
  type Part,
  TEMPLATE_PROBLEMS,
  type Template,
} from "./template.ts";
import { FIELDS_PROBLEMS, FieldsRefusal } from "./written_fields.ts";

/** Why fields are no payload of their definition, as English templates; `{0}` is mostly the path of a field. */
export const ENCODE_PROBLEMS = {
  ...TEMPLATE_PROBLEMS,
  ...FIELDS_PROBLEMS,
  notThisType: "{0} is {1} here, not {2}",
  noField: "{1} has no field {0}: there are {2}",
  isComputed: "{0} is computed of other fields and has no bytes: leave it out",
  elsewhere: "{0} is at a place of its own (pos), where nothing can be written: leave it out",
  notThere: "{0} is not there: {1} does not hold",
  noCase: "{0} is not there: {1} is {2}, for which it has no case",
  wantsInteger: "{0} is an integer, and {1} is none",
  wantsNumber: "{0} is a number, and {1} is none",
  wantsFlag: "{0} is true or false, not {1}",
  wantsText: "{0} is a text: write it in quotes, not as {1}",
  wantsBytes: "{0} is bytes: write hexadecimal digits, or a text in quotes, not {1}",
  wantsFields: "{0} has fields of its own: write them in braces, not {1}",
  wantsList: "{0} is repeated: write its elements in brackets, not {1}",
  outOfRange: "{0} is {1}, and holds {2} to {3}",
  noMember: "{0} is none of the names of {1}: there are {2}",
  wrongSize: "{0} has {1} bytes, and its definition gives it {2}",
  wrongCount: "{0} has {1} elements, and its definition gives it {2}",
  noCharacter: "{0} has a character that {1} does not have",
  unknownEncoding: "{0} has the encoding {1}, which cannot be written",
  isPacked: "{0} is packed by {1}, which cannot be written backwards",
  computedSize: "{1} computes {2} bytes, and {0} has {3}",
  computedHere: "{1} cannot be computed within {0}",
  readOtherwise: "{0} would be read as {1}, not as {2}: something before it does not lead there",
  doesNotFit: "its definition would not read it: {0}",
  unsettled: "lengths and counts in it depend on each other: write them all",
  tooLong: "it gets longer than {0} bytes",
  notWritable: "{0} cannot be written backwards",
  noDefinition: "no definition of udpWorkbench.definitions is called {0}: there are {1}",
} as const;

export interface EncodeProblem {
  readonly code: keyof typeof ENCODE_PROBLEMS;
  /** For the placeholders; parts of the text, and of the definition, as they are. */
  readonly arguments: readonly string[];
  /** Of `doesNotFit`: why not, by the code of the table of misfits. */
  readonly misfit?: { readonly code: string; readonly arguments: readonly string[] };
}

/** A payload that was made of fields; or why none could be. */
export type Encoded =
  | {
      readonly template: Template;
      /** Lengths, counts and the like that nobody has written and that other fields ask for: `len 5`. */
      readonly derived: readonly string[];
      readonly problem?: never;
    }
  | { readonly problem: EncodeProblem; readonly template?: never };

/** Carries why something cannot be written to where the writing began. */
export class Unwritable extends Error {
  readonly problem: EncodeProblem;

  constructor(code: EncodeProblem["code"], ...words: readonly (string | number | bigint)[]) {
    super(code);
    this.problem = { code, arguments: words.map((word) => shortened(String(word))) };
  }
}

/** What comes of writing; what is wrong with the text or with a field is told. */
export function encoded(write: () => Encoded): Encoded {
  try {
    return write();
  } catch (error) {
    if (error instanceof Unwritable) return { problem: error.problem };
    if (!(error instanceof FieldsRefusal)) throw error;
    return { problem: { code: error.code, arguments: error.words } };
  }
}

/** Bytes of a payload that are computed when it is sent, and where. */
export interface Hole {
  readonly at: number;
  readonly computed: Computed;
}

/** Bytes with those that are computed in the place of what they have there. */
export function templateOf(bytes: Uint8Array, holes: readonly Hole[]): Template {
  const parts: Part[] = [];
  let from = 0;
  for (const { at, computed } of holes.toSorted((a, b) => a.at - b.at)) {
    if (at > from) parts.push(bytes.slice(from, at));
    parts.push(computed);
    from = at + computed.length;
  }
  if (from < bytes.length) parts.push(bytes.slice(from));
  const { template, problem } = { problem: undefined, ...completeTemplate(parts) };
  if (template) return template;
  throw new Unwritable(problem?.code ?? "notWritable", ...(problem?.arguments ?? []));
}

/** A part of a sentence. */
function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
