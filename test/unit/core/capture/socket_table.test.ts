import assert from "node:assert/strict";
import { ownerKey } from "../../../../extension/core/capture/socket_owner.ts";
import { SocketTable } from "../../../../extension/core/capture/socket_table.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";

function owner(options: { writer?: string; startedAt?: number; thread?: number } = {}) {
  const { writer = "w", thread = 0, startedAt } = options;
  const program = { writer, name: "a.ts", command: "", runtime: "", pid: 1, ppid: 0 };
  return { program, thread, startedAt, isForeign: false, key: ownerKey(program, thread) };
}

describe("SocketTable", () => {
  let table: SocketTable;
  let changes: number;

  beforeEach(() => {
    changes = 0;
    table = new SocketTable(() => changes++);
  });

  /** The place of a socket that one more interface of a file is. */
  function mentioned(number: number, of = owner()): number {
    const place = table.place(of, number);
    table.mention(place);
    table.setName(place, `127.0.0.1:${1000 + number}`);
    return place;
  }

  it("hands out the same object for a socket as long as it is open", () => {
    const place = mentioned(1);
    const socket = table.get(place);
    assert.equal(table.get(place), socket);
    assert.deepEqual([...table.open()], [socket]);
    assert.deepEqual([socket.name, socket.state], ["127.0.0.1:1001", "bound"]);
    table.setName(place, "[::1]:5");
    table.count(place, Direction.in);
    table.count(place, Direction.out);
    table.count(place, Direction.out);
    table.count(place, Direction.unknown);
    assert.deepEqual(socket.local, { address: "::1", port: 5 });
    assert.deepEqual([socket.received, socket.sent], [1, 2]);
    table.close(place, 7);
    assert.deepEqual([socket.state, socket.closedAt, [...table.open()]], ["closed", 7, []]);
    assert.equal(table.get(place).received, 1);
    assert.ok(changes > 0);
  });

  it("keeps a closed socket as long as a file names it, and one that is open in any case", () => {
    const closed = mentioned(1);
    assert.equal(mentioned(1), closed, "in the next segment");
    const open = mentioned(2);
    table.close(closed);
    table.forget([closed, open], 0);
    assert.equal(table.size, 2);
    table.forget([closed], 0);
    assert.equal(table.size, 1);
    assert.throws(() => table.get(closed), RangeError);
    assert.equal(table.get(open).state, "bound");
    table.close(open);
    assert.deepEqual([table.size, table.added], [0, 2]);
    assert.deepEqual([...table], []);
  });

  it("gives the place of a socket that is gone to another one, which has nothing of it", () => {
    const place = mentioned(1);
    const before = table.get(place);
    table.count(place, Direction.in);
    table.countMissing(place, 3);
    table.fail(place, "EADDRINUSE");
    assert.deepEqual(
      [before.state, before.failure, before.notRecorded],
      ["failed", "EADDRINUSE", 3],
    );
    table.close(place, 9);
    assert.equal(before.state, "failed", "what was never open is not closed");
    assert.equal(table.forget([place], 0), 3, "what is missing is counted by who gives it up");
    assert.equal(table.notRecorded, 0);
    const again = mentioned(1);
    assert.equal(again, place);
    const after = table.get(again);
    assert.notEqual(after.id, before.id);
    assert.deepEqual(
      [after.state, after.failure, after.received, after.notRecorded],
      ["bound", "", 0, 0],
    );
    table.count(again, Direction.in);
    assert.deepEqual(
      [before.name, before.state, before.received],
      ["127.0.0.1:1001", "closed", 0],
      "who still has the old one learns nothing of the new one",
    );
    assert.deepEqual([table.has(after), table.has({ ...after })], [true, false]);
    assert.equal(new SocketTable(() => {}).has(after), false);
  });

  it("ends only the socket that it is given", () => {
    const place = mentioned(1);
    const before = table.get(place);
    table.close(place);
    table.forget([place], 0);
    const after = table.get(mentioned(2));
    table.closeLeftOpen(before);
    assert.equal(after.state, "bound");
    table.closeLeftOpen(after);
    assert.deepEqual([after.state, after.closedAt], ["closed", undefined]);
  });

  it("guesses the time of binding from the earliest that is told, and believes what the writer tells before that", () => {
    const place = mentioned(1);
    assert.equal(table.get(place).boundAt, undefined);
    for (const time of [30, 20, 40]) table.guessBoundAt(place, time);
    assert.equal(table.get(place).boundAt, 20);
    table.setBoundAt(place, 25);
    table.guessBoundAt(place, 10);
    assert.equal(table.get(place).boundAt, 25);
  });

  it("tells which socket was there before, whichever was read first", () => {
    const late = mentioned(1, owner({ writer: "late", startedAt: 20 }));
    const second = mentioned(2, owner({ writer: "early", startedAt: 10 }));
    const first = mentioned(1, owner({ writer: "early", startedAt: 10 }));
    const twin = mentioned(1, owner({ writer: "early", startedAt: 10, thread: 5 }));
    const order = [first, second, twin, late];
    for (const [index, one] of order.entries()) {
      for (const [other, another] of order.entries()) {
        assert.equal(table.isEarlier(one, another), index < other, `${index} and ${other}`);
      }
    }
  });

  it("holds thousands, and finds each again", () => {
    const places = Array.from({ length: 5000 }, (_, number) => mentioned(number));
    assert.equal(table.size, 5000);
    for (const [number, place] of places.entries()) {
      assert.equal(mentioned(number), place);
      assert.equal(table.get(place).name, `127.0.0.1:${1000 + number}`);
    }
    for (const place of places) table.close(place);
    table.forget([...places, ...places], 0);
    assert.equal(table.size, 0);
    assert.deepEqual(
      Array.from({ length: 5000 }, (_, number) => mentioned(number)).sort((a, b) => a - b),
      places,
      "no place is wasted",
    );
  });
});
