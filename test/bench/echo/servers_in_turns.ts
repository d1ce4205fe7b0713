import { interleaved, type Measure, type Sample, sampleOf } from "../sample.ts";
import type { Round } from "./echo_round.ts";

/** What several servers gave. */
export interface ServerSamples {
  /** Replies a second. */
  readonly rate: Sample;
  /** Microseconds of the processor for a reply; undefined where nobody tells. */
  readonly cost: Sample | undefined;
  /** Percent of the time that the load needed its own processor for. */
  readonly loadBusy: Sample;
}

/** Loads servers in turns; undefined for each that cannot be measured here. */
export async function serversInTurns<Name extends string>(
  rounds: number,
  servers: Readonly<Record<Name, (() => Promise<Round>) | undefined>>,
): Promise<Readonly<Record<Name, ServerSamples | undefined>>> {
  const all = new Map<string, Round[]>();
  const measures: Record<string, Measure | undefined> = {};
  for (const [name, load] of Object.entries<(() => Promise<Round>) | undefined>(servers)) {
    measures[name] =
      load &&
      (async () => {
        const round = await load();
        all.set(name, [...(all.get(name) ?? []), round]);
        return round.rate;
      });
  }
  const rates = await interleaved(rounds, measures);
  const samples = Object.keys(servers).map((name) => {
    const [rate, results = []] = [rates[name], all.get(name)];
    if (!rate) return [name, undefined] as const;
    const costs = results.map(({ cost }) => cost).filter((cost) => cost !== undefined);
    const cost = costs.length > 0 ? sampleOf(costs) : undefined;
    const loadBusy = sampleOf(results.map((round) => round.loadBusy * 100));
    return [name, { rate, cost, loadBusy }] as const;
  });
  return Object.fromEntries(samples) as Record<Name, ServerSamples | undefined>;
}
