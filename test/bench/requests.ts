import { parseRequests, type RequestFile } from "../../scripts/udp_run.ts";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { interleaved } from "./sample.ts";

const BLOCKS = 10_000;
const ROUNDS = 15;
const MOST_MS = { whole: 100, key: 10 };

/** A request file of many blocks: read as a whole, and again after a key and after a new line in its middle. */
export async function measureRequests({ rounds = ROUNDS }: Effort): Promise<Comparison[]> {
  const blocks = Array.from({ length: BLOCKS }, (_, at) => block(at));
  const whole = blocks.join("");
  const middle = blocks[BLOCKS / 2] ?? "";
  const typed = (text: string) => blocks.with(BLOCKS / 2, text).join("");
  const key = typed(middle.replace("length == 8", "length == 88"));
  const line = typed(middle.replace("length == 8\n", "length == 8\n\n"));
  // The file that was read before is used up: each turn goes there and back again.
  let before = parseRequests(whole);
  const edit = (text: string) => async () => {
    const ms = time(() => {
      before = parseRequests(text, "", [], before);
    });
    if (before.problems.length > 0 || before.blocks.length !== BLOCKS) throw wrong(before);
    before = parseRequests(whole, "", [], before);
    return ms;
  };
  const samples = await interleaved(rounds, {
    whole: async () => time(() => parseRequests(whole)),
    key: edit(key),
    line: edit(line),
  });
  const shared = { unit: "ms", better: "less" } as const;
  return [
    {
      ...shared,
      what: "read a request file of 10,000 blocks",
      ours: samples.whole,
      goal: { value: MOST_MS.whole },
    },
    {
      ...shared,
      what: "read it again after a key",
      ours: samples.key,
      goal: { value: MOST_MS.key },
    },
    {
      ...shared,
      what: "read it again after a new line",
      ours: samples.line,
      goal: { value: MOST_MS.key },
    },
  ];
}

/** As that of the documentation; titles and bytes differ. */
function block(at: number): string {
  const digits = at
    .toString(16)
    .padStart(4, "0")
    .replace(/..(?!$)/, "$& ");
  return `### Reads register ${at}
# @timeout 500ms
SEND 127.0.0.1:5683
hex 40 01 {{seq u16be}} ${digits} "temp" {{crc16/modbus}}

EXPECT 1 within 200ms
length == 8
bytes startsWith hex 60 45

`;
}

function time(run: () => void): number {
  const began = performance.now();
  run();
  return performance.now() - began;
}

function wrong({ blocks, problems }: RequestFile): Error {
  return new Error(
    `Cannot measure: ${blocks.length} blocks were read, and ${problems[0]?.message ?? "no problem"}`,
  );
}
