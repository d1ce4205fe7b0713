import type { DefinitionFile, FieldSpec, Source, TypeSpec } from "../definition.ts";
import { allTypes, type TypeNames, typeUses } from "../names.ts";

/** Which type a type is read within: what `_parent` is there. */
export class Parents {
  readonly #names: TypeNames;
  readonly #structOf: (source: Source, type: TypeSpec) => TypeSpec | undefined;
  readonly #parents = new Map<TypeSpec, TypeSpec | undefined>();
  readonly #users: ReadonlyMap<
    TypeSpec,
    readonly { readonly by: TypeSpec; readonly field: FieldSpec }[]
  >;

  /** @param structOf the type of a structure that an expression in a type names; undefined where it names none */
  constructor(
    files: readonly DefinitionFile[],
    names: TypeNames,
    structOf: (source: Source, type: TypeSpec) => TypeSpec | undefined,
  ) {
    this.#names = names;
    this.#structOf = structOf;
    this.#users = this.#findUsers(files);
  }

  /** The one type that reads it, as the official compiler has it; undefined where there are several, or none. */
  of(type: TypeSpec): TypeSpec | undefined {
    if (this.#parents.has(type)) return this.#parents.get(type);
    // Asked for again while it is looked for, it says nothing.
    this.#parents.set(type, undefined);
    const found = new Set<TypeSpec | undefined>();
    for (const { by, field } of this.#users.get(type) ?? []) {
      if (field.parent === false) continue;
      found.add(field.parent ? this.#structOf(field.parent, by) : by);
    }
    const [only] = found;
    const parent = found.size === 1 ? only : undefined;
    this.#parents.set(type, parent);
    return parent;
  }

  #findUsers(
    files: readonly DefinitionFile[],
  ): Map<TypeSpec, { by: TypeSpec; field: FieldSpec }[]> {
    const users = new Map<TypeSpec, { by: TypeSpec; field: FieldSpec }[]>();
    for (const { top } of files) {
      for (const by of top ? allTypes(top) : []) {
        for (const field of [...by.seq, ...by.instances]) {
          for (const { source } of typeUses(field)) {
            const used = this.#names.used(source.text, by);
            // What is imported has no parent.
            if (!used || used.file !== by.file) continue;
            const all = users.get(used);
            if (all) all.push({ by, field });
            else users.set(used, [{ by, field }]);
          }
        }
      }
    }
    return users;
  }
}
