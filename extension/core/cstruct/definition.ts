import { readStructs } from "./parser.ts";
import { CRefusal, type CRemark } from "./problem.ts";
import type { Target } from "./target.ts";
import { type CEnum, type CMember, type CRecord, type CType, typeName } from "./types.ts";

export interface StructOptions {
  readonly target: Target;
  /** The order of bytes on the wire. */
  readonly endian: "le" | "be";
  /** No struct has padding, whatever the text says. */
  readonly isPacked: boolean;
  /** Which of the text's structs a payload is; the last one where it is left out. */
  readonly struct?: string;
}

export interface WrittenDefinition {
  /** `meta/id` of the definition. */
  readonly id: string;
  /** The struct that it is of. */
  readonly struct: string;
  /** Of the struct, in bytes. */
  readonly size: number;
  /** Text of a `.ksy`. */
  readonly text: string;
  readonly remarks: readonly CRemark[];
}

/** The structs and unions of a text that a definition can be made of, in its order. @throws {CRefusal} */
export function structNames(text: string, target: Target): string[] {
  return [...readStructs(text, target, false).structs.keys()];
}

/**
 * Writes a definition in Kaitai Struct's language of a struct in C, as a target lays it out: with its padding, each member
 * with its offset as a comment.
 * @throws {CRefusal}
 */
export function definitionFromStruct(text: string, options: StructOptions): WrittenDefinition {
  const { target, isPacked, struct } = options;
  const { structs, remarks } = readStructs(text, target, isPacked);
  const names = [...structs.keys()];
  const name = struct ?? names.at(-1);
  if (name === undefined) throw new CRefusal("noStruct", 0);
  const record = structs.get(name);
  if (!record) throw new CRefusal("noSuchStruct", 0, name, names.join(", "));
  const writer = new Writer(options);
  const id = identifier(name);
  return { id, struct: name, size: record.size, text: writer.write(id, record), remarks };
}

/** Names of Kaitai's own types, and of those of C that become them. */
const TAKEN =
  /^(?:[us][1248](?:le|be)?|f[48](?:le|be)?|b\d+(?:le|be)?|str|strz|bytes|bool|struct|io|any)$/;

/** A name of C as Kaitai has them: "TempMax" is "temp_max". */
function identifier(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, "_")
    .replace(/^_+/, "");
  return /^[a-z]/.test(words) ? words : `x_${words}`;
}

/** Gives each name once. */
class Names {
  readonly #taken = new Set<string>();

  of(name: string): string {
    for (let count = 1; ; count++) {
      const candidate = count === 1 ? name : `${name}_${count}`;
      if (this.#taken.has(candidate)) continue;
      this.#taken.add(candidate);
      return candidate;
    }
  }
}

/** What says how a member is read: keys and values of YAML. */
type Keys = readonly (readonly [string, string | number | boolean])[];

class Writer {
  readonly #options: StructOptions;
  readonly #typeNames = new Names();
  readonly #enumNames = new Names();
  readonly #types = new Map<CType, string>();
  /** Types that still have to be written. */
  readonly #waiting: { readonly id: string; readonly type: CType }[] = [];
  readonly #enums = new Map<CEnum, string>();

  constructor(options: StructOptions) {
    this.#options = options;
  }

  write(id: string, record: CRecord): string {
    const { target, endian, isPacked } = this.#options;
    this.#types.set(record, this.#typeNames.of(id));
    const order = endian === "le" ? "little-endian" : "big-endian";
    const title = `${typeName(record)}, ${target.name}${isPacked ? ", packed" : ""}, ${order}`;
    const lines = [
      `# ${title}: ${record.size} bytes, if sizeof says the same.`,
      "meta:",
      `  id: ${id}`,
      `  title: ${JSON.stringify(title)}`,
      `  endian: ${endian}`,
      `  bit-endian: ${endian}`,
      ...this.#body(record),
    ];
    const types: string[] = [];
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      types.push(`  ${next.id}:`, ...indented(this.#typeBody(next.type), 4));
    }
    if (types.length > 0) lines.push("types:", ...types);
    if (this.#enums.size > 0) {
      lines.push("enums:");
      for (const [type, name] of this.#enums) lines.push(`  ${name}:`, ...enumMembers(type));
    }
    return `${lines.join("\n")}\n`;
  }

  #typeBody(type: CType): string[] {
    if (type.kind !== "array") return this.#body(type as CRecord);
    return ["seq:", ...item([["id", "items"], ...this.#keys(type, "items")])];
  }

  #body(record: CRecord): string[] {
    return record.kind === "union" ? this.#union(record) : this.#struct(record);
  }

  #struct(record: CRecord): string[] {
    const { size, members } = record;
    const seq: string[] = [];
    const instances: string[] = [];
    const names = new Names();
    const ids = members.map(({ name }) => names.of(identifier(name ?? "unnamed")));
    let at = 0;
    const pad = (to: number): void => {
      const first = Math.min(to - at, (8 - (at % 8)) % 8);
      const bytes = Math.floor((to - at - first) / 8);
      const last = to - at - first - bytes * 8;
      if (first > 0) seq.push(...item(padding("type", `b${first}`)));
      if (bytes > 0) seq.push(...item(padding("size", bytes)));
      if (last > 0) seq.push(...item(padding("type", `b${last}`)));
      at = to;
    };
    const padding = (key: string, value: string | number): Keys => [
      ["id", names.of("padding")],
      [key, value],
    ];
    for (const [index, member] of members.entries()) {
      const { type, bitOffset, bitWidth } = member;
      pad(bitOffset);
      const id = ids[index] ?? "";
      const raw = bitWidth === undefined ? undefined : signedBits(member);
      const own = raw ? names.of(`${id}_bits`) : id;
      const keys: Keys = [["id", own], ...original(member, id), ...this.#memberKeys(member)];
      seq.push(...item(keys, comment(member)));
      if (raw)
        instances.push(`  ${id}:`, ...mapping([["value", raw(own)], ...this.#enumKey(type)], 4));
      at = bitOffset + (bitWidth ?? type.size * 8);
    }
    pad(size * 8);
    if (seq.length === 0) return ["seq: []"];
    return ["seq:", ...seq, ...(instances.length > 0 ? ["instances:", ...instances] : [])];
  }

  /** All members begin at the same place: instances, in a stream of their own. */
  #union({ members }: CRecord): string[] {
    const lines: string[] = [];
    const names = new Names();
    const ids = members.map(({ name }) => names.of(identifier(name ?? "unnamed")));
    for (const [index, member] of members.entries()) {
      const id = ids[index] ?? "";
      const raw = signedBits(member);
      const own = raw ? names.of(`${id}_bits`) : id;
      const keys: Keys = [["pos", 0], ...original(member, id), ...this.#memberKeys(member)];
      lines.push(`  ${own}:`, ...mapping(keys, 4));
      if (raw) {
        lines.push(`  ${id}:`, ...mapping([["value", raw(own)], ...this.#enumKey(member.type)], 4));
      }
    }
    return lines.length === 0 ? ["seq: []"] : ["instances:", ...lines];
  }

  #memberKeys(member: CMember): Keys {
    const { type, bitWidth, name } = member;
    if (bitWidth === undefined) return this.#keys(type, name ?? "unnamed");
    const isPlain = signedBits(member) === undefined;
    return [["type", `b${bitWidth}`], ...(isPlain ? this.#enumKey(type) : [])];
  }

  #enumKey(type: CType): Keys {
    return type.kind === "enum" ? [["enum", this.#enumName(type)]] : [];
  }

  #keys(type: CType, hint: string): Keys {
    switch (type.kind) {
      case "opaque":
        return [["size", type.size]];
      case "boolean":
      case "pointer":
        return [["type", `u${type.size}`]];
      case "integer":
        return [["type", `${type.isSigned ? "s" : "u"}${type.size}${type.endian ?? ""}`]];
      case "float":
        return [["type", `f${type.size}`]];
      case "enum":
        return [["type", `${type.isSigned ? "s" : "u"}${type.size}`], ...this.#enumKey(type)];
      case "struct":
        return [["type", this.#typeName(type, hint)]];
      case "union":
        return [
          ["type", this.#typeName(type, hint)],
          ["size", type.size],
        ];
      case "array":
        return this.#arrayKeys(type.of, type.count, hint);
    }
  }

  #arrayKeys(of: CType, count: number | undefined, hint: string): Keys {
    const room: Keys = count === undefined ? [["size-eos", true]] : [["size", count]];
    if (of.kind === "integer" && of.of === "byte") return room;
    if (of.kind === "integer" && of.of === "char") {
      return [["type", "str"], ...room, ["encoding", "UTF-8"], ["terminator", 0]];
    }
    const repeat: Keys =
      count === undefined
        ? [["repeat", "eos"]]
        : [
            ["repeat", "expr"],
            ["repeat-expr", count],
          ];
    const isList = of.kind === "array" && this.#keys(of, hint).some(([key]) => key === "repeat");
    const element: Keys = isList
      ? [["type", this.#typeName(of, `${hint}_row`)]]
      : this.#keys(of, hint);
    return [...element, ...repeat];
  }

  #typeName(type: CType, hint: string): string {
    const known = this.#types.get(type);
    if (known !== undefined) return known;
    const wanted = identifier(("tag" in type ? type.tag : undefined) ?? hint);
    const id = this.#typeNames.of(TAKEN.test(wanted) ? `${wanted}_t` : wanted);
    this.#types.set(type, id);
    this.#waiting.push({ id, type });
    return id;
  }

  #enumName(type: CEnum): string {
    const known = this.#enums.get(type);
    if (known !== undefined) return known;
    const name = this.#enumNames.of(identifier(type.tag ?? "values"));
    this.#enums.set(type, name);
    return name;
  }
}

/** Bits are never negative in Kaitai: what makes a signed bit-field of them. Undefined: it is not signed. */
function signedBits({ type, bitWidth = 0 }: CMember): ((id: string) => string) | undefined {
  const isSigned = (type.kind === "integer" || type.kind === "enum") && type.isSigned;
  if (!isSigned || bitWidth === 0) return undefined;
  if (bitWidth === 1) return (id) => `${id} ? -1 : 0`;
  const sign = 2n ** BigInt(bitWidth - 1);
  return (id) => `(${id} ^ ${sign}) - ${sign}`;
}

function original({ name }: CMember, id: string): Keys {
  return name === undefined || name === id ? [] : [["-orig-id", name]];
}

function comment({ type, bitOffset, bitWidth }: CMember): string {
  const at = `offset ${Math.floor(bitOffset / 8)}`;
  if (bitWidth !== undefined) return `${at}, bit ${bitOffset % 8}: ${typeName(type)}`;
  return `${at}, ${type.size} bytes: ${typeName(type)}`;
}

function enumMembers({ members }: CEnum): string[] {
  const names = new Names();
  const seen = new Set<bigint>();
  const lines: string[] = [];
  for (const [name, value] of members) {
    // Two names of one value: the first is shown.
    if (seen.has(value)) continue;
    seen.add(value);
    lines.push(`    ${value}: ${yamlText(names.of(identifier(name)))}`);
  }
  return lines;
}

function item(keys: Keys, remark?: string): string[] {
  const [first, ...rest] = mapping(keys, 4);
  const head = `  - ${first?.trimStart() ?? ""}`;
  return [remark === undefined ? head : `${head} # ${remark}`, ...rest];
}

function mapping(keys: Keys, indent: number): string[] {
  return keys.map(([key, value]) => {
    const text = typeof value === "string" ? yamlText(value) : String(value);
    return `${" ".repeat(indent)}${key}: ${text}`;
  });
}

/** Words that YAML would take for something else are quoted. */
function yamlText(text: string): string {
  const isPlain = /^[a-z][a-z0-9_]*$/.test(text) && !/^(true|false|null)$/.test(text);
  return isPlain || text === "UTF-8" ? text : JSON.stringify(text);
}

function indented(lines: readonly string[], indent: number): string[] {
  return lines.map((line) => `${" ".repeat(indent)}${line}`);
}
