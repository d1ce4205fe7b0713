import type { NumberColumn, SampleOrder } from "./number_column.ts";
import { SampleState } from "./number_sink.ts";

/** A place where a counter leaves numbers out. */
export interface MissingRun {
  /** The position behind it, and the last one with a number before it. */
  readonly position: number;
  readonly before: number;
  /** The first number that is missing. */
  readonly first: number;
  /** So many, without those that came late. */
  count: number;
}

interface CountedSender extends SampleOrder {
  readonly columns: ReadonlyMap<string, NumberColumn>;
}

/** Datagrams by which a counter is told, and how many of their steps have to be by one. */
const LOOKED_AT = 1024;
const FEWEST = 16;
const MOSTLY = 0.8;
/** Names that people give counters: they go first. */
const COUNTER_NAME = /seq|cnt|count|frame|packet|index|number/i;
/** A step that is longer is a device that has begun anew, and no loss. */
const LONGEST_STEP = 100_000;
/** Counters begin anew behind these. */
const WRAPS = [2 ** 8, 2 ** 16, 2 ** 32];
/** Where the counting can go on from after positions are others. */
const CHECKPOINT = 1024;

/** The field that goes up by one from datagram to datagram; undefined where none does. Told by the latest ones. */
export function counterOf(sender: CountedSender): NumberColumn | undefined {
  let found: NumberColumn | undefined;
  for (const column of sender.columns.values()) {
    if (column.kind !== "number" || !isCounter(sender, column)) continue;
    if (!found || isBetterName(column.name, found.name)) found = column;
  }
  return found;
}

function isBetterName(name: string, than: string): boolean {
  const [own, other] = [COUNTER_NAME.test(name), COUNTER_NAME.test(than)];
  return own === other ? name < than : own;
}

function isCounter(sender: SampleOrder, column: NumberColumn): boolean {
  let steps = 0;
  let byOne = 0;
  let last: number | undefined;
  for (let at = Math.max(0, sender.length - LOOKED_AT); at < sender.length; at++) {
    const row = sender.at(at);
    const state = column.state(row);
    if (state === SampleState.none) continue;
    const value = column.value(row);
    if (state !== SampleState.finite || !Number.isInteger(value) || value < 0) return false;
    if (last !== undefined) {
      steps++;
      if (stepFrom(last, value) === 1) byOne++;
    }
    last = value;
  }
  return steps >= FEWEST && byOne >= steps * MOSTLY;
}

/** From one number of a counter to another: also where it began anew at the end of 8, 16 or 32 bits. */
function stepFrom(last: number, value: number): number {
  const step = value - last;
  if (step > 0) return step;
  const wrap = WRAPS.find((size) => last < size && value < size && step < -size / 2);
  return wrap === undefined ? step : step + wrap;
}

/** What a counter leaves out, in the order in which a sender's datagrams are shown. Costs each datagram once. */
export class MissingNumbers {
  readonly column: NumberColumn;
  readonly #sender: SampleOrder;
  #runs: MissingRun[] = [];
  #scanned = 0;
  #highest: number | undefined;
  #before = -1;
  /** What came late, so that it can be taken back. */
  #late: { readonly position: number; readonly run: MissingRun }[] = [];
  #checkpoints: {
    readonly position: number;
    readonly highest: number | undefined;
    readonly before: number;
  }[] = [];

  constructor(sender: SampleOrder, column: NumberColumn) {
    this.#sender = sender;
    this.column = column;
  }

  /** In their order; some have come late, all of them: their count is 0. */
  get runs(): readonly MissingRun[] {
    return this.#runs;
  }

  /** The first run whose position is not before this one. */
  runFrom(position: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runs[middle]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Positions from `length` on are others now. */
  truncate(length: number): void {
    if (length >= this.#scanned) return;
    while ((this.#checkpoints.at(-1)?.position ?? -1) > length) this.#checkpoints.pop();
    const from = this.#checkpoints.at(-1) ?? { position: 0, highest: undefined, before: -1 };
    while ((this.#late.at(-1)?.position ?? -1) >= from.position) {
      const late = this.#late.pop();
      if (late) late.run.count++;
    }
    this.#runs.length = this.runFrom(from.position);
    this.#scanned = from.position;
    this.#highest = from.highest;
    this.#before = from.before;
  }

  /** Takes in what is shown since. */
  update(): void {
    const sender = this.#sender;
    for (let at = this.#scanned; at < sender.length; at++) {
      if (at > 0 && at % CHECKPOINT === 0 && this.#checkpoints.at(-1)?.position !== at) {
        this.#checkpoints.push({ position: at, highest: this.#highest, before: this.#before });
      }
      const row = sender.at(at);
      if (this.column.state(row) !== SampleState.finite) continue;
      this.#take(at, this.column.value(row));
    }
    this.#scanned = sender.length;
  }

  #take(position: number, value: number): void {
    const highest = this.#highest;
    const step = highest === undefined ? 1 : stepFrom(highest, value);
    if (highest !== undefined && step > 1 && step <= LONGEST_STEP) {
      const { length } = this.#runs;
      this.#runs[length] = { position, before: this.#before, first: highest + 1, count: step - 1 };
    }
    if (step <= 0 && step > -LONGEST_STEP && this.#isLate(position, value)) return;
    // Twice the same, or an old one once more: the highest stays.
    if (step <= 0 && step > -FEWEST) return;
    this.#highest = value;
    this.#before = position;
  }

  /** A number that was missing, and has come now. */
  #isLate(position: number, value: number): boolean {
    for (
      let index = this.#runs.length - 1, looked = 0;
      index >= 0 && looked < 64;
      index--, looked++
    ) {
      const run = this.#runs[index];
      const place = run ? stepFrom(run.first, value) : -1;
      if (!run || (value !== run.first && place < 0)) continue;
      const offset = value === run.first ? 0 : place;
      if (offset >= run.count + this.#lateOf(run)) return false;
      run.count--;
      this.#late.push({ position, run });
      return true;
    }
    return false;
  }

  #lateOf(run: MissingRun): number {
    let late = 0;
    for (let index = this.#late.length - 1; index >= 0; index--) {
      if (this.#late[index]?.run === run) late++;
      else if (this.#late.length - index > 64) break;
    }
    return late;
  }
}
