import { parseArgs } from "node:util";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { saveResults } from "./saved_results.ts";
import { comparisonTable } from "./table.ts";

/** What `npm run bench` measures, in this order; a name on the command line runs that part alone. */
const PARTS: Readonly<Record<string, () => Promise<(effort: Effort) => Promise<Comparison[]>>>> = {
  echo: async () => (await import("./echo.ts")).measureEcho,
  watch: async () => (await import("./watch.ts")).measureWatching,
  python: async () => (await import("./python.ts")).measurePython,
  rules: async () => (await import("./rules.ts")).measureRules,
  relay: async () => (await import("./relay.ts")).measureRelay,
  open: async () => (await import("./open.ts")).measureOpening,
  rows: async () => (await import("./first_rows.ts")).measureFirstRows,
  search: async () => (await import("./search.ts")).measureSearching,
  fields: async () => (await import("./fields.ts")).measureFields,
  requests: async () => (await import("./requests.ts")).measureRequests,
  growth: async () => (await import("./growth.ts")).measureGrowth,
  sockets: async () => (await import("./sockets.ts")).measureSockets,
  files: async () => (await import("./files.ts")).measureFiles,
  frames: async () => (await import("./frames.ts")).measureFrames,
  plots: async () => (await import("./plots.ts")).measurePlots,
  attach: async () => (await import("./attach.ts")).measureAttach,
  setup: async () => (await import("./setup.ts")).measureSetup,
  weight: async () => (await import("./weight.ts")).measureWeight,
  replay: async () => (await import("./replay.ts")).measureReplay,
  live: async () => (await import("./live.ts")).measureLive,
  attack: async () => (await import("./attack.ts")).measureAttack,
  ports: async () => (await import("./ports.ts")).measurePorts,
  flood: async () => (await import("./flood.ts")).measureFlood,
  floods: async () => (await import("./floods.ts")).measureFloods,
};

const USAGE = `npm run bench [-- [--rounds N] [--seconds S] [--save] [PART...]]
  parts: ${Object.keys(PARTS).join(", ")}; all of them where none is named
  --rounds N    how often each thing is measured, in the first five parts, growth, files, setup, weight and ports
  --seconds S   how long each load lasts, in the first five parts, files, live, attack, ports and floods
  --save        keeps the results in test/bench/results/, with tables and a picture, beside those of the same day
`;

/** Runs the parts that are asked for and prints what they found; the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h", default: false },
      rounds: { type: "string" },
      save: { type: "boolean", default: false },
      seconds: { type: "string" },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const unknown = positionals.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) {
    process.stderr.write(`Cannot measure ${unknown}: there is no such part\n${USAGE}`);
    return 2;
  }
  const effort: Effort = {
    ...(values.rounds !== undefined && { rounds: positive("rounds", values.rounds) }),
    ...(values.seconds !== undefined && { seconds: positive("seconds", values.seconds) }),
  };
  const results = new Map<string, Comparison[]>();
  for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
    const measure = await PARTS[name]?.();
    if (!measure) continue;
    const found = await measure(effort);
    results.set(name, found);
    process.stdout.write(`\n${comparisonTable(name, found)}\n`);
  }
  if (values.save) {
    const paths = await saveResults(results, new Date());
    process.stdout.write(`\nSaved ${paths.join(" and ")}\n`);
  }
  return 0;
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new RangeError(`Cannot use --${option} ${text}: it is a whole number from 1 on`);
}

process.exitCode = await main(process.argv.slice(2));
