import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BadNetwork,
  corrupted,
  type Fate,
  type Rule,
  random,
  Starving,
  toRule,
  Waiting,
} from "../../scripts/udp_relay.ts";

const PAYLOAD = Buffer.from("0123456789");

/** What becomes of so many datagrams, one each millisecond. */
function fates(rule: Rule, many: number, payload = PAYLOAD): Fate[] {
  const network = new BadNetwork(rule);
  return Array.from({ length: many }, (_, at) => network.fateOf(payload, at, 0));
}

const lostOf = (all: readonly Fate[]) => all.flatMap((it, at) => (it.dropped ? [at] : []));
const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** How far counts are from what is expected; its own expectation is one less than there are counts. */
function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce(
    (sum, it, at) => sum + (it - (expected[at] ?? 0)) ** 2 / (expected[at] ?? 1),
    0,
  );
}

describe("the numbers that accidents are drawn with", () => {
  it("are spread evenly, for each seed and each kind of accident", () => {
    for (const seed of [0, 1, 2, 7, 2 ** 31, 2 ** 40 + 1]) {
      for (const draw of [0, 1, 5]) {
        const counts = new Array<number>(100).fill(0);
        for (let number = 0; number < 100_000; number++) {
          const at = Math.floor(random(seed, number, draw) * 100);
          counts[at] = (counts[at] ?? 0) + 1;
        }
        // Beyond 149 with a probability of 0.001: 99 degrees of freedom.
        assert.ok(
          chiSquare(
            counts,
            counts.map(() => 1000),
          ) < 149,
          `${seed}, ${draw}`,
        );
      }
    }
  });

  it("tell nothing of each other: neighbours, kinds, and seeds that are close", () => {
    const pairs: [number, number, number][] = [];
    for (let at = 0; at < 20_000; at++) {
      const here = random(7, at, 0);
      pairs.push([here - 0.5, random(7, at + 1, 0) - 0.5, random(7, at, 1) - 0.5]);
      assert.notEqual(here, random(8, at, 0));
    }
    for (const other of [1, 2]) {
      const together = pairs.reduce((sum, it) => sum + (it[0] ?? 0) * (it[other] ?? 0), 0);
      // A correlation of more than 0.025 happens to 20,000 pairs once in 3,000 times.
      assert.ok(Math.abs(together / pairs.length) * 12 < 0.025);
    }
  });
});

describe("a bad network", () => {
  it("lets everything pass at once without a rule", () => {
    for (const fate of fates({}, 100)) assert.deepEqual(fate, { copies: 1, delayMs: 0 });
  });

  it("loses as many as it is told, and the same ones for the same seed", () => {
    const lost = lostOf(fates({ drop: 30, seed: 7 }, 100_000));
    assert.ok(Math.abs(lost.length - 30_000) < 500, `${lost.length}`);
    assert.deepEqual(lost, lostOf(fates({ drop: 30, seed: 7 }, 100_000)));
    assert.notDeepEqual(lost, lostOf(fates({ drop: 30, seed: 8 }, 100_000)));
    assert.deepEqual(lostOf(fates({ drop: 100 }, 100)).length, 100);
  });

  it("loses the same ones, whatever else happens to the others", () => {
    const others = { duplicate: 10, corrupt: 10, reorder: 5, delay: 5, jitter: 5 };
    const lost = lostOf(fates({ drop: 30, seed: 7 }, 10_000));
    assert.deepEqual(lostOf(fates({ drop: 30, seed: 7, ...others }, 10_000)), lost);
  });

  it("loses in runs whose lengths are those of Gilbert's model", () => {
    const all = fates({ burst: { begin: 2, end: 25 }, seed: 3 }, 400_000);
    const counts = new Array<number>(16).fill(0);
    let run = 0;
    let lost = 0;
    for (const { dropped } of all) {
      if (dropped) {
        run++;
        lost++;
      } else if (run > 0) {
        const at = Math.min(run, counts.length) - 1;
        counts[at] = (counts[at] ?? 0) + 1;
        run = 0;
      }
    }
    const runs = counts.reduce((sum, it) => sum + it);
    const expected = counts.map((_, at) =>
      at === counts.length - 1 ? runs * 0.75 ** at : runs * 0.25 * 0.75 ** at,
    );
    // 15 degrees of freedom: beyond 37.7 with a probability of 0.001.
    assert.ok(chiSquare(counts, expected) < 37.7, `${counts}`);
    // The share of time in which it is bad: begin / (begin + end).
    assert.ok(Math.abs(lost / all.length - 2 / 27) < 0.005);
  });

  it("loses some of a run only, where it is told so", () => {
    const all = fates({ burst: { begin: 100, end: 0, drop: 40 }, seed: 1 }, 20_000);
    assert.ok(Math.abs(lostOf(all).length - 8000) < 300);
  });

  it("lets nothing pass during an outage", () => {
    const lost = lostOf(fates({ outage: { lasts: 20, every: 100 } }, 300));
    const expected = [80, 180, 280].flatMap((from) =>
      Array.from({ length: 20 }, (_, at) => from + at),
    );
    assert.deepEqual(lost, expected);
  });

  it("loses packets above its MTU, headers included", () => {
    const isLost = (length: number, headers: number) =>
      new BadNetwork({ mtu: 1280 }, headers).fateOf(Buffer.alloc(length), 0, 0).dropped;
    assert.deepEqual([isLost(1252, 28), isLost(1253, 28)], [undefined, "mtu"]);
    assert.deepEqual([isLost(1232, 48), isLost(1233, 48)], [undefined, "mtu"]);
  });

  it("delays around a median, never by less than it may, and evenly", () => {
    const delays = fates({ delay: 50, jitter: 10, seed: 1 }, 20_000).map((it) => it.delayMs);
    assert.ok(Math.abs(median(delays) - 50) < 0.3);
    assert.ok(delays.every((it) => it >= 40 && it <= 60));
    const deviation = Math.sqrt(
      delays.reduce((sum, it) => sum + (it - 50) ** 2, 0) / delays.length,
    );
    assert.ok(Math.abs(deviation - 10 / Math.sqrt(3)) < 0.1);
  });

  it("delays as a normal distribution has it, and never into the past", () => {
    const rule: Rule = { delay: 50, jitter: 10, distribution: "normal", seed: 1 };
    const delays = fates(rule, 20_000).map((it) => it.delayMs);
    const deviation = Math.sqrt(
      delays.reduce((sum, it) => sum + (it - 50) ** 2, 0) / delays.length,
    );
    assert.ok(Math.abs(median(delays) - 50) < 0.4 && Math.abs(deviation - 10) < 0.2);
    const early = fates({ ...rule, delay: 5 }, 1000);
    assert.ok(early.every((it) => it.delayMs >= 0) && early.some((it) => it.delayMs === 0));
  });

  it("keeps the order where it is told to, but for what it reorders", () => {
    const rule: Rule = { delay: 50, jitter: 10, inOrder: true, reorder: 10, seed: 1 };
    const all = fates(rule, 5000);
    const reordered = all.filter((it) => it.reordered);
    assert.ok(Math.abs(reordered.length - 500) < 100);
    let last = 0;
    for (const [at, fate] of all.entries()) {
      if (fate.reordered) continue;
      assert.ok(at + fate.delayMs >= last - 1e-9);
      last = at + fate.delayMs;
    }
    assert.ok(reordered.every((it) => it.delayMs >= 140));
    // Without it they overtake, as on netem.
    const free = fates({ ...rule, inOrder: false, reorder: 0 }, 1000);
    assert.ok(free.some((it, at) => at + it.delayMs < at - 1 + (free[at - 1]?.delayMs ?? 0)));
  });

  it("lets no more pass a second than its rate, and what finds no room is lost", () => {
    const network = new BadNetwork({ rate: { datagrams: 1000 }, limit: 50 });
    const arrivals: number[] = [];
    for (let now = 0; now < 2000; now += 0.5) {
      const waiting = arrivals.filter((it) => it > now).length;
      const { dropped, delayMs } = network.fateOf(PAYLOAD, now, waiting);
      if (dropped) assert.equal(dropped, "limit");
      else arrivals.push(now + delayMs);
    }
    assert.ok(Math.abs(arrivals.length - 2050) <= 2, `${arrivals.length}`);
    for (const [at, arrival] of arrivals.entries()) {
      if (at > 0) assert.ok(arrival - (arrivals[at - 1] ?? 0) > 0.999);
    }
  });

  it("counts headers where its rate is in bytes", () => {
    const network = new BadNetwork({ rate: { bytes: 38_000 } });
    const all = [0, 1, 2].map(() => network.fateOf(PAYLOAD, 0, 0).delayMs);
    assert.deepEqual(all.map(Math.round), [1, 2, 3]);
  });

  it("changes one bit, anywhere, and doubles", () => {
    const all = fates({ corrupt: 50, duplicate: 20, seed: 1 }, 10_000);
    const bits = all.flatMap((it) => it.flippedBit ?? []);
    assert.ok(Math.abs(bits.length - 5000) < 200);
    assert.equal(new Set(bits).size, 80);
    assert.ok(Math.abs(all.filter((it) => it.copies === 2).length - 2000) < 150);
    for (const bit of new Set(bits)) {
      const bytes = corrupted(PAYLOAD, bit);
      const changed = bytes.map((byte, at) => byte ^ (PAYLOAD[at] ?? 0));
      assert.deepEqual([...changed].filter(Boolean), [1 << (bit % 8)]);
      assert.equal(changed.findIndex(Boolean), Math.floor(bit / 8));
    }
    assert.equal(
      new BadNetwork({ corrupt: 100 }).fateOf(Buffer.alloc(0), 0, 0).flippedBit,
      undefined,
    );
  });

  it("leaves those alone that it is not for", () => {
    const only = (which: Rule["only"]) => {
      const network = new BadNetwork({ drop: 100, ...(which && { only: which }) });
      return ["@", "@12", "a123", "a12345"].map(
        (text) => network.fateOf(Buffer.from(text), 0, 0).dropped !== undefined,
      );
    };
    assert.deepEqual(only({ prefix: "40" }), [true, true, false, false]);
    assert.deepEqual(only({ prefix: "40 31" }), [false, true, false, false]);
    assert.deepEqual(only({ min: 4 }), [false, false, true, true]);
    assert.deepEqual(only({ min: 3, max: 4 }), [false, true, true, false]);
    assert.deepEqual(only({ every: 2 }), [false, true, false, true]);
    assert.deepEqual(only({ every: 2, prefix: "61" }), [false, false, false, true]);
  });
});

describe("a rule that somebody has written", () => {
  it("is taken as it is where it is one", () => {
    const rules: Rule[] = [
      {},
      { drop: 30, seed: 7 },
      { burst: { begin: 1, end: 25, drop: 80 }, outage: { lasts: 5000, every: 30_000 } },
      { rate: { bytes: 125_000 }, limit: 0, mtu: 1280, inOrder: true, distribution: "normal" },
      { only: { prefix: "40 01", min: 2, max: 9, every: 3 }, delay: 0.5, jitter: 0 },
    ];
    for (const rule of rules) assert.deepEqual(toRule(JSON.parse(JSON.stringify(rule))), rule);
  });

  it("is refused with a sentence where it is none", () => {
    const wrong: [unknown, RegExp][] = [
      [null, /^A rule is an object, not null$/],
      [[], /^A rule is an object, not \[\]$/],
      [{ loss: 3 }, /^A rule has no loss: it has drop, /],
      [{ drop: 101 }, /^A rule's drop is a number from 0 to 100, not 101$/],
      [{ drop: "30" }, /^A rule's drop is a number from 0 to 100, not "30"$/],
      [{ drop: Number.NaN }, /^A rule's drop is /],
      [{ seed: 1.5 }, /^A rule's seed is a whole number /],
      [{ burst: { begin: 1 } }, /^A rule's burst takes begin and end$/],
      [{ burst: { drop: 1, begin: 1, end: 1, p: 1 } }, /^A rule's burst has no p: /],
      [{ outage: { lasts: 5, every: 2 } }, /^A rule's outage lasts no longer than every$/],
      [{ rate: {} }, /^A rule's rate takes either datagrams or bytes$/],
      [{ rate: { bytes: 1, datagrams: 1 } }, /^A rule's rate takes either/],
      [{ only: { prefix: "4" } }, /^A rule's only's prefix is bytes in hexadecimal, not "4"$/],
      [{ only: { min: 3, max: 2 } }, /^A rule's only takes a min that is no more than its max$/],
      [{ distribution: "pareto" }, /^A rule's distribution is uniform or normal, not "pareto"$/],
      [{ inOrder: 1 }, /^A rule's inOrder is true or false, not 1$/],
    ];
    for (const [value, sentence] of wrong) {
      assert.throws(() => toRule(value), { message: sentence }, JSON.stringify(value));
    }
  });

  it("is one or a sentence, whatever it is, and a rule never throws at work", () => {
    const key = fc.constantFrom("drop", "burst", "rate", "only", "delay", "seed", "x", "__proto__");
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.dictionary(key, fc.double()));
    fc.assert(
      fc.property(
        fc.oneof(fc.dictionary(key, value), fc.jsonValue()),
        fc.uint8Array(),
        (any, bytes) => {
          let rule: Rule;
          try {
            rule = toRule(any);
          } catch (error) {
            assert.match((error as Error).message, /^A rule.{1,}$/s);
            return;
          }
          assert.deepEqual(toRule(rule), rule);
          const { copies, delayMs, flippedBit = 0 } = new BadNetwork(rule).fateOf(bytes, 5, 0);
          assert.ok(copies <= 2 && delayMs >= 0 && flippedBit <= bytes.length * 8);
        },
      ),
    );
  });
});

describe("what waits", () => {
  it("runs when it is due and never before, in the order in which it is due", async () => {
    const waiting = new Waiting();
    /** Each is due by a clock that was looked at between two looks of ours. */
    const ran: { earliest: number; latest: number; now: number }[] = [];
    await new Promise<void>((resolve) => {
      for (let at = 0; at < 500; at++) {
        const delay = random(1, at, 0) * 30;
        const run = { earliest: performance.now() + delay, latest: 0, now: 0 };
        waiting.after(delay, 10, () => {
          ran.push({ ...run, now: performance.now() });
          if (ran.length === 500) resolve();
        });
        run.latest = performance.now() + delay;
      }
      // Nothing that waits keeps a program alive.
      const alive = setInterval(() => ran.length === 500 && clearInterval(alive), 5);
    });
    for (const [index, { earliest, latest, now }] of ran.entries()) {
      assert.ok(now >= earliest);
      assert.ok(latest >= (ran[index - 1]?.earliest ?? 0));
    }
    assert.equal(waiting.length, 0);
  });

  it("lets nothing pass that is not late before what is due, however late its timer is", async () => {
    const ran: string[] = [];
    const waiting = new Waiting();
    waiting.after(1, 1, () => ran.push("first"));
    waiting.after(2, 1, () => ran.push("second"));
    waiting.after(1e6, 1, () => ran.push("in a quarter of an hour"));
    // The timer has no chance meanwhile.
    for (const end = performance.now() + 5; performance.now() < end; );
    waiting.after(0, 1, () => ran.push("third"));
    assert.deepEqual(ran, ["first", "second", "third"]);
    waiting.clear();
  });

  it("keeps the order that it is to keep, to the last digit", () => {
    const network = new BadNetwork({ delay: 30, jitter: 20, inOrder: true, seed: 3 });
    let last = 0;
    // Times as a clock tells them that has counted for weeks.
    for (let at = 0; at < 10_000; at++) {
      const now = 1.7e9 + at * 0.0137;
      const due = now + network.fateOf(PAYLOAD, now, 0).delayMs;
      assert.ok(due > last, `${at}: ${due} after ${last}`);
      last = due;
    }
  });

  it("runs at once what is not late, is counted, bounded and forgotten", () => {
    const waiting = new Waiting();
    let ran = 0;
    waiting.after(0, 1, () => ran++);
    assert.deepEqual([ran, waiting.length], [1, 0]);
    for (let at = 0; at < 1000; at++) waiting.after(1e6, 65_507, () => ran++);
    assert.equal(waiting.length, 1000);
    for (let at = 0; at < 30; at++) waiting.after(1e6, 65_507, () => ran++);
    assert.equal(waiting.length, Number.POSITIVE_INFINITY);
    waiting.clear();
    assert.deepEqual([ran, waiting.length], [1, 0]);
  });
});

describe("a datagram that never passes", () => {
  it("is told at the tenth time, and not once it has passed", () => {
    const starving = new Starving();
    const told = Array.from({ length: 20 }, () => starving.dropped(PAYLOAD));
    assert.deepEqual(
      told.flatMap((it) => it ?? []),
      [10, 20],
    );
    starving.passed(PAYLOAD);
    for (let at = 0; at < 9; at++) assert.equal(starving.dropped(PAYLOAD), undefined);
    starving.passed(PAYLOAD);
    assert.equal(starving.dropped(PAYLOAD), undefined);
  });

  it("is none of so many others", () => {
    const starving = new Starving();
    for (let at = 0; at < 100_000; at++) {
      assert.equal(starving.dropped(Buffer.from(`${at % 1000}`)), undefined);
    }
  });
});
