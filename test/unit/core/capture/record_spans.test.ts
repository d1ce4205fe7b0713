import assert from "node:assert/strict";
import { RecordSpans } from "../../../../extension/core/capture/record_spans.ts";

/** A span between two gaps that is shorter is not kept. */
const LEAST = 10;
const SOCKET = 3;

describe("RecordSpans", () => {
  let spans: RecordSpans;
  let changes: number[];
  const told = () => spans.ofSocket(SOCKET).map(({ from, to }) => [from, to]);
  const count = (span: number, ...times: number[]) => {
    for (const time of times) spans.count(SOCKET, span, time);
  };

  beforeEach(() => {
    changes = [];
    spans = new RecordSpans(LEAST, (time) => changes.push(time));
  });

  it("are one since the socket was bound as long as nothing is missing", () => {
    const span = spans.open(SOCKET, 0, false);
    spans.tell(span, 100, 0, 0);
    count(span, 110, 150);
    spans.tell(span, 200, 2, 0);
    assert.deepEqual(spans.ofSocket(SOCKET), [
      { from: Number.NEGATIVE_INFINITY, to: 200, isSinceBound: true, isStopped: false },
    ]);
    assert.deepEqual(changes, []);
  });

  it("end with the record before a drop, and go on with the one that tells it", () => {
    const span = spans.open(SOCKET, 0, false);
    spans.tell(span, 100, 0, 0);
    count(span, 110);
    spans.drop(span, 150, 4);
    count(span, 150);
    assert.deepEqual(told(), [
      [Number.NEGATIVE_INFINITY, 110],
      [150, 150],
    ]);
    assert.deepEqual(changes, [110]);
    spans.tell(span, 200, 6, 4);
    assert.deepEqual(told().at(-1), [150, 200], "the same drops are no news");
    spans.tell(span, 300, 7, 5);
    assert.deepEqual(told().at(-1), [300, 300], "no record has told of this one");
  });

  it("are told apart up to a limit, and nothing is known of what is between more gaps", () => {
    const span = spans.open(SOCKET, 0, false);
    const gaps = 5000;
    for (let gap = 1; gap <= gaps; gap++) {
      spans.drop(span, 100 * gap, 1);
      count(span, 100 * gap, 100 * gap + 50);
    }
    const all = told();
    assert.equal(all.length, 4097);
    assert.deepEqual(all[4095], [100 * 4096, 100 * 4096 + 50]);
    assert.deepEqual(all.at(-1), [100 * gaps, 100 * gaps + 50]);
    // Those of another file are told apart as well.
    spans.forget(SOCKET, 0);
    const other = spans.open(SOCKET, 1, false);
    count(other, 10, 60);
    spans.drop(other, 100, 1);
    count(other, 100, 150);
    assert.equal(told().length, 2);
  });

  it("do not take drops for news that statistics have told before, nor hide others behind them", () => {
    const span = spans.open(SOCKET, 0, false);
    spans.tell(span, 100, 3, 3);
    spans.drop(span, 150, 3);
    count(span, 150);
    spans.tell(span, 200, 4, 3);
    assert.deepEqual(told().at(-1), [150, 200]);
    spans.tell(span, 300, 6, 5);
    assert.deepEqual(told().at(-1), [300, 300]);
  });

  it("begin, where the files before are not there, with the first statistics", () => {
    const span = spans.open(SOCKET, 0, true);
    count(span, 50);
    assert.deepEqual(told(), []);
    spans.tell(span, 100, 7, 2);
    count(span, 120);
    assert.deepEqual(spans.ofSocket(SOCKET), [
      { from: 100, to: 120, isSinceBound: false, isStopped: false },
    ]);
    assert.deepEqual(changes, [100]);
  });

  it("tell that the last file is not read on, until a later one goes on, or it is forgotten", () => {
    const isStopped = () => spans.ofSocket(SOCKET).at(-1)?.isStopped;
    const span = spans.open(SOCKET, 0, false);
    count(span, 50);
    spans.stop(span);
    assert.deepEqual([isStopped(), changes], [true, [50]]);
    const next = spans.open(SOCKET, 1, true);
    spans.tell(next, 100, 1, 0);
    assert.equal(isStopped(), false);
    spans.forget(SOCKET, 1);
    assert.equal(isStopped(), true);
    spans.forget(SOCKET, 0);
    count(spans.open(SOCKET, 2, false), 50);
    assert.equal(isStopped(), false);
  });

  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    it(`are one over files that follow each other, read in the order ${order.join(", ")}`, () => {
      const files: number[] = [];
      for (const file of order) {
        const span = spans.open(SOCKET, file, file > 0);
        files[file] = span;
        spans.tell(span, 100 * file, 2 * file, 0);
        count(span, 100 * file + 10, 100 * file + 20);
      }
      assert.deepEqual(told(), [[Number.NEGATIVE_INFINITY, 220]]);
      spans.forget(SOCKET, 1);
      assert.deepEqual(told(), [
        [Number.NEGATIVE_INFINITY, 20],
        [200, 220],
      ]);
      spans.forget(SOCKET, 0);
      assert.deepEqual(told(), [[200, 220]]);
      spans.forget(SOCKET);
      assert.deepEqual(told(), []);
    });
  }

  it("tell of a change when an earlier file is read on, as what follows may fit now", () => {
    const first = spans.open(SOCKET, 0, false);
    count(first, 10);
    const second = spans.open(SOCKET, 1, true);
    spans.tell(second, 100, 2, 0);
    assert.equal(told().length, 2);
    changes = [];
    count(first, 20);
    assert.deepEqual(changes, [10]);
    assert.deepEqual(told(), [[Number.NEGATIVE_INFINITY, 100]]);
  });

  it("know of drops between two files", () => {
    const first = spans.open(SOCKET, 0, false);
    count(first, 10);
    const second = spans.open(SOCKET, 1, true);
    spans.tell(second, 100, 4, 3);
    assert.deepEqual(told(), [
      [Number.NEGATIVE_INFINITY, 10],
      [100, 100],
    ]);
  });

  it("begin anew behind what was cleared", () => {
    const span = spans.open(SOCKET, 0, false);
    spans.clearSocket(SOCKET);
    assert.deepEqual(told(), [[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]]);
    count(span, 10, 20);
    spans.clearSocket(SOCKET);
    count(span, 30);
    assert.deepEqual(spans.ofSocket(SOCKET), [
      { from: 20, to: 30, isSinceBound: false, isStopped: false },
    ]);
  });

  it("are as many as there are seconds, not as there are gaps", () => {
    const span = spans.open(SOCKET, 0, false);
    for (let time = 0; time < 1000; time++) {
      spans.drop(span, time, 1);
      count(span, time);
    }
    assert.ok(told().length <= 2, `${told().length} spans`);
  });
});
