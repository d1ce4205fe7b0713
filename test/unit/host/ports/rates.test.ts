import assert from "node:assert/strict";
import type { CapturedSocket } from "../../../../extension/core/capture/captured_socket.ts";
import { Rates } from "../../../../extension/host/ports/rates.ts";

describe("the rates of a port", () => {
  const day = Date.now;
  const monotonic = performance.now;
  let dayMs: number;
  let monotonicMs: number;

  beforeEach(() => {
    dayMs = 1_700_000_000_000;
    monotonicMs = 10_000;
    Date.now = () => dayMs;
    performance.now = () => monotonicMs;
  });

  afterEach(() => {
    Date.now = day;
    performance.now = monotonic;
  });

  const pass = (ms: number) => {
    dayMs += ms;
    monotonicMs += ms;
  };
  const port = (received: number, boundAt?: number) =>
    ({ id: 1, received, sent: 0, boundAt }) as CapturedSocket;

  for (const setMs of [-3_600_000, 0, 3_600_000]) {
    it(`are right where the clock was set by ${setMs / 1000} s`, () => {
      const rates = new Rates();
      rates.tell([port(100)]);
      pass(1000);
      dayMs += setMs;
      rates.tell([port(105)]);
      pass(1000);
      const { in: incoming, short } = rates.of(port(105));
      assert.equal(incoming, 5);
      assert.notEqual(short, "");
      pass(1000);
      assert.equal(rates.of(port(105)).in, 0);
    });
  }

  it("count what a new port got before it was looked at, and of no other", () => {
    const rates = new Rates();
    rates.tell([port(7, (dayMs - 500) * 1000), { ...port(9, (dayMs - 5000) * 1000), id: 2 }]);
    pass(1000);
    assert.equal(rates.of(port(7)).in, 7);
    assert.equal(rates.of({ ...port(9), id: 2 }).in, 0);
  });
});
