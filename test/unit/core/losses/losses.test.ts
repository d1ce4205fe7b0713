import assert from "node:assert/strict";
import fc from "fast-check";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import type { Flow } from "../../../../extension/core/capture/flow_table.ts";
import { atOnce } from "../../../../extension/core/capture/steps.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import {
  findingLosses,
  type Losses,
  type Records,
} from "../../../../extension/core/losses/losses.ts";

const PORTS = { client: 48760, server: 7777 };

/** A program that sends to a program that takes one after the other, as a test tells it. Times in milliseconds. */
class World {
  readonly events: { at: number; id: number }[] = [];
  readonly facts: {
    at: number;
    flow: Flow;
    delivery: Delivery;
    partner: number;
    length: number;
  }[] = [];
  asked = 0;

  flow(direction: Direction, source = PORTS.client): Flow {
    const [sourceAddress, destinationAddress] = [
      Uint8Array.of(127, 0, 0, 1),
      Uint8Array.of(127, 0, 0, 1),
    ];
    const destinationPort = PORTS.server;
    const socket = direction === Direction.in ? 1 : 0;
    const id = source * 2 + socket;
    return {
      id,
      socket,
      direction,
      sourceAddress,
      sourcePort: source,
      destinationAddress,
      destinationPort,
      tunnel: "",
    };
  }

  /** Sent at `at`, and taken at `taken`; undefined: lost. */
  send(at: number, taken: number | undefined, length = 48, source = PORTS.client): void {
    const id = this.facts.length;
    const flow = this.flow(Direction.out, source);
    const delivery = taken === undefined ? Delivery.lost : Delivery.delivered;
    this.facts.push({ at, flow, delivery, partner: id + 1, length });
    this.events.push({ at, id });
    if (taken === undefined) return;
    this.facts.push({
      ...{ at: taken, flow: this.flow(Direction.in, source) },
      ...{ delivery: Delivery.receipt, partner: id, length },
    });
    this.events.push({ at: taken, id: id + 1 });
  }

  get records(): Records {
    const order = this.events.toSorted((a, b) => a.at - b.at || a.id - b.id).map(({ id }) => id);
    const place = new Map(order.map((id, index) => [id, index]));
    const fact = (id: number) => this.facts[id] ?? assert.fail();
    const names = ["load.js", "server.js"];
    return {
      length: order.length,
      idAt: (position) => {
        this.asked++;
        return order[position] ?? assert.fail();
      },
      has: (id) => place.has(id),
      time: (id) => fact(id).at * 1000,
      standsBefore: (one, other) => (place.get(one) ?? 0) < (place.get(other) ?? 0),
      flow: (id) => fact(id).flow,
      wireLength: (id) => fact(id).length,
      delivery: (id) => fact(id).delivery,
      partner: (id) => fact(id).partner,
      socket: (at) => ({ program: { name: names[at] } }) as ReturnType<Records["socket"]>,
    };
  }

  get losses(): Losses {
    const [only, ...others] = atOnce(findingLosses(this.records));
    assert.equal(others.length, 0);
    return only ?? assert.fail();
  }
}

/**
 * Datagrams at 5 a millisecond, to a program that takes each at once but for pauses, and whose buffer holds so many.
 */
function load(
  pauses: readonly (readonly [from: number, to: number])[],
  holds: number,
  until: number,
) {
  const world = new World();
  const waiting = new Map<number, number>();
  let lost = 0;
  for (let tick = 0; tick < until * 5; tick++) {
    const at = tick / 5;
    const [, end] = pauses.find(([from, to]) => at >= from && at < to) ?? [];
    if (end === undefined) {
      world.send(at, at + 0.05);
      continue;
    }
    const count = waiting.get(end) ?? 0;
    const isHeld = count < holds;
    waiting.set(end, count + 1);
    if (!isHeld) lost++;
    world.send(at, isHeld ? end : undefined);
  }
  return { world, lost };
}

describe("losses", () => {
  it("are told in bursts, with what the program did and what would have held them", () => {
    const { world, lost } = load(
      [
        [100, 194],
        [300, 368],
      ],
      277,
      500,
    );
    const told = world.losses;
    assert.equal(told.receiver, "server.js");
    assert.deepEqual([told.sent, told.arrived, told.lost], [2500, 2500 - lost, lost]);
    assert.equal(told.reason, "buffer");
    assert.deepEqual(
      told.bursts.map(({ lost, waiting, needed }) => [lost, waiting, needed]),
      [
        [470 - 277, 277, 470],
        [340 - 277, 277, 340],
      ],
    );
    // From what it took last to what it took next.
    assert.equal(told.bursts[0]?.pause, 194_000 - 99_850);
    assert.equal(told.mostWaiting, 277);
    const [only, ...others] = told.conversations;
    assert.equal(others.length, 0);
    assert.deepEqual(
      [only?.sender, only?.receiver, only?.sent, only?.lost, only?.bursts, only?.longest],
      ["load.js", "server.js", 2500, lost, 2, 193],
    );
    assert.equal(only?.every, undefined);
  });

  it("that are not the buffer's are called so: each hundredth, alone", () => {
    const world = new World();
    for (let at = 1; at <= 6000; at++) world.send(at, at % 100 === 0 ? undefined : at + 0.1);
    const told = world.losses;
    assert.deepEqual([told.lost, told.burstCount, told.reason], [60, 60, "notBuffer"]);
    const [only] = told.conversations;
    assert.deepEqual([only?.every, only?.longest, only?.reason], [100, 1, "notBuffer"]);
  });

  it("beside a full buffer are told apart from it", () => {
    const { world } = load([[100, 194]], 277, 200);
    for (let at = 1; at <= 50; at++)
      world.send(1000 + at, at % 10 === 0 ? undefined : 1000 + at + 0.1, 48, 40000);
    const [full, other] = world.losses.conversations;
    assert.deepEqual([full?.from.port, full?.reason], [PORTS.client, "buffer"]);
    assert.deepEqual([other?.from.port, other?.reason, other?.every], [40000, "notBuffer", 10]);
  });

  it("of a program that took nothing to the end are nobody's: that cannot be told", () => {
    const world = new World();
    world.send(0, 1);
    for (let at = 10; at < 20; at++) world.send(at, undefined);
    const { reason, bursts } = world.losses;
    assert.equal(reason, "unknown");
    assert.deepEqual(
      [bursts[0]?.lost, bursts[0]?.pause, bursts[0]?.needed],
      [10, undefined, undefined],
    );
  });

  it("are none where all arrived, whatever waited", () => {
    const { world } = load([[100, 150]], 277, 200);
    assert.deepEqual(
      [world.losses.lost, world.losses.bursts, world.losses.reason],
      [0, [], "unknown"],
    );
  });

  it("add up, whatever is lost: in conversations and in bursts", () => {
    const sent = fc.record({
      gap: fc.integer({ min: 0, max: 3 }),
      taken: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
      source: fc.constantFrom(40000, 40001),
    });
    fc.assert(
      fc.property(fc.array(sent, { minLength: 1 }), (all) => {
        const world = new World();
        let at = 0;
        for (const { gap, taken, source } of all) {
          at += gap;
          world.send(at, taken === undefined ? undefined : at + taken, 48, source);
        }
        const told = world.losses;
        const lost = all.filter(({ taken }) => taken === undefined).length;
        const sum = (values: readonly number[]) => values.reduce((one, other) => one + other, 0);
        assert.equal(told.lost, lost);
        assert.equal(sum(told.bursts.map((burst) => burst.lost)), lost);
        assert.equal(sum(told.conversations.map((one) => one.lost)), lost);
        assert.equal(sum(told.conversations.map((one) => one.sent)), all.length);
        assert.equal(told.arrived + told.lost, told.sent);
        for (const { start, end, waiting } of told.bursts) {
          assert.ok(start <= end && waiting >= 0 && waiting <= told.mostWaiting);
        }
      }),
    );
  });

  it("cost one look at each record, and keep no more than so many bursts", () => {
    const looks = (bursts: number) => {
      const world = new World();
      for (let at = 0; at < bursts; at++) {
        world.send(at * 10, undefined);
        for (let next = 1; next < 9; next++) world.send(at * 10 + next, at * 10 + next);
      }
      const told = world.losses;
      assert.equal(told.burstCount, bursts);
      return { ratio: world.asked / world.events.length, kept: told.bursts.length };
    };
    assert.deepEqual(looks(1000), { ratio: 1, kept: 1000 });
    const many = looks(20_500);
    assert.equal(many.ratio, 1);
    assert.ok(many.kept <= 20_000, `${many.kept}`);
  });
});
