import assert from "node:assert/strict";
import { RowStore } from "../../../../extension/webview/datagrams/grid/row_store.ts";
import { Selection } from "../../../../extension/webview/datagrams/grid/selection.ts";
import type { DatagramRow } from "../../../../extension/webview/datagrams/protocol.ts";

function store(ids: readonly number[], first = 0, total = ids.length): RowStore {
  const rows = new RowStore();
  rows.captureChanged(total, 0);
  answer(rows, ids, first);
  return rows;
}

function answer(rows: RowStore, ids: readonly number[], first = 0): void {
  const view = { first, end: first + ids.length };
  rows.ask(view);
  const given = ids.map((id): DatagramRow => {
    const ends = { local: "a:1", peer: "b:2" };
    return {
      id,
      time: 0,
      direction: "in",
      ...ends,
      length: 0,
      preview: "",
      note: "",
      isAnomaly: false,
      delta: 0,
    };
  });
  rows.answered(first, given, view);
}

describe("Selection", () => {
  it("is empty at first", () => {
    assert.ok(new Selection().isEmpty);
    assert.equal(new Selection(7).isEmpty, false);
  });

  it("takes the id of what is shown at a position", () => {
    const selection = new Selection();
    selection.select(1, store([10, 11, 12]));
    assert.equal(selection.id, 11);
    assert.equal(selection.position, 1);
  });

  it("waits for the id of a row that is on its way, and tells once when it is there", () => {
    const selection = new Selection();
    const rows = store([10], 0, 100);
    selection.select(99, rows);
    assert.equal(selection.id, undefined);
    assert.equal(selection.isEmpty, false);
    assert.equal(selection.rowsChanged(rows), false);
    answer(rows, [109], 99);
    assert.equal(selection.rowsChanged(rows), true);
    assert.equal(selection.id, 109);
    assert.equal(selection.rowsChanged(rows), false);
  });

  it("goes with its row when that is found elsewhere", () => {
    const selection = new Selection();
    const rows = store([10, 11, 12]);
    selection.select(1, rows);
    rows.captureChanged(4, 0);
    answer(rows, [10, 13, 11, 12]);
    assert.equal(selection.rowsChanged(rows), false);
    assert.deepEqual([selection.id, selection.position], [11, 2]);
  });

  it("keeps the last known position while its row is out of sight", () => {
    const selection = new Selection();
    selection.select(1, store([10, 11, 12]));
    selection.rowsChanged(store([90, 91], 90, 100));
    assert.deepEqual([selection.id, selection.position], [11, 1]);
  });

  it("believes the host about where its row is, and about nothing else", () => {
    const selection = new Selection(7);
    assert.equal(selection.position, undefined);
    selection.located(8, 3);
    assert.equal(selection.position, undefined);
    selection.located(7, 42);
    assert.equal(selection.position, 42);
    selection.located(8, undefined);
    assert.equal(selection.id, 7);
    selection.located(7, undefined);
    assert.ok(selection.isEmpty);
  });

  it("is empty again when it is cleared", () => {
    const selection = new Selection();
    selection.select(0, store([10]));
    selection.clear();
    assert.ok(selection.isEmpty);
  });

  describe("of several rows", () => {
    const ids = Array.from({ length: 20 }, (_, index) => 100 + index);

    it("extends from where it began, in both directions", () => {
      const rows = store(ids);
      const selection = new Selection();
      selection.select(5, rows);
      selection.extend(8, rows);
      assert.deepEqual(selection.runs, [[5, 8]]);
      assert.deepEqual([selection.id, selection.position, selection.count], [108, 8, 4]);
      selection.extend(3, rows);
      assert.deepEqual(selection.runs, [[3, 5]]);
      selection.extend(5, rows);
      assert.deepEqual(selection.runs, [[5, 5]]);
      selection.select(9, rows);
      assert.deepEqual(selection.runs, [[9, 9]]);
    });

    it("takes rows in and out one by one", () => {
      const rows = store(ids);
      const selection = new Selection();
      selection.toggle(5, rows);
      selection.toggle(9, rows);
      assert.deepEqual(selection.runs, [
        [5, 5],
        [9, 9],
      ]);
      assert.ok(selection.has(5, 105) && selection.has(9, 109) && !selection.has(7, 107));
      selection.toggle(9, rows);
      assert.deepEqual([selection.runs, selection.id], [[[5, 5]], 109]);
      assert.equal(selection.has(9, 109), false, "active, but not selected");
      selection.extend(11, rows);
      assert.deepEqual(selection.runs, [[9, 11]]);
    });

    it("can be all", () => {
      const rows = store(ids.slice(0, 3), 0, 1_000_000);
      const selection = new Selection();
      selection.selectAll(rows);
      assert.deepEqual([selection.runs, selection.id], [[[0, 999_999]], 100]);
      selection.collapse();
      assert.deepEqual(selection.runs, [[0, 0]]);
      const empty = new Selection();
      empty.selectAll(store([]));
      assert.ok(empty.isEmpty);
    });

    it("goes where its active row goes, and ends with the capture", () => {
      const rows = store(ids);
      const selection = new Selection();
      selection.select(5, rows);
      selection.extend(8, rows);
      selection.located(108, 10);
      assert.deepEqual(selection.runs, [[7, 10]]);
      selection.captureChanged(20, 6);
      assert.deepEqual([selection.runs, selection.position], [[[1, 4]], 4]);
      selection.extend(0, rows);
      assert.deepEqual(selection.runs, [[0, 1]], "the beginning went along");
      selection.extend(9, rows);
      selection.captureChanged(6, 0);
      assert.deepEqual(selection.runs, [[1, 5]]);
    });

    it("is empty when its active row is removed from the front", () => {
      const rows = store(ids);
      const selection = new Selection();
      selection.select(5, rows);
      selection.captureChanged(14, 6);
      assert.ok(selection.isEmpty);
      assert.deepEqual([selection.runs, selection.count], [[], 0]);
    });
  });
});
