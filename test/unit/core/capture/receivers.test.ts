import assert from "node:assert/strict";
import type { Flow } from "../../../../extension/core/capture/flow_table.ts";
import { Receivers, type Stretch } from "../../../../extension/core/capture/receivers.ts";
import { parseAddress } from "../../../../extension/core/wire/address.ts";

const EVER = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
const WHOLE = { isKnown: true, isSinceBound: true };

const ids = new Map<string, number>();

const to = (address: string, destinationPort = 9): Flow => {
  const name = `${address} ${destinationPort}`;
  const id = ids.get(name) ?? ids.size;
  ids.set(name, id);
  return { id, destinationAddress: parseAddress(address), destinationPort } as Flow;
};

describe("Receivers", () => {
  let stretches: Map<number, Pick<Stretch, "from" | "to">>;
  let receivers: Receivers;

  beforeEach(() => {
    stretches = new Map();
    receivers = new Receivers((socket) => [{ ...(stretches.get(socket) ?? EVER), ...WHOLE }]);
  });

  for (const [own, destination, isReceiver] of [
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.2", false],
    ["10.0.0.2", "10.0.0.2", true],
    ["0.0.0.0", "127.0.0.2", true],
    ["0.0.0.0", "::1", false],
    ["::", "::1", true],
    ["::", "127.0.0.1", true],
    ["::1", "::1", true],
    ["::1", "::2", false],
    // Its first bytes are the same.
    ["32.1.13.184", "2001:db8::", false],
  ] as const) {
    it(`${isReceiver ? "have" : "do not have"} one on ${own} for what goes to ${destination}`, () => {
      receivers.add(0, { address: own, port: 9 });
      assert.equal(receivers.isWatched(to(destination), 1, false), isReceiver);
      assert.equal(receivers.isWatched(to(destination, 10), 1, false), false);
    });
  }

  it("have none on a wildcard for what goes to another machine, as far as anybody knows", () => {
    receivers.add(0, { address: "0.0.0.0", port: 9 });
    assert.equal(receivers.isWatched(to("10.0.0.2"), 1, false), false);
    assert.equal(receivers.isWatched(to("10.0.0.2"), 1, true), true, "something has arrived");
    receivers.add(1, { address: "10.0.0.2", port: 5 });
    receivers.add(2, { address: "10.0.0.2", port: 6 });
    assert.equal(
      receivers.isWatched(to("10.0.0.2"), 1, false),
      true,
      "it is one of this machine's",
    );
    receivers.remove(new Set([1]));
    assert.equal(receivers.isWatched(to("10.0.0.2"), 1, false), true);
    receivers.remove(new Set([2]));
    assert.equal(receivers.isWatched(to("10.0.0.2"), 1, false), false);
  });

  it("know of a flow whether there ever was one, and nothing of one that had its id before", () => {
    stretches.set(0, { from: 5, to: 4 });
    receivers.add(0, { address: "0.0.0.0", port: 9 });
    assert.equal(receivers.hasReceiver(to("10.0.0.2")), true);
    assert.equal(receivers.hasReceiver(to("::1")), false);
    receivers.forgetFlows();
    assert.equal(receivers.hasReceiver({ ...to("10.0.0.2"), id: to("::1").id }), true);
    receivers.remove(new Set([0]));
    assert.equal(receivers.hasReceiver(to("10.0.0.2")), false);
  });

  it("take nothing in that is bound to no address", () => {
    receivers.add(0, { address: "lo", port: 9 });
    assert.equal(receivers.takeChangedFrom(), Number.POSITIVE_INFINITY);
  });

  it("tell of any number of sockets of one end when one of them was there", () => {
    for (const [socket, [from, stop]] of [
      [10, 20],
      [50, 60],
      [15, 30],
      [16, 18],
      [70, 65],
    ].entries()) {
      stretches.set(socket, { from: from ?? 0, to: stop ?? 0 });
      receivers.add(socket, { address: "127.0.0.1", port: 9 });
    }
    const watched = Array.from({ length: 80 }, (_, time) => time).filter((time) =>
      receivers.isWatched(to("127.0.0.1"), time, false),
    );
    const range = (from: number, end: number) =>
      Array.from({ length: end - from + 1 }, (_, index) => from + index);
    assert.deepEqual(watched, [...range(10, 30), ...range(50, 60)]);
    receivers.remove(new Set([0, 1]));
    assert.equal(receivers.isWatched(to("127.0.0.1"), 12, false), false);
    assert.equal(receivers.isWatched(to("127.0.0.1"), 15, false), true);
  });

  it("do not know of what was sent when one of an end may have no record of it, though another one was there", () => {
    const of: Record<number, Stretch[]> = {
      1: [{ from: 10, to: 50, ...WHOLE }],
      2: [
        { from: 40, to: 60, ...WHOLE, isKnown: false, isSinceBound: false },
        { from: 61, to: 90, ...WHOLE, isSinceBound: false },
      ],
    };
    receivers = new Receivers((socket) => of[socket] ?? []);
    receivers.add(1, { address: "127.0.0.1", port: 9 });
    receivers.add(2, { address: "::", port: 9 });
    const times = [9, 10, 39, 40, 50, 60, 61, 90, 91];
    assert.deepEqual(
      times.filter((time) => receivers.isWatched(to("127.0.0.1"), time, false)),
      [10, 39, 61, 90],
    );
  });

  it("know all that a sender has sent within the last second, or since it was bound", () => {
    const SECOND = 1_000_000;
    const from = (address: string) =>
      ({ sourceAddress: parseAddress(address), sourcePort: 9 }) as Flow;
    const stretch = { ...WHOLE, from: 10 * SECOND, to: 20 * SECOND };
    const knows = (isSinceBound: boolean, own = "127.0.0.1", at = 10.5) => {
      receivers = new Receivers(() => [{ ...stretch, isSinceBound }]);
      receivers.add(1, { address: own, port: 9 });
      return receivers.isSenderKnown(from("127.0.0.1"), at * SECOND);
    };
    assert.deepEqual([knows(true), knows(false)], [true, false], "a gap is in the last second");
    assert.deepEqual([knows(false, "127.0.0.1", 11), knows(true, "127.0.0.1", 9)], [true, false]);
    assert.deepEqual([knows(true, "0.0.0.0"), knows(true, "::")], [true, true]);
    assert.deepEqual([knows(true, "127.0.0.2"), knows(true, "127.0.0.1", 22)], [false, false]);

    // A program that was killed had the port before: nobody knows what it sent last.
    const of: Record<number, Stretch[]> = {
      1: [stretch],
      2: [
        { ...WHOLE, from: SECOND, to: 2 * SECOND },
        { from: 2 * SECOND, to: 3 * SECOND, isKnown: false, isSinceBound: false },
      ],
    };
    for (const own of ["127.0.0.1", "0.0.0.0"]) {
      receivers = new Receivers((socket) => of[socket] ?? []);
      receivers.add(1, { address: own, port: 9 });
      receivers.add(2, { address: "127.0.0.1", port: 9 });
      const known = [10.5, 11].map((at) => receivers.isSenderKnown(from("127.0.0.1"), at * SECOND));
      assert.deepEqual(known, [false, true]);
    }
  });

  it("know of a change when they are told of it, and tell from when on", () => {
    stretches.set(3, { from: 100, to: 200 });
    receivers.add(3, { address: "127.0.0.1", port: 9 });
    assert.equal(receivers.takeChangedFrom(), 100);
    assert.equal(receivers.takeChangedFrom(), Number.POSITIVE_INFINITY);
    assert.equal(receivers.isWatched(to("127.0.0.1"), 150, false), true);
    stretches.set(3, { from: 100, to: 140 });
    receivers.changed(140);
    receivers.changed(160);
    assert.equal(receivers.isWatched(to("127.0.0.1"), 150, false), false);
    assert.equal(receivers.takeChangedFrom(), 140);
    receivers.add(3, { address: "127.0.0.1", port: 9 });
    assert.equal(receivers.takeChangedFrom(), Number.POSITIVE_INFINITY, "the same again");
    receivers.changed(undefined);
    assert.equal(receivers.takeChangedFrom(), Number.NEGATIVE_INFINITY);
  });

  it("look at no more sockets than have the same end, and at those once", () => {
    let asked = 0;
    receivers = new Receivers(() => {
      asked++;
      return [{ ...EVER, ...WHOLE }];
    });
    const count = 2000;
    for (let port = 1; port <= count; port++) receivers.add(port, { address: "127.0.0.1", port });
    for (let port = 1; port <= count; port++) receivers.add(-port, { address: "::1", port: 1 });
    asked = 0;
    for (let port = 1; port <= count; port++) {
      receivers.isWatched(to("127.0.0.1", port), 1, false);
      receivers.isWatched(to("::1", 1), 1, false);
    }
    assert.equal(asked, 2 * count);
  });
});
