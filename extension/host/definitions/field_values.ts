import type * as vscode from "vscode";
import type { DecodedField } from "../../core/decode/decoded.ts";
import { fieldsWithPaths } from "../../core/decode/field_path.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { endsOf } from "./datagram_ends.ts";
import { fileOf } from "./definition_files.ts";
import type { Definitions } from "./definitions.ts";

/** Rows that are told of, and values of each. */
const MOST_ROWS = 5;
const MOST_VALUES = 4;
/** Datagrams that are looked at for them, the latest: others may be read by something else. */
const MOST_LOOKED_AT = 200;
/** So long a person may wait for a hover. */
const PATIENCE_MS = 100;

/** Where values are looked for. */
export interface ValuePlace {
  readonly source: CaptureSource;
  /** The datagram that is selected there. */
  readonly selected?: number;
}

/** What a field of a definition is in a datagram. */
export interface FieldValue {
  readonly id: number;
  readonly isSelected: boolean;
  readonly path: string;
  /** As a person reads it, printable. */
  readonly text: string;
  /** Its bytes in the payload, `end` exclusive. */
  readonly start: number;
  readonly end: number;
}

/** What the fields of a definition say in the datagrams that it reads. */
export class FieldValues {
  readonly #definitions: Definitions;
  readonly #places: () => readonly ValuePlace[];

  constructor(definitions: Definitions, places: () => readonly ValuePlace[]) {
    this.#definitions = definitions;
    this.#places = places;
  }

  /**
   * The values of the fields that a line names, of the datagram that is selected and of the latest ones. None for a file that
   * is not saved: its lines are elsewhere than in the definition that is in use.
   *
   * @param line from 1
   */
  async at(document: vscode.TextDocument, line: number): Promise<FieldValue[]> {
    if (document.isDirty) return [];
    const file = fileOf(document).file;
    const ends = performance.now() + PATIENCE_MS;
    const found: FieldValue[] = [];
    for (const { source, selected } of this.#places()) {
      for (const id of lookedAt(source, selected)) {
        if (new Set(found.map((one) => one.id)).size >= MOST_ROWS) return found;
        if (performance.now() > ends) return found;
        for (const field of await this.#valuesIn(source, id, file, line)) {
          found.push({ id, isSelected: id === selected, ...field });
        }
      }
    }
    return found;
  }

  async #valuesIn(source: CaptureSource, id: number, file: string, line: number) {
    const { capture } = source;
    if (!capture.has(id)) return [];
    const ends = endsOf(capture, id);
    const payload = await source.payload(id).catch(() => undefined);
    const decoded = payload && (await this.#definitions.decode(payload, ends))?.decoded;
    if (!decoded) return [];
    const isIt = ({ definedAt, name }: DecodedField) =>
      definedAt?.line === line && definedAt.file === file && !/^\[\d+\]$/.test(name);
    return fieldsWithPaths(decoded.fields)
      .filter(({ field }) => isIt(field))
      .slice(0, MOST_VALUES)
      .map(({ path, field: { value: text, from: start, to: end } }) => ({
        path,
        text,
        start,
        end,
      }));
  }
}

function* lookedAt({ capture }: CaptureSource, selected: number | undefined): Generator<number> {
  if (selected !== undefined) yield selected;
  const first = Math.max(0, capture.length - MOST_LOOKED_AT);
  for (let at = capture.length - 1; at >= first; at--) {
    const id = capture.idAt(at);
    // A delivered datagram is one row.
    if (id !== selected && !capture.isFolded(id)) yield id;
  }
}
