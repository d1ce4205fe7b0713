import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** One answer of sharkd, as far as it is read here. */
interface Answer {
  readonly id: number;
  readonly result?: readonly { readonly num: number }[];
  readonly error?: { readonly message: string };
}

/**
 * What Wireshark's own filters show of a file: for each of them the numbers of the packets, from 1. One sharkd answers
 * for all of them, where a tshark each would spend its time on starting.
 *
 * @throws where Wireshark does not take a filter.
 */
export async function packetsShownBy(
  filters: readonly string[],
  path: string,
): Promise<Map<string, number[]>> {
  const requests = [
    { method: "load", params: { file: path } },
    ...filters.map((filter) => ({ method: "frames", params: { filter } })),
  ];
  const sharkd = spawn("sharkd", ["-"], { stdio: ["pipe", "pipe", "ignore"] });
  const output = text(sharkd.stdout);
  for (const [index, request] of requests.entries()) {
    // It takes no request whose id is 0.
    sharkd.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: index + 1, ...request })}\n`);
  }
  sharkd.stdin.end();
  const lines = (await output).split("\n").filter((line) => line !== "");
  const answers = new Map(lines.map((line) => JSON.parse(line) as Answer).map((it) => [it.id, it]));
  return new Map(
    filters.map((filter, index) => {
      const { result, error } = answers.get(index + 2) ?? {};
      if (!result) throw new Error(`Wireshark does not take ${filter}: ${error?.message}`);
      return [filter, result.map(({ num }) => num)];
    }),
  );
}
