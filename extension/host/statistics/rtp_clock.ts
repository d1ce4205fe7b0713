import { NumberColumn } from "./field_column.ts";

/** Hertz of the payload types that have one clock for all (RFC 3551 section 6, tables 4 and 5); others agree on one elsewhere. */
const CLOCKS: Readonly<Record<number, number>> = {
  ...Object.fromEntries([0, 3, 4, 5, 7, 8, 9, 12, 13, 15, 18].map((type) => [type, 8000])),
  ...{ 6: 16_000, 10: 44_100, 11: 44_100, 14: 90_000, 16: 11_025, 17: 22_050 },
  ...Object.fromEntries([25, 26, 28, 31, 32, 33, 34].map((type) => [type, 90_000])),
};
const TIMESTAMPS = 2 ** 32;

/** When datagrams of RTP were sent, by the clock of their media (RFC 3550 section 5.1). */
export class RtpClock {
  readonly columns = [new NumberColumn("rtp.timestamp"), new NumberColumn("rtp.p_type")] as const;

  /** Microseconds, and after how many of them the clock begins anew; undefined where no clock is known. */
  at(place: number): { readonly time: number; readonly period: number } | undefined {
    const [timestamps, types] = this.columns;
    const timestamp = timestamps.at(place);
    const clock = CLOCKS[types.at(place) ?? -1];
    if (timestamp === undefined || clock === undefined) return undefined;
    return { time: (timestamp * 1e6) / clock, period: (TIMESTAMPS * 1e6) / clock };
  }
}
