import { counterOf, MissingNumbers } from "./missing_numbers.ts";
import { NumberColumn, type SampleOrder } from "./number_column.ts";
import type { NumberSink, SampleNumber } from "./number_sink.ts";
import { columnIndex } from "./text_numbers.ts";

/** Why a datagram's numbers did not come to where it was sent. */
export type GapKind = "lost" | "dropped" | "refused";

/** A datagram that did not arrive: a gap in each line of its sender. */
export interface Gap {
  /** When it was sent: microseconds since 1970. */
  readonly time: number;
  readonly id: number;
  readonly kind: GapKind;
}

/** Columns that are still to be had: shared by all senders of a table. */
export interface ColumnBudget {
  left: number;
  /** Numbers of fields for which there was no column. */
  refused: number;
}

/** Fields of one sender that are told apart. */
const MOST_FIELDS = 512;
/** Lines of names that are kept, see {@link NumberSink.header}. */
const MOST_HEADERS = 64;

/**
 * What one sender says in numbers: a row for each of its datagrams, whichever was read first, and a column for each field.
 * In which order the rows are shown, and which of them, is said apart, and can be said anew.
 */
export class SenderSeries implements SampleOrder, NumberSink {
  /** As people write it: `127.0.0.1:6006`. */
  readonly name: string;
  /** The port that it sends to, and what the names of its fields begin with in a filter; undefined while not known. */
  port: number | undefined;
  decoder: string | undefined;
  readonly columns = new Map<string, NumberColumn>();
  /** Datagrams that did not arrive, in the order of their time. */
  readonly gaps: Gap[] = [];
  readonly #budget: ColumnBudget;
  #headers: { readonly id: number; readonly time: number; readonly names: readonly string[] }[] =
    [];
  #ids = new Float64Array(64);
  #times = new Float64Array(64);
  #rows = 0;
  #order = new Uint32Array(64);
  #length = 0;
  #missing: MissingNumbers | undefined;
  constructor(name: string, budget: ColumnBudget) {
    this.name = name;
    this.#budget = budget;
  }

  /** Rows that there are, shown or not. */
  get rows(): number {
    return this.#rows;
  }

  // What is shown, position by position.

  get length(): number {
    return this.#length;
  }

  at(position: number): number {
    return this.#order[position] ?? 0;
  }

  /** Microseconds since 1970. */
  timeAt(position: number): number {
    return this.#times[this.at(position)] ?? 0;
  }

  idAt(position: number): number {
    return this.#ids[this.at(position)] ?? 0;
  }

  idOfRow(row: number): number {
    return this.#ids[row] ?? 0;
  }

  /** The first position that is not before `time`; `length` where all are. */
  positionFrom(time: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeAt(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first gap that is not before `time`. */
  gapFrom(time: number): number {
    let low = 0;
    let high = this.gaps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.gaps[middle]?.time ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What CSV calls a column that has no name of its own, by the latest line of names of as many columns. */
  titleOf(column: string): string {
    const index = columnIndex(column);
    if (index === undefined || this.#headers.length === 0) return column;
    let width = index + 1;
    while (this.columns.has(`column ${width + 1}`)) width++;
    let latest: { readonly time: number; readonly names: readonly string[] } | undefined;
    for (const header of this.#headers) {
      if (header.names.length !== width) continue;
      if (!latest || header.time >= latest.time) latest = header;
    }
    return latest?.names[index] ?? column;
  }

  /** What is missing by the field that counts this sender's datagrams; undefined where there is none. */
  get missing(): MissingNumbers | undefined {
    const counter = counterOf(this);
    if (counter !== this.#missing?.column) {
      this.#missing = counter && new MissingNumbers(this, counter);
    }
    this.#missing?.update();
    return this.#missing;
  }

  // What is read.

  /** Begins the row of a datagram, and returns it; its numbers follow. */
  begin(id: number, time: number): number {
    const row = this.#rows++;
    if (row >= this.#ids.length) {
      this.#ids = doubled(this.#ids);
      this.#times = doubled(this.#times);
    }
    this.#ids[row] = id;
    this.#times[row] = time;
    return row;
  }

  number(name: string, number: SampleNumber): void {
    this.column(name, 1)?.set(this.#rows - 1, number);
  }

  samples(name: string, numbers: readonly SampleNumber[]): void {
    this.column(name, numbers.length)?.setMany(this.#rows - 1, numbers);
  }

  header(names: readonly string[]): void {
    if (this.#headers.length >= MOST_HEADERS) this.#headers.shift();
    const row = this.#rows - 1;
    this.#headers.push({ id: this.#ids[row] ?? 0, time: this.#times[row] ?? 0, names });
  }

  /** The column of a field, made for its first number; undefined where there are too many: so many numbers are refused. */
  column(name: string, numbers: number): NumberColumn | undefined {
    const known = this.columns.get(name);
    if (known) return known;
    if (this.#budget.left <= 0 || this.columns.size >= MOST_FIELDS) {
      this.#budget.refused += numbers;
      return undefined;
    }
    this.#budget.left--;
    const made = new NumberColumn(name);
    this.columns.set(name, made);
    return made;
  }

  // What is shown.

  /** Shows a row behind all that are shown. */
  show(row: number): void {
    if (this.#length >= this.#order.length) {
      const order = new Uint32Array(this.#order.length * 2);
      order.set(this.#order);
      this.#order = order;
    }
    this.#order[this.#length++] = row;
  }

  /** Shows none that is not before `time`. */
  truncate(time: number): void {
    const length = this.positionFrom(time);
    this.gaps.length = this.gapFrom(time);
    if (length === this.#length) return;
    this.#length = length;
    for (const column of this.columns.values()) column.truncate(length);
    this.#missing?.truncate(length);
  }

  /** Has no datagram any more: its columns are to be had again. */
  leave(): void {
    this.#budget.left += this.columns.size;
    this.columns.clear();
  }

  /** Forgets the rows whose datagrams are gone; nothing is shown until it is said anew. */
  keep(has: (id: number) => boolean, moved: (id: number, row: number) => void): void {
    const kept: number[] = [];
    for (let row = 0; row < this.#rows; row++) if (has(this.#ids[row] ?? 0)) kept.push(row);
    this.truncate(Number.NEGATIVE_INFINITY);
    this.#headers = this.#headers.filter(({ id }) => has(id));
    if (kept.length === this.#rows) return;
    for (const [name, column] of this.columns) {
      if (kept.some((row) => column.countAt(row) > 0)) column.keep(this.#rows, kept);
      else {
        this.columns.delete(name);
        this.#budget.left++;
      }
    }
    for (const [row, old] of kept.entries()) {
      this.#ids[row] = this.#ids[old] ?? 0;
      this.#times[row] = this.#times[old] ?? 0;
      moved(this.#ids[row] ?? 0, row);
    }
    this.#rows = kept.length;
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}
