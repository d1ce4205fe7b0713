import assert from "node:assert/strict";
import fc from "fast-check";
import { Delivery, type PairedDelivery } from "../../../../extension/core/capture/delivery.ts";
import type { Flow } from "../../../../extension/core/capture/flow_table.ts";
import {
  CLEAR_US,
  NEAR_US,
  Sightings,
  type SightingTable,
} from "../../../../extension/core/capture/sightings.ts";
import { atOnce } from "../../../../extension/core/capture/steps.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { parseAddress } from "../../../../extension/core/wire/address.ts";
import { type Reading, readAtOnce } from "./reading.ts";
import { worlds } from "./worlds.ts";

/** Who recorded it, by which way, in microseconds after the first, and which payload. */
interface Fact {
  readonly by: "sender" | "receiver" | "command" | "other command";
  readonly at: number;
  readonly from?: string;
  readonly to?: string;
  readonly ports?: readonly [number, number];
  readonly payload?: number;
  /** What it starts with: the same for all, otherwise; 0 for too little to tell. */
  readonly head?: number;
  readonly isCut?: boolean;
  readonly wasOnItsWay?: boolean;
  /** Where it stands among those of the same time; where it was read, otherwise. */
  readonly rank?: number;
}

const START = 1_700_000_000_000_000;

/** A table of these records, which counts what is asked of it. */
class Facts implements SightingTable {
  readonly firstId = 0;
  readonly states = new Map<number, readonly [state: number, partner: number]>();
  readonly #flows = new Map<string, Flow>();
  readonly #facts: readonly Fact[];
  asked = 0;

  constructor(facts: readonly Fact[]) {
    this.#facts = facts;
  }

  nextId(id: number): number {
    return id;
  }

  has(id: number): boolean {
    return id < this.#facts.length;
  }

  time(id: number): number {
    this.asked++;
    return START + this.#fact(id).at;
  }

  flow(id: number): Flow {
    this.asked++;
    const { by, from = "127.0.0.1", to = "127.0.0.1", ports = [5000, 9999] } = this.#fact(id);
    const key = [by, from, to, ports].join(" ");
    const known = this.#flows.get(key);
    if (known) return known;
    const flow = {
      id: this.#flows.size,
      socket: 0,
      direction:
        by === "sender" ? Direction.out : by === "receiver" ? Direction.in : Direction.unknown,
      sourceAddress: parseAddress(from) ?? assert.fail(),
      sourcePort: ports[0],
      destinationAddress: parseAddress(to) ?? assert.fail(),
      destinationPort: ports[1],
      tunnel: by,
    };
    this.#flows.set(key, flow);
    return flow;
  }

  digest(id: number): number {
    const { payload = 1, isCut } = this.#fact(id);
    return isCut ? -payload : payload;
  }

  capturedLength(id: number): number {
    return this.#fact(id).isCut ? 6 : 7;
  }

  head(id: number): number {
    return this.#fact(id).head ?? 1;
  }

  wireLength(): number {
    return 7;
  }

  wasOnItsWay(id: number): boolean {
    return this.#fact(id).wasOnItsWay ?? true;
  }

  isTapped({ direction }: Flow): boolean {
    return direction !== Direction.unknown;
  }

  standsBefore(one: number, other: number): boolean {
    return (this.#fact(one).rank ?? one) < (this.#fact(other).rank ?? other);
  }

  delivery(id: number): PairedDelivery {
    return (this.states.get(id)?.[0] ?? Delivery.alone) as PairedDelivery;
  }

  partner(id: number): number {
    return this.states.get(id)?.[1] ?? id;
  }

  setDelivery(id: number, delivery: PairedDelivery, partner: number): void {
    this.states.set(id, [delivery, partner]);
  }

  #fact(id: number): Fact {
    return this.#facts[id] ?? assert.fail();
  }
}

/** The record that each one was seen of; undefined where it stands for itself. */
function seenOf(facts: readonly Fact[]): (number | undefined)[] {
  const table = new Facts(facts);
  const sightings = new Sightings(table);
  atOnce(sightings.taking(0, facts.length));
  return facts.map((_, id) =>
    table.delivery(id) === Delivery.seen ? table.partner(id) : undefined,
  );
}

const SENT: Fact = { by: "sender", at: 0 };
const SEEN: Fact = { by: "command", at: 40 };
const RECEIVED: Fact = { by: "receiver", at: 90 };

const TOLD: Readonly<Record<string, readonly [Fact[], (number | undefined)[]]>> = {
  "with the sending": [
    [SENT, SEEN, RECEIVED],
    [undefined, 0, undefined],
  ],
  "with the receipt where the sender is not watched": [
    [SEEN, RECEIVED],
    [1, undefined],
  ],
  "for each command that has captured it": [
    [SENT, SEEN, { ...SEEN, by: "other command" }],
    [undefined, 0, 0],
  ],
  "with a wildcard's": [
    [{ ...SENT, from: "0.0.0.0" }, SEEN, { ...RECEIVED, to: "0.0.0.0" }],
    [undefined, 0, undefined],
  ],
  "not with one of another payload": [
    [SENT, { ...SEEN, payload: 2 }],
    [undefined, undefined],
  ],
  "not with one between other ports": [
    [SENT, { ...SEEN, ports: [5001, 9999] }],
    [undefined, undefined],
  ],
  "not with one between other addresses": [
    [SENT, { ...SEEN, to: "127.0.0.2" }],
    [undefined, undefined],
  ],
  "not with one that never left": [
    [{ ...SENT, wasOnItsWay: false }, SEEN],
    [undefined, undefined],
  ],
  "not with one of long before": [
    [SENT, { ...SEEN, at: NEAR_US + 1 }],
    [undefined, undefined],
  ],
  "not where an equal one was sent nearby": [
    [SENT, SEEN, { ...SENT, at: CLEAR_US }],
    [undefined, undefined, undefined],
  ],
  "each with its own where equal ones are far apart": [
    [SENT, SEEN, { ...SENT, at: CLEAR_US * 2 }, { ...SEEN, at: CLEAR_US * 2 + 40 }],
    [undefined, 0, undefined, 2],
  ],
  "not where two were seen, and one was recorded": [
    [SENT, SEEN, { ...SEEN, at: CLEAR_US }],
    [undefined, undefined, undefined],
  ],
  "with the sending where it was captured in part": [
    [SENT, { ...SEEN, isCut: true }, RECEIVED],
    [undefined, 0, undefined],
  ],
  "for each command, one of which has captured it in part": [
    [SENT, SEEN, { ...SEEN, by: "other command", isCut: true }],
    [undefined, 0, 0],
  ],
  "not in part with one that starts with something else": [
    [SENT, { ...SEEN, isCut: true, head: 2 }],
    [undefined, undefined],
  ],
  "not in part where it is too short to tell": [
    [
      { ...SENT, head: 0 },
      { ...SEEN, isCut: true, head: 0 },
    ],
    [undefined, undefined],
  ],
  "not in part where another one that starts alike was sent nearby": [
    [SENT, { ...SEEN, isCut: true }, { ...SENT, payload: 2, at: CLEAR_US }],
    [undefined, undefined, undefined],
  ],
  "not in part where another one that starts alike was seen nearby": [
    [SENT, { ...SEEN, isCut: true }, { ...SEEN, payload: 2, at: CLEAR_US }],
    [undefined, undefined, undefined],
  ],
  "not where a wildcard's can be one of two machines'": [
    [
      { ...SENT, from: "0.0.0.0", to: "10.0.0.9" },
      { ...SEEN, from: "10.0.0.5", to: "10.0.0.9" },
      { ...SEEN, from: "10.0.0.6", to: "10.0.0.9" },
    ],
    [undefined, undefined, undefined],
  ],
  "not where a wildcard's can be another machine's of the same port": [
    [
      { ...SENT, from: "0.0.0.0", to: "224.0.0.251", ports: [5353, 5353] },
      { ...SEEN, from: "10.0.0.6", to: "224.0.0.251", ports: [5353, 5353] },
    ],
    [undefined, undefined],
  ],
};

describe("what a command captures of a datagram that a tap has recorded", () => {
  for (const [name, [facts, expected]] of Object.entries(TOLD)) {
    it(`is shown ${name}`, () => assert.deepEqual(seenOf(facts), expected));
  }

  it("is one row with that, and never with that of another one", () => {
    const found = new Set<string>();
    fc.assert(
      fc.property(worlds, (files) => {
        const reading = readAtOnce(files);
        const { capture, rows } = reading;
        assert.equal(rows.length, capture.length - capture.folded);
        for (let id = capture.firstId; id < capture.endId; id++) {
          const isForeign = capture.socket(capture.flow(id).socket).tapped === undefined;
          const isSeen = capture.delivery(id) === Delivery.seen;
          const isCut = capture.capturedLength(id) < capture.wireLength(id);
          found.add(`${isForeign} ${isSeen}`);
          if (isSeen && isCut) found.add("in part");
          assert.ok(isForeign || !isSeen, "a tap has recorded it itself");
          if (!isForeign) continue;
          assert.ok(
            isSeen || capture.delivery(id) === Delivery.alone,
            "a tap tells what became of it",
          );
          if (!isSeen) continue;
          assert.equal(reading.number(capture.partner(id)), reading.number(id));
          assert.equal(rows.rowOf(id), rows.rowOf(capture.shownWith(id)));
        }
      }),
      { numRuns: 1000 },
    );
    assert.ok(found.has("true true") && found.has("true false") && found.has("in part"));
  });

  it("stands for itself again, or with another one, when files are gone", () => {
    fc.assert(
      fc.property(worlds, fc.nat(), (files, dice) => {
        const gone = files[dice % files.length];
        if (gone === undefined) return;
        const reading = readAtOnce(files);
        reading.drop(gone);
        const rest = readAtOnce(files.filter((file) => file !== gone));
        assert.deepEqual(sightingsIn(reading), sightingsIn(rest));
      }),
      { numRuns: 1000 },
    );
  });

  it("does not depend on what was read first, however many are equal", () => {
    const fact = fc.record({
      by: fc.constantFrom("sender", "receiver", "command", "other command") as fc.Arbitrary<
        Fact["by"]
      >,
      // Many at once, some alone.
      at: fc.oneof(fc.nat(5), fc.nat(200), fc.nat(40)).map((steps) => steps * NEAR_US),
      from: fc.constantFrom("127.0.0.1", "0.0.0.0"),
      payload: fc.constantFrom(1, 1, 1, 2),
      isCut: fc.constantFrom(false, false, true),
    });
    const manyFacts = fc.array(fact, { minLength: 40, maxLength: 120 });
    let seen = 0;
    fc.assert(
      fc.property(manyFacts, fc.infiniteStream(fc.nat(1000)), (facts, dice) => {
        const roll = (below: number) => (dice.next().value ?? 0) % below;
        const ranked = facts.map((one, rank): Fact & { rank: number } => ({ ...one, rank }));
        const told = (read: readonly (Fact & { rank: number })[], sizes: () => number) => {
          const table = new Facts(read);
          const sightings = new Sightings(table);
          for (let at = 0; at < read.length; ) {
            const end = Math.min(read.length, at + sizes());
            atOnce(sightings.taking(at, end));
            at = end;
          }
          const pairs = read.flatMap(({ rank }, id) =>
            table.delivery(id) === Delivery.seen
              ? [`${rank} ${read[table.partner(id)]?.rank}`]
              : [],
          );
          seen += pairs.length;
          return pairs.sort();
        };
        const shuffled = ranked
          .map((one) => [roll(1000), one] as const)
          .sort(([one], [other]) => one - other)
          .map(([, one]) => one);
        assert.deepEqual(
          told(shuffled, () => 1 + roll(20)),
          told(ranked, () => ranked.length),
        );
      }),
      { numRuns: 500 },
    );
    assert.ok(seen > 1000, `only ${seen} were seen`);
  });

  for (const isCut of [false, true])
    it(`takes as long for each of four times as many equal ones${isCut ? ", captured in part" : ""}`, () => {
      const effort = (count: number) => {
        const facts = Array.from({ length: count }, (_, at) => ({
          ...(at % 2 ? { ...SEEN, isCut } : SENT),
          at: 0,
          // Only their starts are equal.
          ...(isCut && { payload: at }),
        }));
        const table = new Facts(facts);
        const sightings = new Sightings(table);
        for (let at = 0; at < count; at += 100) atOnce(sightings.taking(at, at + 100));
        return table.asked;
      };
      const growth = effort(8000) / effort(2000);
      assert.ok(growth < 6, `four times as many ask ${growth.toFixed(1)} times as much`);
    });
});

function sightingsIn(reading: Reading): string[] {
  const { capture } = reading;
  const told: string[] = [];
  for (let at = 0; at < capture.length; at++) {
    const id = capture.idAt(at);
    if (capture.delivery(id) !== Delivery.seen) continue;
    told.push(`${reading.place(id)} with ${reading.place(capture.partner(id))}`);
  }
  return told.sort();
}
