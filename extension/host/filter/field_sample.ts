import { decodedValue } from "../../core/decode/decoded_value.ts";
import { fieldsAt, fieldsWithPaths } from "../../core/decode/field_path.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";

/** Datagrams that are looked at: half of them the latest, the others from all over the capture. */
const MOST_DATAGRAMS = 64;
const MOST_NAMES = 2000;
const MOST_VALUES = 50;
/** Of one payload, which may have thousands. */
const MOST_FIELDS = 200;
/** Longer values nobody chooses from a list. */
const LONGEST = 60;

/** The fields that some datagrams of a capture have, with their values: what can be proposed while a filter is typed. */
export class FieldSample {
  readonly #source: CaptureSource;
  #of: { readonly decoders: LoadedDecoders; readonly endId: number } | undefined;
  #values: Promise<Map<string, string[]>> = Promise.resolve(new Map());

  constructor(source: CaptureSource) {
    this.#source = source;
  }

  /** Of the capture as it is now. */
  values(decoders: LoadedDecoders): Promise<Map<string, string[]>> {
    const { endId } = this.#source.capture;
    if (this.#of?.decoders !== decoders || this.#of.endId !== endId) {
      this.#of = { decoders, endId };
      this.#values = this.#look(decoders);
    }
    return this.#values;
  }

  async #look(decoders: LoadedDecoders): Promise<Map<string, string[]>> {
    const values = new Map<string, Set<string>>();
    const { capture } = this.#source;
    for (const id of this.#ids()) {
      if (!capture.has(id)) continue;
      const ends = endsOf(capture, id);
      const isCut = capture.capturedLength(id) < capture.wireLength(id);
      const payload = await this.#source.payload(id);
      const decoder = decoders.choose(ends, payload)?.decoder;
      const { fields } = decoder?.decode(payload, isCut) ?? {};
      if (!decoder || !fields) continue;
      for (const { path, field } of fieldsWithPaths(fields).slice(0, MOST_FIELDS)) {
        const dot = path.startsWith("[") ? "" : ".";
        note(values, `${decoder.id}${dot}${path.replace(/\[\d+\]/g, "")}`, field.value);
      }
      // Wireshark's names of the same.
      for (const name of decoder.fields.names) {
        const { paths = [], only } = decoder.fields.find(name) ?? {};
        const found = paths.flatMap((path) => fieldsAt(fields, path));
        for (const { value } of found) if (only?.test(value) ?? true) note(values, name, value);
      }
    }
    return new Map([...values].map(([name, all]) => [name, [...all]]));
  }

  #ids(): number[] {
    const { length } = this.#source.capture;
    const places = new Set<number>();
    for (let index = 1; index <= MOST_DATAGRAMS / 2; index++) {
      if (index <= length) places.add(length - index);
      places.add(Math.floor((length * index) / (MOST_DATAGRAMS / 2 + 1)));
    }
    return [...places]
      .filter((place) => place < length)
      .map((place) => this.#source.capture.idAt(place));
  }
}

/** What stands for a value in a filter: a name rather than its number. */
function note(values: Map<string, Set<string>>, name: string, text: string): void {
  const known = values.get(name) ?? new Set<string>();
  if (!values.has(name) && values.size >= MOST_NAMES) return;
  values.set(name, known);
  const { name: label, text: plain } = decodedValue(text);
  const value = label ?? plain;
  if (known.size < MOST_VALUES && value !== "" && value.length <= LONGEST) known.add(value);
}
