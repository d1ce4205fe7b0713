/** Longer than the line of any call that fits into memory twice: a thousand of the largest datagrams have 64 times as much. */
export const MOST_LINE = 4 * 2 ** 20;

/** A line of strace's output, without its line feed. */
export interface RawLine {
  readonly text: string;
  /** It was longer than is kept. */
  readonly isCut: boolean;
}

/** Cuts a stream of bytes into lines; keeps no more than one of them, and of that no more than {@link MOST_LINE}. */
export class LineSplitter {
  readonly #most: number;
  readonly #decoder = new TextDecoder("latin1");
  #pieces: string[] = [];
  #length = 0;
  #isCut = false;

  constructor(most = MOST_LINE) {
    this.#most = most;
  }

  /** Yields the lines that end in `bytes`. */
  *take(bytes: Uint8Array): Generator<RawLine> {
    let start = 0;
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
      this.#add(bytes.subarray(start, end));
      start = end + 1;
      yield this.#line();
    }
    this.#add(bytes.subarray(start));
  }

  #add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const room = this.#most - this.#length;
    const kept = bytes.subarray(0, room);
    if (kept.length < bytes.length) this.#isCut = true;
    if (kept.length === 0) return;
    this.#pieces.push(this.#decoder.decode(kept));
    this.#length += kept.length;
  }

  #line(): RawLine {
    const line = { text: this.#pieces.join(""), isCut: this.#isCut };
    this.#pieces = [];
    this.#length = 0;
    this.#isCut = false;
    return line;
  }
}
