import * as vscode from "vscode";
import { FIT_PROBLEMS, type FitProblemCode } from "../../core/kaitai/failure.ts";
import {
  ENCODE_PROBLEMS,
  type Encoded,
  type EncodeProblem,
  encoded,
  Unwritable,
} from "../../core/payload/encoded.ts";
import type { Template } from "../../core/payload/template.ts";
import { parseFields } from "../../core/payload/written_fields.ts";
import { PAYLOAD_FORMATS, type PayloadFormat } from "../../core/text/payload_format.ts";
import { printable, withoutLinks } from "../../core/text/printable.ts";
import type { PayloadDecoder } from "../definitions/payload_decoder.ts";

/** How a payload is written: as its bytes, or as the fields of a definition of the workspace. */
export type SendFormat = PayloadFormat | "fields";

export const SEND_FORMATS: readonly SendFormat[] = [...PAYLOAD_FORMATS, "fields"];

/** What a person edits in one line. */
const MOST_BYTES = 2048;
const MOST_CHARACTERS = 8192;

/** Payloads that are written as their fields: `sensor { id: 7, temp: 21.5 }`. */
export class FieldsFormat {
  readonly #own: PayloadDecoder | undefined;
  readonly #decoders: readonly PayloadDecoder[];

  /**
   * @param own what reads the payloads that are meant
   * @param all what payloads may be written by
   */
  constructor(own: PayloadDecoder | undefined, all: readonly PayloadDecoder[]) {
    const isWritable = ({ encode }: PayloadDecoder) => encode !== undefined;
    this.#own = own && isWritable(own) ? own : undefined;
    this.#decoders = [...(this.#own ? [this.#own] : []), ...all.filter(isWritable)];
  }

  /** False where there is nothing that could be written. */
  get isOfUse(): boolean {
    return this.#decoders.length > 0;
  }

  read(text: string): Encoded {
    return encoded(() => {
      const written = parseFields(text);
      const { name } = written;
      const decoder =
        name === undefined
          ? this.#decoders[0]
          : this.#decoders.find(({ id }) => id === name || name.endsWith(`.${id}`));
      if (decoder?.encode) return decoder.encode(written);
      const ids = [...new Set(this.#decoders.map(({ id }) => id))];
      throw new Unwritable("noDefinition", name ?? "", ids.slice(0, 20).join(", ") || "–");
    });
  }

  /** These bytes as their fields; undefined where what reads them cannot write them, or there are more than fit a box. */
  write(bytes: Uint8Array): string | undefined {
    if (bytes.length > MOST_BYTES) return undefined;
    const text = this.#own?.fieldsText?.(bytes);
    return text !== undefined && text.length <= MOST_CHARACTERS ? text : undefined;
  }

  /** What somebody begins with: all fields, as they are where nobody has written them. */
  start(): string {
    const [decoder] = this.#decoders;
    if (!decoder) return "";
    const { template } = { template: undefined, ...decoder.encode?.(parseFields("{}")) };
    const text = template && decoder.fieldsText?.(bytesOf(template));
    return text ?? `${decoder.id} {  }`;
  }
}

function bytesOf(template: Template): Uint8Array {
  return template.fill({ sequence: 0n, now: 0n, random: (count) => new Uint8Array(count) });
}

/** Why this is no payload, in a sentence; part of it comes from a person, or out of a datagram. */
export function encodeProblemText({ code, arguments: words, misfit }: EncodeProblem): string {
  const told = misfit ? [misfitText(misfit)] : words.map(plain);
  return vscode.l10n.t(ENCODE_PROBLEMS[code], ...told);
}

function misfitText({ code, arguments: words }: NonNullable<EncodeProblem["misfit"]>): string {
  const known = code as FitProblemCode;
  return vscode.l10n.t(FIT_PROBLEMS[known], ...words.map(plain));
}

function plain(word: string): string {
  return withoutLinks(printable(word, { limit: 300 }));
}
