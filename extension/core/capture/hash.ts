/**
 * HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the form with 32-bit words), which is
 * what the hash tables of the Linux kernel use against made-up input. Others choose what is hashed here: without a key
 * that they cannot know they could make as many as they like that fall into one place of a table, and of a hash whose
 * steps can be undone, such as MurmurHash3, even with one.
 */

/** Two words that nobody outside knows. */
export type HashKey = readonly [number, number];

/** The key of this process. */
export const SECRET = randomKey();

/** Views of what was hashed last: nearly always the next lies in the same memory. */
let latestBytes: DataView = new DataView(new ArrayBuffer(0));
let latestWords = latestBytes;

/**
 * The hash of `bytes` from `start` to before `end`, from 0 to 2^32 - 1.
 *
 * @param tweak a 32-bit number that is hashed with them
 */
export function hashBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  tweak = 0,
  key: HashKey = SECRET,
): number {
  if (latestBytes.buffer !== bytes.buffer) latestBytes = new DataView(bytes.buffer);
  return hash(latestBytes, bytes.byteOffset + start, bytes.byteOffset + end, tweak, key);
}

/** The hash of `words` from `start` to before `end`, from 0 to 2^32 - 1. */
export function hashWords(
  words: Int32Array,
  start: number,
  end: number,
  key: HashKey = SECRET,
): number {
  if (latestWords.buffer !== words.buffer) latestWords = new DataView(words.buffer);
  return hash(latestWords, words.byteOffset + start * 4, words.byteOffset + end * 4, 0, key);
}

function hash(view: DataView, start: number, end: number, tweak: number, key: HashKey): number {
  let v0 = key[0];
  let v1 = key[1];
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  let at = start;
  // The tweak, the whole words, the rest with the length, and three rounds more: one loop, so that all stay in registers.
  let last = 4;
  for (let word = tweak; ; ) {
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
    if (at + 4 <= end) {
      word = view.getInt32(at, true);
      at += 4;
      continue;
    }
    last--;
    if (last === 3) {
      word = (end - start) << 24;
      for (let shift = 0; at < end; shift += 8) word |= view.getUint8(at++) << shift;
    } else if (last === 2) {
      v2 ^= 0xff;
      word = 0;
    } else if (last < 0) return (v1 ^ v3) >>> 0;
  }
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

function randomKey(): HashKey {
  const [first = 0, second = 0] = crypto.getRandomValues(new Int32Array(2));
  return [first, second];
}
