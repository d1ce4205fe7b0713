/** One step of a regular expression over bytes, as a non-deterministic automaton. */
export type Instruction =
  /** Takes a byte of the set: 256 flags. */
  | { readonly kind: "byte"; readonly set: Uint8Array; readonly next: number }
  | { readonly kind: "either"; next: readonly number[] }
  /** Goes on at the start of the payload only. */
  | { readonly kind: "start"; readonly next: number }
  /** Goes on at the end of the payload, and before a line feed that is its last byte. */
  | { readonly kind: "end"; readonly next: number }
  | { readonly kind: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly first: number;
}

/** A deterministic state: the instructions that wait for a byte, or for the end. */
interface State {
  readonly waiting: Int32Array;
  /** The same where this is the end, or only a line feed is left: what stands behind a `$` waits too. */
  readonly waitingAtEnd: Int32Array;
  /** Matches when the payload ends here, or behind the next byte where that is a line feed. */
  readonly matchesAtEnd: boolean;
  /** The last byte was a line feed, and it matches when the payload ends with that. */
  readonly matchesBefore: boolean;
}

/** Numbers of states in the table: not known yet, and found. */
const UNKNOWN = 0;
const FOUND = 1;
const FIRST_STATE = 2;
/** The table holds no more states at once; it starts anew then. 512 bytes each. */
const MAX_STATES = 1024;
const LINE_FEED = 0x0a;
const NONE = new Int32Array(0);

/**
 * Runs a {@link Program} over bytes and tells whether it matches anywhere. One look at each byte, whatever the
 * expression: deterministic states are made when they are first needed (Thompson 1968; as in RE2), and memory is bounded.
 */
export class Automaton {
  readonly #program: Program;
  #states: State[] = [];
  readonly #numbers = new Map<string, number>();
  /** State and byte → next state. */
  #table = new Uint16Array(16 * 256);
  #initial = UNKNOWN;
  #current = UNKNOWN;
  /** Marks what the current closure has reached. */
  readonly #reached: Uint32Array;
  #generation = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#reached = new Uint32Array(program.instructions.length);
  }

  /** Deterministic states that it holds now: at most 1024, whatever it was fed with. */
  get stateCount(): number {
    return this.#states.length;
  }

  /** True when it matches anywhere in the bytes. */
  test(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
    this.begin();
    return this.feed(bytes, from, to) || this.end();
  }

  /** Starts with a new payload, which {@link feed} takes piece by piece. */
  begin(): void {
    if (this.#initial === UNKNOWN)
      this.#initial = this.#stateOf([this.#program.first], true, false);
    this.#current = this.#initial;
  }

  /** Takes in the bytes from `from` up to `to`; true once a match has been found. */
  feed(bytes: Uint8Array, from: number, to: number): boolean {
    let current = this.#current;
    let table = this.#table;
    for (let at = from; at < to && current !== FOUND; at++) {
      const byte = bytes[at] ?? 0;
      let next = table[(current << 8) | byte] ?? UNKNOWN;
      if (next === UNKNOWN) {
        next = this.#step(current, byte);
        table = this.#table;
      }
      current = next;
    }
    this.#current = current;
    return current === FOUND;
  }

  /** Tells that the payload has ended; true when it has matched. */
  end(): boolean {
    if (this.#current === FOUND) return true;
    const { matchesAtEnd, matchesBefore } = this.#state(this.#current);
    return matchesAtEnd || matchesBefore;
  }

  #state(number: number): State {
    const state = this.#states[number - FIRST_STATE];
    if (!state) throw new RangeError(`Cannot find state ${number} of an automaton`);
    return state;
  }

  #step(current: number, byte: number): number {
    const state = this.#state(current);
    // A match may begin anywhere.
    const next = [this.#program.first, ...this.#taking(byte, state.waiting)];
    const matchesBefore =
      byte === LINE_FEED &&
      (state.matchesAtEnd || !this.#closure(this.#taking(byte, state.waitingAtEnd), false, true));
    if (this.#states.length >= MAX_STATES) {
      this.#states = [];
      this.#numbers.clear();
      this.#table.fill(UNKNOWN);
      this.#initial = UNKNOWN;
      return this.#stateOf(next, false, matchesBefore);
    }
    const number = this.#stateOf(next, false, matchesBefore);
    this.#table[(current << 8) | byte] = number;
    return number;
  }

  /** Where those that wait for this byte lead. */
  #taking(byte: number, waiting: Int32Array): number[] {
    const next: number[] = [];
    for (const id of waiting) {
      const instruction = this.#program.instructions[id];
      if (instruction?.kind === "byte" && instruction.set[byte]) next.push(instruction.next);
    }
    return next;
  }

  /** The state that waits where these instructions lead without taking a byte. */
  #stateOf(from: readonly number[], atStart: boolean, matchesBefore: boolean): number {
    const waiting = this.#closure(from, atStart, false);
    if (waiting === undefined) return FOUND;
    const waitingAtEnd = this.#closure(from, atStart, true);
    const matchesAtEnd = waitingAtEnd === undefined;
    const key = `${matchesAtEnd} ${matchesBefore} ${waiting.join()} ${waitingAtEnd?.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const state = { waiting, waitingAtEnd: waitingAtEnd ?? NONE, matchesAtEnd, matchesBefore };
    const number = this.#states.push(state) - 1 + FIRST_STATE;
    this.#numbers.set(key, number);
    if (number * 256 >= this.#table.length) {
      const larger = new Uint16Array(this.#table.length * 2);
      larger.set(this.#table);
      this.#table = larger;
    }
    return number;
  }

  /** What waits for a byte or the end, in ascending order; undefined where a match is reached without. */
  #closure(from: readonly number[], atStart: boolean, atEnd: boolean): Int32Array | undefined {
    const generation = ++this.#generation;
    const waiting: number[] = [];
    const open = [...from];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (this.#reached[id] === generation) continue;
      this.#reached[id] = generation;
      const instruction = this.#program.instructions[id];
      switch (instruction?.kind) {
        case "match":
          return undefined;
        case "either":
          open.push(...instruction.next);
          break;
        case "start":
          if (atStart) open.push(instruction.next);
          break;
        case "end":
          if (atEnd) open.push(instruction.next);
          break;
        case "byte":
          waiting.push(id);
          break;
        case undefined:
          break;
      }
    }
    return Int32Array.from(waiting).sort();
  }
}
