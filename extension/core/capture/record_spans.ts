import { resized } from "./columns.ts";

/** In place of the number of a span. */
const NONE = 0;
const FIRST_ROOM = 64;
/** Gaps of a socket behind which a file's earlier spans are told apart: of what is between more of them, nobody can tell. */
const MOST_PAST = 4096;

/** From when to when nothing is missing of what passed a socket, microseconds since 1970. */
export interface CompleteSpan {
  readonly from: number;
  readonly to: number;
  /** Nothing had passed before: it is complete since the socket was bound. */
  readonly isSinceBound: boolean;
  /** What the writer told after it cannot be read. */
  readonly isStopped: boolean;
}

/**
 * From when to when all records of a socket are in the table, as columns. A writer tells with a record how many are missing
 * before it, and with statistics how many there are in all: so also a segment is missed that is not there any more.
 *
 * Each file has its own spans of a socket, as files are read in any order, and go one by one. Spans of two files are one
 * where the later one begins with as many records, kept and dropped, as the earlier one ends with.
 */
export class RecordSpans {
  readonly #least: number;
  readonly #changed: (time: number) => void;
  #files = new Float64Array(FIRST_ROOM);
  /** Microseconds since 1970; NaN as long as it is not known from when on all is there. */
  #from = new Float64Array(FIRST_ROOM);
  #to = new Float64Array(FIRST_ROOM);
  /** Records of the socket in all files before; NaN behind a gap. */
  #fromKept = new Float64Array(FIRST_ROOM);
  #toKept = new Float64Array(FIRST_ROOM);
  /** Records in no file before; of those at its end, as many at least. */
  #fromDropped = new Float64Array(FIRST_ROOM);
  #toDropped = new Float64Array(FIRST_ROOM);
  /** What {@link #toKept} was when statistics told of it last. */
  #keptWhenTold = new Float64Array(FIRST_ROOM);
  /** The next one of the same socket, or {@link NONE}. */
  #next = new Int32Array(FIRST_ROOM);
  /** Place of a socket → the one of its spans that was added last, or {@link NONE}. */
  #heads = new Int32Array(FIRST_ROOM);
  /** How many spans of the same file, which ended with a gap, are behind one that it goes on with. */
  #past = new Uint16Array(FIRST_ROOM);
  /** Spans of files that are not read on. */
  readonly #stopped = new Set<number>();
  readonly #free: number[] = [];
  #end = NONE + 1;

  /**
   * @param least a span between two gaps that is shorter, microseconds, is of no use
   * @param changed called when spans are others from `time` on, microseconds since 1970
   */
  constructor(least: number, changed: (time: number) => void) {
    this.#least = least;
    this.#changed = changed;
  }

  /**
   * The span of the socket at `place` that a file goes on with, which describes the socket.
   *
   * @param isContinued there are earlier files of the same writer: unless statistics tell, nobody knows what is missing
   */
  open(place: number, file: number, isContinued: boolean): number {
    if (place >= this.#heads.length) this.#heads = resized(this.#heads, place * 2);
    const head = this.#heads[place] ?? NONE;
    // Another local end of the same socket.
    if (head !== NONE && this.#files[head] === file) return head;
    const span = this.#add(place);
    this.#files[span] = file;
    this.#from[span] = isContinued ? Number.NaN : Number.NEGATIVE_INFINITY;
    this.#to[span] = Number.NEGATIVE_INFINITY;
    this.#fromKept[span] = this.#toKept[span] = isContinued ? Number.NaN : 0;
    this.#fromDropped[span] = this.#toDropped[span] = isContinued ? Number.NaN : 0;
    this.#keptWhenTold[span] = Number.NaN;
    this.#past[span] = 0;
    return span;
  }

  /** One more record, in the order of the file. */
  count(place: number, span: number, time: number): void {
    // An earlier file is read on: what follows may fit now.
    if (this.#heads[place] !== span) this.#changed(this.#to[span] ?? 0);
    this.#toKept[span] = (this.#toKept[span] ?? 0) + 1;
    if (time > (this.#to[span] ?? 0)) this.#to[span] = time;
  }

  /** Just before a record at `time`, so many are missing (`epb_dropcount`). */
  drop(span: number, time: number, records: number): void {
    // Statistics may have told of the same ones.
    const isNews = this.#toKept[span] !== this.#keptWhenTold[span];
    this.#breakAt(span, time);
    if (isNews) this.#toDropped[span] = (this.#toDropped[span] ?? 0) + records;
  }

  /** Statistics tell at `time` what had passed (`isb_ifrecv`), and what of that is in no file (`isb_ifdrop`). */
  tell(span: number, time: number, passed: number | undefined, dropped: number): void {
    if (passed !== undefined) {
      const kept = passed - dropped;
      if (Number.isNaN(this.#from[span])) {
        this.#from[span] = this.#to[span] = time;
        this.#fromKept[span] = this.#toKept[span] = kept;
        this.#fromDropped[span] = this.#toDropped[span] = dropped;
        this.#changed(time);
      } else if (this.#toKept[span] !== kept || dropped > (this.#toDropped[span] ?? 0)) {
        this.#breakAt(span, time);
        this.#toKept[span] = kept;
      }
      this.#toDropped[span] = dropped;
      this.#keptWhenTold[span] = kept;
    }
    if (time > (this.#to[span] ?? 0)) this.#to[span] = time;
  }

  /** The file is read no further, whatever else it may tell. */
  stop(span: number): void {
    this.#stopped.add(span);
    this.#changed(this.#to[span] ?? 0);
  }

  /** What a file has told of the socket so far has been cleared: it is not in the table any more. */
  clear(span: number): void {
    if (this.#toKept[span] === this.#fromKept[span]) return;
    this.#from[span] = Number.isNaN(this.#from[span]) ? Number.NaN : (this.#to[span] ?? 0);
    this.#fromKept[span] = Number.NaN;
  }

  /** The same for a socket, whatever file has told of it. */
  clearSocket(place: number): void {
    for (let span = this.#heads[place] ?? NONE; span !== NONE; span = this.#next[span] ?? NONE) {
      this.clear(span);
    }
  }

  /** Forgets what a file has told of a socket; all of it where `file` is undefined. */
  forget(place: number, file?: number): void {
    let kept = NONE;
    for (let span = this.#heads[place] ?? NONE; span !== NONE; ) {
      const next = this.#next[span] ?? NONE;
      if (file === undefined || this.#files[span] === file) {
        if (kept === NONE) this.#heads[place] = next;
        else this.#next[kept] = next;
        this.#free.push(span);
        this.#stopped.delete(span);
      } else kept = span;
      span = next;
    }
  }

  /** When the last record or figure of a socket is from; -Infinity where there is none. */
  latest(place: number): number {
    let latest = Number.NEGATIVE_INFINITY;
    for (let span = this.#heads[place] ?? NONE; span !== NONE; span = this.#next[span] ?? NONE) {
      latest = Math.max(latest, this.#to[span] ?? latest);
    }
    return latest;
  }

  /** In the order of time. */
  ofSocket(place: number): CompleteSpan[] {
    const spans: number[] = [];
    for (let span = this.#heads[place] ?? NONE; span !== NONE; span = this.#next[span] ?? NONE) {
      if (!Number.isNaN(this.#from[span])) spans.push(span);
    }
    const at = (span: number) => this.#from[span] ?? 0;
    const end = (span: number) => this.#to[span] ?? 0;
    spans.sort((a, b) => (at(a) === at(b) ? end(a) - end(b) || 0 : at(a) - at(b)));
    const joined: { from: number; to: number; isSinceBound: boolean; isStopped: boolean }[] = [];
    let before = NONE;
    for (const span of spans) {
      const to = end(span);
      const last = joined.at(-1);
      const isStopped = this.#stopped.has(span);
      if (last && this.#continues(span, before)) {
        last.to = Math.max(last.to, to);
        last.isStopped = isStopped;
      } else {
        const isSinceBound = this.#fromKept[span] === 0 && this.#fromDropped[span] === 0;
        joined.push({ from: at(span), to, isSinceBound, isStopped });
      }
      before = span;
    }
    return joined;
  }

  #continues(span: number, before: number): boolean {
    return (
      this.#fromKept[span] === this.#toKept[before] &&
      this.#fromDropped[span] === this.#toDropped[before]
    );
  }

  /** Something is missing before `time`: what comes is a new span. */
  #breakAt(span: number, time: number): void {
    const from = this.#from[span] ?? 0;
    const to = this.#to[span] ?? 0;
    if (Number.isNaN(from)) return;
    this.#changed(to);
    const known = this.#past[span] ?? 0;
    if (to - from >= this.#least && known < MOST_PAST) {
      this.#past[span] = known + 1;
      const past = this.#addBehind(span);
      for (const column of this.#columns) column[past] = column[span] ?? 0;
      this.#toKept[past] = Number.NaN;
    }
    this.#from[span] = this.#to[span] = time;
    this.#fromKept[span] = Number.NaN;
  }

  get #columns() {
    return [
      this.#files,
      this.#from,
      this.#to,
      this.#fromKept,
      this.#toKept,
      this.#fromDropped,
      this.#toDropped,
      this.#keptWhenTold,
    ];
  }

  #add(place: number): number {
    const span = this.#take();
    this.#next[span] = this.#heads[place] ?? NONE;
    this.#heads[place] = span;
    return span;
  }

  #addBehind(span: number): number {
    const past = this.#take();
    this.#next[past] = this.#next[span] ?? NONE;
    this.#next[span] = past;
    return past;
  }

  #take(): number {
    const span = this.#free.pop() ?? this.#end++;
    if (span >= this.#next.length) this.#grow(span * 2);
    return span;
  }

  #grow(room: number): void {
    this.#files = resized(this.#files, room);
    this.#from = resized(this.#from, room);
    this.#to = resized(this.#to, room);
    this.#fromKept = resized(this.#fromKept, room);
    this.#toKept = resized(this.#toKept, room);
    this.#fromDropped = resized(this.#fromDropped, room);
    this.#toDropped = resized(this.#toDropped, room);
    this.#keptWhenTold = resized(this.#keptWhenTold, room);
    this.#next = resized(this.#next, room);
    this.#past = resized(this.#past, room);
  }
}
