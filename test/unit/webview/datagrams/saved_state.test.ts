import assert from "node:assert/strict";
import {
  type SavedState,
  StateKeeper,
} from "../../../../extension/webview/datagrams/saved_state.ts";

function keeper(saved: unknown, captureId = "one"): { keeper: StateKeeper; kept: SavedState[] } {
  const kept: SavedState[] = [];
  const api = {
    postMessage: () => {},
    getState: () => saved,
    setState: (state: SavedState) => kept.push(state),
  };
  return { keeper: new StateKeeper(api, captureId), kept };
}

describe("StateKeeper", () => {
  const state = {
    captureId: "one",
    follow: false,
    selectedId: 7,
    firstRow: 42,
    detailHeight: 200,
    tab: "hex",
    dismissed: ["A remark."],
    columns: { widths: { local: 120 }, hidden: [] },
    time: "delta",
    filter: "port:9999",
  };

  it("knows what was saved", () => {
    assert.deepEqual(keeper(state).keeper.state, state);
  });

  it("forgets places in another capture, and only those", () => {
    const { keeper: other } = keeper(state, "two");
    const { selectedId: _, firstRow: __, dismissed: ___, ...rest } = state;
    assert.deepEqual(other.state, { ...rest, captureId: "two" });
  });

  it("takes nothing that is not what it should be", () => {
    for (const saved of [undefined, null, 5, "text", [], { follow: "yes", selectedId: "7" }]) {
      assert.deepEqual(keeper(saved).keeper.state, { captureId: "one" });
    }
    const wrong = {
      captureId: "one",
      firstRow: -1,
      detailHeight: Number.NaN,
      selectedId: Infinity,
      tab: 3,
      time: 4,
      filter: {},
      dismissed: "x",
    };
    assert.deepEqual(keeper(wrong).keeper.state, {
      captureId: "one",
      selectedId: undefined,
      firstRow: undefined,
    });
    const { columns, dismissed } = keeper({ ...state, columns: 5, dismissed: [1, "x"] }).keeper
      .state;
    assert.deepEqual([columns, dismissed], [{ widths: {}, hidden: [] }, ["x"]]);
  });

  it("saves changes on top of the rest", () => {
    const { keeper: saver, kept } = keeper(state);
    saver.save({ follow: true });
    saver.save({ selectedId: undefined });
    assert.deepEqual(kept.at(-1), { ...state, follow: true, selectedId: undefined });
  });
});
