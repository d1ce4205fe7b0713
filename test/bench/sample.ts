/** What repeated measurements of one thing gave. */
export interface Sample {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** All of them, in the order in which they were measured. */
  readonly values: readonly number[];
}

/** Sums up at least one measurement. */
export function sampleOf(values: readonly number[]): Sample {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [lower, upper] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  const [lowest, highest] = [sorted[0], sorted.at(-1)];
  if (lower === undefined || upper === undefined) throw new RangeError("Cannot sum up: no values");
  const median = (lower + upper) / 2;
  return { median, lowest: lowest ?? lower, highest: highest ?? upper, values };
}

/** Measures one thing once: milliseconds, datagrams a second, whatever its part is about. */
export type Measure = () => Promise<number>;

/** A sample for each thing that could be measured. */
export type Samples<M> = {
  readonly [Name in keyof M]: M[Name] extends Measure ? Sample : Sample | undefined;
};

/**
 * Measures several things in turns, A B C A B C: what else the machine does meanwhile hits all of them alike.
 * Undefined for what cannot be measured here.
 */
export async function interleaved<M extends Readonly<Record<string, Measure | undefined>>>(
  rounds: number,
  measures: M,
): Promise<Samples<M>> {
  const values = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(measures)) {
      if (measure) values.set(name, [...(values.get(name) ?? []), await measure()]);
    }
  }
  const samples = [...values].map(([name, all]) => [name, sampleOf(all)] as const);
  return Object.fromEntries(samples) as Samples<M>;
}
