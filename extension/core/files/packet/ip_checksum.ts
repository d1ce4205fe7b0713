/** The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words. */

/**
 * Adds the big-endian 16-bit words of `bytes` to `sum`; an odd last byte counts as a word's high half.
 * Words may be added in several calls as long as all but the last are even.
 */
export function addWords(sum: number, bytes: Uint8Array): number {
  let total = sum;
  for (let at = 0; at < bytes.length; at += 2) {
    total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  return total;
}

/** The checksum of a sum made by {@link addWords}: 0 to 0xffff. */
export function finishChecksum(sum: number): number {
  // A sum of 32,768 words fits in 32 bits; two folds carry every overflow back in.
  let folded = (sum & 0xffff) + (sum >>> 16);
  folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}
