import assert from "node:assert/strict";
import { Announcer, type Clock } from "../../../../extension/webview/parts/announcer.ts";

/** A clock that stands still until it is told the time. */
class TestClock implements Clock {
  time = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  setTimeout(callback: () => void, ms: number): void {
    this.#timers.push({ at: this.time + ms, callback });
  }

  goTo(time: number): void {
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.time = due.at;
      due.callback();
    }
    this.time = time;
  }
}

function setUp(): { said: string[]; clock: TestClock; announcer: Announcer } {
  const said: string[] = [];
  const clock = new TestClock();
  return { said, clock, announcer: new Announcer((summary) => said.push(summary), clock) };
}

describe("Announcer", () => {
  it("says the first summary at once", () => {
    const { said, announcer } = setUp();
    announcer.announce("1 datagram");
    assert.deepEqual(said, ["1 datagram"]);
  });

  it("says no two within five seconds, and of many the last", () => {
    const { said, clock, announcer } = setUp();
    for (let ms = 0; ms <= 12_000; ms += 50) {
      clock.goTo(ms);
      announcer.announce(`${ms} datagrams`);
    }
    clock.goTo(60_000);
    assert.deepEqual(said, ["0 datagrams", "4950 datagrams", "9950 datagrams", "12000 datagrams"]);
  });

  it("says nothing twice", () => {
    const { said, clock, announcer } = setUp();
    announcer.announce("12 datagrams");
    clock.goTo(10_000);
    announcer.announce("12 datagrams");
    clock.goTo(20_000);
    assert.deepEqual(said, ["12 datagrams"]);
  });
});
