import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { BadNetwork, type Rule, toRule } from "../../scripts/udp_relay.ts";
import { pythons } from "../support/pythons.ts";
import { PYTHON_TAP } from "../support/runtimes.ts";

const FATES = join(import.meta.dirname, "programs/python/fates.py");
/** Rules, each with some datagrams: a fate for each of the latter. */
const RULES = 1000;
const DATAGRAMS = 12;

interface Case {
  readonly rule: unknown;
  readonly headers: number;
  /** Payload in hexadecimal, milliseconds, how many wait. */
  readonly datagrams: readonly (readonly [string, number, number])[];
}

const percent = fc.oneof(fc.constantFrom(0, 100), fc.double({ min: 0, max: 100, noNaN: true }));
const ms = fc.oneof(fc.nat(200), fc.double({ min: 0, max: 200, noNaN: true }));

const rules: fc.Arbitrary<object> = fc.record(
  {
    drop: percent,
    duplicate: percent,
    corrupt: percent,
    reorder: percent,
    delay: ms,
    jitter: ms,
    distribution: fc.constantFrom("uniform", "normal"),
    inOrder: fc.boolean(),
    burst: fc.record(
      { begin: percent, end: percent, drop: percent },
      { requiredKeys: ["begin", "end"] },
    ),
    outage: fc
      .tuple(ms, ms)
      .map(([one, other]) => ({ lasts: Math.min(one, other), every: Math.max(one, other) + 1 })),
    rate: fc.oneof(
      fc.record({ datagrams: fc.double({ min: 0.1, max: 1000, noNaN: true }) }),
      fc.record({ bytes: fc.integer({ min: 1, max: 1_000_000 }) }),
    ),
    mtu: fc.integer({ min: 28, max: 80 }),
    limit: fc.nat(4),
    only: fc.record(
      {
        prefix: fc.constantFrom("00", "00 ff", "ff"),
        min: fc.nat(4),
        max: fc.integer({ min: 4, max: 40 }),
        every: fc.constantFrom(1, 2, 3, 2.5),
      },
      { requiredKeys: [] },
    ),
    seed: fc.oneof(fc.nat(), fc.maxSafeInteger().map(Math.abs)),
  },
  { requiredKeys: [] },
);

const cases: fc.Arbitrary<Case> = fc.record({
  rule: rules,
  headers: fc.constantFrom(28, 48),
  datagrams: fc
    .array(
      fc.tuple(
        fc.uint8Array({ maxLength: 40 }).map((bytes) => {
          // Some of them begin as a rule may ask for.
          if (bytes.length % 3 === 0) bytes.set([0, 0xff].slice(0, bytes.length));
          return Buffer.from(bytes).toString("hex");
        }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.nat(6),
      ),
      { minLength: DATAGRAMS, maxLength: DATAGRAMS },
    )
    .map((all) => {
      let now = 0;
      return all.map(([payload, since, waiting]) => {
        now += since;
        return [payload, now, waiting] as const;
      });
    }),
});

/** What is no rule, and what is one just so. */
const ODD: readonly unknown[] = [
  ...[{ drop: 101 }, { drop: -1 }, { drop: "1" }, { drop: null }, { drop: true }, { dorp: 1 }],
  ...[
    { seed: 0.5 },
    { seed: 2 ** 53 },
    { mtu: 27 },
    { inOrder: 1 },
    { distribution: "odd" },
    [],
    1,
  ],
  ...[{ burst: {} }, { burst: { begin: 1 } }, { burst: [] }, { outage: { lasts: 2, every: 1 } }],
  ...[{ rate: {} }, { rate: { bytes: 1, datagrams: 1 } }, { only: { min: 2, max: 1 } }, null],
  ...[{ only: { prefix: "0" } }, { only: { prefix: "" } }, { only: { prefix: "00\n" } }, "rule"],
  ...[
    {},
    { only: {} },
    { seed: 2 ** 53 - 1 },
    { only: { min: 2, max: 2 } },
    { burst: { drop: 1 } },
  ],
  { only: { prefix: "00 FF " } },
];

function fatesOf({ rule, headers, datagrams }: Case): unknown {
  let parsed: Rule;
  try {
    parsed = toRule(rule);
  } catch {
    return null;
  }
  const network = new BadNetwork(parsed, headers);
  return datagrams.map(([payload, now, waiting]) => {
    const fate = network.fateOf(Buffer.from(payload, "hex"), now, waiting);
    return [fate.dropped ?? null, fate.copies, fate.delayMs, fate.flippedBit ?? null];
  });
}

function inPython(interpreter: string, given: readonly Case[]): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 1 << 28 };
    const child = execFile(
      interpreter,
      ["-I", "-B", FATES, PYTHON_TAP],
      options,
      (error, stdout) => {
        if (error) reject(error);
        else
          resolve(
            stdout
              .trim()
              .split("\n")
              .map((line) => JSON.parse(line) as unknown),
          );
      },
    );
    child.stdin?.end(given.map((each) => `${JSON.stringify(each)}\n`).join(""));
  });
}

/** To a picosecond: the cosine of one language differs from that of another in its last digit. */
const rounded = (fates: unknown): unknown =>
  Array.isArray(fates)
    ? fates.map(([dropped, copies, delayMs, bit]) => [dropped, copies, delayMs.toFixed(9), bit])
    : fates;

describe("a rule in the tap for Python", function () {
  this.timeout(120_000);

  for (const { name, command } of pythons) {
    it(`has the same accidents for the same seed as the relay, whatever the rule: ${name}`, async () => {
      const given = [
        ...fc.sample(cases, RULES),
        ...ODD.map((rule): Case => ({ rule, headers: 28, datagrams: [["00ff00", 0, 0]] })),
      ];
      const told = await inPython(command, given);
      assert.equal(told.length, given.length);
      for (const [at, each] of given.entries()) {
        assert.deepEqual(rounded(told[at]), rounded(fatesOf(each)), JSON.stringify(each));
      }
      const kinds = new Set(
        told.flatMap((fates) => (fates as unknown[][] | null)?.map(([it]) => it)),
      );
      for (const kind of ["drop", "burst", "outage", "mtu", "limit", null])
        assert.ok(kinds.has(kind));
    });
  }
});
