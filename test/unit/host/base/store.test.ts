import assert from "node:assert/strict";
import { Store } from "../../../../extension/host/base/store.ts";

describe("Store", () => {
  const ended: string[] = [];
  const thing = (name: string) => ({ name, dispose: () => void ended.push(name) });

  beforeEach(() => void ended.splice(0));

  it("ends all that is in it, the latest first, and once", () => {
    const store = new Store();
    assert.equal(store.add(thing("first")).name, "first");
    store.add(thing("second"));
    assert.deepEqual(ended, []);
    store.dispose();
    store.dispose();
    assert.deepEqual(ended, ["second", "first"]);
  });

  it("ends at once what is added when all has ended", () => {
    const store = new Store();
    store.dispose();
    assert.equal(store.add(thing("late")).name, "late");
    assert.deepEqual(ended, ["late"]);
  });

  it("ends at once what is added while it ends", () => {
    const store = new Store();
    store.add({ dispose: () => void store.add(thing("meanwhile")) });
    store.dispose();
    assert.deepEqual(ended, ["meanwhile"]);
  });
});
