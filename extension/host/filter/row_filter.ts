import { setImmediate as nextTurn } from "node:timers/promises";
import type { Capture } from "../../core/capture/capture.ts";
import { payloadStretches } from "../../core/capture/payload_stretches.ts";
import { displayFlow } from "../../core/capture/peers.ts";
import { RowList } from "../../core/capture/row_list.ts";
import type { Filter, RowTest } from "../../core/filter/compiler.ts";
import type { Needle } from "../../core/filter/needle.ts";
import type { FilterRow } from "../../core/filter/row.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";

/** Ids that are searched in one go; in between, what was found is shown and a new filter can take over. */
const IDS_AT_ONCE = 250_000;

/**
 * Lets only those rows through that pass the filter's text. What depends on payloads is searched for in the files, so
 * results come while it still searches; a new filter ends the search for the old one.
 */
export class RowFilter {
  readonly #source: CaptureSource;
  readonly #rows: RowList;
  readonly #onProgress: () => void;
  readonly #loadDecoders: (() => Promise<LoadedDecoders>) | undefined;
  #filter: Filter | undefined;
  /** The rows that pass all but the filter's conditions on time; undefined where it has none. */
  #rowsOfAllTimes: RowList | undefined;
  #isPaused = false;
  /** For each needle: 1 where the datagram of `id - #firstId` holds it. */
  #hits: Uint8Array[] = [];
  #firstId = 0;
  #searchedTo = 0;
  #searching = false;
  /** All has been searched once that was there when the filter was applied: what comes live is only followed. */
  #isCaughtUp = false;
  #search: Promise<void> = Promise.resolve();
  /** While rows are still to be looked at. */
  #catchingUp: Promise<void> | undefined;
  #isDisposed = false;
  #stop = new AbortController();
  #revision = -1;
  readonly #stopListening: () => void;

  /**
   * @param onProgress Called when rows may have come or gone because of the search.
   * @param loadDecoders What reads the payloads, where a filter asks for fields of them; left out: none does.
   */
  constructor(
    source: CaptureSource,
    rows: RowList,
    onProgress: () => void,
    loadDecoders?: () => Promise<LoadedDecoders>,
  ) {
    this.#source = source;
    this.#loadDecoders = loadDecoders;
    this.#rows = rows;
    this.#onProgress = onProgress;
    // A test remembers flows by their ids, and others may have these now.
    this.#stopListening = source.capture.onChange((time) => {
      if (time <= 0 && this.#filter) this.#renewTest();
    });
  }

  /** The filter that applies; undefined where all rows are shown. */
  get filter(): Filter | undefined {
    return this.#filter;
  }

  /** What passes whatever its time is: an overview shows where in it the rows lie. */
  get rowsOfAllTimes(): RowList {
    return this.#rowsOfAllTimes ?? this.#rows;
  }

  /** See {@link RowList.setPaused}. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#rows.setPaused(isPaused);
    this.#rowsOfAllTimes?.setPaused(isPaused);
  }

  /** How much has been searched through, from 0 to 1; undefined while there is nothing to wait for. */
  get progress(): number | undefined {
    if (!this.#searching || this.#stop.signal.aborted) return undefined;
    // Told of each datagram that comes, "99 %" would come and go all the time.
    if (this.#source.isLive && this.#isCaughtUp) return undefined;
    const { endId } = this.#source.capture;
    return (this.#searchedTo - this.#firstId) / Math.max(1, endId - this.#firstId);
  }

  /** Applies a filter in place of the one before. */
  apply(filter: Filter): void {
    this.#filter = filter.isEmpty ? undefined : filter;
    this.#restart();
  }

  /** Takes in what came to the capture since; call it whenever the capture has changed. */
  update(): void {
    const filter = this.#filter;
    if (!filter) return;
    const { revision, firstId } = this.#source.capture;
    if (firstId !== this.#firstId) this.#moveTo(firstId);
    if (filter.dependsOn.has("sockets") && revision !== this.#revision) this.#renewTest();
    if (filter.needles.length > 0) this.#goOn();
  }

  /**
   * Looks at the rows that were not looked at yet, in turns: where there are millions, their list is right only then.
   * Resolves when that is so.
   */
  async catchUp(): Promise<void> {
    while (this.#behind.length > 0 && !this.#isDisposed) {
      this.#catchingUp ??= this.#lookOn();
      await this.#catchingUp;
    }
  }

  /** Resolves when everything that is there has been searched through, or the search has ended otherwise. */
  async searched(): Promise<void> {
    await this.#search;
    await this.catchUp();
  }

  /** Ends the search; what was found is shown. */
  cancel(): void {
    this.#stop.abort();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stop.abort();
    this.#stopListening();
    this.#rowsOfAllTimes?.dispose();
  }

  #restart(): void {
    this.#interrupt();
    const { capture } = this.#source;
    this.#firstId = capture.firstId;
    this.#searchedTo = this.#firstId;
    this.#isCaughtUp = false;
    this.#hits = (this.#filter?.needles ?? []).map(() => new Uint8Array(0));
    this.#setTest();
    if (this.#hits.length > 0) this.#goOn();
  }

  /** Datagrams were given up, and the index has moved: what was found of the others stays found. */
  #moveTo(firstId: number): void {
    const by = firstId - this.#firstId;
    this.#firstId = firstId;
    this.#searchedTo = Math.max(this.#searchedTo, firstId);
    this.#hits = this.#hits.map((hits) => hits.slice(by));
    // A search that goes on would look for the datagrams where they were.
    if (!this.#stop.signal.aborted) this.#interrupt();
  }

  /** The next search is another one. */
  #interrupt(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#searching = false;
  }

  #setTest(): void {
    this.#rowsOfAllTimes?.dispose();
    this.#rowsOfAllTimes = undefined;
    const { accepts, acceptsAtAllTimes } = this.#tests();
    this.#rows.setFilter(accepts);
    if (!acceptsAtAllTimes) return;
    this.#rowsOfAllTimes = new RowList(this.#source.capture);
    this.#rowsOfAllTimes.setFilter(acceptsAtAllTimes);
    this.#rowsOfAllTimes.setPaused(this.#isPaused);
  }

  /** What the tests remember may be wrong now. */
  #renewTest(): void {
    const { accepts, acceptsAtAllTimes } = this.#tests();
    if (accepts) this.#rows.renewFilter(accepts);
    if (acceptsAtAllTimes) this.#rowsOfAllTimes?.renewFilter(acceptsAtAllTimes);
  }

  #tests() {
    const { capture } = this.#source;
    const filter = this.#filter;
    this.#revision = capture.revision;
    const socketOf = (socket: number) => capture.socket(socket);
    const accepts = filter && this.#accepts(filter.rowTest(socketOf));
    const ofAllTimes = filter?.rowTestOfAllTimes?.(socketOf);
    return { accepts, acceptsAtAllTimes: ofAllTimes && this.#accepts(ofAllTimes) };
  }

  get #behind(): RowList[] {
    const all = [this.#rows, ...(this.#rowsOfAllTimes ? [this.#rowsOfAllTimes] : [])];
    return all.filter((rows) => rows.isBehind);
  }

  async #lookOn(): Promise<void> {
    for (const rows of this.#behind) rows.updating().next();
    this.#onProgress();
    await nextTurn();
    this.#catchingUp = undefined;
  }

  #accepts(test: RowTest): (id: number) => boolean {
    const row = new RowOfCapture(this.#source);
    let id = 0;
    const hits = (needle: number) => this.#hits[needle]?.[id - this.#firstId] === 1;
    return (asked) => {
      id = asked;
      return test(row.of(asked), hits);
    };
  }

  #goOn(): void {
    if (this.#searching || this.#stop.signal.aborted) return;
    this.#searching = true;
    this.#search = this.#searchOn();
  }

  async #searchOn(): Promise<void> {
    const { signal } = this.#stop;
    const { capture } = this.#source;
    const needles = this.#filter?.needles ?? [];
    const { endId } = capture;
    try {
      const { searchPayloads } = await import("../capture/payload_search.ts");
      const fieldsFrom = await this.#fieldSearch(needles);
      while (this.#searchedTo < capture.endId) {
        const from = this.#searchedTo;
        const to = Math.min(capture.endId, from + IDS_AT_ONCE);
        const stored = capture.datagrams.stored;
        const stretches = payloadStretches(stored, from, to).map((stretch) => ({
          ...stretch,
          ports: (index: number) => portsOf(capture, stretch.firstId + index),
          isCut: (index: number) => isCut(capture, stretch.firstId + index),
          ...(fieldsFrom && { fieldOf: fieldsFrom(stretch.firstId) }),
        }));
        this.#reserve(to - this.#firstId);
        let earliest = Number.POSITIVE_INFINITY;
        await searchPayloads(stretches, needles, {
          signal,
          onHits: ({ run, hits }) => {
            const first = stretches[run]?.firstId ?? 0;
            for (const [needle, found] of hits.entries()) {
              const column = this.#hits[needle] ?? new Uint8Array(0);
              for (const index of found) column[first + index - this.#firstId] = 1;
              earliest = Math.min(earliest, capture.earliest(first, found));
            }
          },
        });
        this.#searchedTo = to;
        this.#isCaughtUp ||= to >= endId;
        if (earliest !== Number.POSITIVE_INFINITY) {
          this.#rows.invalidate(earliest);
          this.#rowsOfAllTimes?.invalidate(earliest);
        }
        this.#onProgress();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    } finally {
      if (signal === this.#stop.signal) this.#searching = false;
    }
  }

  /** For the datagrams from an id on; undefined where no needle is a field. */
  async #fieldSearch(needles: readonly Needle[]) {
    if (!this.#loadDecoders || !needles.some(({ kind }) => kind === "field")) return undefined;
    const [{ fieldSearch }, decoders] = await Promise.all([
      import("./field_search.ts"),
      this.#loadDecoders(),
    ]);
    return (firstId: number) => fieldSearch(this.#source.capture, decoders, firstId);
  }

  #reserve(length: number): void {
    this.#hits = this.#hits.map((hits) => {
      if (length <= hits.length) return hits;
      const larger = new Uint8Array(Math.max(length, hits.length * 2));
      larger.set(hits);
      return larger;
    });
  }
}

/** None where it has been given up meanwhile. */
function portsOf(capture: Capture, id: number): readonly number[] {
  if (!capture.has(id)) return [];
  const { sourcePort, destinationPort } = capture.flow(id);
  return [sourcePort, destinationPort];
}

function isCut(capture: Capture, id: number): boolean {
  return capture.has(id) && capture.capturedLength(id) < capture.wireLength(id);
}

/** A row as a filter sees it: one object, told anew for each. */
class RowOfCapture implements FilterRow {
  readonly #source: CaptureSource;
  #id = 0;

  constructor(source: CaptureSource) {
    this.#source = source;
  }

  of(id: number): this {
    this.#id = id;
    return this;
  }

  get flow() {
    return displayFlow(this.#source.capture, this.#id);
  }

  get otherFlow() {
    const { capture } = this.#source;
    if (!capture.isReceived(this.#id)) return undefined;
    const own = capture.flow(this.#id);
    const other = capture.flow(capture.partner(this.#id));
    return capture.sockets.isEarlier(other.socket, own.socket) ? own : other;
  }

  get time() {
    return this.#source.capture.time(this.#id);
  }

  get firstTime() {
    const { capture } = this.#source;
    return capture.start;
  }

  get length() {
    return this.#source.capture.wireLength(this.#id);
  }

  get capturedLength() {
    return this.#source.capture.capturedLength(this.#id);
  }

  get delivery() {
    return this.#source.capture.delivery(this.#id);
  }

  get comment() {
    return this.#source.capture.comment(this.#id);
  }

  get ruleEffects() {
    return this.#source.capture.ruleEffects(this.#id);
  }
}
