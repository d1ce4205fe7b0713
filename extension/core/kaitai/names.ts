import { bitsOf, builtInOf, valueTypeNamed } from "./built_in.ts";
import type { DefinitionFile, EnumSpec, FieldSpec, Source, TypeSpec } from "./definition.ts";
import { parseTypeCall } from "./expression/parser.ts";
import { parseInteger } from "./integers.ts";
import { Refusal } from "./problem.ts";
import type { ValueType } from "./types.ts";

/** Deepest fixed-size structures in one another. */
const DEEPEST = 64;

/** How a field uses a type. */
export interface TypeUse {
  readonly source: Source;
  readonly key: Source | undefined;
}

/** The type of a field, or the types that it may have. */
export function typeUses(field: FieldSpec): readonly TypeUse[] {
  const { type } = field;
  if (!type) return [];
  return "on" in type
    ? type.cases.map((one) => ({ source: one.type, key: one.key }))
    : [{ source: type, key: undefined }];
}

/** All types that are defined in a type, itself first. */
export function allTypes(type: TypeSpec): TypeSpec[] {
  const found = [type];
  for (const inner of type.types.values()) for (const one of allTypes(inner)) found.push(one);
  return found;
}

/**
 * Finds what is named: in the type itself, then in those around it, then among what is imported. Files that are imported
 * by imported ones can be seen, too.
 */
export class TypeNames {
  readonly #tops: ReadonlyMap<string, TypeSpec>;
  readonly #sizes = new Map<TypeSpec, number | undefined>();

  constructor(files: readonly DefinitionFile[]) {
    const tops = new Map<string, TypeSpec>();
    for (const { top } of files) if (top && !tops.has(top.id)) tops.set(top.id, top);
    this.#tops = tops;
  }

  type(path: readonly string[], from: TypeSpec, isAbsolute = false): TypeSpec | undefined {
    const [first = "", ...rest] = path;
    let found = isAbsolute ? undefined : outwards(from, first);
    found ??= this.#tops.get(first);
    for (const name of rest) found &&= outwards(found, name);
    return found;
  }

  enum(path: readonly string[], from: TypeSpec, isAbsolute = false): EnumSpec | undefined {
    const id = path.at(-1) ?? "";
    if (path.length > 1) return this.type(path.slice(0, -1), from, isAbsolute)?.enums.get(id);
    for (let around: TypeSpec | undefined = from; around; around = around.outer) {
      const found = around.enums.get(id);
      if (found) return found;
    }
    return undefined;
  }

  /** The type that a text uses; undefined where there is none, or the text is none. */
  used(text: string, from: TypeSpec): TypeSpec | undefined {
    if (builtInOf(text)) return undefined;
    try {
      const { path } = parseTypeCall(text);
      return this.type(path.names, from, path.isAbsolute);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  builtIn(name: string): ValueType | undefined {
    return valueTypeNamed(name);
  }

  /** Bits of what always has as many; undefined for all else. */
  bits(of: string | TypeSpec, fieldId?: string, depth = 0): number | undefined {
    if (typeof of === "string") {
      const builtIn = builtInOf(of);
      return builtIn && bitsOf(builtIn);
    }
    if (depth > DEEPEST) return undefined;
    if (fieldId !== undefined) {
      const field = of.seq.find(({ id }) => id === fieldId);
      return field && this.#fieldBits(field, of, depth);
    }
    if (!this.#sizes.has(of)) {
      // What contains itself has no fixed size.
      this.#sizes.set(of, undefined);
      this.#sizes.set(of, this.#sumOf(of, depth));
    }
    return this.#sizes.get(of);
  }

  #sumOf(of: TypeSpec, depth: number): number | undefined {
    let sum = 0;
    for (const field of of.seq) {
      const bits = this.#fieldBits(field, of, depth);
      if (bits === undefined) return undefined;
      if (!isBitField(field)) sum = Math.ceil(sum / 8) * 8;
      sum += bits;
    }
    return sum;
  }

  #fieldBits(field: FieldSpec, owner: TypeSpec, depth: number): number | undefined {
    const { type, size, contents } = field;
    if (field.condition || field.repeat) return undefined;
    if (contents) return contents.length * 8;
    if (size) {
      const bytes = parseInteger(size.text);
      return typeof bytes === "number" ? bytes * 8 : undefined;
    }
    if (!type || "on" in type || field.sizeEos || field.terminator !== undefined) return undefined;
    const builtIn = this.bits(type.text);
    if (builtIn !== undefined) return builtIn;
    const used = this.used(type.text, owner);
    return used && this.bits(used, undefined, depth + 1);
  }
}

/** A type by its name: in a type, the type itself, or so in those around it. */
function outwards(from: TypeSpec, name: string): TypeSpec | undefined {
  for (let around: TypeSpec | undefined = from; around; around = around.outer) {
    const found = around.types.get(name) ?? (around.id === name ? around : undefined);
    if (found) return found;
  }
  return undefined;
}

export function isBitField({ type }: FieldSpec): boolean {
  return type !== undefined && !("on" in type) && builtInOf(type.text)?.kind === "bits";
}
