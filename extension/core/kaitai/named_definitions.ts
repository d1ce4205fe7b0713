import { ENCODE_PROBLEMS, type Encoded, type EncodeProblem, encoded } from "../payload/encoded.ts";
import type { Values } from "../payload/template.ts";
import { parseFields } from "../payload/written_fields.ts";
import { printable } from "../text/printable.ts";
import type { Inflate } from "./bytes.ts";
import { readPayload } from "./decode.ts";
import type { Typed } from "./expression/compiler.ts";
import type { Misfit } from "./failure.ts";
import { fieldNames } from "./field_names.ts";
import type { ReadText } from "./imports.ts";
import { type Definition, type LoadedDefinition, loadDefinition } from "./kaitai.ts";
import type { StructPlan } from "./plan.ts";
import { type DefinitionProblem, Refusal } from "./problem.ts";
import { Items, Struct } from "./run.ts";
import type { ValueType } from "./types.ts";
import { valueText } from "./value_text.ts";

/** How a request file names a definition: a file, a field of a type, or a payload that is written as its fields. */
export type NamedUse =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "field"; readonly name: string; readonly field: string }
  | { readonly kind: "fields"; readonly name: string; readonly text?: string };

/** What is wrong with such a use; the words are printable. */
export type NamedProblem =
  | readonly [code: "noDefinitionFile", path: string]
  | readonly [code: "badDefinition", path: string, line: string, problem: string]
  | readonly [code: "noDefinition", name: string]
  | readonly [code: "noField", name: string, field: string, known: string]
  | readonly [code: "noSingleValue", what: string]
  | readonly [code: "badFields", name: string, problem: string];

/** The value of a field, as a program compares it. A number that an enum names has its names. */
export type NamedValue =
  | (number | bigint | boolean | string | Uint8Array)
  | {
      readonly name: string;
      readonly number: number | bigint;
      readonly names: readonly string[];
    };

/** A sentence with a code; of what is outside of the runner with its text and with `key`, by which others find it. */
export interface NamedSaid {
  readonly code: "misfit" | "noSuchField" | "noValue" | "unwritable";
  readonly given: readonly (string | NamedSaid)[];
  readonly text?: string;
  readonly key?: string;
}

/** A value, or why there is none. */
export type NamedResult<T> = { readonly value: T } | { readonly said: NamedSaid };

/** In which language it is told why a definition, or a payload, is none. */
export interface Sentences {
  readonly definition: (problem: DefinitionProblem) => string;
  readonly encode: (problem: EncodeProblem) => string;
}

const ENGLISH: Sentences = {
  definition: ({ problem }) => problem,
  encode: ({ code, arguments: words }) =>
    ENCODE_PROBLEMS[code].replace(/\{(\d)\}/g, (_, index) => words[Number(index)] ?? ""),
};

export interface NamingOptions {
  /** The text of a file, by a path from the folder of the request file on, with `/` between folders. */
  readonly read: ReadText;
  readonly inflate?: Inflate;
  readonly sentences?: Sentences;
}

/** Most of these are told; the others can be found in the definition. */
const MOST_NAMES = 20;

/** A type that payloads can be read as. */
interface NamedType {
  readonly definition: Definition;
  readonly plan: StructPlan;
}

/**
 * The definitions that a request file uses, by the names of their types: those of the files that it names, and of those beside
 * it that are called as a type that it names, `sensor.ksy` for `sensor.temp`.
 */
export class NamedDefinitions {
  /** By the path of the file; undefined where there is none. */
  readonly #files = new Map<string, (LoadedDefinition & { base: string }) | undefined>();
  readonly #types = new Map<string, NamedType>();
  readonly #fields = new Map<string, Typed | Refusal>();
  readonly #sentences: Sentences;

  private constructor(sentences: Sentences) {
    this.#sentences = sentences;
  }

  static async load(
    uses: readonly NamedUse[],
    { read, inflate, sentences = ENGLISH }: NamingOptions,
  ): Promise<NamedDefinitions> {
    const named = new NamedDefinitions(sentences);
    const add = async (path: string) => {
      if (named.#files.has(path)) return;
      const plain = path.replaceAll("\\", "/");
      // A definition imports from the folder that its own path begins at.
      const [base = ""] = /^(?:\.\.?\/)*\/?/.exec(plain) ?? [];
      const text = await read(plain);
      const options = {
        read: (imported: string) => read(`${base}${imported.replace(/^\//, "")}`),
        ...(inflate && { inflate }),
      };
      const loaded = await (text === undefined
        ? undefined
        : loadDefinition(plain.slice(base.length), text, options));
      named.#files.set(path, loaded && { base, ...loaded });
      named.#name(loaded?.definition);
    };
    for (const use of uses) if (use.kind === "file") await add(use.path);
    for (const use of uses) {
      if (use.kind !== "file" && !named.#types.has(use.name)) await add(`${use.name}.ksy`);
    }
    return named;
  }

  /** The first of one name counts. */
  #name(definition: Definition | undefined): void {
    for (const [name, plan] of definition?.types ?? []) {
      if (definition && !this.#types.has(name)) this.#types.set(name, { definition, plan });
    }
  }

  /** The fields that there are, each behind the name of its type: `sensor.body.temp`. */
  get fieldNames(): string[] {
    return Array.from(this.#types, ([name, { plan, definition }]) =>
      Array.from(fieldNames(plan, definition.plans).names, (field) => `${name}.${field}`),
    ).flat();
  }

  /** What is wrong with a use, as far as that is known before there is a payload; undefined where nothing is. */
  check(use: NamedUse): NamedProblem | undefined {
    if (use.kind === "file") return this.#checkFile(use.path, true);
    const type = this.#types.get(use.name);
    if (!type) {
      return this.#checkFile(`${use.name}.ksy`, false) ?? ["noDefinition", use.name];
    }
    if (use.kind === "field") return this.#checkField(use.name, use.field, type);
    if (use.text === undefined) return undefined;
    const { problem } = this.#encode(use.text);
    return problem && ["badFields", use.name, this.#sentences.encode(problem)];
  }

  #checkFile(path: string, isNamed: boolean): NamedProblem | undefined {
    const loaded = this.#files.get(path);
    if (!loaded) return isNamed ? ["noDefinitionFile", printable(path)] : undefined;
    if (loaded.definition) return undefined;
    const problem = loaded.problems.find(({ severity }) => severity === "error");
    if (!problem) return ["noDefinitionFile", printable(path)];
    const where = printable(`${loaded.base}${problem.file}`);
    return ["badDefinition", where, String(problem.line), this.#sentences.definition(problem)];
  }

  #checkField(name: string, field: string, { plan, definition }: NamedType) {
    const typed = this.#typed(name, field);
    if (typed instanceof Refusal) {
      const names = [...fieldNames(plan, definition.plans).names];
      const known = names.slice(0, MOST_NAMES).join(", ") || "–";
      return ["noField", name, printable(field), known] as const;
    }
    const { kind } = typed.type;
    if (kind !== "array" && kind !== "struct" && kind !== "io") return undefined;
    return ["noSingleValue", `${name}.${printable(field)}`] as const;
  }

  /** A field as an expression over its type: `points[0].x`. */
  #typed(name: string, field: string): Typed | Refusal {
    const key = `${name}.${field}`;
    let typed = this.#fields.get(key);
    if (!typed) {
      typed = this.#compiled(name, field);
      this.#fields.set(key, typed);
    }
    return typed;
  }

  #compiled(name: string, field: string): Typed | Refusal {
    const type = this.#types.get(name);
    if (!type) return new Refusal("unknownType", [name]);
    try {
      return type.definition.expression(field, type.plan);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  /** A field of a payload; or why there is none. */
  look(name: string, field: string, payload: Uint8Array): NamedResult<NamedValue> {
    const type = this.#types.get(name);
    const typed = this.#typed(name, field);
    if (!type || typed instanceof Refusal) {
      return { said: { code: "noSuchField", given: [name, field] } };
    }
    const { root, run, misfit } = readPayload(type.plan, payload);
    if (misfit) return unfit(name, misfit);
    let value: unknown;
    const refused = run.attempt(() => {
      value = typed.evaluate(root, run);
    }, name);
    if (refused) return unfit(name, refused);
    const plain = plainValue(value, typed.type);
    if (plain !== undefined) return { value: plain };
    return { said: { code: "noValue", given: [`${name}.${field}`] } };
  }

  /** The bytes of fields as they are written, `sensor { id: 7 }`; or why there are none. */
  write(text: string, values: Values): NamedResult<Uint8Array> {
    const encoded = this.#encode(text);
    if (encoded.template) return { value: encoded.template.fill(values) };
    const [name = ""] = /^\w*/.exec(text) ?? [];
    const { code, arguments: given } = encoded.problem;
    const why = {
      code: "unwritable",
      given,
      key: `encode.${code}`,
      text: ENGLISH.encode(encoded.problem),
    } as const;
    return { said: { code: "unwritable", given: [name, why] } };
  }

  #encode(text: string): Encoded {
    return encoded(() => {
      const written = parseFields(text);
      const type = this.#types.get(written.name ?? "");
      const bytes = type?.definition.encode(written, type.plan.spec.id);
      return bytes ?? { problem: { code: "notWritable", arguments: [written.name ?? "{ }"] } };
    });
  }
}

function unfit(name: string, { code, words, message }: Misfit) {
  const text = printable(message).replace(/\.$/, "");
  const given = words.map((word) => printable(word));
  const why = { code: "misfit", given, key: `fit.${code}`, text } as const;
  return { said: { code: "misfit", given: [name, why] } } as const;
}

/** Undefined of what is no single value, and of what is not there. */
function plainValue(value: unknown, type: ValueType): NamedValue | undefined {
  if (value instanceof Struct || value instanceof Items) return undefined;
  if (type.kind === "enum" && (typeof value === "number" || typeof value === "bigint")) {
    const { members } = type.enum;
    const name = members.get(value)?.id ?? String(value);
    return { name, number: value, names: [...type.enum.byId.keys()] };
  }
  // As it is shown: a float of four bytes is 21.1, and not 21.100000381469727.
  if (typeof value === "number" && type.kind === "float") return Number(valueText(value, type));
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean" || typeof value === "string") return value;
  return value instanceof Uint8Array ? value : undefined;
}
