/** True when `one` comes before `other`: a strict order, in which no two are alike. */
export type IsBefore = (one: number, other: number) => boolean;

/** Fewer are moved one by one: to have them copied would take longer. */
const FEW = 16;

/** Behind the last of the first `end` values, which are in order, that does not come behind a new one: nearly always near the end. */
export function placeBehind(
  values: Uint32Array,
  value: number,
  end: number,
  isBefore: IsBefore,
): number {
  let high = end;
  let step = 1;
  while (high >= step && isBefore(value, values[high - step] ?? 0)) {
    high -= step;
    step *= 2;
  }
  let low = Math.max(0, high - step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(value, values[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** Moves what stands from `from` to before `end` so many places back. */
export function moveBack(values: Uint32Array, from: number, end: number, by: number): void {
  if (end - from > FEW) values.copyWithin(from + by, from, end);
  else for (let at = end - 1; at >= from; at--) values[at + by] = values[at] ?? 0;
}
