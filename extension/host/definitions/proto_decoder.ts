import * as vscode from "vscode";
import { type DecoderFields, pathBehind } from "../../core/decode/decoder_fields.ts";
import { parsePath } from "../../core/decode/field_path.ts";
import type { WireMisfit } from "../../core/protobuf/decode.ts";
import { PROTO_PROBLEMS, type ProtoProblem, WIRE_PROBLEMS } from "../../core/protobuf/problem.ts";
import type { Message } from "../../core/protobuf/schema.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import type { DefinitionUse } from "./definition_setting.ts";
import type { PayloadDecoder } from "./payload_decoder.ts";
import type { FoundProto } from "./proto_files.ts";

/** A message of a `.proto` as a decoder; where it cannot be used, each payload says why. */
export function protoDecoder(use: DefinitionUse, found: FoundProto | undefined): PayloadDecoder {
  const message = messageOf(use, found);
  const id = message?.fullName.split(".").at(-1) ?? use.type ?? use.file;
  return {
    id,
    name: printable(id, { limit: 40 }),
    ports: use.port === undefined ? [] : [use.port],
    decode(payload, isCut) {
      if (!message || !found) {
        const problem = leftToRight(unusableText(use, found));
        return { summary: "", fields: undefined, problem };
      }
      const { summary, fields, misfit } = found.decode(message, payload, use);
      const problem = misfit && leftToRight(wireMisfitText(misfit, isCut));
      return { summary: problem ?? leftToRight(summary), fields, problem };
    },
    encode: message && found ? (written) => found.encode(message, written, use) : undefined,
    fieldsText: (payload) => message && found?.fieldsText(message, payload, use),
    fields: message ? protoFields(message, id) : { names: [], find: () => undefined },
  };
}

/** What is wrong with a `.proto`, in the editor's language, without its place. */
export function protoSentence({ code, arguments: words }: ProtoProblem): string {
  return vscode.l10n.t(PROTO_PROBLEMS[code], ...words.map((word) => printable(word)));
}

/** The same with its place, as editors write it. */
export function protoProblemText(problem: ProtoProblem): string {
  const { file, line, column } = problem;
  return `${printable(file)}:${line}:${column}: ${protoSentence(problem)}`;
}

/** The one that the setting names, with or without its package; without a name the first of the file. */
function messageOf({ type }: DefinitionUse, found: FoundProto | undefined): Message | undefined {
  const { schema } = found ?? {};
  if (type === undefined) return schema?.messages[0];
  const known = schema?.byName.get(type);
  if (known) return known.kind === "message" ? known : undefined;
  return schema?.messages.find(({ fullName }) => fullName.endsWith(`.${type}`));
}

function unusableText({ file, type = "" }: DefinitionUse, found: FoundProto | undefined): string {
  const name = printable(file, { limit: 200 });
  if (!found) return vscode.l10n.t("Cannot read {0}: the workspace has no such file.", name);
  const { problem } = found;
  if (!problem) return vscode.l10n.t("{0} has no type {1}.", name, printable(type, { limit: 100 }));
  return protoProblemText(problem);
}

function wireMisfitText({ code, arguments: words }: WireMisfit, isCut: boolean): string {
  const why = vscode.l10n.t(WIRE_PROBLEMS[code], ...words);
  const isEnd = code === "bytesLeft" || code === "varintEnds" || code === "groupEnds";
  return isCut && isEnd
    ? vscode.l10n.t("The capture ends before the payload does: {0}", why)
    : vscode.l10n.t("Does not fit: {0}", why);
}

/** Messages can hold each other without end: these are enough to tell a slip from a name. */
const MOST_NAMES = 2000;
const DEEPEST = 8;

function protoFields(message: Message, id: string): DecoderFields {
  const names = new Set<string>();
  const add = ({ fields }: Message, before: string, depth: number): void => {
    for (const { name, resolved } of fields.values()) {
      if (names.size >= MOST_NAMES) return;
      names.add(before + name);
      if (resolved?.kind === "message" && depth < DEEPEST) {
        add(resolved, `${before}${name}.`, depth + 1);
      }
    }
  };
  add(message, "", 0);
  return {
    names: [...names].map((name) => `${id}.${name}`),
    find(name) {
      const path = pathBehind(name, id);
      const parsed = path === undefined ? undefined : parsePath(path);
      if (path === undefined || !parsed) return undefined;
      const plain = path.replace(/\[\d+\]/g, "");
      // What the message does not name is there by its number; what an Any holds is told by its bytes.
      const isOpen = /(^|\.)_\d+$|(^|\.)value\./.test(plain);
      return names.has(plain) || isOpen ? { paths: [parsed] } : undefined;
    },
  };
}
