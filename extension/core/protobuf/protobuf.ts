import type { Encoded } from "../payload/encoded.ts";
import type { WrittenFields } from "../payload/written_fields.ts";
import { type DecodedMessage, decodeMessage, type Framing } from "./decode.ts";
import { encodeMessage, writtenMessage } from "./encode.ts";
import { type ProtoFile, parseProto } from "./parser.ts";
import { type ProtoProblem, ProtoRefusal } from "./problem.ts";
import type { Enum, Message, Schema } from "./schema.ts";
import { wellKnownProto } from "./well_known.ts";

const MOST_IMPORTS = 200;

export interface LoadedProto {
  /** Undefined where there is a problem. */
  readonly schema: Schema | undefined;
  /** The first one: nothing behind it can be told for certain. */
  readonly problem: ProtoProblem | undefined;
  /** What a payload says as one of its messages. Never throws, whatever the bytes. */
  decode(message: Message, payload: Uint8Array, framing?: Framing): DecodedMessage;
  /** The bytes of a payload that is written as its fields, or why there are none. Never throws. */
  encode(message: Message, written: WrittenFields, framing?: Framing): Encoded;
  /** A payload as its fields are written, so that they are these bytes again; undefined where that cannot be. */
  fieldsText(message: Message, payload: Uint8Array, framing?: Framing): string | undefined;
}

/**
 * Reads a `.proto` with what it imports, and finds what its names mean. It is data: nothing of it is run.
 *
 * @param read Text of a file of the workspace by its path, which imports are relative to; the folder of the file itself
 *   and those above it are looked into as well, as `--proto_path` would name one of them.
 */
export async function loadProto(
  path: string,
  text: string,
  read: (path: string) => Promise<string | undefined>,
): Promise<LoadedProto> {
  const files = new Map<string, ProtoFile>();
  let current = { name: path, text };
  try {
    files.set(path, parseProto(path, text));
    for (const file of files.values()) {
      current = file;
      for (const { path: wanted, at } of file.imports) {
        if (files.has(wanted)) continue;
        if (files.size > MOST_IMPORTS) throw new ProtoRefusal("importsTooMany", at, MOST_IMPORTS);
        const found = await find(wanted, file.name, read);
        if (found === undefined) throw new ProtoRefusal("importNotFound", at, wanted);
        current = found;
        files.set(wanted, parseProto(found.name, found.text));
        current = file;
      }
    }
    const byName = new Map<string, Message | Enum>();
    for (const file of files.values())
      for (const [name, type] of file.defined) byName.set(name, type);
    for (const file of files.values()) {
      current = file;
      resolve(file, byName);
    }
    const messages = files.get(path)?.messages ?? [];
    current = { name: path, text };
    if (messages.length === 0) throw new ProtoRefusal("noMessage", 0);
    return loaded({ messages, byName }, undefined);
  } catch (error) {
    if (!(error instanceof ProtoRefusal)) throw error;
    const { code, words, at } = error;
    const before = current.text.slice(0, at);
    const line = before.split("\n").length;
    const column = at - before.lastIndexOf("\n");
    return loaded(undefined, { file: current.name, line, column, code, arguments: words });
  }
}

function loaded(schema: Schema | undefined, problem: ProtoProblem | undefined): LoadedProto {
  const byName = schema?.byName ?? new Map();
  return {
    schema,
    problem,
    decode: (message, payload, framing) => decodeMessage(byName, message, payload, framing),
    encode: encodeMessage,
    fieldsText: (message, payload, framing) => writtenMessage(byName, message, payload, framing),
  };
}

async function find(
  wanted: string,
  from: string,
  read: (path: string) => Promise<string | undefined>,
): Promise<{ readonly name: string; readonly text: string } | undefined> {
  const known = wellKnownProto(wanted);
  if (known !== undefined) return { name: wanted, text: known };
  const folders = from.split("/").slice(0, -1);
  for (let depth = folders.length; depth >= 0; depth--) {
    const name = [...folders.slice(0, depth), wanted].join("/");
    const text = await read(name);
    if (text !== undefined) return { name, text };
  }
  return undefined;
}

function resolve(file: ProtoFile, byName: ReadonlyMap<string, Message | Enum>): void {
  for (const { field, scope } of file.uses) {
    field.resolved = lookUp(field.type, scope, byName);
    if (!field.resolved) throw new ProtoRefusal("unknownType", field.at, field.type);
  }
  for (const { of, scope, fields, at } of file.extensions) {
    const extended = lookUp(of, scope, byName);
    if (extended?.kind !== "message") {
      // Options may be extended, and mean nothing on the wire.
      if (/(^|\.)google\.protobuf\./.test(of)) continue;
      throw new ProtoRefusal("unknownType", at, of);
    }
    for (const field of fields) {
      if (!extended.fields.has(field.number)) {
        extended.fields.set(field.number, { ...field, resolved: field.resolved });
      }
    }
  }
}

/** From the innermost scope outwards, as C++ does (Language Specification, "Type name resolution"). */
function lookUp(
  name: string,
  scope: string,
  byName: ReadonlyMap<string, Message | Enum>,
): Message | Enum | undefined {
  if (name.startsWith(".")) return byName.get(name.slice(1));
  const parts = scope === "" ? [] : scope.split(".");
  for (let depth = parts.length; depth >= 0; depth--) {
    const found = byName.get([...parts.slice(0, depth), name].join("."));
    if (found) return found;
  }
  return undefined;
}
