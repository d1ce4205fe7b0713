import assert from "node:assert/strict";
import { moveByKey } from "../../../../extension/webview/datagrams/grid/grid_keys.ts";

const geometry = { total: 100, rowHeight: 20, viewHeight: 200 };

function press(key: string, selected?: number, modifiers: object = {}): number | undefined {
  const plain = { key, ctrlKey: false, metaKey: false, altKey: false };
  return moveByKey({ ...plain, ...modifiers }, geometry, 400, selected);
}

describe("moveByKey", () => {
  it("moves by rows, pages and to the ends", () => {
    assert.equal(press("ArrowDown", 25), 26);
    assert.equal(press("ArrowUp", 25), 24);
    assert.equal(press("PageDown", 25), 34);
    assert.equal(press("PageUp", 25), 16);
    assert.equal(press("Home", 25), 0);
    assert.equal(press("End", 25), 99);
    assert.equal(press("Home", 25, { ctrlKey: true }), 0);
    assert.equal(press("End", 25, { ctrlKey: true }), 99);
  });

  it("stays within the list", () => {
    assert.equal(press("ArrowUp", 0), 0);
    assert.equal(press("PageUp", 3), 0);
    assert.equal(press("ArrowDown", 99), 99);
    assert.equal(press("PageDown", 95), 99);
  });

  it("starts with what is in view", () => {
    assert.equal(press("ArrowDown"), 20);
    assert.equal(press("ArrowUp"), 29);
  });

  it("leaves other keys alone", () => {
    for (const key of ["a", "Enter", "Tab", "ArrowLeft", "F1"])
      assert.equal(press(key, 5), undefined);
    assert.equal(press("ArrowDown", 5, { altKey: true }), undefined);
    assert.equal(press("ArrowDown", 5, { metaKey: true }), undefined);
    assert.equal(press("ArrowDown", 5, { ctrlKey: true }), undefined);
  });

  it("has nowhere to go in an empty list", () => {
    const empty = { ...geometry, total: 0 };
    const key = { key: "End", ctrlKey: false, metaKey: false, altKey: false };
    assert.equal(moveByKey(key, empty, 0, undefined), undefined);
  });
});
