import { type Endpoint, formatEndpoint } from "../wire/endpoint.ts";
import type { CopiedDatagram, CopiedFate } from "./copy_as.ts";

/** So many of one kind in a row are told one by one; of more only the first and the last ones are. */
const MOST_IN_A_ROW = 6;
const FIRST_OF_MANY = 2;
const LAST_OF_MANY = 1;
/** Arrows of a ladder: more nobody reads. */
const MOST_RUNGS = 300;

/** One arrow of a ladder, or what stands for many. Ends are places in {@link Ladder.ends}. */
export interface Rung {
  readonly from: number;
  readonly to: number;
  readonly fate: CopiedFate;
  /** How many datagrams it stands for. */
  readonly count: number;
  /** Microseconds since the first datagram of the ladder; and of the last one that it stands for. */
  readonly at: number;
  readonly until: number;
  /** Microseconds until it came; undefined where that is not known. */
  readonly took: number | undefined;
  readonly datagram: CopiedDatagram;
}

/** Datagrams between two or more ends, in the order of their time. */
export interface Ladder {
  /** In the order in which they appear. */
  readonly ends: readonly string[];
  readonly rungs: readonly Rung[];
  /** Datagrams that are left out at the end. */
  readonly left: number;
}

/** @param datagrams in the order of their time */
export function ladderOf(datagrams: readonly CopiedDatagram[]): Ladder {
  const ends: string[] = [];
  const placeOf = (end: Endpoint) => {
    const text = formatEndpoint(end);
    const known = ends.indexOf(text);
    return known >= 0 ? known : ends.push(text) - 1;
  };
  const start = datagrams[0]?.time ?? 0;
  const all = datagrams.map((datagram): Rung => {
    const { source, destination, fate = "sent", took, time } = datagram;
    const [from, to] = [placeOf(source), placeOf(destination)];
    const at = time - start;
    return { from, to, fate, count: 1, at, until: at, took, datagram };
  });
  const rungs = [...runsOf(all)].flatMap(shortened);
  const shown = rungs.slice(0, MOST_RUNGS);
  const left = rungs.slice(MOST_RUNGS).reduce((sum, { count }) => sum + count, 0);
  const used = new Set(shown.flatMap(({ from, to }) => [from, to]));
  // Those that are seen first come first: the others are behind them.
  return { ends: ends.slice(0, Math.max(-1, ...used) + 1), rungs: shown, left };
}

/** What goes the same way and comes to the same, one after the other. */
function* runsOf(rungs: readonly Rung[]): Generator<Rung[]> {
  let run: Rung[] = [];
  for (const rung of rungs) {
    const [last] = run;
    const isSame = last?.from === rung.from && last.to === rung.to && last.fate === rung.fate;
    if (!isSame && run.length > 0) {
      yield run;
      run = [];
    }
    run.push(rung);
  }
  if (run.length > 0) yield run;
}

function shortened(run: readonly Rung[]): readonly Rung[] {
  if (run.length <= MOST_IN_A_ROW) return run;
  const hidden = run.slice(FIRST_OF_MANY, -LAST_OF_MANY);
  const [first] = hidden;
  if (!first) return run;
  const until = hidden.at(-1)?.until ?? first.until;
  const many = { ...first, count: hidden.length, until, took: undefined };
  return [...run.slice(0, FIRST_OF_MANY), many, ...run.slice(-LAST_OF_MANY)];
}

/** Microseconds as milliseconds: `+12.345 ms`. */
export function sinceText(microseconds: number): string {
  return `+${(microseconds / 1000).toFixed(3)} ms`;
}

/** `0.2 ms` */
export function spanText(microseconds: number): string {
  return `${Number((microseconds / 1000).toPrecision(3))} ms`;
}
