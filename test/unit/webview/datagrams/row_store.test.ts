import assert from "node:assert/strict";
import fc from "fast-check";
import { RowStore } from "../../../../extension/webview/datagrams/grid/row_store.ts";
import type { DatagramRow } from "../../../../extension/webview/datagrams/protocol.ts";

function row(id: number): DatagramRow {
  const ends = { local: "127.0.0.1:9999", peer: "127.0.0.1:53211" };
  return {
    id,
    time: id,
    direction: "in",
    ...ends,
    length: 1,
    preview: `${id}`,
    note: "",
    isAnomaly: false,
    delta: 0,
  };
}

function rowsFrom(first: number, count: number): DatagramRow[] {
  return Array.from({ length: count }, (_, index) => row(first + index));
}

const view = { first: 100, end: 110 };

/** A store of 1000 rows, those around the view known. */
function filled(): RowStore {
  const store = new RowStore();
  store.captureChanged(1000, 0);
  const asked = store.ask(view);
  assert.ok(asked);
  store.answered(asked.first, rowsFrom(asked.first, asked.count), view);
  return store;
}

describe("RowStore", () => {
  it("asks for a view's length on either side", () => {
    const store = new RowStore();
    store.captureChanged(1000, 0);
    assert.deepEqual(store.ask(view), { first: 90, count: 30 });
  });

  it("asks for no row that does not exist", () => {
    const store = new RowStore();
    assert.equal(store.ask({ first: 0, end: 0 }), undefined);
    store.captureChanged(7, 0);
    assert.deepEqual(store.ask({ first: 0, end: 7 }), { first: 0, count: 7 });
  });

  it("asks one question at a time", () => {
    const store = new RowStore();
    store.captureChanged(1000, 0);
    assert.ok(store.ask(view));
    assert.equal(store.ask({ first: 500, end: 510 }), undefined);
    store.answered(90, rowsFrom(90, 30), view);
    assert.deepEqual(store.ask({ first: 500, end: 510 }), { first: 490, count: 30 });
  });

  it("does not ask again for what it knows, nor for every row that comes near", () => {
    const store = filled();
    assert.equal(store.ask(view), undefined);
    assert.equal(store.ask({ first: 103, end: 113 }), undefined);
    assert.deepEqual(store.ask({ first: 106, end: 116 }), { first: 120, count: 6 });
  });

  it("never asks for more than 500 rows", () => {
    const store = new RowStore();
    store.captureChanged(100_000, 0);
    assert.deepEqual(store.ask({ first: 1000, end: 1800 }), { first: 200, count: 500 });
  });

  it("does not ask when the capture changes beyond the view", () => {
    const store = filled();
    store.captureChanged(2000, 1000);
    assert.equal(store.ask(view), undefined);
  });

  it("asks again for rows that changed, and shows the old ones until then", () => {
    const store = filled();
    store.captureChanged(1001, 105);
    assert.equal(store.at(107)?.id, 107);
    assert.equal(store.missing(view), 0);
    assert.deepEqual(store.ask(view), { first: 105, count: 15 });
    store.answered(105, rowsFrom(1105, 15), view);
    assert.equal(store.at(107)?.id, 1107);
    assert.equal(store.ask(view), undefined);
  });

  it("asks again where the capture changed while the answer was under way", () => {
    const store = new RowStore();
    store.captureChanged(1000, 0);
    store.ask(view);
    store.captureChanged(1001, 118);
    store.answered(90, rowsFrom(90, 30), view);
    assert.equal(store.at(119)?.id, 119);
    assert.deepEqual(store.ask({ first: 108, end: 118 }), { first: 118, count: 10 });
  });

  it("does not ask for ever when the host has fewer rows than it said", () => {
    const store = new RowStore();
    store.captureChanged(1000, 0);
    store.ask({ first: 0, end: 10 });
    store.answered(0, rowsFrom(0, 4), { first: 0, end: 10 });
    assert.equal(store.ask({ first: 0, end: 10 }), undefined);
    store.captureChanged(1000, 4);
    assert.deepEqual(store.ask({ first: 0, end: 10 }), { first: 4, count: 16 });
  });

  it("forgets what the capture lost", () => {
    const store = filled();
    store.captureChanged(105, 105);
    assert.equal(store.at(105), undefined);
    assert.equal(store.at(104)?.id, 104);
    store.captureChanged(0, 0);
    assert.equal(store.at(104), undefined);
    assert.equal(store.total, 0);
  });

  it("drops an answer that came too late for a capture that was cleared", () => {
    const store = new RowStore();
    store.captureChanged(1000, 0);
    store.ask(view);
    store.captureChanged(0, 0);
    store.answered(90, rowsFrom(90, 30), { first: 0, end: 0 });
    assert.equal(store.at(100), undefined);
  });

  it("knows where a row is, unless it may have moved", () => {
    const store = filled();
    assert.equal(store.positionOf(107), 107);
    assert.equal(store.positionOf(500), undefined);
    store.captureChanged(1001, 107);
    assert.equal(store.positionOf(106), 106);
    assert.equal(store.positionOf(107), undefined);
  });

  it("keeps a bounded number of rows, however far somebody scrolls", () => {
    const store = new RowStore();
    store.captureChanged(10_000_000, 0);
    for (let first = 0; first < 1_000_000; first += 5000) {
      const here = { first, end: first + 50 };
      const asked = store.ask(here);
      assert.ok(asked);
      store.answered(asked.first, rowsFrom(asked.first, asked.count), here);
      assert.equal(store.missing(here), 0);
    }
    let kept = 0;
    for (let position = 0; position < 1_000_000; position++) if (store.at(position)) kept++;
    assert.ok(kept < 2500, `${kept} rows kept`);
  });

  it("moves what it knows when rows are removed from the front", () => {
    const store = filled();
    store.removedFromFront(95);
    store.captureChanged(905, 905);
    assert.equal(store.total, 905);
    assert.equal(store.at(0)?.id, 95);
    assert.equal(store.at(24)?.id, 119);
    assert.equal(store.positionOf(107), 12);
    assert.equal(store.ask({ first: 5, end: 15 }), undefined, "nothing changed");
  });

  it("does not believe an answer about positions that became others meanwhile", () => {
    for (const change of ["removedFromFront", "clear"] as const) {
      const store = new RowStore();
      store.captureChanged(1000, 0);
      store.ask(view);
      store[change](10);
      store.answered(90, rowsFrom(90, 30), view);
      assert.equal(store.at(100), undefined);
      const asked = store.ask(view);
      assert.ok(asked, "asks again");
      store.answered(asked.first, rowsFrom(7000, asked.count), view);
      assert.equal(store.at(100)?.id, 7010);
    }
  });

  it("knows nothing of other rows", () => {
    const store = filled();
    store.clear();
    assert.equal(store.at(100), undefined);
    assert.deepEqual(store.ask(view), { first: 90, count: 30 });
  });

  it("ends up with the rows of the capture, however it changed on the way", () => {
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), top: fc.nat(60) });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 30 }),
        fc.infiniteStream(fc.boolean()),
        (changes, late) => {
          let capture = rowsFrom(0, 40);
          let next = 40;
          const store = new RowStore();
          store.captureChanged(capture.length, 0);
          let here = { first: 0, end: 10 };
          const answer = (asked: { first: number; count: number }, source: DatagramRow[]) =>
            store.answered(asked.first, source.slice(asked.first, asked.first + asked.count), here);
          for (const { at, top } of changes) {
            const asked = store.ask(here);
            const before = capture;
            const position = Math.floor(at * capture.length);
            capture = capture.toSpliced(position, 0, row(next++));
            const isLate = late.next().value;
            if (asked && !isLate) answer(asked, before);
            store.captureChanged(capture.length, position);
            // The host may have read its rows before the change and sent them after it.
            if (asked && isLate) answer(asked, before);
            here = {
              first: Math.min(top, capture.length),
              end: Math.min(top + 10, capture.length),
            };
          }
          for (let asked = store.ask(here); asked; asked = store.ask(here)) answer(asked, capture);
          for (let position = here.first; position < here.end; position++) {
            assert.equal(store.at(position)?.id, capture[position]?.id);
          }
        },
      ),
    );
  });
});
