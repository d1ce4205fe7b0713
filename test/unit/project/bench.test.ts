import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Comparison, isMet, ratioOf } from "../../bench/comparison.ts";
import { compiled } from "../../bench/echo/compiled.ts";
import { echoRound } from "../../bench/echo/echo_round.ts";
import { emptyLoop } from "../../bench/echo/echo_servers.ts";
import { serversInTurns } from "../../bench/echo/servers_in_turns.ts";
import { picture } from "../../bench/picture.ts";
import { interleaved, sampleOf } from "../../bench/sample.ts";
import { saveResults } from "../../bench/saved_results.ts";
import { comparisonTable } from "../../bench/table.ts";
import { percentile } from "../../support/percentile.ts";

describe("the bench", () => {
  const time = (ours: number, peer: number | undefined, goal?: Comparison["goal"]): Comparison => ({
    what: "open",
    unit: "ms",
    ours: sampleOf([ours]),
    peer: { name: "tshark", sample: peer === undefined ? undefined : sampleOf([peer]) },
    better: "less",
    ...(goal && { goal }),
  });

  it("sums up by the median, and tells the spread", () => {
    const odd = [5, 1, 9];
    assert.deepEqual(sampleOf(odd), { median: 5, lowest: 1, highest: 9, values: odd });
    const even = [4, 1, 9, 6];
    assert.deepEqual(sampleOf(even), { median: 5, lowest: 1, highest: 9, values: even });
    assert.deepEqual(sampleOf([7]), { median: 7, lowest: 7, highest: 7, values: [7] });
    assert.throws(() => sampleOf([]), RangeError);
  });

  it("tells which value so many percent do not exceed", () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    assert.equal(percentile(values, 50), 100);
    assert.equal(percentile(values, 99), 198);
    assert.equal(percentile(values, 100), 200);
    assert.equal(percentile([7], 1), 7);
    assert.throws(() => percentile([], 50), RangeError);
  });

  it("measures in turns, and leaves out what is not there", async () => {
    const calls: string[] = [];
    const measure = (name: string) => async () => calls.push(name);
    const { ours, theirs, missing } = await interleaved(2, {
      ours: measure("A"),
      theirs: measure("B"),
      missing: undefined,
    });
    assert.deepEqual(calls, ["A", "B", "A", "B"]);
    assert.deepEqual(ours, { median: 2, lowest: 1, highest: 3, values: [1, 3] });
    assert.deepEqual(theirs, { median: 3, lowest: 2, highest: 4, values: [2, 4] });
    assert.equal(missing, undefined);
  });

  it("says how many times as good as the peer something is, whichever way is better", () => {
    assert.equal(ratioOf(time(10, 250)), 25);
    assert.equal(ratioOf({ ...time(10, 250), better: "more" }), 0.04);
    assert.equal(ratioOf(time(10, undefined)), undefined);
  });

  it("compares round by round, so that a machine that is slow for a while is slow for both", () => {
    const rounds = (ours: number[], peer: number[]): Comparison => ({
      ...time(0, 0),
      ours: sampleOf(ours),
      peer: { name: "tshark", sample: sampleOf(peer) },
    });
    assert.equal(ratioOf(rounds([10, 30, 20], [20, 60, 400])), 2);
    assert.equal(ratioOf({ ...rounds([20, 60, 5], [10, 30, 40]), better: "more" }), 2);
    assert.equal(ratioOf(rounds([10, 30, 20], [60, 60])), 3, "by the medians");
  });

  it("holds against a ratio, or a value of its own", () => {
    assert.equal(isMet(time(10, 250, { ratio: 25 })), true);
    assert.equal(isMet(time(10, 249, { ratio: 25 })), false);
    assert.equal(isMet(time(10, undefined, { ratio: 25 })), undefined);
    assert.equal(isMet(time(10, 250, { value: 10 })), true);
    assert.equal(isMet(time(10.1, 250, { value: 10 })), false);
    assert.equal(isMet({ ...time(10.1, 250, { value: 10 }), better: "more" }), true);
    assert.equal(isMet(time(10, 250)), undefined);
  });

  it("names a peer that is missing, and what was missed", () => {
    const [, , head, , missing, missed] = comparisonTable("open", [
      time(10, undefined, { ratio: 25 }),
      time(1234.5, 7000, { ratio: 25 }),
    ]).split("\n");
    assert.match(head ?? "", /^\| what \| here +\| peer /);
    assert.match(missing ?? "", /\| 10 ms +\| tshark \| not measured \| +\| at least 25 \| +\|$/);
    assert.match(missed ?? "", /\| 1,235 ms \| tshark \| 7,000 ms +\| 5\.67 +\|.* MISSED \|$/);
  });

  it("says of what it lacks a program for that it was not measured", () => {
    const line: Comparison = { ...time(10, 250, { ratio: 25 }), ours: undefined };
    assert.equal(ratioOf(line), undefined);
    assert.equal(isMet(line), undefined);
    const [, , , , row] = comparisonTable("echo", [line]).split("\n");
    assert.match(
      row ?? "",
      /^\| open \| not measured \| tshark \| 250 ms \| +\| at least 25 \| +\|$/,
    );
  });

  it("loads servers in turns: what they answer, what it costs, and how busy the load was", async () => {
    const rounds = (...rates: number[]) => {
      let at = 0;
      return async () => ({ rate: rates[at++] ?? 0, cost: undefined, loadBusy: 0.5 });
    };
    const { a, b, missing } = await serversInTurns(2, {
      a: rounds(10, 30),
      b: async () => ({ rate: 1, cost: 7, loadBusy: 1 }),
      missing: undefined,
    });
    assert.deepEqual(a?.rate, { median: 20, lowest: 10, highest: 30, values: [10, 30] });
    assert.equal(a?.cost, undefined);
    assert.equal(a?.loadBusy.median, 50);
    assert.equal(b?.cost?.median, 7);
    assert.equal(missing, undefined);
  });

  it("keeps what it measured, as data, as tables and as a picture of what has a goal", async () => {
    const folder = mkdtempSync(join(tmpdir(), "udp-workbench-results-"));
    try {
      const line = time(10, 250, { ratio: 25 });
      const parts = new Map([
        ["open", [line, { ...line, what: "<find> & open", goal: { ratio: 100 } }]],
        ["other", [time(10, undefined, { ratio: 3 }), time(10, 20)]],
      ]);
      const paths = await saveResults(parts, new Date("2026-11-20T23:59:59Z"), folder);
      const [data = "", tables = "", svg = ""] = paths.map((path) => readFileSync(path, "utf8"));
      assert.deepEqual(
        paths.map((path) => basename(path)),
        ["2026-11-20.json", "README.md", "speed.svg"],
      );
      assert.equal(JSON.parse(data).parts.open[0].ours.median, 10);
      assert.match(tables, /^## other\n\n\| what/m);
      // Two of four have a goal and a peer that was measured; what missed its goal looks different.
      assert.equal(svg.match(/<rect /g)?.length, 2);
      assert.deepEqual(
        [...svg.matchAll(/rect class="(\w+)"/g)].map(([, name]) => name),
        ["met", "missed"],
      );
      assert.match(svg, /&#60;find&#62; &#38; open, beside tshark/);
      assert.match(svg, /prefers-color-scheme: dark/);
      assert.equal(picture([time(10, 20)], "2026-11-20"), undefined);

      const later = new Map([["other", [time(5, 20)]]]);
      await saveResults(later, new Date("2026-11-20T23:59:59Z"), folder);
      const saved = JSON.parse(readFileSync(paths[0] ?? "", "utf8"));
      assert.deepEqual(
        Object.keys(saved.parts),
        ["open", "other"],
        "what is of the same day stays",
      );
      assert.equal(saved.parts.other[0].ours.median, 5);
      await saveResults(later, new Date("2026-11-21T00:00:00Z"), folder);
      assert.doesNotMatch(readFileSync(join(folder, "README.md"), "utf8"), /## open/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe("loads a server", () => {
    const folder = mkdtempSync(join(tmpdir(), "udp-workbench-load-"));
    let generator = "";

    before(async function () {
      const program = await compiled("load_generator", folder);
      if (program === undefined) this.skip(); // no C compiler, or not Linux
      generator = program;
    });
    after(() => rmSync(folder, { recursive: true }));

    it("that binds its port late, and counts its replies and its processor time", async () => {
      const late = (port: number) =>
        ["sh", "-c", `sleep 0.3; exec "$0" "$@"`, ...emptyLoop().command(port)] as const;
      const { rate, cost, loadBusy } = await echoRound(late, { generator, folder, seconds: 0.2 });
      assert.ok(rate > 100, `${rate} replies a second`);
      assert.ok(cost !== undefined && cost > 0.5 && cost * rate <= 2e6, `${cost} µs`);
      assert.ok(loadBusy > 0 && loadBusy <= 1.05, `${loadBusy}`);
    });

    it("and fails where it ends, or is none", async () => {
      const failing = () => ["sh", "-c", "exit 3"] as const;
      const absent = () => ["no-such-program"] as const;
      const options = { generator, folder, seconds: 0.2, pin: false };
      await assert.rejects(echoRound(failing, options), /Cannot measure sh: it ended with 3/);
      await assert.rejects(echoRound(absent, options), /ENOENT/);
    });
  });
});
