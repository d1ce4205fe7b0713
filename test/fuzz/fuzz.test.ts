import fc from "fast-check";
import { corpusOf, keep } from "./corpus.ts";
import { spoiled } from "./spoiled.ts";
import { captureTargets } from "./targets/captures.ts";
import { decoderTargets } from "./targets/decoders.ts";
import { definitionTargets } from "./targets/definitions.ts";
import { filterTarget } from "./targets/filters.ts";
import { messageTargets } from "./targets/messages.ts";
import { packetTarget } from "./targets/packets.ts";
import { protocolTargets } from "./targets/protocols.ts";
import { requestTargets } from "./targets/requests.ts";
import { straceTarget } from "./targets/strace.ts";
import { systemTargets } from "./targets/systems.ts";

/** Cases for each target: `npm run fuzz` has a million. */
const RUNS = Number(process.env.UDP_FUZZ_RUNS ?? 10_000);

const targets = [
  ...captureTargets,
  packetTarget,
  filterTarget,
  ...decoderTargets,
  ...definitionTargets,
  ...messageTargets,
  ...protocolTargets,
  ...requestTargets,
  ...systemTargets,
  straceTarget,
];

describe("whatever the bytes", () => {
  for (const target of targets) {
    describe(target.name, () => {
      for (const { name, bytes } of corpusOf(target.name)) {
        it(`takes ${name}, which was once too much`, () => target.check(bytes));
      }

      it(`takes ${RUNS} spoiled inputs`, function () {
        this.timeout(Math.max(60_000, RUNS * 10));
        const result = fc.check(
          fc.property(spoiled(target.seeds), (input) => target.check(input)),
          { numRuns: RUNS },
        );
        if (!result.failed) return;
        const [input] = result.counterexample ?? [];
        if (input) keep(target.name, input);
        throw new Error(fc.defaultReportMessage(result) ?? "", {
          cause: result.errorInstance,
        });
      });
    });
  }
});
