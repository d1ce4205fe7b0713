import assert from "node:assert/strict";
import { GridEnd } from "../../../../extension/webview/datagrams/grid/grid_end.ts";

describe("GridEnd", () => {
  it("has nothing new while it follows", () => {
    const end = new GridEnd(true);
    end.saw(100, 100);
    assert.equal(end.newRows(150), 0);
  });

  it("counts what comes after it was stopped", () => {
    const end = new GridEnd(true);
    end.saw(100, 100);
    end.leave(100);
    assert.equal(end.newRows(100), 0);
    end.saw(80, 130);
    assert.equal(end.newRows(130), 30);
  });

  it("does not count what was there when the page opened, though the page was drawn before it knew", () => {
    const end = new GridEnd(false);
    end.saw(0, 0);
    end.saw(10, 100);
    assert.equal(end.newRows(100), 0);
    assert.equal(end.newRows(120), 20);
  });

  it("counts what comes after all was cleared", () => {
    const end = new GridEnd(false);
    end.saw(10, 100);
    end.saw(0, 0);
    assert.equal(end.newRows(50), 50);
  });

  it("does not count what has been in view", () => {
    const end = new GridEnd(true);
    end.leave(100);
    end.saw(110, 130);
    assert.equal(end.newRows(130), 20);
    end.saw(50, 130);
    assert.equal(end.newRows(130), 20);
    end.saw(130, 130);
    assert.equal(end.newRows(130), 0);
  });

  it("stops only once: scrolling on does not make new rows old", () => {
    const end = new GridEnd(true);
    end.leave(100);
    end.saw(90, 120);
    end.leave(120);
    assert.equal(end.newRows(120), 20);
  });

  it("does not call new what was there when the page opened", () => {
    const end = new GridEnd(false);
    end.saw(10, 1000);
    assert.equal(end.newRows(1000), 0);
    end.saw(10, 1005);
    assert.equal(end.newRows(1005), 5);
  });

  it("forgets when it starts again", () => {
    const end = new GridEnd(true);
    end.leave(100);
    end.follow();
    end.saw(120, 120);
    assert.equal(end.newRows(130), 0);
    end.leave(130);
    assert.equal(end.newRows(131), 1);
  });

  it("starts from nothing when the capture was cleared", () => {
    const end = new GridEnd(true);
    end.leave(100);
    end.saw(0, 0);
    assert.equal(end.newRows(0), 0);
    assert.equal(end.newRows(3), 3);
  });

  it("does not count rows anew that moved because others were removed before them", () => {
    const end = new GridEnd(true);
    end.leave(100);
    end.removedFromFront(40);
    assert.equal(end.newRows(60), 0);
    assert.equal(end.newRows(65), 5);
    end.removedFromFront(90);
    assert.equal(end.newRows(3), 3);
  });
});
