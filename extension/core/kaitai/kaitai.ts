import type { FieldPath } from "../decode/field_path.ts";
import type { Encoded } from "../payload/encoded.ts";
import type { WrittenFields } from "../payload/written_fields.ts";
import type { Inflate } from "./bytes.ts";
import { compileDefinition } from "./compiler/compiler.ts";
import { type DecodedPayload, decodePayload } from "./decode.ts";
import type { Place, TypeSpec } from "./definition.ts";
import { encodeFields, writtenPayload } from "./encode/encode.ts";
import type { Typed } from "./expression/compiler.ts";
import { type FixedField, fixedField } from "./fixed_field.ts";
import { type LoadedFiles, loadFiles, type ReadText } from "./imports.ts";
import type { StructPlan } from "./plan.ts";
import type { DefinitionProblem, Position, Report } from "./problem.ts";
import { reportStyle } from "./style.ts";

/** A definition that may be used. */
export interface Definition {
  /** `meta/id` of the definition. */
  readonly id: string;
  /** The types that payloads can be read as: the definition's own first, then those defined in it, by name. */
  readonly types: ReadonlyMap<string, StructPlan>;
  /** Of all types, those of imported files as well. */
  readonly plans: ReadonlyMap<TypeSpec, StructPlan>;
  /**
   * What a payload says. Never throws, whatever the bytes; bounded in steps, depth and output.
   *
   * @param type one of {@link types}, the definition's own unless told
   * @returns Undefined where the definition has no such type.
   */
  readonly decode: (payload: Uint8Array, type?: string) => DecodedPayload | undefined;
  /**
   * The bytes of a payload that is written as its fields, or why there are none; undefined where the definition has no such
   * type. Never throws.
   */
  readonly encode: (written: WrittenFields, type?: string) => Encoded | undefined;
  /**
   * A payload as its fields are written, so that they are these bytes again; undefined where that cannot be. Fields that are
   * derived of others are left out, and a CRC at its end is computed.
   */
  readonly fieldsText: (payload: Uint8Array, type?: string) => string | undefined;
  /** Where a field is that is at the same place in every payload; undefined where that cannot be told. */
  readonly fixedField: (path: FieldPath, type?: string) => FixedField | undefined;
  /**
   * An expression over the fields of a type ("header.flags & 1 != 0").
   * @throws {Refusal} Where it is none, or names what is not there.
   */
  readonly expression: (text: string, type: StructPlan) => Typed;
}

export interface LoadedDefinition {
  /** Undefined where there is an error among the problems. */
  readonly definition: Definition | undefined;
  /** Of all files, in the order of their files and places. */
  readonly problems: readonly DefinitionProblem[];
  /** Where a part of one of the files stands; undefined for a file that is none of them. */
  readonly positionOf: (place: Place) => Position | undefined;
}

export interface LoadOptions {
  /** Reads what is imported; without it there is nothing that could be. */
  readonly read?: ReadText;
  /** Unpacks zlib data; without it a definition that needs that is refused. */
  readonly inflate?: Inflate;
}

/**
 * Reads and checks a definition in Kaitai Struct's language (.ksy, version 0.11), with what it imports. It is data: nothing
 * of it is run as code, and what is outside of what is interpreted here is a problem with its place.
 *
 * @param path of the file; imports are relative to its folder
 */
export async function loadDefinition(
  path: string,
  text: string,
  { read = async () => undefined, inflate }: LoadOptions = {},
): Promise<LoadedDefinition> {
  return compileFiles(await loadFiles(path, text, read), inflate);
}

/** Checks and compiles files that were loaded. */
export function compileFiles(
  { files, yaml }: LoadedFiles,
  inflate: Inflate | undefined,
): LoadedDefinition {
  const report: Report = (severity, code, place, words) => {
    yaml.get(place.file)?.reportAs(severity, code, place, ...words);
  };
  const positionOf = (place: Place) => yaml.get(place.file)?.positionOf(place);
  const { plans, expression, checker } = compileDefinition(files, { inflate, report, positionOf });
  const isRefused = [...yaml.values()].some((file) => file.problems.some(isError));
  if (!isRefused) for (const file of files) reportStyle(file, report);
  const problems = [...yaml.values()].flatMap((file) => file.problems.sort(byPlace));
  const top = files[0]?.top;
  const own = top && plans.get(top);
  if (!top || !own || isRefused) {
    return { definition: undefined, problems, positionOf };
  }
  const types = new Map<string, StructPlan>([[top.id, own]]);
  for (const type of top.types.values()) {
    const plan = plans.get(type);
    if (plan) types.set(type.id, plan);
  }
  return {
    definition: {
      id: top.id,
      types,
      plans,
      decode: (payload, type = top.id) => {
        const plan = types.get(type);
        return plan && decodePayload(plan, payload);
      },
      encode: (written, type = top.id) => {
        const plan = types.get(type);
        return plan && encodeFields({ plan, plans, checker }, written);
      },
      fieldsText: (payload, type = top.id) => {
        const plan = types.get(type);
        return plan && writtenPayload({ plan, plans, checker }, payload);
      },
      fixedField: (path, type = top.id) => {
        const plan = types.get(type);
        return plan && fixedField(plan, plans, path);
      },
      expression: (text, type) => expression(text, type.spec),
    },
    problems,
    positionOf,
  };
}

function isError({ severity }: DefinitionProblem): boolean {
  return severity === "error";
}

function byPlace(a: DefinitionProblem, b: DefinitionProblem): number {
  return a.line - b.line || a.column - b.column;
}
