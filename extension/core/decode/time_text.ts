/** The furthest second from 1970 that a Date can be, either way. */
const MOST_SECONDS = 8_640_000_000_000n;
/** From 1900, where NTP starts to count, to 1970. */
const NTP_EPOCH = 2_208_988_800n;
const ERA = 1n << 32n;

/** A time in ISO 8601, in UTC, to the nanosecond where it has any. Beyond what a calendar has, seconds since 1970. */
export function timeText(seconds: bigint, nanoseconds: number): string {
  if (seconds > MOST_SECONDS || seconds < -MOST_SECONDS) return `${seconds} s`;
  const date = new Date(Number(seconds) * 1000).toISOString().replace(/\.000Z$/, "");
  return nanoseconds === 0 ? `${date}Z` : `${date}.${String(nanoseconds).padStart(9, "0")}Z`;
}

/**
 * A time in NTP's 64 bits: seconds and a fraction of one. Where the top bit is not set it is of the era that starts in
 * 2036 (RFC 4330 section 3).
 */
export function ntpTimeText(seconds: number, fraction: number): string {
  const era = seconds < 0x8000_0000 ? ERA : 0n;
  const nanoseconds = Number((BigInt(fraction) * 1_000_000_000n) >> 32n);
  return timeText(BigInt(seconds) + era - NTP_EPOCH, nanoseconds);
}
