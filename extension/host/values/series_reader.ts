import { setImmediate as nextTurn } from "node:timers/promises";
import { Delivery } from "../../core/capture/delivery.ts";
import { type PayloadStretch, payloadStretches } from "../../core/capture/payload_stretches.ts";
import { RowList } from "../../core/capture/row_list.ts";
import type { Filter } from "../../core/filter/compiler.ts";
import type { FieldNeedle } from "../../core/filter/needle.ts";
import type { GapKind } from "../../core/series/sender_series.ts";
import { SeriesTable } from "../../core/series/series_table.ts";
import { formatAddress } from "../../core/wire/address.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { searchPayloads } from "../capture/payload_search.ts";
import { servicePortFirst } from "../definitions/datagram_ends.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { RowFilter } from "../filter/row_filter.ts";
import { PayloadNumbers } from "./payload_numbers.ts";

/** Rows that are taken at once: some milliseconds where they have been read, and a pass through some chunks of a file. */
const ROWS_AT_ONCE = 16_384;
/** Ids that lie no further apart are read in one go. */
const NEAR = 64;
/** Senders' names by flow: more flows than this are found out anew. */
const MOST_FLOWS = 50_000;
/** Looks for nothing: payloads are only to be read. */
const ANY: FieldNeedle = { kind: "field", name: "", test: { key: "", ofText: () => false } };

/**
 * The numbers of a capture's rows, of those that a filter lets through, kept up to date: each datagram is read once, and
 * what a change or another filter concerns is only arranged anew.
 */
export class SeriesReader {
  table = new SeriesTable();
  readonly rows: RowList;
  readonly #source: CaptureSource;
  readonly #decoders: PayloadDecoders;
  readonly #filter: RowFilter;
  readonly #onProgress: () => void;
  readonly #stops: readonly (() => void)[];
  readonly #senders = new Map<number, number | undefined>();
  #numbers: PayloadNumbers | undefined;
  #firstId: number;
  /** Rows that are in the table, from the first on. */
  #built = 0;
  #isRunning = false;
  #hasChanged = false;
  #isDisposed = false;
  #done: Promise<void> = Promise.resolve();
  /** Counts what ends the reading of payloads under way: other decoders, or the end. */
  #stop = new AbortController();

  /** @param onProgress called when there may be something new to show */
  constructor(source: CaptureSource, decoders: PayloadDecoders, onProgress: () => void) {
    this.#source = source;
    this.#decoders = decoders;
    this.#onProgress = onProgress;
    this.#firstId = source.capture.firstId;
    this.rows = new RowList(source.capture);
    this.#filter = new RowFilter(source, this.rows, this.#again, () => decoders.load());
    const changes = source.onDidChange(() => {
      this.#filter.update();
      this.#again();
    });
    const decoderChanges = decoders.onDidChange(() => {
      this.#stop.abort();
      this.#numbers = undefined;
      this.table = new SeriesTable();
      this.#senders.clear();
      this.#built = 0;
      this.#again();
    });
    this.#stops = [
      () => changes.dispose(),
      () => decoderChanges.dispose(),
      source.capture.onChange((time) => {
        if (time <= 0) this.#forgetFlows();
      }),
    ];
    this.#again();
  }

  /** Shows only what passes, whatever its time; all where it is undefined. */
  setFilter(filter: Filter | undefined): void {
    if (filter) this.#filter.apply(ofAllTimes(filter));
    else this.#filter.apply(EVERYTHING);
    this.#again();
  }

  /** Leaves all as it is until it is called with false. */
  setPaused(isPaused: boolean): void {
    this.#filter.setPaused(isPaused);
    this.#again();
  }

  /** How much of the rows has been read, from 0 to 1; undefined where there is nothing to wait for. */
  get progress(): number | undefined {
    if (this.#filter.progress !== undefined) return this.#filter.progress;
    const { length } = this.rows;
    return length - this.#built > ROWS_AT_ONCE ? this.#built / length : undefined;
  }

  /** Resolves when all is read that there is. */
  async settled(): Promise<void> {
    await this.#filter.searched();
    this.#again();
    do await this.#done;
    while (this.#isRunning);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stop.abort();
    for (const stop of this.#stops) stop();
    this.#filter.dispose();
    this.rows.dispose();
  }

  readonly #again = (): void => {
    this.#hasChanged = true;
    if (this.#isRunning || this.#isDisposed) return;
    this.#isRunning = true;
    this.#done = this.#run().finally(() => {
      this.#isRunning = false;
      if (this.#hasChanged) this.#again();
    });
  };

  async #run(): Promise<void> {
    while (this.#hasChanged && !this.#isDisposed) {
      this.#hasChanged = false;
      await this.#filter.catchUp();
      while (!this.#isDisposed && (await this.#step())) {
        this.#onProgress();
        await nextTurn();
      }
      this.#onProgress();
    }
  }

  /** Takes some rows more; false where there are none. */
  async #step(): Promise<boolean> {
    this.#takeChanges();
    const { rows, table } = this;
    const end = Math.min(rows.length, this.#built + ROWS_AT_ONCE);
    if (this.#built >= end) return false;
    const unread: number[] = [];
    for (let row = this.#built; row < end; row++) {
      const id = rows.idAt(row);
      if (!table.has(id) && this.#gapOf(id) === undefined) unread.push(id);
    }
    if (unread.length > 0) {
      await this.#read(unread);
      // Rows may be elsewhere by now.
      return true;
    }
    const { capture } = this.#source;
    for (let row = this.#built; row < end; row++) {
      const id = rows.idAt(row);
      const gap = this.#gapOf(id);
      if (gap === undefined) table.show(id);
      else table.gap(id, capture.time(id), gap, this.#senderOf(id));
    }
    this.#built = end;
    return true;
  }

  /** What is shown up to the first row that is another one now stays. */
  #takeChanges(): void {
    const { rows } = this;
    const { capture } = this.#source;
    const first = rows.takeFirstChanged();
    const hasLeft = rows.takeRemovedFromFront() > 0 || capture.firstId !== this.#firstId;
    this.#firstId = capture.firstId;
    if (hasLeft) {
      this.table.keep(capture.firstId, (id) => capture.has(id));
      this.#senders.clear();
      this.#built = 0;
    } else if (first < this.#built || this.#built > rows.length) {
      const last = Math.min(first, rows.length) - 1;
      // Those of the same time as the last one that stays are arranged anew, too.
      const time = last < 0 ? Number.NEGATIVE_INFINITY : capture.time(rows.idAt(last));
      this.table.truncate(time);
      let row = Math.max(0, last);
      while (row > 0 && capture.time(rows.idAt(row - 1)) >= time) row--;
      this.#built = row;
    }
  }

  /** Reads datagrams in the order in which they lie in their files. */
  async #read(ids: readonly number[]): Promise<void> {
    const { capture } = this.#source;
    const { table } = this;
    const { signal } = this.#stop.signal.aborted ? this.#renewed() : this.#stop;
    this.#numbers ??= new PayloadNumbers(capture, await this.#decoders.load());
    const numbers = this.#numbers;
    const wanted = new Set(ids);
    const sorted = Float64Array.from(ids).sort();
    const runs = stretchesOf(capture.datagrams.stored, sorted).map((stretch) => ({
      ...stretch,
      fieldOf: () => ({
        passes: (index: number, bytes: Buffer, start: number, end: number) => {
          const id = stretch.firstId + index;
          numbers.cost = 1;
          if (!wanted.delete(id) || !capture.has(id) || table !== this.table) return false;
          const series = table.begin(id, capture.time(id), this.#senderOf(id));
          if (!series) return false;
          series.port ??= servicePortFirst(capture, id)[0];
          const decoder = numbers.read(id, bytes, start, end, series, series.rows - 1);
          if (decoder !== undefined) series.decoder = decoder;
          return false;
        },
        get cost() {
          return numbers.cost;
        },
      }),
    }));
    try {
      await searchPayloads(runs, [ANY], { signal, onHits: () => {} });
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    }
    // A file that cannot be read: its datagrams say nothing.
    for (const id of wanted) {
      if (capture.has(id) && table === this.table) {
        table.begin(id, capture.time(id), this.#senderOf(id));
      }
    }
  }

  #renewed(): AbortController {
    this.#stop = new AbortController();
    return this.#stop;
  }

  #gapOf(id: number): GapKind | undefined {
    const { capture } = this.#source;
    switch (capture.delivery(id)) {
      case Delivery.lost:
        return "lost";
      case Delivery.dropped:
        return "dropped";
      case Delivery.refused:
        return "refused";
      default:
        return capture.wasSent(id) ? undefined : "refused";
    }
  }

  #senderOf(id: number): number | undefined {
    const { capture } = this.#source;
    const flow = capture.flowId(id);
    if (this.#senders.has(flow)) return this.#senders.get(flow);
    const { sourceAddress, sourcePort: port } = capture.flow(id);
    const address = formatAddress(sourceAddress, 0, sourceAddress.length === 4 ? 4 : 16);
    const sender = this.table.senderOf(formatEndpoint({ address, port }));
    if (this.#senders.size >= MOST_FLOWS) this.#senders.clear();
    this.#senders.set(flow, sender);
    return sender;
  }

  #forgetFlows(): void {
    this.#senders.clear();
    this.#numbers?.forget();
  }
}

const EVERYTHING: Filter = {
  needles: [],
  highlights: [],
  dependsOn: new Set(),
  isEmpty: true,
  rowTest: () => () => true,
  rowTestOfAllTimes: undefined,
};

/** The same filter without its conditions on time: a range is looked at within what there is. */
function ofAllTimes(filter: Filter): Filter {
  const { rowTestOfAllTimes } = filter;
  if (!rowTestOfAllTimes) return filter;
  return { ...filter, rowTest: rowTestOfAllTimes, rowTestOfAllTimes: undefined };
}

/** Where these datagrams lie, and some between them. `ids`: ascending. */
function stretchesOf(
  stored: Parameters<typeof payloadStretches>[0],
  ids: Float64Array,
): PayloadStretch[] {
  const stretches: PayloadStretch[] = [];
  for (let from = 0; from < ids.length; ) {
    let to = from + 1;
    while (to < ids.length && (ids[to] ?? 0) - (ids[to - 1] ?? 0) <= NEAR) to++;
    for (const one of payloadStretches(stored, ids[from] ?? 0, (ids[to - 1] ?? 0) + 1))
      stretches.push(one);
    from = to;
  }
  return stretches;
}
