/** Typed arrays that grow: the storage of an index. Appending costs amortised constant time. */
import { atOnce, type Steps } from "./steps.ts";

type NumberArray =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

const FIRST_CAPACITY = 1024;

/** A copy with room for `capacity` values: the first ones where there were more. */
export function resized<A extends NumberArray>(values: A, capacity: number): A {
  const copy = new (values.constructor as new (length: number) => A)(capacity);
  copy.set(values.subarray(0, capacity));
  return copy;
}

/** Bytes that are copied at once: some milliseconds, where the system has to find the memory first. */
const STEP_BYTES = 1 << 22;
/** Values that are looked at one by one at once. */
const PLACES_AT_ONCE = 1 << 16;

/**
 * The same as {@link resized}, step by step.
 *
 * @param used values that are copied: to touch the rest would have the system find memory that nobody needs yet
 */
export function* resizing<A extends NumberArray>(
  values: A,
  capacity: number,
  used = values.length,
): Steps<A> {
  const copy = new (values.constructor as new (length: number) => A)(capacity);
  const end = Math.min(used, capacity);
  const step = STEP_BYTES / copy.BYTES_PER_ELEMENT;
  for (let at = 0; at < end; at += step) {
    copy.set(values.subarray(at, Math.min(at + step, end)), at);
    yield;
  }
  return copy;
}

/** The columns; the last one says how much room there is. */
const NAMES = [
  "flow",
  "file",
  "offset",
  "wireLength",
  "capturedLength",
  "digest",
  "head",
  "delivery",
  "partner",
  "time",
] as const satisfies readonly (keyof DatagramColumns)[];

/** The columns of the datagram index: 35 bytes a datagram, in the order in which the datagrams were read. */
export class DatagramColumns {
  /** Microseconds since 1970. */
  time = new Float64Array(FIRST_CAPACITY);
  /** {@link FlowTable} id. */
  flow = new Uint32Array(FIRST_CAPACITY);
  /** Which file part holds the payload. */
  file = new Uint32Array(FIRST_CAPACITY);
  /** Where in that file part the payload starts. */
  offset = new Uint32Array(FIRST_CAPACITY);
  /** Payload bytes on the wire, at most 65,535. */
  wireLength = new Uint16Array(FIRST_CAPACITY);
  /** Payload bytes that the file holds. */
  capturedLength = new Uint16Array(FIRST_CAPACITY);
  /** What tells equal payloads; see PayloadDigests.whole. */
  digest = new Uint32Array(FIRST_CAPACITY);
  /** What tells equal starts of payloads; see PayloadDigests.head. */
  head = new Uint16Array(FIRST_CAPACITY);
  /** What became of it, see Delivery; and above that, whether it was refused, see DatagramTable.refusal. */
  delivery = new Uint8Array(FIRST_CAPACITY);
  /** Index of the other end of a delivered one or of a receipt. */
  partner = new Uint32Array(FIRST_CAPACITY);
  /** How many datagrams the columns hold. */
  length = 0;

  append(
    time: number,
    flow: number,
    file: number,
    offset: number,
    wireLength: number,
    capturedLength: number,
    digest: number,
    head: number,
  ): number {
    const at = this.length;
    if (at >= this.time.length) this.reserve(at * 2);
    // Behind the last datagram all is 0: where that is what is to stand there, the system need not find memory for it.
    this.time[at] = time;
    this.flow[at] = flow;
    if (file !== 0) this.file[at] = file;
    this.offset[at] = offset;
    this.wireLength[at] = Math.min(wireLength, 0xffff);
    this.capturedLength[at] = Math.min(capturedLength, 0xffff);
    this.digest[at] = digest;
    if (head !== 0) this.head[at] = head;
    this.length = at + 1;
    return at;
  }

  /** How many datagrams there is room for. */
  get capacity(): number {
    return this.time.length;
  }

  /** Makes room for `capacity` datagrams in all, so that none has to be copied until then. */
  reserve(capacity: number): void {
    atOnce(this.growing(capacity));
  }

  /** The same step by step: with tens of millions, others must have their turn in between, but not append. */
  *growing(capacity: number): Steps {
    if (capacity <= this.capacity) return;
    const { length } = this;
    for (const name of NAMES) {
      Object.assign(this, { [name]: yield* resizing<NumberArray>(this[name], capacity, length) });
    }
  }

  /**
   * Others, with the datagrams at some places, which come before `from`, and all from there on; in steps of some
   * milliseconds. These stay as they are.
   *
   * @param newPlace where a datagram is then; the first place stays the first
   */
  *keeping(
    places: readonly number[],
    from: number,
    newPlace: (place: number) => number,
  ): Steps<DatagramColumns> {
    const { length } = this;
    const kept = new DatagramColumns();
    for (const name of NAMES) {
      const values = yield* keeping<NumberArray>(this[name], places, from, length);
      Object.assign(kept, { [name]: values });
    }
    kept.length = length - (from - places.length);
    const { partner } = kept;
    for (let at = 0; at < kept.length; at++) {
      if (at % PLACES_AT_ONCE === PLACES_AT_ONCE - 1) yield;
      const place = partner[at] ?? 0;
      // Nearly all have none.
      if (place > 0) partner[at] = newPlace(place);
    }
    return kept;
  }
}

/** The values at some places, which come before `from`, and those from there up to `length`; with the same room. */
function* keeping<A extends NumberArray>(
  values: A,
  places: readonly number[],
  from: number,
  length: number,
): Steps<A> {
  const copy = new (values.constructor as new (length: number) => A)(values.length);
  for (const [at, place] of places.entries()) {
    if (at % PLACES_AT_ONCE === PLACES_AT_ONCE - 1) yield;
    copy[at] = values[place] ?? 0;
  }
  const step = STEP_BYTES / copy.BYTES_PER_ELEMENT;
  for (let at = from; at < length; at += step) {
    copy.set(values.subarray(at, Math.min(at + step, length)), places.length + at - from);
    yield;
  }
  return copy;
}
