const two = (value: number) => String(value).padStart(2, "0");

/** Hours of the local time with their colon: `12:`. They are the first to go where there is little room. */
export function formatHour(time: number): string {
  return `${two(new Date(time / 1000).getHours())}:`;
}

/** The rest of the local time, to the millisecond: `01:02.113`. `time`: microseconds since 1970. */
export function formatMinute(time: number): string {
  return `${minutes(time)}.${fraction(time).slice(0, 3)}`;
}

/** Local time to the microsecond: `12:01:02.113042`. */
export function formatMicroseconds(time: number): string {
  return `${formatHour(time)}${minutes(time)}.${fraction(time)}`;
}

/** Local date: `2026-11-20`. */
export function formatDate(time: number): string {
  const date = new Date(time / 1000);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Local date and time to the microsecond: `2026-11-20 12:01:02.113042`. */
export function formatFullTime(time: number): string {
  return `${formatDate(time)} ${formatMicroseconds(time)}`;
}

/** Whether a time is of the day that it is now, here. */
export function isToday(time: number): boolean {
  return formatDate(time) === formatDate(Date.now() * 1000);
}

function minutes(time: number): string {
  const date = new Date(time / 1000);
  return `${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Six digits, cut and not rounded: 0.9999996 s is not yet the next second. */
function fraction(time: number): string {
  const micros = Math.floor(time) % 1_000_000;
  return String(micros < 0 ? micros + 1_000_000 : micros).padStart(6, "0");
}

/** What the time column tells: time of day, time since the capture's start, or since the row before. */
export const TIME_MODES = ["absolute", "relative", "delta"] as const;
export type TimeMode = (typeof TIME_MODES)[number];

export function isTimeMode(mode: unknown): mode is TimeMode {
  return (TIME_MODES as readonly unknown[]).includes(mode);
}

/** Seconds to the microsecond, in groups of three: `1.204 551`. `micros`: microseconds, also below 0. */
export function formatSeconds(micros: number): string {
  const whole = Math.abs(Math.round(micros));
  const digits = String(whole % 1_000_000).padStart(6, "0");
  const sign = micros < 0 ? "−" : "";
  return `${sign}${Math.floor(whole / 1_000_000)}.${digits.slice(0, 3)}\u00a0${digits.slice(3)}`;
}

/** A span of time in the unit that suits it: `0.2 ms`, `12.3 s`, `5.1 min`, `2.5 h`. `micros`: microseconds. */
export function formatSpan(micros: number): string {
  const units = [
    ["h", 3_600_000_000, 7_200_000_000],
    ["min", 60_000_000, 120_000_000],
    ["s", 1_000_000, 1_000_000],
  ] as const;
  const [unit, size] = units.find(([, , least]) => micros >= least) ?? (["ms", 1000] as const);
  return `${Number((micros / size).toPrecision(3))} ${unit}`;
}
