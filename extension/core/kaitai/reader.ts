import type {
  DefinitionFile,
  Endian,
  EndianSwitch,
  EnumMember,
  EnumSpec,
  FieldSpec,
  ParamSpec,
  Place,
  Source,
  SwitchSpec,
  TypeSpec,
  ValidSpec,
} from "./definition.ts";
import { type Int, parseInteger } from "./integers.ts";
import {
  FIELD_KEYS,
  INSTANCE_KEYS,
  MEMBER_KEYS,
  META_KEYS,
  PARAM_KEYS,
  SWITCH_KEYS,
  TYPE_KEYS,
  VALID_KEYS,
  VALUE_KEYS,
} from "./keys.ts";
import type { YamlEntry, YamlFile, YamlValue } from "./yaml_file.ts";

/** Version of the language that is known here. */
const VERSION = "0.11";
const FIRST_VERSION = "0.6";
/** Deepest types in types. */
const DEEPEST = 30;

/** Entries of a map by their keys. */
type Keys = ReadonlyMap<string, YamlEntry>;

/** Reads a definition's structure: which keys there are, and of which form. Expressions and names are left as they are. */
export function readDefinitionFile(yaml: YamlFile): DefinitionFile {
  const nothing: DefinitionFile = {
    name: yaml.name,
    text: yaml.text,
    top: undefined,
    allowsOpaque: false,
    imports: [],
  };
  return yaml.read((top) => new Reader(yaml, nothing).file(top)) ?? nothing;
}

class Reader {
  readonly #yaml: YamlFile;
  readonly #file: { -readonly [Key in keyof DefinitionFile]: DefinitionFile[Key] };

  constructor(yaml: YamlFile, file: DefinitionFile) {
    this.#yaml = yaml;
    this.#file = { ...file };
  }

  file(top: YamlValue): DefinitionFile {
    if (!this.#yaml.isMap(top)) {
      this.#yaml.expected("map", top);
      return this.#file;
    }
    const keys = this.#keys(top, TYPE_KEYS);
    const meta = keys.get("meta");
    let id = "";
    if (!meta) {
      this.#yaml.report("missingKey", { ...top.place, path: "/meta", to: top.place.from }, "meta");
    } else if (this.#yaml.isMap(meta)) {
      const entries = new Map(this.#yaml.entries(meta).map((entry) => [entry.key, entry]));
      const named = entries.get("id");
      if (named) id = this.#id(named);
      else this.#yaml.report("missingKey", meta.keyPlace, "id");
      this.#file.allowsOpaque = this.#boolean(entries.get("ks-opaque-types"), false);
      const imports = entries.get("imports");
      if (imports)
        this.#file.imports = this.#yaml.items(imports).map((one) => this.#yaml.source(one));
    }
    this.#file.top = this.#type(id, top, keys, undefined, 0);
    return this.#file;
  }

  /** The entries that may stand there; others are reported, but for those that begin with `-`, which are anybody's. */
  #keys(value: YamlValue, allowed: readonly string[]): Keys {
    const keys = new Map<string, YamlEntry>();
    for (const entry of this.#yaml.entries(value)) {
      if (entry.key.startsWith("-")) continue;
      if (allowed.includes(entry.key)) keys.set(entry.key, entry);
      else this.#yaml.report("unknownKey", entry.keyPlace, entry.key, allowed.join(", "));
    }
    return keys;
  }

  #id(value: YamlValue): string {
    const source = this.#yaml.source(value);
    this.#checkId(source.text, value.place);
    return source.text;
  }

  #checkId(id: string, place: Place): void {
    if (id !== "" && !/^[a-z][a-z0-9_]*$/.test(id)) this.#yaml.report("badId", place, id);
  }

  #text(entry: YamlEntry | undefined): string | undefined {
    return entry && this.#yaml.source(entry).text;
  }

  #source(entry: YamlEntry | undefined): Source | undefined {
    return entry && this.#yaml.source(entry);
  }

  #boolean(entry: YamlEntry | undefined, missing: boolean): boolean {
    if (!entry) return missing;
    const value = this.#yaml.scalar(entry);
    if (typeof value === "boolean") return value;
    this.#yaml.expected("true, false", entry);
    return missing;
  }

  #byte(entry: YamlEntry | undefined): number | undefined {
    if (!entry) return undefined;
    const source = this.#yaml.source(entry);
    const value = parseInteger(source.text);
    if (typeof value === "number" && value >= 0 && value <= 255) return value;
    this.#yaml.report("badValue", entry.place, "0..255", source.text);
    return undefined;
  }

  #type(
    id: string,
    value: YamlValue,
    keys: Keys,
    outer: TypeSpec | undefined,
    depth: number,
  ): TypeSpec {
    const types = new Map<string, TypeSpec>();
    const enums = new Map<string, EnumSpec>();
    const meta = this.#meta(keys.get("meta"));
    const type = {
      id,
      outer,
      file: this.#file,
      place: value.place,
      doc: this.#text(keys.get("doc")),
      ...meta,
      params: [] as ParamSpec[],
      seq: [] as FieldSpec[],
      instances: [] as FieldSpec[],
      types,
      enums,
      toText: this.#source(keys.get("to-string")),
    };
    const taken = new Map<string, string>();
    const params = keys.get("params");
    if (params) {
      for (const param of this.#yaml.items(params)) {
        const read = this.#param(param);
        this.#take(taken, read.id, { ...read.place, path: `${param.place.path}/id` });
        type.params.push(read);
      }
    }
    const seq = keys.get("seq");
    if (seq) {
      for (const [index, item] of this.#yaml.items(seq).entries()) {
        const field = this.#field(item, `_unnamed${index}`);
        this.#take(taken, field.id, field.idPlace);
        type.seq.push(field);
      }
    }
    const instances = keys.get("instances");
    if (instances) {
      for (const entry of this.#yaml.entries(instances)) {
        if (entry.key.startsWith("-")) continue;
        this.#checkId(entry.key, entry.keyPlace);
        this.#take(taken, entry.key, entry.keyPlace);
        type.instances.push(this.#instance(entry));
      }
    }
    const named = keys.get("enums");
    if (named) {
      for (const entry of this.#yaml.entries(named)) {
        if (entry.key.startsWith("-")) continue;
        this.#checkId(entry.key, entry.keyPlace);
        enums.set(entry.key, this.#enum(entry));
      }
    }
    const inner = keys.get("types");
    if (inner) {
      if (depth >= DEEPEST) {
        this.#yaml.report("tooDeepTypes", inner.place, DEEPEST);
        return type;
      }
      for (const entry of this.#yaml.entries(inner)) {
        if (entry.key.startsWith("-")) continue;
        this.#checkId(entry.key, entry.keyPlace);
        const keysOfType = this.#keys(entry, TYPE_KEYS);
        types.set(entry.key, this.#type(entry.key, entry, keysOfType, type, depth + 1));
      }
    }
    return type;
  }

  #take(taken: Map<string, string>, id: string, place: Place): void {
    const before = taken.get(id);
    if (before === undefined) taken.set(id, place.path);
    else if (id !== "") this.#yaml.report("duplicateId", place, id, before);
  }

  #meta(entry: YamlEntry | undefined): Pick<TypeSpec, "endian" | "bitEndian" | "encoding"> {
    if (!entry) return { endian: undefined, bitEndian: undefined, encoding: undefined };
    const keys = this.#keys(entry, META_KEYS);
    const version = keys.get("ks-version");
    if (version) this.#version(version);
    return {
      endian: this.#endian(keys.get("endian")),
      bitEndian: this.#endianName(keys.get("bit-endian")),
      encoding: this.#source(keys.get("encoding")),
    };
  }

  #version(entry: YamlEntry): void {
    const { text } = this.#yaml.source(entry);
    if (text === "") return;
    if (!/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){1,2}$/.test(text)) {
      this.#yaml.report("badVersion", entry.place, text);
      return;
    }
    // A plain 0.10 is the number 0.1.
    const value = this.#yaml.scalar(entry);
    const meant = typeof value === "number" ? String(value) : text;
    if (compareVersions(meant, VERSION) > 0) {
      this.#yaml.report("newVersion", entry.place, meant, VERSION);
    } else if (compareVersions(meant, FIRST_VERSION) < 0) {
      this.#yaml.report("oldVersion", entry.place, meant, FIRST_VERSION);
    }
  }

  #endianName(value: YamlValue | undefined): Endian | undefined {
    if (!value) return undefined;
    const name = this.#yaml.scalar(value);
    if (name === "le" || name === "be") return name;
    this.#yaml.report("badValue", value.place, "le, be", String(name ?? "null"));
    return undefined;
  }

  /** What a `switch-on` chooses between; undefined, and reported, where it has not all of it. */
  #switch<Chosen>(entry: YamlEntry, chosen: (one: YamlEntry) => Chosen) {
    const keys = this.#keys(entry, SWITCH_KEYS);
    const [on, cases] = [keys.get("switch-on"), keys.get("cases")];
    if (!on || !cases) {
      this.#yaml.report("missingKey", entry.keyPlace, on ? "cases" : "switch-on");
      return undefined;
    }
    return {
      on: this.#yaml.source(on),
      cases: this.#yaml.entries(cases).map((one) => ({
        key: one.key === "_" ? undefined : one.keySource,
        ...chosen(one),
      })),
    };
  }

  #endian(entry: YamlEntry | undefined): Endian | EndianSwitch | undefined {
    if (!entry || !this.#yaml.isMap(entry)) return this.#endianName(entry);
    return this.#switch(entry, (one) => ({ endian: this.#endianName(one) ?? "be" }));
  }

  #param(value: YamlValue): ParamSpec {
    const keys = this.#keys(value, PARAM_KEYS);
    const id = keys.get("id");
    if (!id && this.#yaml.isMap(value)) this.#yaml.report("missingKey", value.place, "id");
    return {
      id: id ? this.#id(id) : "",
      place: id?.place ?? value.place,
      type: this.#source(keys.get("type")),
      enum: this.#source(keys.get("enum")),
    };
  }

  #enum(entry: YamlEntry): EnumSpec {
    const members = new Map<Int, EnumMember>();
    const byId = new Map<string, Int>();
    const paths = new Map<string, string>();
    for (const one of this.#yaml.entries(entry)) {
      if (one.key.startsWith("-") && !/^-\d/.test(one.key)) continue;
      const value = parseInteger(one.key);
      if (value === undefined) {
        this.#yaml.report("badValue", one.keyPlace, "int", one.key);
        continue;
      }
      let id: string;
      let doc: string | undefined;
      let place = one.place;
      if (this.#yaml.isMap(one)) {
        const keys = this.#keys(one, MEMBER_KEYS);
        const named = keys.get("id");
        if (!named) this.#yaml.report("missingKey", one.keyPlace, "id");
        id = named ? this.#yaml.source(named).text : "";
        place = named?.place ?? place;
        doc = this.#text(keys.get("doc"));
      } else if (this.#yaml.isList(one) || this.#yaml.scalar(one) === null) {
        this.#yaml.expected("scalar, map", one);
        continue;
      } else {
        id = this.#yaml.source(one).text;
      }
      this.#checkId(id, place);
      const before = paths.get(id);
      if (before !== undefined) this.#yaml.report("duplicateId", place, id, before);
      paths.set(id, one.place.path);
      members.set(value, { id, doc });
      byId.set(id, value);
    }
    return { id: entry.key, place: entry.place, members, byId };
  }

  #instance(entry: YamlEntry): FieldSpec {
    const isValue =
      this.#yaml.isMap(entry) && this.#yaml.entries(entry).some(({ key }) => key === "value");
    return this.#fieldOf(entry, entry.key, entry.keyPlace, isValue ? VALUE_KEYS : INSTANCE_KEYS);
  }

  #field(value: YamlValue, unnamed: string): FieldSpec {
    return this.#fieldOf(value, unnamed, value.place, FIELD_KEYS);
  }

  #fieldOf(value: YamlValue, name: string, place: Place, allowed: readonly string[]): FieldSpec {
    const before = this.#yaml.problems.length;
    const keys = this.#keys(value, allowed);
    const named = keys.get("id");
    const id = named ? this.#id(named) : name;
    const idPlace = named?.place ?? place;
    const type = this.#fieldType(keys.get("type"));
    const parent = keys.get("parent");
    const field = {
      id,
      place: { ...idPlace, path: value.place.path },
      extent: value.place,
      idPlace,
      doc: this.#text(keys.get("doc")),
      value: this.#source(keys.get("value")),
      pos: this.#source(keys.get("pos")),
      io: this.#source(keys.get("io")),
      condition: this.#source(keys.get("if")),
      type,
      size: this.#source(keys.get("size")),
      sizeEos: this.#boolean(keys.get("size-eos"), false),
      ...this.#repeat(keys),
      contents: this.#contents(keys.get("contents")),
      valid: this.#valid(keys.get("valid"), keys.has("enum")),
      process: this.#source(keys.get("process")),
      enum: this.#source(keys.get("enum")),
      encoding: this.#source(keys.get("encoding")),
      terminator: this.#byte(keys.get("terminator")),
      consume: this.#boolean(keys.get("consume"), true),
      include: this.#boolean(keys.get("include"), false),
      eosError: this.#boolean(keys.get("eos-error"), true),
      padRight: this.#byte(keys.get("pad-right")),
      parent: parent && this.#yaml.scalar(parent) === false ? false : this.#source(parent),
    } as const;
    return { ...field, isBroken: this.#yaml.problems.length > before };
  }

  #repeat(keys: Keys): Pick<FieldSpec, "repeat" | "count" | "until"> {
    const none = { repeat: undefined, count: undefined, until: undefined };
    const entry = keys.get("repeat");
    const how = entry && this.#yaml.source(entry).text;
    const needed = how === "expr" ? "repeat-expr" : how === "until" ? "repeat-until" : undefined;
    for (const key of ["repeat-expr", "repeat-until"]) {
      const stray = keys.get(key);
      if (!stray || key === needed || (entry && needed && !keys.has(needed))) continue;
      this.#yaml.report("withoutKey", stray.keyPlace, key, `repeat: ${key.slice(7)}`);
    }
    if (!entry) return none;
    if (how !== "eos" && how !== "expr" && how !== "until") {
      this.#yaml.report("badValue", entry.place, "eos, expr, until", how ?? "");
      return none;
    }
    if (needed && !keys.has(needed)) {
      this.#yaml.report("needsKey", entry.place, `repeat: ${how}`, needed);
      return none;
    }
    return {
      repeat: how,
      count: how === "expr" ? this.#source(keys.get("repeat-expr")) : undefined,
      until: how === "until" ? this.#source(keys.get("repeat-until")) : undefined,
    };
  }

  #fieldType(entry: YamlEntry | undefined): Source | SwitchSpec | undefined {
    if (!entry) return undefined;
    if (this.#yaml.isList(entry)) {
      this.#yaml.expected("scalar, map", entry);
      return undefined;
    }
    if (!this.#yaml.isMap(entry)) return this.#yaml.source(entry);
    return this.#switch(entry, (one) => ({ type: this.#yaml.source(one) }));
  }

  #contents(entry: YamlEntry | undefined): Uint8Array | undefined {
    if (!entry) return undefined;
    const values = this.#yaml.isList(entry) ? this.#yaml.items(entry) : [entry];
    const bytes: number[] = [];
    for (const value of values) {
      const { text } = this.#yaml.source(value);
      const isText = typeof this.#yaml.scalar(value) === "string" && !/^0[xob]/i.test(text);
      const byte = isText ? undefined : parseInteger(text);
      if (isText) for (const one of new TextEncoder().encode(text)) bytes.push(one);
      else if (typeof byte === "number" && byte >= 0 && byte <= 255) bytes.push(byte);
      else this.#yaml.report("badValue", value.place, "str, 0..255", text);
    }
    return Uint8Array.from(bytes);
  }

  #valid(entry: YamlEntry | undefined, hasEnum: boolean): ValidSpec | undefined {
    if (!entry) return undefined;
    if (!this.#yaml.isMap(entry)) return { equal: this.#yaml.source(entry) };
    const keys = this.#keys(entry, VALID_KEYS);
    const [equal, min, max] = ["eq", "min", "max"].map((key) => this.#source(keys.get(key)));
    const expression = this.#source(keys.get("expr"));
    const anyOf = keys.get("any-of");
    const inEnum = keys.get("in-enum");
    if (inEnum && !this.#boolean(inEnum, true)) {
      this.#yaml.report("badValue", inEnum.place, "true", "false");
    } else if (inEnum && !hasEnum) {
      this.#yaml.report("needsKey", inEnum.keyPlace, "in-enum", "enum");
    }
    return {
      ...(equal && { equal }),
      ...(min && { min }),
      ...(max && { max }),
      ...(expression && { expression }),
      ...(anyOf && { anyOf: this.#yaml.items(anyOf).map((one) => this.#yaml.source(one)) }),
      ...(inEnum && { inEnum: inEnum.place }),
    };
  }
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
