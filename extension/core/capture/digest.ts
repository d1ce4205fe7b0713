import { finish, mix, wordAt } from "./hash.ts";

/** Longer payloads are told apart by their length, their ends and a sample of what lies between. */
const WHOLE_UP_TO = 256;
const SAMPLES = 64;

/**
 * A 32-bit number that is equal for equal payloads, and hardly ever for others: a hash of the bytes and the length.
 * Reads at most {@link WHOLE_UP_TO} bytes and {@link SAMPLES} samples, so that a jumbo datagram costs no more.
 */
export function payloadDigest(
  bytes: Uint8Array,
  start: number,
  captured: number,
  length: number,
): number {
  let hash = mix(0, length);
  const whole = Math.min(captured, WHOLE_UP_TO);
  const end = start + whole;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mix(hash, wordAt(bytes, at));
  for (; at < end; at++) hash = mix(hash, bytes[at] ?? 0);
  const rest = captured - whole;
  const step = Math.ceil(rest / SAMPLES);
  // Backwards from the last byte: counters and checksums stand at the end.
  for (let back = 0; back < rest; back += step) {
    hash = mix(hash, bytes[start + captured - 1 - back] ?? 0);
  }
  return finish(hash);
}
