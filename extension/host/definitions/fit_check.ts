import { setImmediate as nextTurn } from "node:timers/promises";
import * as vscode from "vscode";
import { RowList } from "../../core/capture/row_list.ts";
import { type PayloadMisfit, payloadMisfit, readPayload } from "../../core/kaitai/decode.ts";
import type { StructPlan } from "../../core/kaitai/plan.ts";
import { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { endsOf } from "./datagram_ends.ts";
import type { FoundDefinition } from "./definition_files.ts";
import { type DatagramEnds, type DefinitionUse, mayBeFor } from "./definition_setting.ts";
import type { Definitions } from "./definitions.ts";

/** Payloads that are read at once. */
const AT_ONCE = 64;
/** The event loop gets its turn after this long. */
const TURN_MS = 5;
/** Most rows that are kept because they do not fit; the others are counted. */
const MOST_KEPT = 10_000;

/** A row that does not fit the definition that it is read by. */
export interface RowMisfit {
  /** Its number in the grid without a filter, from 1. */
  readonly row: number;
  readonly id: number;
  readonly file: string;
  readonly misfit: PayloadMisfit;
}

/** How many rows a definition was used on, and how many of them fit. */
export interface FitCount {
  readonly rows: number;
  readonly fit: number;
}

/** A definition that rows were read by, and the plan of its type; without one it reads none. */
interface Reader {
  readonly use: DefinitionUse;
  readonly plan: StructPlan | undefined;
}

/** What became of a row: no definition is for it, or it cannot be said; it fits; it does not. By their numbers. */
const [NONE, FITS, MISFIT] = [0, 1, 2];

/**
 * Reads the rows of a capture by the definitions that are for them, from the first to the latest, while nothing else
 * waits: which fit, and where the others do not. Goes on as datagrams come, and begins anew with other definitions.
 */
export class FitCheck implements vscode.Disposable {
  readonly #source: CaptureSource;
  readonly #definitions: Definitions;
  readonly #store = new Store();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  /** Fires when something was found out. */
  readonly onDidChange = this.#changed.event;
  readonly #rows: RowList;
  /** Row → what became of it, and by the how many-th use. */
  #states = new Uint8Array(1024);
  #readBy = new Uint32Array(1024);
  /** Row → its datagram, when it was looked at. */
  #ids = new Uint32Array(1024);
  #checked = 0;
  /** Of each use. */
  #counts: { rows: number; fit: number }[] = [];
  #misfits: RowMisfit[] = [];
  #readers: readonly Reader[] | undefined;
  /** By the flows of a datagram: the readers that may be for it. */
  readonly #candidates = new Map<string, readonly number[]>();
  #isRunning = false;
  /** Nothing has changed since whoever listens was told. */
  #isTold = false;
  #revision = 0;

  constructor(source: CaptureSource, definitions: Definitions) {
    this.#source = source;
    this.#definitions = definitions;
    this.#rows = this.#store.add(new RowList(source.capture));
    this.#store.add(source.onDidChange(() => void this.#run()));
    this.#store.add(
      definitions.onDidChange(() => {
        this.#restart();
        void this.#run();
      }),
    );
    void this.#run();
  }

  /** Those that are known, in their order. */
  get misfits(): readonly RowMisfit[] {
    return this.#misfits;
  }

  /** Of the rows that were looked at until now. */
  countOf(file: string): FitCount {
    let rows = 0;
    let fit = 0;
    for (const [by, count] of this.#counts.entries()) {
      if (this.#readers?.[by]?.use.file !== file) continue;
      rows += count.rows;
      fit += count.fit;
    }
    return { rows, fit };
  }

  dispose(): void {
    this.#store.dispose();
  }

  #restart(): void {
    this.#revision++;
    this.#isTold = false;
    this.#forgetFrom(0);
    this.#readers = undefined;
    this.#candidates.clear();
    this.#counts = [];
  }

  /** The first rows are gone: what is known of the others is known of them where they are now. */
  #shift(removed: number): void {
    const gone = Math.min(removed, this.#checked);
    for (let row = 0; row < gone; row++) this.#count(row, -1);
    for (const column of [this.#states, this.#readBy, this.#ids]) {
      column.copyWithin(0, gone, this.#checked);
    }
    this.#checked -= gone;
    this.#misfits = this.#misfits
      .filter(({ row }) => row > gone)
      .map((one) => ({ ...one, row: one.row - gone }));
    this.#isTold = false;
    let same = 0;
    const most = Math.min(this.#checked, this.#rows.length);
    while (same < most && this.#rows.idAt(same) === this.#ids[same]) same++;
    this.#forgetFrom(same);
    // Flows may have the numbers of others when datagrams have gone.
    this.#candidates.clear();
  }

  /** Counts what became of a row, or takes that back. */
  #count(row: number, by: 1 | -1): void {
    const state = this.#states[row];
    if (state === NONE) return;
    const use = this.#readBy[row] ?? 0;
    const counts = this.#counts[use] ?? { rows: 0, fit: 0 };
    this.#counts[use] = counts;
    counts.rows += by;
    if (state === FITS) counts.fit += by;
  }

  #forgetFrom(row: number): void {
    if (row >= this.#checked) return;
    this.#isTold = false;
    for (let forgotten = row; forgotten < this.#checked; forgotten++) this.#count(forgotten, -1);
    this.#checked = row;
    while ((this.#misfits.at(-1)?.row ?? 0) > row) this.#misfits.pop();
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (!this.#store.isDisposed) {
        this.#followRows();
        if (this.#checked >= this.#rows.length) {
          if (this.#isTold) break;
          this.#isTold = true;
          this.#changed.fire();
        }
        const revision = this.#revision;
        this.#readers ??= await this.#loadReaders(revision);
        if (revision === this.#revision) await this.#check(revision);
        await nextTurn();
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #followRows(): void {
    const changed = this.#rows.takeFirstChanged();
    const removed = this.#rows.takeRemovedFromFront();
    if (removed > 0) this.#shift(removed);
    else this.#forgetFrom(changed);
  }

  async #loadReaders(revision: number): Promise<readonly Reader[] | undefined> {
    const { uses } = this.#definitions.setting;
    const found = await Promise.all(uses.map(({ file }) => this.#definitions.load(file)));
    if (revision !== this.#revision) return undefined;
    return uses.map((use, index) => ({ use, plan: planOf(found[index], use) }));
  }

  /** The next rows, as many as there is time for. */
  async #check(revision: number): Promise<void> {
    const first = this.#checked;
    const ids: number[] = [];
    const end = Math.min(this.#rows.length, first + AT_ONCE);
    for (let row = first; row < end; row++) ids.push(this.#rows.idAt(row));
    const payloads = await Promise.all(ids.map((id) => this.#payload(id)));
    if (revision !== this.#revision || this.#store.isDisposed) return;
    // Rows that came or went meanwhile are elsewhere: these are looked at again.
    const isMoved = ids.some(
      (id, at) => first + at >= this.#rows.length || this.#rows.idAt(first + at) !== id,
    );
    this.#followRows();
    if (isMoved || this.#checked !== first) return;
    this.#reserve(end);
    const turnEnds = performance.now() + TURN_MS;
    for (const [index, id] of ids.entries()) {
      this.#checkRow(first + index, id, payloads[index]);
      this.#ids[first + index] = id;
      this.#count(first + index, 1);
      this.#checked = first + index + 1;
      this.#isTold = false;
      if (performance.now() > turnEnds) return;
    }
  }

  /** Undefined where no definition is for it, or it cannot be read. */
  async #payload(id: number): Promise<Uint8Array | undefined> {
    if (this.#candidatesOf(id).length === 0) return undefined;
    // Its file may just have been given up: the row goes, too.
    return this.#source.payload(id).catch(() => undefined);
  }

  #checkRow(row: number, id: number, payload: Uint8Array | undefined): void {
    const { capture } = this.#source;
    this.#states[row] = NONE;
    if (!payload || !capture.has(id)) return;
    const by = this.#candidatesOf(id).find((one) => this.#readers?.[one]?.use.isFor(payload));
    const reader = by === undefined ? undefined : this.#readers?.[by];
    if (by === undefined || !reader?.plan) return;
    this.#readBy[row] = by;
    const { misfit } = readPayload(reader.plan, payload);
    this.#states[row] = misfit ? MISFIT : FITS;
    if (!misfit) return;
    // Of a payload that was cut it is not known what the rest would have been.
    if (capture.capturedLength(id) < capture.wireLength(id)) this.#states[row] = NONE;
    else if (this.#misfits.length < MOST_KEPT) {
      const { file } = reader.use;
      this.#misfits.push({ row: row + 1, id, file, misfit: payloadMisfit(misfit) });
    }
  }

  #candidatesOf(id: number): readonly number[] {
    const { capture } = this.#source;
    if (!capture.has(id)) return [];
    const received = capture.isReceived(id) ? capture.flow(capture.partner(id)).id : -1;
    const key = `${capture.flow(id).id} ${received}`;
    let found = this.#candidates.get(key);
    if (!found) {
      const ends: DatagramEnds = endsOf(capture, id);
      found = (this.#readers ?? []).flatMap(({ use }, index) =>
        mayBeFor(use, ends) ? [index] : [],
      );
      if (this.#candidates.size > 10_000) this.#candidates.clear();
      this.#candidates.set(key, found);
    }
    return found;
  }

  #reserve(length: number): void {
    if (length <= this.#states.length) return;
    const [states, readBy, ids] = [this.#states, this.#readBy, this.#ids];
    this.#states = new Uint8Array(2 * length);
    this.#readBy = new Uint32Array(2 * length);
    this.#ids = new Uint32Array(2 * length);
    this.#states.set(states);
    this.#readBy.set(readBy);
    this.#ids.set(ids);
  }
}

function planOf(found: FoundDefinition | undefined, { type }: DefinitionUse) {
  const { definition } = found ?? {};
  return definition?.types.get(type ?? definition.id);
}
