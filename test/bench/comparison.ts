import { type Sample, sampleOf } from "./sample.ts";

/** One line of a result: what we measured, beside a peer or a limit. */
export interface Comparison {
  /** What was done: `open 1,000,000 datagrams of 50 flows`. */
  readonly what: string;
  readonly unit: string;
  /** Undefined where the machine lacks what it needs. */
  readonly ours: Sample | undefined;
  /** The program that does the same, and what it needed; undefined where it is not installed. */
  readonly peer?: { readonly name: string; readonly sample: Sample | undefined };
  /** Whether less is better, as with time, or more, as with datagrams a second. */
  readonly better: "less" | "more";
  /** What DESIGN.md holds us to: at least so many times as good as the peer, or a value of our own. */
  readonly goal?: { readonly ratio: number } | { readonly value: number };
}

/**
 * How many times as good as the peer we are: the median of the ratios of each round, whose two measurements are near each
 * other in time, so that a machine that is slow for a while is slow for both. Undefined where one was not measured.
 */
export function ratioOf({ ours, peer, better }: Comparison): number | undefined {
  if (!ours || !peer?.sample) return undefined;
  const [above, below] = better === "less" ? [peer.sample, ours] : [ours, peer.sample];
  // Without a partner in each round, there is no pair.
  if (above.values.length !== below.values.length) return above.median / below.median;
  const ratios = above.values.map((value, round) => value / (below.values[round] ?? value));
  return sampleOf(ratios).median;
}

/** Whether the goal is met; undefined where there is none, or no peer to compare with. */
export function isMet(comparison: Comparison): boolean | undefined {
  const { goal, ours, better } = comparison;
  if (!goal || !ours) return undefined;
  if ("ratio" in goal) {
    const ratio = ratioOf(comparison);
    return ratio === undefined ? undefined : ratio >= goal.ratio;
  }
  return better === "less" ? ours.median <= goal.value : ours.median >= goal.value;
}
