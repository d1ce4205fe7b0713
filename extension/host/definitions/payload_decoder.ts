import * as vscode from "vscode";
import type { DecodedField } from "../../core/decode/decoded.ts";
import { builtInFields, type DecoderFields } from "../../core/decode/decoder_fields.ts";
import { DECODERS, type DecoderId } from "../../core/decode/decoder_names.ts";
import type { FieldPath } from "../../core/decode/field_path.ts";
import type { Decoders } from "../../core/decode/load_decoders.ts";
import type { DecodedPayload } from "../../core/kaitai/decode.ts";
import type { FixedField } from "../../core/kaitai/fixed_field.ts";
import type { Encoded } from "../../core/payload/encoded.ts";
import type { WrittenFields } from "../../core/payload/written_fields.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import { decodeProblemText, definitionProblemText, misfitText } from "../words/problem_text.ts";
import { definitionFields } from "./definition_fields.ts";
import { isProto } from "./definition_paths.ts";
import type { LoadedUse } from "./definitions.ts";
import { protoDecoder } from "./proto_decoder.ts";

/** What a payload says, in the editor's language and printable. */
export interface DecodedText {
  /** One line; or, with a problem, as far as it came. */
  readonly summary: string;
  /** Those that could be read; undefined where that makes no sense. */
  readonly fields: readonly DecodedField[] | undefined;
  /** Why it is no message of that kind, or not all of it could be read: a sentence. */
  readonly problem: string | undefined;
}

/** What reads payloads: built in, or a definition of the workspace. */
export interface PayloadDecoder {
  /** What the names of its fields begin with. */
  readonly id: string;
  /** As its users write it; not translated. */
  readonly name: string;
  /** Its well-known ports. */
  readonly ports: readonly number[];
  /** True where it would be chosen for a payload that nobody has chosen a decoder for; left out: never. */
  readonly speaks?: (payload: Uint8Array, ports: readonly number[], isCut: boolean) => boolean;
  /** Never throws, whatever the bytes; `isCut`: these are only the first ones. */
  readonly decode: (payload: Uint8Array, isCut: boolean) => DecodedText;
  readonly fields: DecoderFields;
  /** The bytes of a payload that is written as its fields; left out where none can be. Never throws. */
  readonly encode?: ((written: WrittenFields) => Encoded) | undefined;
  /** A payload as its fields are written, so that they are these bytes again; undefined where that cannot be. */
  readonly fieldsText?: (payload: Uint8Array) => string | undefined;
  /** Where a field is that is at the same place in every payload, so that nothing else has to be read. */
  readonly fixedField?: (path: FieldPath) => FixedField | undefined;
}

/** The decoders of the protocols of the Internet, in the order in which the content is asked. */
export function builtInDecoders(decoders: Decoders): PayloadDecoder[] {
  return DECODERS.map(({ id, name }) => ({
    id,
    name,
    ports: decoders.wellKnownPorts(id),
    speaks: (payload, ports, isCut) => decoders.isMessageOf(id, payload, ports, isCut),
    decode: (payload, isCut) => decodeBuiltIn(decoders, id, name, payload, isCut),
    fields: builtInFields(id),
  }));
}

function decodeBuiltIn(
  { decode }: Decoders,
  id: DecoderId,
  name: string,
  payload: Uint8Array,
  isCut: boolean,
): DecodedText {
  const result = decode(id, payload, isCut);
  if (!("problem" in result)) {
    return { summary: leftToRight(result.summary), fields: result.fields, problem: undefined };
  }
  const told = decodeProblemText(result);
  if (result.code === "captureEnds") {
    const summary = leftToRight(told);
    return { summary, fields: result.fields ?? [], problem: summary };
  }
  const problem = leftToRight(vscode.l10n.t("This is no {0} message. {1}", name, told));
  return { summary: "", fields: undefined, problem };
}

/** A definition as a decoder; where it cannot be used, each payload says why. */
export function definitionDecoder({ use, loaded, proto }: LoadedUse): PayloadDecoder {
  if (isProto(use.file)) return protoDecoder(use, proto);
  const definition = loaded?.definition;
  const name = printable(use.type ?? definition?.id ?? use.file, { limit: 40 });
  return {
    id: use.type ?? definition?.id ?? use.file,
    name,
    ports: use.port === undefined ? [] : [use.port],
    decode(payload, isCut) {
      const result = definition?.decode(payload, use.type);
      if (!result) {
        const problem = leftToRight(unusableText({ use, loaded }));
        return { summary: "", fields: undefined, problem };
      }
      return new DefinedText(result, isCut);
    },
    fields: definitionFields({ use, loaded }),
    encode: definition?.types.has(use.type ?? definition.id)
      ? (written) => definition.encode(written, use.type) ?? NOT_WRITABLE
      : undefined,
    fieldsText: (payload) => definition?.fieldsText(payload, use.type),
    fixedField: (path) => definition?.fixedField(path, use.type),
  };
}

/** What a definition says, whose one line is made for who shows it. */
class DefinedText implements DecodedText {
  readonly fields: readonly DecodedField[];
  readonly problem: string | undefined;
  readonly #decoded: DecodedPayload;

  constructor(decoded: DecodedPayload, isCut: boolean) {
    const { fields, misfit } = decoded;
    this.fields = fields;
    this.problem = misfit && leftToRight(misfitText(misfit, isCut));
    this.#decoded = decoded;
  }

  get summary(): string {
    return this.problem ?? leftToRight(this.#decoded.summary);
  }
}

const NOT_WRITABLE: Encoded = { problem: { code: "notWritable", arguments: [] } };

/** Why a definition says nothing of any payload. */
function unusableText({ use, loaded }: LoadedUse): string {
  const file = printable(use.file, { limit: 200 });
  if (!loaded) return vscode.l10n.t("Cannot read {0}: the workspace has no such file.", file);
  const [wrong] = loaded.problems.filter(({ severity }) => severity === "error");
  if (wrong) return definitionProblemText(wrong);
  return vscode.l10n.t("{0} has no type {1}.", file, printable(use.type ?? "", { limit: 100 }));
}
