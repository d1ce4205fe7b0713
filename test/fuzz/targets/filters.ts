import assert from "node:assert/strict";
import { compileFilter } from "../../../extension/core/filter/compiler.ts";
import { FILTER_PROBLEMS } from "../../../extension/core/filter/problem.ts";
import { cpuMilliseconds } from "../../support/cpu_time.ts";
import type { FuzzTarget } from "../target.ts";

const SEEDS = [
  "hello world",
  'from:127.0.0.1 to:[::1]:53 -"quoted \\"text\\"" or port:9000..9999',
  "dir:in len:>100 socket:9999 time:1.5..2m is:lost,duplicate hex:48:65",
  "(udp.port == 9999 && udp.length > 20) || !data.data contains 48:65 && frame.time_relative <= 1.5",
  'data.data matches "(?-i)^a(b|c)*[^x-z]{2,3}$" and udp.port in {1, 2..5}',
  "peer:10.0.0.0/8 or addr:2001:db8::/32 not program:server.ts",
];

/** A filter is read or refused with a reason that points at a part of it, and in no time. */
export const filterTarget: FuzzTarget = {
  name: "filters",
  seeds: SEEDS.map((text) => new TextEncoder().encode(text)),
  check(input) {
    const text = new TextDecoder().decode(input);
    const took = cpuMilliseconds(() => {
      const result = compileFilter(text);
      if ("problem" in result) {
        const { problem } = result;
        assert.ok(problem.code in FILTER_PROBLEMS, problem.code);
        assert.ok(0 <= problem.start && problem.start <= problem.end && problem.end <= text.length);
      } else {
        result.filter.rowTest(() => assert.fail("no row was tested"));
      }
    });
    // For some hundred characters: what is meant is for ever, not fast.
    assert.ok(took < 2000, `took ${took} ms`);
  },
};
