import { type HashKey, hashBytes, SECRET } from "./hash.ts";

/**
 * A 32-bit number that is equal for equal payloads of equal length, and hardly ever for others: of all that was captured,
 * because a counter or a checksum may stand anywhere. Nobody outside can tell which payloads have the same.
 *
 * Of a million payloads of one flow, some 116 pairs on average have the same by chance (10^12 / 2 / 2^32). That alone misleads nobody:
 * the pairing goes by time then, as it does for equal payloads. It would take both on their way at the same time and one
 * of them lost, and then the other one would be told lost.
 */
export function payloadDigest(
  bytes: Uint8Array,
  start: number,
  captured: number,
  length: number,
  key: HashKey = SECRET,
): number {
  return hashBytes(bytes, start, start + captured, length, key);
}
