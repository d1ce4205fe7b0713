import { type FirstBytes, type HashKey, hashBytes, SECRET, wordAt } from "./hash.ts";

/**
 * Bytes at the start of a payload that {@link PayloadDigests.head} is of: as many are left where 64 bytes of a packet are
 * kept.
 */
export const HEAD_BYTES = 16;

/** What tells which payloads may be equal; one object for all of them, as there are millions. */
export class PayloadDigests {
  /**
   * 32 bits that are equal for equal payloads of equal length, and hardly ever for others: of all that was captured,
   * because a counter or a checksum may stand anywhere. Nobody outside can tell which payloads have the same.
   *
   * Of a million payloads of one flow, some 116 pairs on average have the same by chance (10^12 / 2 / 2^32). That alone
   * misleads nobody: the pairing goes by time then, as it does for equal payloads. It would take both on their way at the
   * same time and one of them lost, and then the other one would be told lost.
   */
  whole = 0;
  /**
   * From 1 to 65,535, equal for payloads of equal length that start with the same {@link HEAD_BYTES}: of what was captured
   * in part, that tells which one it can be. 0 where fewer were captured.
   */
  head = 0;
  readonly #first: FirstBytes = { length: HEAD_BYTES, sum: 0 };

  /** Reads those of a payload, of which `captured` of its `length` bytes are at `start`. */
  take(
    bytes: Uint8Array,
    start: number,
    captured: number,
    length: number,
    key: HashKey = SECRET,
  ): void {
    const first = this.#first;
    this.whole = hashBytes(bytes, start, start + captured, length, key, first);
    this.head = captured < HEAD_BYTES ? 0 : first.sum >>> 16 || 1;
  }
}

/** Bytes from the start, the middle and the end that a {@link sampleDigest} is of. */
const SAMPLED = 8;

/**
 * In place of {@link PayloadDigests.whole} for payloads that are never paired: a few of their bytes tell which of some a
 * message quotes, at a fraction of the cost. Payloads that differ elsewhere are taken for equal, of which nobody can tell.
 */
export function sampleDigest(bytes: Uint8Array, start: number, captured: number): number {
  let sum = captured;
  const take = (from: number, to: number) => {
    for (let at = from; at < to; at += 4) sum = Math.imul(sum ^ wordAt(bytes, at), 0x9e3779b1);
  };
  if (captured < 3 * SAMPLED) {
    for (let at = start; at < start + captured; at++) {
      sum = Math.imul(sum ^ (bytes[at] ?? 0), 0x9e3779b1);
    }
    return sum >>> 0;
  }
  const middle = start + (captured >> 1);
  take(start, start + SAMPLED);
  take(middle, middle + SAMPLED);
  take(start + captured - SAMPLED, start + captured);
  return (sum ^ (sum >>> 15)) >>> 0;
}
