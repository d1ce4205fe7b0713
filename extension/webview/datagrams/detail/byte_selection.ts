/** Bytes of a payload: the first, and the one behind the last. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

type Listener = (range: ByteRange | undefined, by: object) => void;

/** Which bytes of the payload are selected: one selection for all that shows them, whichever it was made in. */
export class ByteSelection {
  readonly #listeners: Listener[] = [];
  #range: ByteRange | undefined;

  get range(): ByteRange | undefined {
    return this.#range;
  }

  /** Calls `listener` with what is selected from then on, and who did it. */
  onChange(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Selects bytes, or none; an empty range is none. `by`: the view that it was made in. */
  select(range: ByteRange | undefined, by: object): void {
    const next = range && range.from < range.to ? range : undefined;
    const now = this.#range;
    if (next?.from === now?.from && next?.to === now?.to) return;
    this.#range = next;
    for (const listener of this.#listeners) listener(next, by);
  }
}
