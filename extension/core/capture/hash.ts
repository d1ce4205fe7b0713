/**
 * Multilinear hashing (Carter and Wegman, "Universal classes of hash functions", 1979; Lemire and Kaser, "Strongly
 * universal string hashing is fast", 2014): what is hashed, 16 bits at a time, each times a number of the key, summed up
 * modulo a prime. Others choose what is hashed here, and with a function that is known, or one whose steps can be undone
 * such as MurmurHash3, they could make as many as they like that fall into one place of a table. Of this one, whoever
 * does not know the key cannot name two that are more likely alike than by chance: 1 in 2^32. What is in a row would have
 * hashes at equal distances, and fall into few places of a table: so the bits of the sum are mixed at the end, of which no
 * two become alike.
 *
 * That holds as long as nobody is shown a hash. None leaves the process.
 */

/** Numbers from 0 to {@link PRIME} - 1 that nobody outside knows: one for what is hashed besides, one for each 16 bits. */
export type HashKey = Float64Array;

/** The largest prime below 2^32. */
const PRIME = 0xffff_fffb;
/** To divide takes several times as long. */
const INVERSE = 1 / PRIME;
/** What is longer, which only jumbograms are, has the key from its start again: a power of two. */
const KEY_BYTES = 1 << 16;
/**
 * A product has 48 bits, and a sum of 32 of them stays below 2^53, up to which numbers are exact: 30, and the two of the
 * tweak, or what was left before.
 */
const EXACT_BYTES = 60;

/** The key of this process. */
export const SECRET = hashKey((words) => crypto.getRandomValues(words));

/** What was hashed last, and a view of it: nearly always the next lies in the same bytes. */
let latest: Uint8Array = new Uint8Array(0);
let latestView: DataView = new DataView(latest.buffer);

/** @param fill fills up to 16,384 words with bits that are as good as random */
export function hashKey(fill: (words: Uint32Array<ArrayBuffer>) => void): HashKey {
  const key = new Float64Array(KEY_BYTES / 2 + 1);
  const words = new Uint32Array(1 << 14);
  for (let at = 0; at < key.length; at += words.length) {
    fill(words);
    key.set(words.subarray(0, key.length - at), at);
  }
  // Five of 2^32 numbers are a little more likely than others.
  return key.map((number) => number % PRIME);
}

/** The first of the bytes that are hashed: what they sum up to is known on the way to the hash of all. */
export interface FirstBytes {
  /** How many, a multiple of 4 from 4 to {@link EXACT_BYTES}. */
  readonly length: number;
  /** From 0 to {@link PRIME} - 1, with the tweak; of what is shorter it is not told. */
  sum: number;
}

/**
 * The hash of `bytes` from `start` to before `end`, from 0 to 2^32 - 1. Zeros at the end do not count: where lengths
 * differ, the tweak tells.
 *
 * @param tweak a whole number from 0 to 2^32 - 1 that is hashed with them
 * @param first is told what the first bytes sum up to
 */
export function hashBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  tweak = 0,
  key: HashKey = SECRET,
  first?: FirstBytes,
): number {
  const view = viewOf(bytes);
  let at = start;
  let sum = (key[0] ?? 0) * (tweak & 0xffff) + (key[1] ?? 0) * (tweak >>> 16);
  let next = 2;
  const firstEnd = first === undefined ? start : start + first.length;
  do {
    const stop = Math.min(at < firstEnd ? firstEnd : at + EXACT_BYTES, end);
    // Two sums, so that neither waits for the other.
    let even = sum;
    let odd = 0;
    for (; at + 4 <= stop; at += 4, next += 2) {
      even += (key[next] ?? 0) * view.getUint16(at, true);
      odd += (key[next + 1] ?? 0) * view.getUint16(at + 2, true);
    }
    if (at < stop) {
      let rest = 0;
      for (let shift = 0; at < stop; shift += 8) rest |= view.getUint8(at++) << shift;
      even += (key[next] ?? 0) * (rest & 0xffff);
      odd += (key[next + 1] ?? 0) * (rest >>> 16);
    }
    sum = lowest(even + odd);
    if (first !== undefined && at === firstEnd) first.sum = sum;
    if (next + EXACT_BYTES > KEY_BYTES / 2) next = 2;
  } while (at < end);
  return mixed(sum);
}

/** To ask the bytes for their buffer each time would cost as much as to hash a few of them. */
function viewOf(bytes: Uint8Array): DataView {
  if (latest !== bytes) {
    latest = bytes;
    latestView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return latestView;
}

/** The hash of `words` from `start` to before `end`, at most 15 of them, from 0 to 2^32 - 1. */
export function hashWords(
  words: Int32Array,
  start: number,
  end: number,
  key: HashKey = SECRET,
): number {
  let even = 0;
  let odd = 0;
  for (let at = start, next = 0; at < end; at++, next += 2) {
    const word = words[at] ?? 0;
    even += (key[next] ?? 0) * (word & 0xffff);
    odd += (key[next + 1] ?? 0) * (word >>> 16);
  }
  return mixed(lowest(even + odd));
}

/** A whole number below 2^53 modulo the prime. */
function lowest(sum: number): number {
  const rest = sum - Math.floor(sum * INVERSE) * PRIME;
  // The quotient is rounded, and may be the whole number beside it.
  if (rest < 0) return rest + PRIME;
  return rest < PRIME ? rest : rest - PRIME;
}

/** The end of MurmurHash3 (x86, 32 bits): another number for each number of 32 bits. */
function mixed(sum: number): number {
  let hash = sum ^ (sum >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Four bytes as one word; what is behind the end counts as 0. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}
