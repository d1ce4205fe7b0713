import assert from "node:assert/strict";
import { Follow } from "../../../../extension/webview/datagrams/grid/follow.ts";

describe("Follow", () => {
  it("has nothing new while it follows", () => {
    const follow = new Follow(true);
    follow.saw(100, 100);
    assert.equal(follow.newRows(150), 0);
  });

  it("counts what comes after it was stopped", () => {
    const follow = new Follow(true);
    follow.saw(100, 100);
    follow.stop(100);
    assert.equal(follow.newRows(100), 0);
    follow.saw(80, 130);
    assert.equal(follow.newRows(130), 30);
  });

  it("does not count what was there when the page opened, though the page was drawn before it knew", () => {
    const follow = new Follow(false);
    follow.saw(0, 0);
    follow.saw(10, 100);
    assert.equal(follow.newRows(100), 0);
    assert.equal(follow.newRows(120), 20);
  });

  it("counts what comes after all was cleared", () => {
    const follow = new Follow(false);
    follow.saw(10, 100);
    follow.saw(0, 0);
    assert.equal(follow.newRows(50), 50);
  });

  it("does not count what has been in view", () => {
    const follow = new Follow(true);
    follow.stop(100);
    follow.saw(110, 130);
    assert.equal(follow.newRows(130), 20);
    follow.saw(50, 130);
    assert.equal(follow.newRows(130), 20);
    follow.saw(130, 130);
    assert.equal(follow.newRows(130), 0);
  });

  it("stops only once: scrolling on does not make new rows old", () => {
    const follow = new Follow(true);
    follow.stop(100);
    follow.saw(90, 120);
    follow.stop(120);
    assert.equal(follow.newRows(120), 20);
  });

  it("does not call new what was there when the page opened", () => {
    const follow = new Follow(false);
    follow.saw(10, 1000);
    assert.equal(follow.newRows(1000), 0);
    follow.saw(10, 1005);
    assert.equal(follow.newRows(1005), 5);
  });

  it("forgets when it starts again", () => {
    const follow = new Follow(true);
    follow.stop(100);
    follow.start();
    follow.saw(120, 120);
    assert.equal(follow.newRows(130), 0);
    follow.stop(130);
    assert.equal(follow.newRows(131), 1);
  });

  it("starts from nothing when the capture was cleared", () => {
    const follow = new Follow(true);
    follow.stop(100);
    follow.saw(0, 0);
    assert.equal(follow.newRows(0), 0);
    assert.equal(follow.newRows(3), 3);
  });

  it("does not count rows anew that moved because others were removed before them", () => {
    const follow = new Follow(true);
    follow.stop(100);
    follow.removedFromFront(40);
    assert.equal(follow.newRows(60), 0);
    assert.equal(follow.newRows(65), 5);
    follow.removedFromFront(90);
    assert.equal(follow.newRows(3), 3);
  });
});
