import assert from "node:assert/strict";
import fc from "fast-check";
import type { CapturedSocket } from "../../../../extension/core/capture/captured_socket.ts";
import {
  Deliveries,
  Delivery,
  type DeliveryTable,
} from "../../../../extension/core/capture/delivery.ts";
import type { Flow } from "../../../../extension/core/capture/flow_table.ts";
import { canArriveAs, Receivers } from "../../../../extension/core/capture/receivers.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { parseAddress } from "../../../../extension/core/wire/address.ts";

/** A record as a test tells it: which flow, when, and what payload. */
interface Fact {
  readonly flow: Flow;
  /** Milliseconds. */
  readonly at: number;
  readonly payload: number;
  readonly refused?: boolean;
}

function flow(id: number, direction: Direction, ports: [from: number, to: number], side = 1): Flow {
  return {
    id,
    socket: id,
    direction,
    sourceAddress: Uint8Array.of(127, 0, 0, side),
    sourcePort: ports[0],
    destinationAddress: Uint8Array.of(127, 0, 0, side),
    destinationPort: ports[1],
  };
}

/** The records as they were taken in, and what was told of them. */
class Table implements DeliveryTable {
  readonly facts: Fact[] = [];
  readonly deliveries: Delivery[] = [];
  readonly partners: number[] = [];
  watched = true;
  /** Nobody may ask about records before this one: they are not in the table any more. */
  first = 0;

  fact = (id: number) => {
    assert.ok(id >= this.first, `${id} is gone`);
    return this.facts[id] ?? assert.fail();
  };
  time = (id: number) => this.fact(id).at * 1000;
  flow = (id: number) => this.fact(id).flow;
  flowId = (id: number) => this.flow(id).id;
  hasReceiver = () => this.watched;
  receiverRevision = 0;
  digest = (id: number) => this.fact(id).payload;
  wasSent = (id: number) => this.fact(id).refused !== true;
  isWatched = () => this.watched;
  fits = (sent: Flow, received: Flow) => sent.sourceAddress[3] === received.sourceAddress[3];
  delivery = (id: number) => this.deliveries[id] ?? Delivery.alone;
  partner = (id: number) => this.partners[id] ?? 0;
  setDelivery = (id: number, delivery: Delivery, partner: number) => {
    this.deliveries[id] = delivery;
    this.partners[id] = partner;
  };
}

const out = flow(0, Direction.out, [53211, 9999]);
const into = flow(1, Direction.in, [53211, 9999]);

describe("Deliveries", () => {
  let table: Table;
  let deliveries: Deliveries;

  beforeEach(() => {
    table = new Table();
    deliveries = new Deliveries(table);
  });

  /** Takes the facts in, as one batch. */
  function take(...facts: Fact[]): number {
    const from = table.facts.length;
    table.facts.push(...facts);
    return deliveries.take(from, table.facts.length);
  }

  const states = () => table.facts.map((_, id) => table.delivery(id));

  it("pairs a sending with its receipt, whichever is told first", () => {
    for (const [first, second] of [
      [0, 1],
      [1, 0],
    ] as const) {
      beforeEachAgain();
      const facts = [
        { flow: out, at: 10, payload: 7 },
        { flow: into, at: 11, payload: 7 },
      ];
      take(facts[first] ?? assert.fail());
      take(facts[second] ?? assert.fail());
      assert.equal(table.delivery(first), Delivery.delivered);
      assert.equal(table.delivery(second), Delivery.receipt);
      assert.equal(table.partner(first), second);
      assert.equal(table.partner(second), first);
      assert.equal(deliveries.hasPending, false);
    }
  });

  function beforeEachAgain(): void {
    table = new Table();
    deliveries = new Deliveries(table);
  }

  it("notices that somebody watches now where nobody watched before", () => {
    table.watched = false;
    take({ flow: out, at: 0, payload: 1 }, { flow: out, at: 1, payload: 2 });
    assert.deepEqual(states(), [Delivery.alone, Delivery.alone]);
    table.watched = true;
    table.receiverRevision++;
    take({ flow: out, at: 2, payload: 3 });
    assert.deepEqual(states(), [Delivery.alone, Delivery.alone, Delivery.pending]);
    // The first receipt of a channel: what was sent before it is looked at again.
    take({ flow: into, at: 2.5, payload: 2 });
    take({ flow: into, at: 2.6, payload: 3 });
    assert.deepEqual(states(), [
      Delivery.alone,
      Delivery.delivered,
      Delivery.delivered,
      Delivery.receipt,
      Delivery.receipt,
    ]);
  });

  it("counts what does not arrive within a second as lost, and takes it back when it arrives late", () => {
    take({ flow: out, at: 0, payload: 7 });
    assert.equal(table.delivery(0), Delivery.pending);
    assert.equal(deliveries.settle(999_999), Number.POSITIVE_INFINITY);
    assert.equal(table.delivery(0), Delivery.pending);
    assert.equal(deliveries.settle(1_000_000), 0);
    assert.equal(table.delivery(0), Delivery.lost);
    assert.equal(deliveries.hasPending, false);
    assert.equal(take({ flow: into, at: 5000, payload: 7 }), 0);
    assert.deepEqual(states(), [Delivery.delivered, Delivery.receipt]);
  });

  it("says nothing of what goes where nobody watches, or was refused", () => {
    table.watched = false;
    take({ flow: out, at: 0, payload: 1 });
    table.watched = true;
    take({ flow: out, at: 0, payload: 2, refused: true });
    deliveries.settle(10_000_000);
    assert.deepEqual(states(), [Delivery.alone, Delivery.alone]);
  });

  it("finds the lost one of equal datagrams where it happened", () => {
    const beats = [0, 100, 200, 300, 400];
    take(...beats.map((at) => ({ flow: out, at, payload: 7 })));
    for (const at of [0.1, 100.1, 300.1, 400.1]) take({ flow: into, at, payload: 7 });
    deliveries.settle(2_000_000);
    assert.deepEqual(states().slice(0, 5), [
      Delivery.delivered,
      Delivery.delivered,
      Delivery.lost,
      Delivery.delivered,
      Delivery.delivered,
    ]);
  });

  it("keeps the order of equal datagrams that were sent in a burst", () => {
    take(...[0, 0, 0.02].map((at) => ({ flow: out, at, payload: 7 })));
    for (const at of [1, 1.1, 1.2]) take({ flow: into, at, payload: 7 });
    assert.deepEqual([0, 1, 2].map(table.partner), [3, 4, 5]);
  });

  it("takes the first of several receipts for the delivery", () => {
    take({ flow: out, at: 0, payload: 7 });
    take({ flow: into, at: 1, payload: 7 }, { flow: into, at: 2, payload: 7 });
    assert.deepEqual(states(), [Delivery.delivered, Delivery.receipt, Delivery.duplicate]);
  });

  it("does not mix flows whose ports are alike but whose addresses are not", () => {
    const otherOut = flow(2, Direction.out, [53211, 9999], 2);
    const otherInto = flow(3, Direction.in, [53211, 9999], 2);
    take({ flow: out, at: 0, payload: 7 }, { flow: otherOut, at: 0.1, payload: 7 });
    take({ flow: otherInto, at: 1, payload: 7 }, { flow: into, at: 2, payload: 7 });
    assert.deepEqual([0, 1].map(table.partner), [3, 2]);
    take(...[3, 4, 5].map((at) => ({ flow: at === 4 ? out : otherOut, at, payload: 8 })));
    take({ flow: otherInto, at: 6, payload: 8 }, { flow: into, at: 7, payload: 8 });
    assert.equal(table.delivery(4), Delivery.pending, "each receipt takes the latest that fits");
    assert.deepEqual([5, 6].map(table.partner), [8, 7]);
    take({ flow: out, at: 8, payload: 9 }, { flow: otherInto, at: 9, payload: 9 });
    assert.deepEqual(states().slice(9), [Delivery.pending, Delivery.alone]);
    take({ flow: out, at: 10, payload: 10 }, { flow: out, at: 11, payload: 10 });
    take({ flow: into, at: 12, payload: 10 }, { flow: otherInto, at: 13, payload: 10 });
    assert.deepEqual(
      states().slice(11),
      [Delivery.pending, Delivery.delivered, Delivery.receipt, Delivery.alone],
      "what does not fit takes nothing",
    );
  });

  it("tells from when on something has changed, and from nowhere else", () => {
    take({ flow: out, at: 1, payload: 7 });
    assert.equal(take({ flow: into, at: 2, payload: 7 }), 1000);
    assert.equal(take({ flow: into, at: 3, payload: 7 }), 3000, "a duplicate");
    assert.equal(take({ flow: out, at: 4, payload: 8 }), Number.POSITIVE_INFINITY);
    // It is a better match for the two receipts than the one before.
    assert.equal(take({ flow: out, at: 1.5, payload: 7 }), 1500);
  });

  it("pairs nothing with what was refused, or has no direction", () => {
    const unknown = flow(2, Direction.unknown, [53211, 9999]);
    take({ flow: out, at: 0, payload: 1 }, { flow: into, at: 1, payload: 1 });
    take({ flow: out, at: 2, payload: 2, refused: true }, { flow: into, at: 3, payload: 2 });
    take({ flow: out, at: 4, payload: 3 }, { flow: unknown, at: 5, payload: 3 });
    assert.deepEqual(states().slice(2), [
      Delivery.alone,
      Delivery.alone,
      Delivery.pending,
      Delivery.alone,
    ]);
  });

  it("takes no receipt for one of a sending that was later by more than clocks differ", () => {
    for (const [sent, state] of [
      [5, Delivery.delivered],
      [5.001, Delivery.pending],
    ] as const) {
      beforeEachAgain();
      take({ flow: into, at: 0, payload: 7 }, { flow: out, at: sent, payload: 7 });
      assert.equal(table.delivery(1), state);
    }
  });

  it("counts nothing twice when both ends of another channel have been seen", () => {
    take({ flow: flow(2, Direction.out, [1, 2]), at: 0, payload: 7 });
    take({ flow: out, at: 1, payload: 7 }, { flow: into, at: 2, payload: 7 });
    take({ flow: out, at: 3, payload: 8 });
    take({ flow: flow(3, Direction.in, [1, 2]), at: 4, payload: 7 });
    take({ flow: into, at: 5, payload: 8 }, { flow: into, at: 6, payload: 8 });
    assert.deepEqual([0, 1, 2, 3, 4, 5].map(table.partner), [4, 2, 1, 5, 0, 3]);
    assert.equal(table.delivery(6), Delivery.duplicate);
  });

  for (const [sent, received] of [
    [0, 3],
    // The receiver reads the clock a little early.
    [3, 0],
  ] as const) {
    it(`breaks up a pair sent at ${sent} and received at ${received} until both ends are settled`, () => {
      for (const [now, isSettled] of [
        [2_002_999, false],
        [2_003_000, true],
      ] as const) {
        beforeEachAgain();
        take({ flow: out, at: sent, payload: 7 }, { flow: into, at: received, payload: 7 });
        deliveries.settle(now);
        // It fits better, as it was sent later.
        take({ flow: out, at: 4, payload: 7 });
        assert.deepEqual(states(), [
          isSettled ? Delivery.delivered : Delivery.pending,
          Delivery.receipt,
          isSettled ? Delivery.pending : Delivery.delivered,
        ]);
        assert.equal(table.partner(1), isSettled ? 0 : 2);
        deliveries.settle(4_000_000);
        assert.equal(table.delivery(isSettled ? 2 : 0), Delivery.lost);
      }
    });
  }

  it("waits half a minute for the receipt of a lost one, that a suspended program may still report", () => {
    for (const [now, isGivenUp] of [
      [30_004_999, false],
      [30_005_000, true],
    ] as const) {
      beforeEachAgain();
      take({ flow: out, at: 0, payload: 1 }, { flow: into, at: 1, payload: 1 });
      take({ flow: out, at: 5, payload: 7 });
      deliveries.settle(now);
      assert.equal(table.delivery(2), Delivery.lost);
      take({ flow: into, at: 7, payload: 7 });
      assert.deepEqual(
        states().slice(2),
        isGivenUp ? [Delivery.lost, Delivery.alone] : [Delivery.delivered, Delivery.receipt],
      );
    }
  });

  it("keeps what is recent for what is told late", () => {
    take({ flow: out, at: 0, payload: 1 }, { flow: into, at: 1, payload: 1 });
    take({ flow: out, at: 10, payload: 2 }, { flow: into, at: 20, payload: 3 });
    deliveries.settle(1_500_000);
    take({ flow: into, at: 30, payload: 1 });
    take({ flow: into, at: 11, payload: 2 }, { flow: out, at: 19, payload: 3 });
    assert.equal(table.delivery(4), Delivery.duplicate);
    assert.deepEqual([2, 3, 5, 6].map(table.partner), [5, 6, 2, 3]);
  });

  it("asks nothing about what is gone, and knows all that is not", () => {
    take({ flow: out, at: 0, payload: 1 }, { flow: into, at: 1, payload: 1 });
    take({ flow: out, at: 2, payload: 2 }, { flow: into, at: 3, payload: 3 });
    take({ flow: out, at: 4, payload: 4 }, { flow: into, at: 5, payload: 5 });
    const forget = (id: number) => {
      deliveries.forgetBefore(id);
      table.first = id;
    };
    forget(4);
    assert.equal(deliveries.hasPending, true);
    take({ flow: into, at: 6, payload: 2 }, { flow: out, at: 3, payload: 3 });
    take({ flow: into, at: 6, payload: 4 });
    assert.deepEqual(
      [4, 6, 7].map((id) => table.delivery(id)),
      [Delivery.delivered, Delivery.alone, Delivery.pending],
    );
    forget(5);
    take({ flow: out, at: 5, payload: 5 });
    assert.equal(table.delivery(5), Delivery.receipt);
    // Of this channel only one end has been seen so far.
    take({ flow: flow(2, Direction.out, [1, 2]), at: 7, payload: 7 });
    forget(table.facts.length);
    take({ flow: flow(3, Direction.in, [1, 2]), at: 8, payload: 7 });
    assert.equal(table.delivery(table.facts.length - 1), Delivery.alone);
    deliveries.settle(60_000_000);
  });

  for (const direction of [Direction.in, Direction.out]) {
    for (const order of ["ascending", "descending"]) {
      it(`asks next to nothing about flows of direction ${direction} that nobody else records, in ${order} order`, () => {
        table.watched = false;
        const asked = new Set<PropertyKey>();
        const watchfulTable = new Proxy(table, {
          get(target, name) {
            asked.add(name);
            return Reflect.get(target, name);
          },
        });
        deliveries = new Deliveries(watchfulTable);
        // Another channel, with both ends.
        take({ flow: flow(0, Direction.out, [2000, 1]), at: 1, payload: 1 });
        take({ flow: flow(1, Direction.in, [2000, 1]), at: 2, payload: 1 });
        const flows = Array.from({ length: 260 }, (_, id) => flow(id + 2, direction, [id, id + 1]));
        const facts = flows.map((own) => ({ flow: own, at: 3, payload: 1 }));
        for (const fact of order === "ascending" ? facts : facts.toReversed()) take(fact);
        assert.equal(asked.has("digest"), true, "of the other channel");
        asked.clear();
        take(...facts, ...facts);
        assert.deepEqual([...asked].sort(), ["flowId", "receiverRevision"]);
      });
    }
  }

  it("has a number of its own for each state", () => {
    assert.equal(new Set(Object.values(Delivery)).size, Object.keys(Delivery).length);
  });

  it("forgets what is settled, and what is no longer there", () => {
    take({ flow: out, at: 0, payload: 7 }, { flow: into, at: 1, payload: 7 });
    deliveries.settle(3_000_000);
    take({ flow: into, at: 4000, payload: 7 });
    assert.equal(table.delivery(2), Delivery.alone);
    take({ flow: out, at: 5000, payload: 8 });
    deliveries.forgetBefore(4);
    assert.equal(deliveries.hasPending, false);
    take({ flow: into, at: 5001, payload: 8 });
    assert.equal(table.delivery(4), Delivery.alone);
  });

  it("finds in a simulated network what really happened, in whatever batches the records come", () => {
    const sending = fc.record({
      // Further apart than the longest delay and the clocks' skew together: what comes closer nobody could tell.
      gapMs: fc.integer({ min: 25, max: 300 }),
      payload: fc.nat(2),
      delayMs: fc.integer({ min: 0, max: 15 }),
      fate: fc.constantFrom("arrives", "arrives", "arrives", "lost", "doubled"),
    });
    fc.assert(
      fc.property(
        fc.array(sending, { maxLength: 25 }),
        fc.infiniteStream(fc.nat()),
        (sendings, dice) => {
          beforeEachAgain();
          let at = 0;
          const truth: { fact: Fact; fate: Delivery }[] = [];
          for (const { gapMs, payload: common, delayMs, fate } of sendings) {
            at += gapMs;
            // Of equal payloads, one lost and one doubled look just like two that arrived: nobody could tell.
            const payload = fate === "doubled" ? 1000 + at : common;
            const lost = fate === "lost";
            truth.push({
              fact: { flow: out, at, payload },
              fate: lost ? Delivery.lost : Delivery.delivered,
            });
            if (lost) continue;
            truth.push({ fact: { flow: into, at: at + delayMs, payload }, fate: Delivery.receipt });
            if (fate === "doubled") {
              truth.push({
                fact: { flow: into, at: at + delayMs + 1, payload },
                fate: Delivery.duplicate,
              });
            }
          }
          const shuffled = truth
            .map((entry) => ({ entry, rank: dice.next().value ?? 0 }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ entry }) => entry);
          for (let from = 0; from < shuffled.length; ) {
            const size = 1 + ((dice.next().value ?? 0) % 4);
            take(...shuffled.slice(from, from + size).map(({ fact }) => fact));
            from += size;
          }
          deliveries.settle((at + 2000) * 1000);
          assert.deepEqual(
            states(),
            shuffled.map(({ fate }) => fate),
          );
          for (const [id, state] of states().entries()) {
            const isPaired = state === Delivery.delivered || state === Delivery.receipt;
            if (!isPaired) assert.equal(table.partner(id), 0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** A flow between two ends, `[address, port]`. */
function between(source: readonly [string, number], destination: readonly [string, number]): Flow {
  return {
    ...flow(0, Direction.out, [source[1], destination[1]]),
    sourceAddress: parseAddress(source[0]) ?? assert.fail(),
    destinationAddress: parseAddress(destination[0]) ?? assert.fail(),
  };
}

describe("Receivers", () => {
  const to = (address: string, port: number) => between(["127.0.0.1", 5], [address, port]);
  const socket = (address: string, fields: Partial<CapturedSocket> = {}) =>
    ({ local: { address, port: 9 }, state: "bound", ...fields }) as CapturedSocket;

  for (const [own, destination, isReceiver] of [
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.2", false],
    ["1.1.1.1", "2.2.2.2", false],
    ["0.0.0.0", "10.0.0.2", true],
    ["0.0.0.0", "::1", false],
    ["::", "::1", true],
    ["::", "10.0.0.2", true],
    ["::1", "::1", true],
    ["::1", "::2", false],
    // Its first bytes are the same.
    ["32.1.13.184", "2001:db8::", false],
  ] as const) {
    it(`${isReceiver ? "have" : "do not have"} one on ${own} for what goes to ${destination}`, () => {
      const receivers = new Receivers();
      receivers.add(socket(own));
      assert.equal(receivers.hasReceiver(to(destination, 9)), isReceiver);
      assert.equal(receivers.isWatched(to(destination, 9), 1), isReceiver);
      assert.equal(receivers.hasReceiver(to(destination, 10)), false);
      assert.equal(receivers.isWatched(to(destination, 10), 1), false);
    });
  }

  it("count each change, also of a socket that is bound to nothing that is an address", () => {
    const receivers = new Receivers();
    for (const [index, local] of [
      undefined,
      { address: "lo", port: 9 },
      { address: "::", port: 9 },
    ].entries()) {
      assert.equal(receivers.revision, index);
      assert.equal(receivers.hasReceiver(to("127.0.0.1", 9)), false);
      receivers.add(socket("", { local }));
    }
    receivers.add(socket("127.0.0.1"));
    assert.equal(receivers.revision, 4);
    assert.equal(receivers.hasReceiver(to("127.0.0.1", 9)), true);
  });

  for (const [what, fields, times] of [
    [
      "that was bound and closed",
      { boundAt: 1_000_000, closedAt: 2_000_000, state: "closed" },
      // Clocks are read at different moments.
      [
        [994_999, false],
        [995_000, true],
        [2_000_000, true],
        [2_000_001, false],
      ],
    ],
    [
      "that is bound, nobody knows since when",
      {},
      [
        [1, true],
        [1e15, true],
      ],
    ],
    [
      "that was closed, nobody knows when",
      { state: "closed" },
      [
        [1, false],
        [1e15, false],
      ],
    ],
    ["that could not be bound", { state: "failed" }, [[1, false]]],
  ] as const) {
    it(`watch the port of a socket ${what}, for that time`, () => {
      const receivers = new Receivers();
      receivers.add(socket("127.0.0.1", fields));
      for (const [time, isWatched] of times) {
        assert.equal(receivers.isWatched(to("127.0.0.1", 9), time), isWatched, `at ${time}`);
      }
      assert.equal(receivers.hasReceiver(to("127.0.0.1", 9)), true, "whenever that was");
    });
  }

  it("take what was sent for what was received where both ends can be the same", () => {
    const sent = between(["10.0.0.1", 1], ["10.0.0.2", 2]);
    for (const [received, fits] of [
      [sent, true],
      [between(["10.0.0.1", 1], ["0.0.0.0", 2]), true],
      [between(["10.0.0.3", 1], ["10.0.0.2", 2]), false],
      [between(["10.0.0.1", 3], ["10.0.0.2", 2]), false],
      [between(["10.0.0.1", 1], ["10.0.0.3", 2]), false],
      [between(["10.0.0.1", 1], ["10.0.0.2", 3]), false],
      [between(["0.0.0.0", 1], ["10.0.0.2", 2]), false],
    ] as const) {
      assert.equal(canArriveAs(sent, received), fits);
    }
    assert.ok(canArriveAs(between(["0.0.0.0", 1], ["10.0.0.2", 2]), sent));
    assert.ok(!canArriveAs(between(["10.0.0.1", 1], ["0.0.0.0", 2]), sent));
  });
});
