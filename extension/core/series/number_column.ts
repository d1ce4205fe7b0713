import { type FieldKind, type SampleNumber, SampleState } from "./number_sink.ts";
import { RunningSummary } from "./summary.ts";

/** Positions that are summed up together: what is asked of many samples reads whole blocks. */
export const BLOCK = 64;
/** Names of an enum's values that are kept. */
const MOST_LABELS = 64;

/** The order in which a sender's datagrams are shown: position → row of its columns. */
export interface SampleOrder {
  readonly length: number;
  at(position: number): number;
}

/** See {@link NumberColumn.extremes}. */
export interface Extremes {
  min: number;
  max: number;
}

const NOTHING: Extremes = { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };

/** The numbers of one field of one sender: one entry a datagram, where it stands in {@link SenderSeries}. */
export class NumberColumn {
  readonly name: string;
  /** What the first number with one had behind it. */
  unit: string | undefined;
  kind: FieldKind = "number";
  /** What an enum calls its values. */
  readonly labels = new Map<number, string>();
  #values = new Float64Array(64);
  #states = new Uint8Array(64);
  /** Samples of datagrams that have many: where they begin is their value, how many there are the first one there. */
  #samples: number[] = [];
  #sampleStates: SampleState[] = [];
  /** Sums of whole blocks of positions, as far as they are right. */
  #blocks: RunningSummary[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** True where datagrams have several samples of this field each. */
  get hasMany(): boolean {
    return this.#samples.length > 0;
  }

  set(row: number, number: SampleNumber): void {
    this.#write(row, number.value, number.state);
    this.#describe(number);
  }

  /** For numbers that are read without an object each. */
  setNumber(row: number, value: number, state: SampleState): void {
    this.#write(row, value, state);
  }

  setMany(row: number, numbers: readonly SampleNumber[]): void {
    this.#write(row, this.#samples.length, SampleState.many);
    this.#samples.push(numbers.length);
    this.#sampleStates.push(SampleState.none);
    for (const number of numbers) {
      this.#samples.push(number.value);
      this.#sampleStates.push(number.state);
      this.#describe(number);
    }
  }

  /** The name of a value, learnt where it is read without its text. */
  label(value: number, label: string): void {
    this.kind = "enum";
    if (this.labels.size < MOST_LABELS) this.labels.set(value, label);
  }

  state(row: number): SampleState {
    return (this.#states[row] ?? SampleState.none) as SampleState;
  }

  /** The sample of a row that has one; of many, the last one. NaN where there is none. */
  value(row: number): number {
    const state = this.state(row);
    if (state === SampleState.none) return Number.NaN;
    const value = this.#values[row] ?? Number.NaN;
    if (state !== SampleState.many) return value;
    return this.#samples[value + (this.#samples[value] ?? 0)] ?? Number.NaN;
  }

  /** How many samples a row has. */
  countAt(row: number): number {
    const state = this.state(row);
    if (state === SampleState.none) return 0;
    return state === SampleState.many ? (this.#samples[this.#values[row] ?? 0] ?? 0) : 1;
  }

  /** Each sample of a row with what it is, and its place in the datagram. */
  each(row: number, tell: (value: number, state: SampleState, place: number) => void): void {
    const state = this.state(row);
    if (state === SampleState.none) return;
    const value = this.#values[row] ?? 0;
    if (state !== SampleState.many) {
      tell(value, state, 0);
      return;
    }
    const count = this.#samples[value] ?? 0;
    for (let place = 0; place < count; place++) {
      const at = value + 1 + place;
      tell(this.#samples[at] ?? 0, this.#sampleStates[at] ?? SampleState.none, place);
    }
  }

  /** Positions from `length` on are others now. */
  truncate(length: number): void {
    const whole = Math.floor(length / BLOCK);
    if (this.#blocks.length > whole) this.#blocks.length = whole;
  }

  /** Sums up the positions from `from` to `to - 1`. Costs as much as there are blocks, and two blocks' samples. */
  addTo(sum: RunningSummary, order: SampleOrder, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (at % BLOCK === 0 && at + BLOCK <= to) {
        sum.addAll(this.#block(at / BLOCK, order));
        at += BLOCK;
      } else {
        const end = Math.min(to, (Math.floor(at / BLOCK) + 1) * BLOCK);
        this.#scan(sum, order, at, end);
        at = end;
      }
    }
  }

  /** The least and the greatest finite sample of the positions from `from` to `to - 1`; NaN both where there is none. */
  extremes(order: SampleOrder, from: number, to: number, into: Extremes): void {
    let { min, max } = NOTHING;
    for (let at = from; at < to; at++) {
      if (at % BLOCK === 0 && at + BLOCK <= to) {
        const block = this.#block(at / BLOCK, order);
        if (block.min < min) min = block.min;
        if (block.max > max) max = block.max;
        at += BLOCK - 1;
        continue;
      }
      const row = order.at(at);
      const state = this.#states[row];
      if (state !== SampleState.finite && state !== SampleState.inexact) continue;
      const value = this.#values[row] ?? 0;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    into.min = min <= max ? min : Number.NaN;
    into.max = min <= max ? max : Number.NaN;
  }

  /** The last position before `end`, and not before `from`, whose datagram has this field; -1 where there is none. */
  lastBefore(end: number, order: SampleOrder, from = 0): number {
    for (let at = end - 1; at >= from; at--) {
      // A block without any is passed over as a whole.
      if (at % BLOCK === BLOCK - 1 && this.#block((at + 1) / BLOCK - 1, order).samples === 0) {
        at -= BLOCK - 1;
        continue;
      }
      if (this.state(order.at(at)) !== SampleState.none) return at;
    }
    return -1;
  }

  /** The first position from `from` on, before `end`, whose datagram has this field; -1 where there is none. */
  firstFrom(from: number, order: SampleOrder, end = order.length): number {
    for (let at = from; at < end; at++) {
      if (at % BLOCK === 0 && at + BLOCK <= end && this.#block(at / BLOCK, order).samples === 0) {
        at += BLOCK - 1;
        continue;
      }
      if (this.state(order.at(at)) !== SampleState.none) return at;
    }
    return -1;
  }

  /** Keeps the rows of which `newRow` tells another number, in their order. */
  keep(rows: number, kept: ArrayLike<number>): void {
    const values = this.#values;
    const states = this.#states;
    const samples: number[] = [];
    const sampleStates: SampleState[] = [];
    for (let row = 0; row < kept.length; row++) {
      const old = kept[row] ?? 0;
      const state = states[old] ?? 0;
      let value = values[old] ?? 0;
      if (state === SampleState.many) {
        const count = this.#samples[value] ?? 0;
        const start = samples.length;
        for (let at = value; at <= value + count; at++) {
          samples.push(this.#samples[at] ?? 0);
          sampleStates.push(this.#sampleStates[at] ?? SampleState.none);
        }
        value = start;
      }
      values[row] = value;
      states[row] = state;
    }
    states.fill(0, kept.length, rows);
    this.#samples = samples;
    this.#sampleStates = sampleStates;
    this.#blocks = [];
  }

  #describe({ kind, label, unit, value }: SampleNumber): void {
    if (kind !== "number") this.kind = kind;
    this.unit ??= unit;
    if (label !== undefined && this.labels.size < MOST_LABELS) this.labels.set(value, label);
  }

  #write(row: number, value: number, state: SampleState): void {
    if (row >= this.#values.length) {
      const length = Math.max(row + 1, this.#values.length * 2);
      const values = new Float64Array(length);
      values.set(this.#values);
      this.#values = values;
      const states = new Uint8Array(length);
      states.set(this.#states);
      this.#states = states;
    }
    this.#values[row] = value;
    this.#states[row] = state;
  }

  #block(block: number, order: SampleOrder): RunningSummary {
    for (let next = this.#blocks.length; next <= block; next++) {
      const sum = new RunningSummary();
      this.#scan(sum, order, next * BLOCK, (next + 1) * BLOCK);
      this.#blocks.push(sum);
    }
    return this.#blocks[block] ?? new RunningSummary();
  }

  #scan(sum: RunningSummary, order: SampleOrder, from: number, to: number): void {
    const add = (value: number, state: SampleState) => sum.add(value, state);
    for (let at = from; at < to; at++) {
      const row = order.at(at);
      const state = this.#states[row] ?? 0;
      if (state === SampleState.none) continue;
      if (state === SampleState.many) this.each(row, add);
      else sum.add(this.#values[row] ?? 0, state as SampleState);
    }
  }
}
