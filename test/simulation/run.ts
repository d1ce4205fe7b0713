import { parseArgs } from "node:util";
import { shrink } from "./shrink.ts";
import { planOf, simulate } from "./simulate.ts";

const USAGE = `npm run simulate [-- [--seeds N] [--seed S]]
  --seeds N   how many worlds, from seed 1 on (100,000 where nothing is said)
  --seed S    this one alone
`;

/** Makes worlds until one does not agree with what the windows tell; prints that one as small as it can be made. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h", default: false },
      seeds: { type: "string", default: "100000" },
      seed: { type: "string" },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const first = values.seed === undefined ? 1 : Number(values.seed);
  const last = values.seed === undefined ? Number(values.seeds) : first;
  const began = performance.now();
  for (let seed = first; seed <= last; seed++) {
    const plan = planOf(seed);
    const faults = await simulate(plan);
    if (faults[0] !== undefined) {
      const kind = kindOf(faults[0]);
      const smallest = await shrink(plan, async (part) =>
        (await simulate(part)).some((fault) => kindOf(fault) === kind),
      );
      process.stdout.write(
        `Seed ${seed} fails:\n${smallest.map((event) => `  ${JSON.stringify(event)}`).join(",\n")}\n`,
      );
      for (const fault of await simulate(smallest)) process.stdout.write(`  ${fault}\n`);
      return 1;
    }
    if (seed % 1000 === 0) {
      const seconds = (performance.now() - began) / 1000;
      process.stdout.write(`${seed} worlds, ${Math.round(seconds)} s\n`);
    }
  }
  process.stdout.write(`No fault in ${last - first + 1} worlds.\n`);
  return 0;
}

/** A fault without its numbers and names: a smaller world shall have the same kind of fault, not just any. */
function kindOf(fault: string): string {
  return fault.replace(/".*?"/g, "").replace(/[0-9:.]+/g, "");
}

process.exitCode = await main(process.argv.slice(2));
