import type { NumberColumn } from "../../core/series/number_column.ts";
import { SampleState } from "../../core/series/number_sink.ts";

/** Digits that a number is shown with: enough to tell it from its neighbours on any device. */
const DIGITS = 7;

/** A sample as it is shown, in plain digits: what an enum calls it, and what is no number as that. */
export function sampleText(column: NumberColumn, value: number, state: SampleState): string {
  if (state === SampleState.nan) return "NaN";
  if (state === SampleState.infinite) return value > 0 ? "∞" : "−∞";
  const label = column.labels.get(value);
  if (label !== undefined) return column.kind === "boolean" ? label : `${label} (${value})`;
  return digits(value);
}

/** A number without digits that nobody reads: 21.35, 4931960, 1.2e-9. */
export function digits(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return String(Number(value.toPrecision(DIGITS)));
}
