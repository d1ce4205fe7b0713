/** A range of time, in seconds since the capture's first datagram; both ends are in it. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Words of a filter; what is in quotes belongs to its word. */
const WORD = /(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/g;
const TIME = /^time:(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)$/i;
const OR = /^(?:or|OR)$|^[^"]*\|\|/;

/** The range that a filter names; undefined where it names none, or in another way than `withTimeRange`. */
export function timeRangeOf(filter: string): TimeRange | undefined {
  for (const word of filter.match(WORD) ?? []) {
    const [, from, to] = TIME.exec(word) ?? [];
    if (from !== undefined && to !== undefined) return { from: Number(from), to: Number(to) };
  }
  return undefined;
}

/** The filter with `time:1.5..2.25` in the place of every `time:` that it had; without where there is no range. */
export function withTimeRange(filter: string, range: TimeRange | undefined): string {
  const words = filter.match(WORD) ?? [];
  const rest = words.filter((word) => !/^-?time:/i.test(word));
  if (!range) return unwrapped(rest.join(" "));
  // "Either this or that" has to stay one condition beside the time.
  const isChoice = rest.some((word) => OR.test(word));
  const others = isChoice && !isWrapped(rest.join(" ")) ? `(${rest.join(" ")})` : rest.join(" ");
  return [others, `time:${range.from}..${range.to}`].filter((part) => part !== "").join(" ");
}

/** The smallest range of round numbers around another one. `precision`: seconds, what is not seen any more. */
export function roundedOut({ from, to }: TimeRange, precision: number): TimeRange {
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(precision))));
  const unit = 10 ** digits;
  return {
    from: Number((Math.floor(from * unit) / unit).toFixed(digits)),
    to: Number((Math.ceil(to * unit) / unit).toFixed(digits)),
  };
}

/** True where one pair of brackets is around everything. */
function isWrapped(filter: string): boolean {
  return /^\([^()]*\)$/.test(filter);
}

function unwrapped(filter: string): string {
  return isWrapped(filter) ? filter.slice(1, -1) : filter;
}
