/** The least value that `percent` of all do not exceed, 100 for the highest; there must be one. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("Cannot tell a percentile: no values");
  return value;
}
