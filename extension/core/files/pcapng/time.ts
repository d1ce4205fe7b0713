/** Time stamps of a pcapng interface (if_tsresol and if_tsoffset; draft-ietf-opsawg-pcapng section 4.2). */

/** How an interface counts time. */
export interface TimeScale {
  /** Time stamps a second: a power of ten or of two. */
  readonly unitsPerSecond: bigint;
  /** Seconds to add to each time stamp. */
  readonly offsetSeconds: bigint;
  /** 1 or 1000 units a microsecond and no offset: the two that need no big numbers. Otherwise 0. */
  readonly unitsPerMicrosecond: number;
}

/** What interfaces have that say nothing of it, and those of the taps: one object for all of them. */
const MICROSECONDS: TimeScale = {
  unitsPerSecond: 1_000_000n,
  offsetSeconds: 0n,
  unitsPerMicrosecond: 1,
};

/**
 * @param resolution the byte of if_tsresol: the negative power of ten, or with its highest bit set of two
 */
export function timeScale(resolution: number, offsetSeconds: bigint): TimeScale {
  if (resolution === 6 && offsetSeconds === 0n) return MICROSECONDS;
  const exponent = BigInt(resolution & 0x7f);
  const unitsPerSecond = (resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
  const unitsPerMicrosecond = offsetSeconds === 0n && resolution === 9 ? 1000 : 0;
  return { unitsPerSecond, offsetSeconds, unitsPerMicrosecond };
}

/** Whole microseconds since 1970 of a time stamp in two halves of 32 bits; exact, rounded down. */
export function toMicroseconds(scale: TimeScale, high: number, low: number): number {
  const divisor = scale.unitsPerMicrosecond;
  if (divisor > 0) {
    // 64 bits of nanoseconds are more than a number holds: divide the halves one after the other.
    const rest = (high % divisor) * 0x1_0000_0000 + low;
    return Math.floor(high / divisor) * 0x1_0000_0000 + Math.floor(rest / divisor);
  }
  const units = (BigInt(high) << 32n) | BigInt(low);
  return Number((units * 1_000_000n) / scale.unitsPerSecond + scale.offsetSeconds * 1_000_000n);
}
