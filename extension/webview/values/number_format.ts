import { numberText, t } from "../parts/l10n.ts";

/** A number without digits that nobody reads, as the language writes it: 21.35, 4,931,960, 1.2e-9; "–" where there is none. */
export function shortNumber(value: number, digits = 5): string {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toPrecision(digits - 1);
  if (Number.isInteger(value) || size >= 10 ** digits) return numberText(Math.round(value));
  return numberText(Number(value.toPrecision(digits)));
}

/** How long ago, `micros` microseconds: `0.4 s`, `3 min`. */
export function ageText(micros: number): string {
  const seconds = Math.max(0, micros / 1_000_000);
  if (seconds < 10) return t("{0} s", seconds.toFixed(1));
  if (seconds < 120) return t("{0} s", String(Math.round(seconds)));
  if (seconds < 7200) return t("{0} min", String(Math.round(seconds / 60)));
  return t("{0} h", String(Math.round(seconds / 3600)));
}

/** Samples a second. */
export function rateText(rate: number): string {
  return Number.isNaN(rate) ? "–" : t("{0}/s", shortNumber(rate, 3));
}
