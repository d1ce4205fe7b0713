import type { Capture } from "../../core/capture/capture.ts";
import { payloadStretches } from "../../core/capture/payload_stretches.ts";
import type { FieldNeedle } from "../../core/filter/needle.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { FieldOfPayloads } from "../capture/payload_search.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";
import { PayloadReaders } from "../filter/payload_readers.ts";
import { type FieldColumn, FieldOfDecoder, type PayloadBytes } from "./field_column.ts";

/** Ids that are read in one go; in between, what was read is counted. */
const IDS_AT_ONCE = 250_000;
/** What a payload costs that is decoded, and one of which a number is read; see {@link FieldOfPayloads.cost}. */
const DECODING = 4096;
const READING = 1;

/** Reads fields of all datagrams of a capture, in the order in which they were recorded, and goes on with those that come. */
export class FieldReading {
  readonly #source: CaptureSource;
  readonly #decoders: LoadedDecoders;
  readonly #columns: readonly FieldColumn[];
  readonly #onRead: (fromTime: number) => void;
  readonly #stop = new AbortController();
  #firstId: number;
  #readTo: number;
  #reading: Promise<void> | undefined;

  /** @param onRead called with the time, microseconds since 1970, from which on more is known */
  constructor(
    source: CaptureSource,
    decoders: LoadedDecoders,
    columns: readonly FieldColumn[],
    onRead: (fromTime: number) => void,
  ) {
    this.#source = source;
    this.#decoders = decoders;
    this.#columns = columns;
    this.#onRead = onRead;
    this.#firstId = source.capture.firstId;
    this.#readTo = this.#firstId;
  }

  /** The place of a datagram in the columns. */
  placeOf(id: number): number {
    return id - this.#firstId;
  }

  /** How much has been read, from 0 to 1. */
  get progress(): number {
    const { endId } = this.#source.capture;
    return (this.#readTo - this.#firstId) / Math.max(1, endId - this.#firstId);
  }

  /** Reads what is there and was not read; resolves when that is done, or when it was disposed of. */
  async update(): Promise<void> {
    if (this.#columns.length === 0) return;
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  dispose(): void {
    this.#stop.abort();
  }

  async #readOn(): Promise<void> {
    const { signal } = this.#stop;
    const { capture } = this.#source;
    const { searchPayloads } = await import("../capture/payload_search.ts");
    const needles = this.#columns.map((column): FieldNeedle => {
      const test = { key: "", ofText: () => false };
      return { kind: "field", name: column.name, test };
    });
    try {
      while (!signal.aborted) {
        this.#moveTo(capture.firstId);
        const from = this.#readTo;
        const to = Math.min(capture.endId, from + IDS_AT_ONCE);
        if (from >= to) return;
        for (const column of this.#columns) column.reserve(to - this.#firstId);
        const stretches = payloadStretches(capture.datagrams.stored, from, to).map((stretch) => ({
          ...stretch,
          fieldOf: this.#fieldsFrom(stretch.firstId, needles),
        }));
        let earliest = Number.POSITIVE_INFINITY;
        await searchPayloads(stretches, needles, {
          signal,
          onHits: ({ run, from: first, to: end }) => {
            const { firstId = 0 } = stretches[run] ?? {};
            earliest = Math.min(earliest, earliestOf(capture, firstId + first, firstId + end));
          },
        });
        this.#readTo = to;
        this.#onRead(earliest);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Datagrams were given up, and the index has moved. */
  #moveTo(firstId: number): void {
    const gone = firstId - this.#firstId;
    if (gone === 0) return;
    for (const column of this.#columns) column.shift(gone);
    this.#firstId = firstId;
    this.#readTo = Math.max(this.#readTo, firstId);
  }

  #fieldsFrom(
    firstId: number,
    needles: readonly FieldNeedle[],
  ): (needle: FieldNeedle) => FieldOfPayloads {
    const readings = new Map<FieldNeedle, ColumnReading>();
    return (needle) => {
      const column = this.#columns[needles.indexOf(needle)];
      if (!column) throw new RangeError(`Cannot read ${needle.name}: it is no column`);
      const reading =
        readings.get(needle) ??
        new ColumnReading(this.#source.capture, this.#decoders, column, firstId, () =>
          this.placeOf(firstId),
        );
      readings.set(needle, reading);
      return reading;
    };
  }
}

/** Reads a column out of the payloads of a stretch, as if it looked for something there. */
class ColumnReading implements FieldOfPayloads {
  cost = 0;
  readonly #capture: Capture;
  readonly #readers: PayloadReaders<FieldOfDecoder>;
  readonly #column: FieldColumn;
  readonly #firstId: number;
  readonly #firstPlace: () => number;
  #bytes: Buffer | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor(
    capture: Capture,
    decoders: LoadedDecoders,
    column: FieldColumn,
    firstId: number,
    firstPlace: () => number,
  ) {
    this.#capture = capture;
    this.#column = column;
    this.#firstId = firstId;
    this.#firstPlace = firstPlace;
    this.#readers = new PayloadReaders(capture, decoders, (decoder) => {
      const place = decoder.fields.find(column.name);
      return place && new FieldOfDecoder(decoder, place);
    });
  }

  passes(index: number, bytes: Buffer, start: number, end: number): boolean {
    this.cost = READING;
    const id = this.#firstId + index;
    if (!this.#capture.has(id)) return false;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const always = this.#readers.ofAll(id);
    const reader = always ? always.reader : this.#readers.of(id, bytes.subarray(start, end));
    if (!always || (reader && !reader.fixed)) this.cost = DECODING;
    const payload: PayloadBytes = { view: this.#view, start, end, isCut: this.#readers.isCut(id) };
    this.#column.read(this.#firstPlace() + index, reader, payload);
    return false;
  }
}

/** The earliest time of the datagrams of these ids that are still there. */
function earliestOf(capture: Capture, from: number, to: number): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (let id = from; id < to; id++) {
    if (capture.has(id)) earliest = Math.min(earliest, capture.time(id));
  }
  return earliest;
}
