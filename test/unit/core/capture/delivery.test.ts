import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Deliveries,
  Delivery,
  type DeliveryTable,
  type PairedDelivery,
} from "../../../../extension/core/capture/delivery.ts";
import type { Flow } from "../../../../extension/core/capture/flow_table.ts";
import { IN_ORDER_US, REACH, SKEW_US } from "../../../../extension/core/capture/pairing.ts";
import { atOnce } from "../../../../extension/core/capture/steps.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { parseAddress } from "../../../../extension/core/wire/address.ts";

/** A record as a test tells it: which flow, when, and what payload. */
interface Fact {
  readonly flow: Flow;
  /** Milliseconds. */
  readonly at: number;
  /** Milliseconds that a rule held it back. */
  readonly delay?: number;
  readonly payload: number;
  readonly length?: number;
  readonly refused?: boolean;
  /** By a rule, where it was received. */
  readonly made?: boolean;
}

type End = readonly [address: string, port: number];

let flows = 0;

/** A flow between two ends; each has a socket of its own unless one is given. */
function flow(direction: Direction, source: End, destination: End, socket?: number): Flow {
  const id = flows++;
  return {
    id,
    socket: socket ?? id,
    direction,
    sourceAddress: parseAddress(source[0]) ?? assert.fail(),
    sourcePort: source[1],
    destinationAddress: parseAddress(destination[0]) ?? assert.fail(),
    destinationPort: destination[1],
    tunnel: "",
  };
}

/** The records as they were taken in, and what was told of them. */
class Table implements DeliveryTable {
  readonly facts: Fact[] = [];
  readonly deliveries: PairedDelivery[] = [];
  readonly partners: number[] = [];
  watched = true;
  tapped = true;
  /** Nobody may ask about records before this one: they are not in the table any more. */
  first = 0;
  readonly gone = new Set<number>();
  /** How often anything was asked. */
  asked = 0;

  fact = (id: number) => {
    this.asked++;
    assert.ok(id >= this.first, `${id} is gone`);
    return this.facts[id] ?? assert.fail();
  };
  has = (id: number) => id >= this.first && !this.gone.has(id);
  nextId = (id: number) => id;
  time = (id: number) => this.fact(id).at * 1000;
  delay = (id: number) => (this.fact(id).delay ?? 0) * 1000;
  flow = (id: number) => this.fact(id).flow;
  flowId = (id: number) => this.flow(id).id;
  digest = (id: number) => this.fact(id).payload;
  wireLength = (id: number) => this.fact(id).length ?? 5;
  wasSent = (id: number) => this.fact(id).refused !== true;
  isMade = (id: number) => this.fact(id).made === true;
  isTapped = () => this.tapped;
  standsBefore = (one: number, other: number) => one < other;
  /** When receipts may be missing, milliseconds. */
  missing: readonly [from: number, to: number] | undefined;
  isWatched = (_flow: Flow, time: number, _isOurs: boolean, since = time) => {
    const [from = Number.POSITIVE_INFINITY, to = 0] = this.missing ?? [];
    return this.watched && (time < from * 1000 || since > to * 1000);
  };
  isSenderKnown = (_flow: Flow, _time: number) => true;
  delivery = (id: number) => this.deliveries[id] ?? Delivery.alone;
  partner = (id: number) => this.partners[id] ?? 0;
  setDelivery = (id: number, delivery: PairedDelivery, partner: number) => {
    this.deliveries[id] = delivery;
    this.partners[id] = partner;
  };
}

const client: End = ["127.0.0.1", 53211];
const server: End = ["127.0.0.1", 9999];
const out = flow(Direction.out, client, server);
const into = flow(Direction.in, client, server);

describe("Deliveries", () => {
  let table: Table;
  let deliveries: Deliveries;

  const anew = () => {
    table = new Table();
    deliveries = new Deliveries(table);
  };
  beforeEach(anew);

  /** Takes the facts in, as one batch. */
  function take(...facts: Fact[]): number {
    const from = table.facts.length;
    table.facts.push(...facts);
    return deliveries.take(from, table.facts.length);
  }

  const states = () => table.facts.map((_, id) => deliveries.of(id));

  it("pairs a sending with its receipt, whichever is told first", () => {
    for (const [first, second] of [
      [0, 1],
      [1, 0],
    ] as const) {
      anew();
      const facts = [
        { flow: out, at: 10, payload: 7 },
        { flow: into, at: 11, payload: 7 },
      ];
      take(facts[first] ?? assert.fail());
      take(facts[second] ?? assert.fail());
      assert.equal(deliveries.of(first), Delivery.delivered);
      assert.equal(deliveries.of(second), Delivery.receipt);
      assert.equal(table.partner(first), second);
      assert.equal(table.partner(second), first);
    }
  });

  for (const side of ["out", "in"] as const) {
    it(`tells of keep-alives what really happened, however long a rule holds them back on the way ${side}`, () => {
      const each = fc.record({ isLost: fc.boolean(), jitter: fc.integer({ min: 0, max: 10 }) });
      fc.assert(
        fc.property(fc.array(each, { maxLength: 40 }), fc.nat(900), (all, least) => {
          anew();
          const facts = all.flatMap(({ isLost, jitter }, number) => {
            const at = number * 40;
            const delay = least + jitter;
            const held = side === "out" ? { flow: out, at, delay } : { flow: out, at };
            const came = { flow: into, at: at + delay + 1, payload: 7 };
            const got = side === "out" ? came : { ...came, delay };
            return [{ ...held, payload: 7 }, ...(isLost ? [] : [got])];
          });
          take(...facts.toSorted((one, other) => one.at - other.at));
          deliveries.settle(10_000_000);
          const lost = table.facts.flatMap(({ at }, id) =>
            deliveries.of(id) === Delivery.lost ? [at / 40] : [],
          );
          assert.deepEqual(
            lost,
            all.flatMap(({ isLost }, number) => (isLost ? [number] : [])),
          );
          for (const [id, { flow: own, at, delay = 0 }] of table.facts.entries()) {
            if (own !== out || deliveries.of(id) !== Delivery.delivered) continue;
            const receipt = table.facts[table.partner(id)] ?? assert.fail();
            assert.equal(receipt.at - at, 1 + (receipt.delay ?? delay));
          }
        }),
      );
    });
  }

  it("tells at once what is known of the sockets now, whatever was known before", () => {
    table.watched = false;
    take({ flow: out, at: 0, payload: 1 }, { flow: out, at: 1, payload: 2 });
    assert.deepEqual(states(), [Delivery.alone, Delivery.alone]);
    table.watched = true;
    assert.deepEqual(states(), [Delivery.pending, Delivery.pending]);
    deliveries.settle(1_000_999);
    assert.deepEqual(states(), [Delivery.lost, Delivery.pending]);
    // The first receipt of a channel: what was sent before it is looked at again.
    take({ flow: into, at: 2.5, payload: 2 });
    assert.deepEqual(states(), [Delivery.lost, Delivery.delivered, Delivery.receipt]);
    table.watched = false;
    assert.deepEqual(states(), [Delivery.alone, Delivery.delivered, Delivery.receipt]);
  });

  it("counts what does not arrive within a second as lost, and takes it back when it arrives late", () => {
    take({ flow: out, at: 0, payload: 7 });
    deliveries.settle(999_999);
    assert.equal(deliveries.of(0), Delivery.pending);
    deliveries.settle(1_000_000);
    assert.equal(deliveries.of(0), Delivery.lost);
    deliveries.settle(5);
    assert.equal(deliveries.of(0), Delivery.lost, "time does not go back");
    // A program that a debugger held for ten minutes.
    assert.equal(take({ flow: into, at: 600_000, payload: 7 }), 1);
    assert.deepEqual(states(), [Delivery.delivered, Delivery.receipt]);
  });

  it("says nothing of what goes where nobody watches, or was refused", () => {
    take({ flow: out, at: 0, payload: 2, refused: true });
    table.watched = false;
    take({ flow: out, at: 0, payload: 1 });
    deliveries.settle(10_000_000);
    assert.deepEqual(states(), [Delivery.alone, Delivery.alone]);
    table.watched = true;
    assert.deepEqual(states(), [Delivery.alone, Delivery.lost]);
  });

  it("says nothing of what no tap recorded, whatever it looks like", () => {
    table.tapped = false;
    take({ flow: out, at: 0, payload: 1 }, { flow: into, at: 1, payload: 1 });
    take({ flow: into, at: 2, payload: 1 });
    deliveries.settle(10_000_000);
    assert.deepEqual(states(), [Delivery.alone, Delivery.alone, Delivery.alone]);
  });

  it("pairs what a tap recorded with nothing that another program captured", () => {
    const tapped = flow(Direction.out, ["127.0.0.1", 1], ["127.0.0.1", 2]);
    const captured = flow(Direction.in, ["127.0.0.1", 1], ["127.0.0.1", 2]);
    table.isTapped = ((of: Flow) => of === tapped) as () => boolean;
    take({ flow: tapped, at: 0, payload: 1 }, { flow: captured, at: 1, payload: 1 });
    deliveries.settle(10_000_000);
    assert.deepEqual(states(), [Delivery.lost, Delivery.alone]);
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

  it("does not mix payloads whose digests are equal but whose lengths are not", () => {
    take({ flow: out, at: 0, payload: 7, length: 3 }, { flow: into, at: 1, payload: 7, length: 4 });
    assert.deepEqual(states(), [Delivery.pending, Delivery.alone]);
  });

  it("does not mix flows whose ports are alike but whose addresses are not", () => {
    const others = [
      ["127.0.0.2", 53211],
      ["127.0.0.2", 9999],
    ] as const;
    const otherOut = flow(Direction.out, ...others);
    const otherInto = flow(Direction.in, ...others);
    take({ flow: out, at: 0, payload: 7 }, { flow: otherOut, at: 0.1, payload: 7 });
    take({ flow: otherInto, at: 1, payload: 7 }, { flow: into, at: 2, payload: 7 });
    assert.deepEqual([0, 1].map(table.partner), [3, 2]);
    take(...[30, 60, 90].map((at) => ({ flow: at === 60 ? out : otherOut, at, payload: 8 })));
    take({ flow: otherInto, at: 96, payload: 8 }, { flow: into, at: 97, payload: 8 });
    assert.equal(deliveries.of(4), Delivery.pending, "each receipt takes the latest that fits");
    assert.deepEqual([5, 6].map(table.partner), [8, 7]);
    take({ flow: out, at: 98, payload: 9 }, { flow: otherInto, at: 99, payload: 9 });
    assert.deepEqual(states().slice(9), [Delivery.pending, Delivery.alone]);
  });

  it("tells from when on something has changed, and from nowhere else", () => {
    take({ flow: out, at: 1, payload: 7 });
    take({ flow: into, at: 2, payload: 7 });
    assert.equal(take({ flow: into, at: 3, payload: 7 }), 3000, "a duplicate");
    assert.equal(take({ flow: out, at: 4, payload: 8 }), Number.POSITIVE_INFINITY);
    // It is another match for the two receipts.
    assert.equal(take({ flow: out, at: 1.5, payload: 7 }), 1500);
    assert.equal(take({ flow: into, at: 4.5, payload: 8 }), 4000);
  });

  it("tells all of a flow anew when its first sending arrives: so its receiver is known to be here", () => {
    const asked: boolean[] = [];
    table.isWatched = (_flow, _time, isOurs) => {
      asked.push(isOurs);
      return isOurs;
    };
    take({ flow: out, at: 1, payload: 1 }, { flow: out, at: 2, payload: 2 });
    deliveries.settle(5_000_000);
    assert.deepEqual(states(), [Delivery.alone, Delivery.alone]);
    assert.ok(take({ flow: into, at: 3, payload: 2 }) < 1000);
    assert.deepEqual(states(), [Delivery.lost, Delivery.delivered, Delivery.receipt]);
  });

  it("pairs nothing with what was refused, or has no direction", () => {
    const unknown = flow(Direction.unknown, client, server);
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
      anew();
      take({ flow: into, at: 0, payload: 7 }, { flow: out, at: sent, payload: 7 });
      assert.equal(deliveries.of(1), state);
    }
  });

  it("counts nothing twice when both ends of another channel have been seen", () => {
    const other = [
      ["127.0.0.1", 1],
      ["127.0.0.1", 2],
    ] as const;
    take({ flow: flow(Direction.out, ...other), at: 0, payload: 7 });
    take({ flow: out, at: 1, payload: 7 }, { flow: into, at: 2, payload: 7 });
    take({ flow: out, at: 3, payload: 8 });
    take({ flow: flow(Direction.in, ...other), at: 4, payload: 7 });
    take({ flow: into, at: 5, payload: 8 }, { flow: into, at: 6, payload: 8 });
    assert.deepEqual([0, 1, 2, 3, 4, 5].map(table.partner), [4, 2, 1, 5, 0, 3]);
    assert.equal(deliveries.of(6), Delivery.duplicate);
  });

  it("breaks up a pair of any age for a better one", () => {
    take({ flow: out, at: 0, payload: 7 }, { flow: into, at: 40, payload: 7 });
    deliveries.settle(60_000_000);
    // It fits better, as it was sent later.
    take({ flow: out, at: 30, payload: 7 });
    assert.deepEqual(states(), [Delivery.lost, Delivery.receipt, Delivery.delivered]);
  });

  it("takes each receipt of what went to many for one of its own, and what a socket hears twice for doubled", () => {
    for (const group of ["239.1.1.1", "ff02::1", "255.255.255.255", "192.168.1.255"]) {
      anew();
      const source = group.includes(":") ? "fe80::1" : "10.0.0.5";
      const any = group.includes(":") ? "::" : "0.0.0.0";
      const sent = flow(Direction.out, [any, 40000], [group, 5000]);
      const [one, two] = [1, 2].map(() => flow(Direction.in, [source, 40000], [any, 5000]));
      assert.ok(one && two);
      take({ flow: sent, at: 0, payload: 7 }, { flow: two, at: 2, payload: 7 });
      take({ flow: one, at: 1, payload: 7 }, { flow: two, at: 3, payload: 7 });
      assert.deepEqual(states(), [
        Delivery.delivered,
        Delivery.copy,
        Delivery.receipt,
        Delivery.duplicate,
      ]);
      assert.deepEqual([0, 1, 2].map(table.partner), [2, 0, 0]);
    }
  });

  it("never calls lost what went to many: who is in the group is not known", () => {
    const sent = flow(Direction.out, ["0.0.0.0", 40000], ["239.1.1.1", 5000]);
    take({ flow: sent, at: 0, payload: 7 });
    deliveries.settle(10_000_000);
    assert.deepEqual(states(), [Delivery.alone]);
  });

  it("does not take what another machine sent to the same port for what a wildcard has sent", () => {
    const sent = flow(Direction.out, ["0.0.0.0", 5353], ["224.0.0.251", 5353]);
    const heard = flow(Direction.in, ["10.0.0.9", 5353], ["0.0.0.0", 5353]);
    take({ flow: sent, at: 0, payload: 7 }, { flow: heard, at: 1, payload: 7 });
    assert.deepEqual(states(), [Delivery.alone, Delivery.alone]);
    // An echo server that answers from the port it is asked at.
    const ping = flow(Direction.out, ["0.0.0.0", 7], ["10.0.0.9", 7], 900);
    const pong = flow(Direction.in, ["10.0.0.9", 7], ["0.0.0.0", 7], 900);
    take({ flow: ping, at: 2, payload: 7 }, { flow: pong, at: 3, payload: 7 });
    assert.deepEqual(states().slice(2), [Delivery.alone, Delivery.alone]);
    // Over the loopback there is no other machine.
    const own = flow(Direction.out, ["0.0.0.0", 7], ["127.0.0.1", 7], 900);
    const ownHeard = flow(Direction.in, ["127.0.0.1", 7], ["0.0.0.0", 7], 900);
    take({ flow: own, at: 4, payload: 7 }, { flow: ownHeard, at: 5, payload: 7 });
    assert.deepEqual(states().slice(4), [Delivery.delivered, Delivery.receipt]);
  });

  for (const [what, sent, received, fits] of [
    ["the same ends", ["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "10.0.0.2"], true],
    ["a receiver on a wildcard", ["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "0.0.0.0"], true],
    ["a sender on a wildcard", ["0.0.0.0", "10.0.0.2"], ["10.0.0.1", "10.0.0.2"], true],
    ["wildcards at both ends", ["::", "::1"], ["::1", "::"], true],
    ["another sender", ["10.0.0.1", "10.0.0.2"], ["10.0.0.3", "10.0.0.2"], false],
    ["another receiver", ["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "10.0.0.3"], false],
    [
      "a wildcard where only the other end can have one",
      ["10.0.0.1", "10.0.0.2"],
      ["0.0.0.0", "10.0.0.2"],
      false,
    ],
    // Its first bytes are the same.
    ["an address that begins alike", ["32.1.13.184", "::2"], ["2001:db8::", "::2"], false],
  ] as const) {
    it(`${fits ? "pairs" : "does not pair"} what has ${what}`, () => {
      const leaving = flow(Direction.out, [sent[0], 1], [sent[1], 2]);
      const coming = flow(Direction.in, [received[0], 1], [received[1], 2]);
      take({ flow: leaving, at: 0, payload: 7 }, { flow: coming, at: 1, payload: 7 });
      assert.equal(deliveries.of(1), fits ? Delivery.receipt : Delivery.alone);
    });
  }

  it("does not mix the two families where all is on wildcards", () => {
    const sent = flow(Direction.out, ["::", 1], ["::1", 2]);
    const heard = flow(Direction.in, ["127.0.0.1", 1], ["0.0.0.0", 2]);
    take({ flow: sent, at: 0, payload: 7 }, { flow: heard, at: 1, payload: 7 });
    assert.deepEqual(states(), [Delivery.pending, Delivery.alone]);
  });

  it("cannot tell of what was followed by more equal ones than it looks at before any was received", () => {
    const count = REACH + 3;
    take(...Array.from({ length: count }, (_, at) => ({ flow: out, at, payload: 7 })));
    take({ flow: into, at: 5000, payload: 7 }, { flow: into, at: 5001, payload: 7 });
    take({ flow: into, at: 5002, payload: 9 });
    deliveries.settle(60_000_000);
    const told = states();
    assert.deepEqual(told.slice(0, 4), [
      Delivery.unclear,
      Delivery.unclear,
      Delivery.unclear,
      Delivery.lost,
    ]);
    assert.deepEqual(told.slice(count - 3), [
      Delivery.lost,
      Delivery.delivered,
      Delivery.delivered,
      Delivery.receipt,
      Delivery.receipt,
      Delivery.alone,
    ]);
    table.watched = false;
    assert.equal(deliveries.of(0), Delivery.alone);
  });

  it("asks nothing about what is gone, and knows all that is not", () => {
    take({ flow: out, at: 0, payload: 1 }, { flow: into, at: 1, payload: 1 });
    take({ flow: out, at: 2, payload: 2 }, { flow: into, at: 3, payload: 3 });
    take({ flow: out, at: 4, payload: 4 }, { flow: into, at: 5, payload: 5 });
    const forget = (id: number) => {
      table.first = id;
      atOnce(deliveries.forgetting(id, new Uint32Array(0), []));
    };
    forget(4);
    take({ flow: into, at: 6, payload: 2 }, { flow: out, at: 3, payload: 3 });
    take({ flow: into, at: 6, payload: 4 });
    assert.deepEqual(
      [4, 6, 7, 8].map((id) => deliveries.of(id)),
      [Delivery.delivered, Delivery.alone, Delivery.pending, Delivery.receipt],
    );
    forget(5);
    take({ flow: out, at: 5, payload: 5 });
    assert.equal(deliveries.of(5), Delivery.receipt);
    // Of this channel only one end has been seen so far.
    take({ flow: flow(Direction.out, ["127.0.0.1", 1], ["127.0.0.1", 2]), at: 7, payload: 7 });
    forget(table.facts.length);
    take({ flow: flow(Direction.in, ["127.0.0.1", 1], ["127.0.0.1", 2]), at: 8, payload: 7 });
    assert.equal(deliveries.of(table.facts.length - 1), Delivery.alone);
  });

  it("asks next to nothing about what is left alone when its other end is gone", () => {
    const pairs = 200;
    for (let payload = 0; payload < pairs; payload++) {
      take({ flow: out, at: payload, payload }, { flow: into, at: payload, payload });
    }
    const receipts = Array.from({ length: pairs }, (_, pair) => 2 * pair + 1);
    for (const receipt of receipts) {
      table.gone.add(receipt - 1);
      table.setDelivery(receipt, Delivery.alone, 0);
    }
    table.asked = 0;
    atOnce(deliveries.forgetting(0, new Uint32Array(0), receipts));
    // Its channel and its payload, to see that nothing else has them; to pair it would take more.
    const { asked } = table;
    take({ flow: into, at: 1000, payload: 0 });
    assert.ok(asked <= 7 * pairs, `${asked / pairs} questions each`);
    assert.equal(deliveries.of(1), Delivery.alone);
  });

  it("finds one again although what came after it, by a flow that is no more, is gone", () => {
    const gone = flow(Direction.in, ["127.0.0.9", 53211], server);
    take({ flow: out, at: 0, payload: 7 }, { flow: gone, at: 1, payload: 7 });
    table.gone.add(1);
    deliveries.forgetFlows([gone.id]);
    atOnce(deliveries.forgetting(0, new Uint32Array(0), []));
    take({ flow: into, at: 2, payload: 7 });
    assert.deepEqual([0, 2].map(table.partner), [2, 0]);
  });

  it("pairs many equal ones anew, of a burst without an end, in steps that do not grow with it", () => {
    const measure = (pairs: number) => {
      anew();
      for (let pair = 0; pair < pairs; pair += 1000) {
        const ats = Array.from({ length: 1000 }, (_, next) => (pair + next) / 10);
        take(...ats.flatMap((at) => [out, into].map((flow) => ({ flow, at, payload: 7 }))));
      }
      // As clocks may differ, each receipt takes another sending without the first ones.
      for (let id = 0; id < 400; id += 2) table.gone.add(id);
      const steps = deliveries.forgetting(0, new Uint32Array(0), []);
      let taken = 0;
      let most = 0;
      for (let isDone: boolean | undefined = false; !isDone; taken++) {
        table.asked = 0;
        isDone = steps.next().done;
        most = Math.max(most, table.asked);
      }
      return { taken, most };
    };
    const [some, more] = [measure(15_000), measure(60_000)];
    assert.ok(more.taken > 3 * some.taken, `${some.taken} steps, then ${more.taken}`);
    assert.ok(more.most < 1.5 * some.most, `${some.most} questions at once, then ${more.most}`);
  });

  it("asks no more about many equal ones when some come before them that were read late", () => {
    const askedOf = (sent: number) => {
      anew();
      take({ flow: into, at: 0, payload: 7 });
      for (let from = 0; from < sent; from += 1000) {
        const seconds = Array.from({ length: 1000 }, (_, next) => from + next);
        take(...seconds.map((second) => ({ flow: out, at: second * 1000, payload: 7 })));
      }
      table.asked = 0;
      take(...[10, 20, 30].map((second) => ({ flow: into, at: second * 1000 + 1, payload: 7 })));
      return table.asked;
    };
    const [some, more] = [askedOf(5000), askedOf(20_000)];
    assert.ok(more < 1.5 * some, `${some} questions, then ${more} of four times as many`);
  });

  it("takes in nothing that is gone when the other end of many equal ones is heard of", () => {
    // More than are paired at once, and sent so far apart that the latest one is received.
    const sent = 4200;
    for (let second = 0; second < sent; second++) {
      take({ flow: out, at: second * 1000, payload: 7 });
    }
    table.gone.add(sent - 1);
    take({ flow: into, at: sent * 1000, payload: 7 });
    assert.equal(deliveries.of(sent), Delivery.receipt);
    assert.equal(table.partner(sent), sent - 2);
  });

  it("cannot tell, as soon as that is so, of what is sent one by one", () => {
    take({ flow: out, at: 0, payload: 9 }, { flow: into, at: 0, payload: 9 });
    for (let at = 1; at < REACH + 4; at++) take({ flow: out, at, payload: 7 });
    assert.deepEqual(states().slice(2, 6), [
      Delivery.unclear,
      Delivery.unclear,
      Delivery.unclear,
      Delivery.pending,
    ]);
  });

  it("forgets of many equal ones those that are gone, and goes on with the others", () => {
    const beat = (at: number) => [
      { flow: out, at, payload: 7 },
      { flow: into, at: at + 1, payload: 7 },
    ];
    for (let at = 0; at < 100; at++) take(...beat(at * 10));
    for (const first of [50, 120, 200]) {
      table.first = first;
      atOnce(deliveries.forgetting(first, new Uint32Array(0), []));
      const id = table.facts.length;
      take(...beat(2000 + first));
      assert.deepEqual([id, id + 1].map(table.partner), [id + 1, id]);
    }
  });

  for (const direction of [Direction.in, Direction.out]) {
    it(`asks next to nothing about flows of direction ${direction} that nobody else records`, () => {
      const asked = new Set<PropertyKey>();
      const watchful = new Proxy(table, {
        get(target, name) {
          asked.add(name);
          return Reflect.get(target, name);
        },
      });
      deliveries = new Deliveries(watchful);
      // Another channel, with both ends.
      take({ flow: out, at: 1, payload: 1 }, { flow: into, at: 2, payload: 1 });
      const facts = Array.from({ length: 260 }, (_, port) => ({
        flow: flow(direction, ["127.0.0.1", port + 1], ["127.0.0.1", port + 2]),
        at: 3,
        payload: 1,
      }));
      for (const fact of facts) take(fact);
      assert.equal(asked.has("digest"), true, "of the other channel");
      asked.clear();
      take(...facts, ...facts);
      assert.deepEqual([...asked], ["flowId"]);
    });
  }

  it("has a number of its own for each state", () => {
    assert.equal(new Set(Object.values(Delivery)).size, Object.keys(Delivery).length);
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
          anew();
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
        },
      ),
      { numRuns: 500 },
    );
  });

  it("tells the same of thousands of equal ones, in whatever batches they come, as when all come at once", () => {
    const record = fc.record({
      gapMs: fc.constantFrom(0, 0.1, 1, 3),
      direction: fc.constantFrom(Direction.out, Direction.in),
    });
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 20, maxLength: 60 }),
        fc.array(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat(20_000)),
        (pattern, cuts, dice) => {
          let at = 0;
          const facts = Array.from({ length: 5 * REACH }, (_, index) => {
            const { gapMs, direction } = pattern[index % pattern.length] ?? assert.fail();
            // Another pattern in each round.
            const isTurned = (dice.next().value ?? 0) % 7 === 0;
            at += gapMs;
            const isOut = (direction === Direction.out) !== isTurned;
            return { flow: isOut ? out : into, at, payload: 7 };
          });
          const tellAll = (batches: readonly (readonly number[])[]) => {
            anew();
            const numbers = batches.flat();
            const ids = new Map(numbers.map((number, id) => [number, id]));
            table.standsBefore = (one, other) => (numbers[one] ?? 0) < (numbers[other] ?? 0);
            for (const batch of batches) {
              take(...batch.map((number) => facts[number] ?? assert.fail()));
            }
            deliveries.settle(1e12);
            return facts.map((_, number) => {
              const id = ids.get(number) ?? assert.fail();
              const state = deliveries.of(id);
              const hasPartner = state === Delivery.delivered || state === Delivery.receipt;
              return `${state} ${hasPartner ? numbers[table.partner(id)] : ""}`;
            });
          };
          // As of two files: each is told in its own order, in pieces.
          const [sent, received] = [out, into].map((of) =>
            facts.flatMap((fact, number) => (fact.flow === of ? [number] : [])),
          );
          assert.ok(sent && received);
          const pieces = (of: readonly number[]) => {
            const ends = [...new Set([...cuts, of.length])].sort((a, b) => a - b);
            return ends.map((end, index) => of.slice(ends[index - 1] ?? 0, end));
          };
          const all = tellAll([facts.map((_, number) => number)]);
          // Not deepEqual: its message would compare thousands of lines.
          const isSame = (told: readonly string[]) => {
            const other = told.findIndex((text, number) => text !== all[number]);
            assert.equal(other, -1, `${other} is told ${told[other]}, and at once ${all[other]}`);
          };
          isSame(tellAll([...pieces(received), ...pieces(sent)]));
          isSame(tellAll([...pieces(sent).reverse(), ...pieces(received)]));
          // As two programs that run: some of one, some of the other, which may stand before.
          const live: (readonly number[])[] = [];
          for (let from = 0; from < facts.length; ) {
            const end = from + 1 + ((dice.next().value ?? 0) % 90);
            const both = [received, sent].map((of) => of.filter((n) => n >= from && n < end));
            live.push(...((dice.next().value ?? 0) % 2 === 0 ? both : both.reverse()));
            from = end;
          }
          isSame(tellAll(live));
        },
      ),
      { numRuns: 5 },
    );
  });

  describe("of equal payloads of which several are always under way", () => {
    /** How many under way at once stay within what is looked at. */
    const COUNT = 2 * REACH;
    const stream = fc.record({
      // Half of them are closer together than two clocks may differ.
      gapsMs: fc.array(fc.constantFrom(0.25, 0.5, 1, 4, 9), { minLength: 1, maxLength: 9 }),
      delayMs: fc.integer({ min: 0, max: 50 }),
      jitterMs: fc.constantFrom(0, 0.3, 5),
      /** Now and then the receiver is held up, and then receives all at once. */
      stallMs: fc.constantFrom(0, 10, 40),
      dice: fc.infiniteStream(fc.nat(999)),
    });
    interface Sent {
      readonly at: number;
      /** When it was received: never, once or twice. */
      readonly received: readonly number[];
    }

    /** What one sends and another one receives, in the order in which it was sent. */
    function* sendings(
      {
        gapsMs,
        delayMs,
        jitterMs,
        stallMs,
        dice,
      }: typeof stream extends fc.Arbitrary<infer T> ? T : never,
      copiesOf: (dice: number) => number,
    ): Generator<Sent> {
      const roll = () => dice.next().value ?? 0;
      let at = 1000;
      let arrived = 0;
      for (let n = 0; n < COUNT; n++) {
        at += gapsMs[n % gapsMs.length] ?? 0;
        const stall = n % 300 > 250 ? stallMs : 0;
        arrived = Math.max(arrived, at + 0.01 + delayMs + stall + (roll() / 1000) * jitterMs);
        const copies = copiesOf(roll());
        yield { at, received: Array.from({ length: copies }, (_, copy) => arrived + copy * 1e-3) };
        if (copies > 1) arrived += 1e-3;
      }
    }

    /** Takes them in as they are read live, a bit of one program and then of the other; returns the ids. */
    function takeLive(
      sent: readonly Sent[],
      dice: Iterator<number>,
    ): { sendings: number[]; receipts: number[] } {
      const facts = sent.flatMap(({ at, received }, n) => [
        { flow: out, at, payload: 7, n },
        ...received.map((arrived) => ({ flow: into, at: arrived, payload: 7, n })),
      ]);
      facts.sort((a, b) => a.at - b.at);
      const ids = new Map<(typeof facts)[number], number>();
      for (let from = 0; from < facts.length; ) {
        const end = from + 1 + ((dice.next().value ?? 0) % 200);
        const part = facts.slice(from, end);
        const both = [out, into].map((flow) => part.filter((fact) => fact.flow === flow));
        for (const own of (dice.next().value ?? 0) % 2 === 0 ? both : both.reverse()) {
          for (const [n, fact] of own.entries()) ids.set(fact, table.facts.length + n);
          take(...own);
        }
        from = end;
      }
      const of = (flow: Flow) =>
        facts.filter((fact) => fact.flow === flow).map((fact) => ids.get(fact) ?? assert.fail());
      return { sendings: of(out), receipts: of(into) };
    }

    const count = (ids: readonly number[], delivery: Delivery) =>
      ids.filter((id) => deliveries.of(id) === delivery).length;

    it("pairs each with its own receipt where all arrive", () => {
      fc.assert(
        fc.property(stream, (how) => {
          anew();
          const ids = takeLive([...sendings(how, () => 1)], how.dice);
          const wrong = ids.sendings.findIndex(
            (id, n) =>
              deliveries.of(id) !== Delivery.delivered || table.partner(id) !== ids.receipts[n],
          );
          assert.equal(wrong, -1);
          assert.equal(count(ids.receipts, Delivery.receipt), COUNT);
        }),
        { numRuns: 15 },
      );
    });

    it("tells as many lost as were lost, none before its turn and none later than the order holds", () => {
      fc.assert(
        fc.property(stream, fc.constantFrom(5, 50, 300), (how, perMille) => {
          anew();
          const sent = [...sendings(how, (dice) => (dice < perMille ? 0 : 1))];
          const ids = takeLive(sent, how.dice);
          deliveries.settle(1e12);
          assert.equal(count(ids.receipts, Delivery.receipt), ids.receipts.length);
          let lost = 0;
          let told = 0;
          const inOrder: number[] = [];
          for (const [n, { at, received }] of sent.entries()) {
            lost += Number(received.length === 0);
            told += Number(deliveries.of(ids.sendings[n] ?? 0) === Delivery.lost);
            inOrder.push(at);
            // What is told of it may be what became of one of those that were sent shortly before it.
            while (at - (inOrder[0] ?? 0) > (IN_ORDER_US + 2 * SKEW_US) / 1000 + 9) inOrder.shift();
            assert.ok(told <= lost && lost - told <= inOrder.length, `${n}: ${told} of ${lost}`);
          }
          assert.equal(told, lost);
        }),
        { numRuns: 15 },
      );
    });

    /** So many equal ones that what follows is not looked at with all of them. */
    const takeBeats = () => {
      for (let at = -9000; at < 0; at += 200) {
        take({ flow: out, at, payload: 7 }, { flow: into, at: at + 0.1, payload: 7 });
      }
      return table.facts.length;
    };

    it("takes for the first one received what was sent just before, whenever it was taken in", () => {
      const id = takeBeats();
      const [otherOut, otherInto] = [Direction.out, Direction.in].map((direction) =>
        flow(direction, ["127.0.0.2", client[1]], ["127.0.0.2", server[1]]),
      );
      assert.ok(otherOut && otherInto);
      take({ flow: out, at: 3, payload: 7 });
      take({ flow: otherOut, at: 4, payload: 7 }, { flow: otherInto, at: 4.1, payload: 7 });
      take({ flow: out, at: 12, payload: 7 }, { flow: into, at: 12.1, payload: 7 });
      assert.deepEqual([id, id + 1].map(table.partner), [id + 4, id + 2]);
      assert.equal(deliveries.of(id + 3), Delivery.pending);
    });

    it("pairs another one with a receipt when the one that had stood in for it is gone", () => {
      const id = takeBeats();
      take(...[0, 200].map((at) => ({ flow: out, at, payload: 7 })));
      take(...[400, 401].map((at) => ({ flow: into, at, payload: 7 })));
      assert.deepEqual([id, id + 1].map(table.partner), [id + 2, id + 3]);
      table.gone.add(id + 3);
      table.setDelivery(id + 1, Delivery.alone, 0);
      atOnce(deliveries.forgetting(0, new Uint32Array(0), []));
      assert.equal(deliveries.of(id), Delivery.pending);
      assert.equal(table.partner(id + 1), id + 2);
    });

    it("tells of those that are left, when others have gone, as if there had been no others", () => {
      fc.assert(
        fc.property(stream, fc.nat(999), (how, share) => {
          anew();
          takeLive([...sendings(how, (dice) => (dice < 30 ? 0 : dice < 60 ? 2 : 1))], how.dice);
          const { facts } = table;
          const first = Math.floor((facts.length * share) / 1000);
          // As the table does with what has lost its other end.
          for (let id = first; id < facts.length; id++) {
            const hasPartner = table.delivery(id) !== Delivery.alone;
            if (hasPartner && table.partner(id) < first) table.setDelivery(id, Delivery.alone, 0);
          }
          table.first = first;
          atOnce(deliveries.forgetting(first, new Uint32Array(0), []));
          deliveries.settle(1e12);
          const tell = (id: number, from: number) => {
            const state = deliveries.of(id);
            const hasPartner = state === Delivery.delivered || state === Delivery.receipt;
            return `${state} ${hasPartner ? table.partner(id) - from : ""}`;
          };
          const left = facts.slice(first);
          const told = left.map((_, n) => tell(first + n, first));
          anew();
          take(...left);
          deliveries.settle(1e12);
          assert.equal(
            told.findIndex((text, n) => text !== tell(n, 0)),
            -1,
          );
        }),
        { numRuns: 15 },
      );
    });

    it("tells as many duplicates as were doubled", () => {
      fc.assert(
        fc.property(stream, (how) => {
          anew();
          const sent = [...sendings(how, (dice) => (dice < 50 ? 2 : 1))];
          const ids = takeLive(sent, how.dice);
          deliveries.settle(1e12);
          assert.equal(count(ids.sendings, Delivery.delivered), COUNT);
          assert.equal(count(ids.receipts, Delivery.duplicate), ids.receipts.length - COUNT);
        }),
        { numRuns: 15 },
      );
    });
  });

  const away: End = ["10.0.0.1", 9999];
  const other: End = ["10.0.0.2", 9999];
  const group: End = ["239.1.1.1", 5000];
  const hearers = Array.from({ length: 8 }, () =>
    flow(Direction.in, ["10.0.0.5", 4000], ["0.0.0.0", 5000]),
  );
  const ends = {
    symmetricOut: flow(Direction.out, away, other),
    symmetricIn: flow(Direction.in, other, away),
    otherIn: flow(Direction.in, ["127.0.0.9", 53211], server),
    toGroup: flow(Direction.out, ["0.0.0.0", 4000], group),
  };
  for (const [what, make] of Object.entries<(k: number, count: number) => Fact[]>({
    "keep-alives between the same port of two machines": (k) => [
      { flow: ends.symmetricOut, at: 2 * k, payload: 7 },
      { flow: ends.symmetricIn, at: 2 * k + 1, payload: 7 },
    ],
    "equal datagrams that all arrive": (k) => [
      { flow: out, at: 20 * k, payload: 7 },
      { flow: into, at: 20 * k + 1, payload: 7 },
    ],
    "equal datagrams of which some are always under way": (k) => [
      { flow: out, at: k, payload: 7 },
      { flow: into, at: k + 2.5, payload: 7 },
    ],
    "equal datagrams of which none belong together": (k) => [
      { flow: out, at: 2 * k, payload: 7 },
      { flow: ends.otherIn, at: 2 * k + 1, payload: 7 },
    ],
    "equal datagrams that are all sent before any arrives": (k, count) => [
      { flow: k * 2 < count ? out : into, at: k, payload: 7 },
    ],
    "equal datagrams that are all doubled": (k) => [
      { flow: out, at: 20 * k, payload: 7 },
      { flow: into, at: 20 * k + 1, payload: 7 },
      { flow: into, at: 20 * k + 2, payload: 7 },
    ],
    "equal datagrams of which every other one is lost": (k) => [
      { flow: out, at: 20 * k, payload: 7 },
      ...(k % 2 === 0 ? [{ flow: into, at: 20 * k + 1, payload: 7 }] : []),
    ],
    "datagrams that are all different": (k) => [
      { flow: out, at: 20 * k, payload: k },
      { flow: into, at: 20 * k + 1, payload: k },
    ],
    "equal datagrams to a group of eight": (k) =>
      [{ flow: ends.toGroup, at: 20 * k, payload: 7 }].concat(
        hearers.map((hearer) => ({ flow: hearer, at: 20 * k + 1, payload: 7 })),
      ),
  })) {
    for (const batch of [3, 1000]) {
      it(`takes four times as long for four times as many ${what}, in batches of ${batch}`, () => {
        const steps = (count: number) => {
          anew();
          for (let k = 0; k < count; k += batch) {
            const last = Math.min(count, k + batch);
            take(...Array.from({ length: last - k }, (_, n) => make(k + n, count)).flat());
          }
          return table.asked;
        };
        const count = batch === 3 ? 1200 : 3000;
        const few = steps(count);
        const many = steps(count * 4);
        assert.ok(many < few * 6, `${few} questions, then ${many}`);
      });
    }
  }

  describe("of a burst of equal payloads of which receipts are missing for a while", () => {
    /** Five milliseconds apart, forty on the way; nothing is recorded of what came from `from` to `to`, milliseconds. */
    const stream = (count: number, missing?: readonly [from: number, to: number]) => {
      const [from = 0, to = 0] = missing ?? [];
      return Array.from({ length: count }, (_, k) => ({ flow: out, at: 5 * k, payload: 7 }))
        .concat(
          Array.from({ length: count }, (_, k) => ({ flow: into, at: 5 * k + 40, payload: 7 })),
        )
        .filter(({ flow: { id }, at }) => id === out.id || at < from || at >= to)
        .toSorted((one, other) => one.at - other.at);
    };
    const sendings = () =>
      table.facts.flatMap(({ flow: { id } }, at) => (id === out.id ? [at] : []));
    const told = (delivery: Delivery) =>
      sendings().filter((id) => deliveries.of(id) === delivery).length;

    it("tells of none that it is lost", () => {
      for (const count of [6, 200, 3000]) {
        anew();
        const half = Math.floor(count / 2) * 5;
        const missing = [half + 40, half + 52] as const;
        take(...stream(count, missing));
        deliveries.settle(1e9);
        table.missing = [missing[0] - 40, missing[1]];
        assert.equal(told(Delivery.lost), 0);
        assert.ok(told(Delivery.delivered) >= count - 3);
        table.missing = undefined;
        assert.equal(told(Delivery.lost), count - told(Delivery.delivered), "with nothing missing");
      }
    });

    it("knows again what is lost where another burst begins", () => {
      const first = stream(100, [200, 215]);
      const second = stream(100).slice(0, -1);
      take(...first, ...second.map((fact) => ({ ...fact, at: fact.at + 2000 })));
      table.missing = [160, 215];
      deliveries.settle(1e9);
      assert.equal(told(Delivery.lost), 1);
    });

    it("tells the same in whatever pieces it comes, and again when the first ones are gone", () => {
      const facts = stream(400, [1000, 1030]);
      const answers = [1, 7, 1000].map((piece) => {
        anew();
        table.missing = [960, 1030];
        for (let at = 0; at < facts.length; at += piece) {
          take(...facts.slice(at, at + piece));
          deliveries.settle((facts[at]?.at ?? 0) * 1000);
          for (const id of sendings()) deliveries.of(id);
        }
        deliveries.settle(1e9);
        return table.facts.map((_, id) => deliveries.of(id));
      });
      assert.deepEqual(answers[0], answers[2]);
      assert.deepEqual(answers[1], answers[2]);
      table.first = 300;
      atOnce(deliveries.forgetting(300, new Uint32Array(0), []));
      const left = table.facts.slice(300).map((_, n) => deliveries.of(300 + n));
      anew();
      table.missing = [960, 1030];
      take(...facts.slice(300));
      deliveries.settle(1e9);
      assert.deepEqual(left.slice(20), states().slice(20));
    });

    it("takes four times as long for four times as many, when each is asked for once", () => {
      const steps = (count: number) => {
        anew();
        let asked = 0;
        for (let k = 0; k < count; k += 30) {
          take(
            ...Array.from({ length: 30 }, (_, n) => ({ flow: out, at: 5 * (k + n), payload: 7 })),
            { flow: into, at: 5 * (k + 29) + 1, payload: 7 },
          );
          deliveries.settle(5_000 * k);
          const before = table.asked;
          for (let id = Math.max(0, table.facts.length - 400); id < table.facts.length; id++) {
            deliveries.of(id);
          }
          asked += table.asked - before;
        }
        return asked;
      };
      const few = steps(1200);
      const many = steps(4800);
      assert.ok(many < few * 6, `${few} questions, then ${many}`);
    });
  });

  describe("of two programs that talk by many ports, one of which is read before the other,", () => {
    const BATCH = 20;

    /** As many sendings of one, each from a port of its own, and then what the other received of them, in pieces. */
    function readBoth(count: number, between: (pieces: number) => void): void {
      anew();
      const froms = Array.from({ length: count }, (_, n): End => ["10.0.0.5", 1000 + n]);
      const sent = froms.map((from, n) => ({
        ...{ flow: flow(Direction.out, from, server), at: n, payload: n },
      }));
      const received = froms.map((from, n) => ({
        ...{ flow: flow(Direction.in, from, server), at: n + 1, payload: n },
      }));
      take(...sent);
      deliveries.settle(1e12);
      for (let at = 0; at < count; at += BATCH) {
        take(...received.slice(at, at + BATCH));
        between(at / BATCH);
      }
    }

    it("takes four times as long for four times as many", () => {
      const questions = (count: number) => {
        readBoth(count, () => {});
        deliveries.settle(1e12);
        assert.ok(states().every((state, id) => state === (id < count ? 2 : 4)));
        return table.asked;
      };
      const few = questions(10_000);
      const many = questions(40_000);
      assert.ok(many < few * 6, `${few} questions, then ${many}`);
    });

    it("takes nothing for lost of which the other end has just been read", () => {
      const count = 20_000;
      const told = new Set<Delivery>();
      readBoth(count, (piece) => {
        for (let id = piece * BATCH; id < (piece + 1) * BATCH; id++) told.add(deliveries.of(id));
      });
      assert.deepEqual([...told].sort(), [Delivery.pending, Delivery.delivered]);
      assert.ok(deliveries.settle(1e12) < Number.POSITIVE_INFINITY, "the rest is told then");
      assert.equal(deliveries.settle(1e12), Number.POSITIVE_INFINITY);
    });
  });
});
