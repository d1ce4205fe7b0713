import assert from "node:assert/strict";
import fc from "fast-check";
import {
  converse,
  type ExchangedDatagram,
  percentile,
} from "../../../../extension/core/capture/conversation.ts";
import { GIVEN_UP_AFTER_US } from "../../../../extension/core/capture/waiting_requests.ts";
import { cpuMilliseconds } from "../../../support/cpu_time.ts";

/** A request of a simulated exchange: what becomes of it and of its answer. Times in microseconds. */
interface SimulatedRequest {
  /** Since the request before it. */
  readonly gap: number;
  /** Until its answer is there. */
  readonly takes: number;
  readonly fate: "answered" | "ignored" | "request lost" | "answer lost";
}

const request = fc.record<SimulatedRequest>({
  gap: fc.integer({ min: 0, max: 700_000 }),
  takes: fc.integer({ min: 1, max: GIVEN_UP_AFTER_US - 1 }),
  fate: fc.constantFrom(
    "answered",
    "answered",
    "answered",
    "ignored",
    "request lost",
    "answer lost",
  ),
});

/** Plays an exchange; ids are even for requests, and one more for their answers. `idOf`: what ties the two. */
function play(
  requests: readonly SimulatedRequest[],
  keyOf: (index: number) => string | undefined = () => undefined,
): ExchangedDatagram[] {
  const datagrams: ExchangedDatagram[] = [];
  let now = 0;
  for (const [index, { gap, takes, fate }] of requests.entries()) {
    now += gap;
    const key = keyOf(index);
    const isLost = fate === "request lost";
    datagrams.push({
      id: index * 2,
      isRequest: true,
      time: now,
      fate: isLost ? "lost" : "passed",
      key,
    });
    if (isLost || fate === "ignored") continue;
    datagrams.push({
      id: index * 2 + 1,
      isRequest: false,
      time: now + takes,
      fate: fate === "answer lost" ? "lost" : "passed",
      key,
    });
  }
  return datagrams.sort((a, b) => a.time - b.time);
}

const isTrue = ({ request, answer }: { request: number; answer: number }) => answer === request + 1;

describe("converse()", () => {
  it("pairs no two datagrams that do not belong together, whatever is lost, late or in between", () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
        assert.ok(converse(play(requests)).exchanges.every(isTrue));
      }),
      { numRuns: 500 },
    );
  });

  it("measures every request of somebody who waits for each answer", () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
        const patient = requests.map((one) => ({ ...one, gap: 2 * GIVEN_UP_AFTER_US + one.gap }));
        const { exchanges, median, p99, ...counts } = converse(play(patient));
        const answered = patient.flatMap(({ fate, takes }, index) =>
          fate === "answered"
            ? [{ request: index * 2, answer: index * 2 + 1, microseconds: takes }]
            : [],
        );
        assert.deepEqual(exchanges, answered);
        const times = answered.map(({ microseconds }) => microseconds).sort((a, b) => a - b);
        assert.equal(median, times[Math.ceil(times.length / 2) - 1]);
        assert.equal(p99, times.at(-1));
        const of = (...fates: string[]) =>
          patient.filter(({ fate }) => fates.includes(fate)).length;
        assert.deepEqual(counts, {
          requests: patient.length,
          answers: of("answered", "answer lost"),
          lost: of("request lost", "answer lost"),
        });
      }),
      { numRuns: 200 },
    );
  });

  it("tells all answers by the ids of their protocol, in whatever order they come", () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), (requests) => {
        const { exchanges } = converse(play(requests, String));
        assert.ok(exchanges.every(isTrue));
        assert.equal(exchanges.length, requests.filter(({ fate }) => fate === "answered").length);
      }),
      { numRuns: 200 },
    );
  });

  const at = (time: number, isRequest: boolean, more: Partial<ExchangedDatagram> = {}) => ({
    id: time,
    isRequest,
    time,
    fate: "passed" as const,
    ...more,
  });

  it("leaves out a request that was sent twice with one id: either may have been answered", () => {
    const key = "7";
    const sent = [at(1, true, { key }), at(2, true, { key }), at(3, false, { key })];
    assert.deepEqual(converse(sent).exchanges, []);
    const later = [...sent, at(4, true, { key }), at(9, false, { key })];
    assert.deepEqual(converse(later).exchanges, [{ request: 4, answer: 9, microseconds: 5 }]);
  });

  it("leaves out two requests that wait at once, and measures on when both have their answers", () => {
    const both = [at(1, true), at(2, true), at(3, false), at(4, false)];
    const { exchanges, requests, answers } = converse([...both, at(5, true), at(7, false)]);
    assert.deepEqual(exchanges, [{ request: 5, answer: 7, microseconds: 2 }]);
    assert.deepEqual([requests, answers], [3, 3]);
  });

  it("takes the answers that came for those of the oldest requests, when these are given up", () => {
    const next = GIVEN_UP_AFTER_US + 1;
    const early = [at(1, true), at(2, true), at(3, true), at(4, false), at(5, false)];
    // The first is given up: one of the other two has been answered.
    const late = [at(next, true), at(next + 1, false), at(next + 2, false)];
    const { exchanges } = converse([...early, ...late, at(next + 3, true), at(next + 9, false)]);
    assert.deepEqual(exchanges, [{ request: next + 3, answer: next + 9, microseconds: 6 }]);
  });

  it("measures on after a request that nobody answered", () => {
    const next = GIVEN_UP_AFTER_US + 1;
    const { exchanges } = converse([at(1, true), at(next, true), at(next + 5, false)]);
    assert.deepEqual(exchanges, [{ request: next, answer: next + 5, microseconds: 5 }]);
    const soon = converse([at(2, true), at(next, true), at(next + 5, false)]);
    assert.deepEqual(soon.exchanges, [], "the first may have been answered late");
  });

  it("measures an answer that took long, where it can only be this one's", () => {
    const late = 5 * GIVEN_UP_AFTER_US;
    assert.equal(converse([at(1, true), at(late, false)]).median, late - 1);
  });

  it("counts what came more than once only once", () => {
    const extra = { fate: "extra" as const };
    const { requests, answers, exchanges } = converse([
      at(1, true),
      at(2, true, extra),
      at(3, false),
      at(4, false, extra),
    ]);
    assert.deepEqual([requests, answers, exchanges.length], [1, 1, 1]);
  });

  it("knows no time where nothing was answered", () => {
    const { median, p99 } = converse([at(1, true)]);
    assert.deepEqual([median, p99], [undefined, undefined]);
  });

  it("is linear in the datagrams, also where nobody ever answers", () => {
    const one = (index: number, isRequest: boolean) => at(index * 10, isRequest);
    const ping = Array.from({ length: 400_000 }, (_, index) => one(index, index % 2 === 0));
    const flood = Array.from({ length: 400_000 }, (_, index) => one(index, true));
    const took = cpuMilliseconds(() => {
      assert.equal(converse(ping).exchanges.length, 200_000);
      assert.equal(converse(flood).exchanges.length, 0);
    });
    assert.ok(took < 4_000, `${took} ms`);
  });
});

describe("percentile()", () => {
  it("is the nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    assert.equal(percentile(hundred, 0.5), 50);
    assert.equal(percentile(hundred, 0.99), 99);
    assert.equal(percentile([7], 0.99), 7);
    assert.equal(percentile([], 0.5), undefined);
  });
});
