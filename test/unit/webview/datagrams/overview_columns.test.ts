import assert from "node:assert/strict";
import {
  overviewColumns,
  overviewTotals,
} from "../../../../extension/webview/datagrams/overview/overview_columns.ts";

const overview = {
  from: 100,
  to: 200,
  received: [1, 0, 3, 4],
  sent: [0, 2, 0, 0],
  lost: [0, 0, 0, 5],
  dropped: [0, 0, 2, 0],
};

describe("overviewColumns", () => {
  it("are the steps where they are as many", () => {
    assert.deepEqual(overviewColumns(overview, overview, 4), [
      { received: 1, sent: 0, lost: 0, dropped: 0 },
      { received: 0, sent: 2, lost: 0, dropped: 0 },
      { received: 3, sent: 0, lost: 0, dropped: 2 },
      { received: 4, sent: 0, lost: 5, dropped: 0 },
    ]);
  });

  it("hold every datagram where they are fewer", () => {
    assert.deepEqual(overviewColumns(overview, overview, 2), [
      { received: 1, sent: 2, lost: 0, dropped: 0 },
      { received: 7, sent: 0, lost: 5, dropped: 2 },
    ]);
  });

  it("stand where their time is in a longer span", () => {
    const columns = overviewColumns(overview, { from: 0, to: 400 }, 4);
    assert.deepEqual(columns[1], { received: 8, sent: 2, lost: 5, dropped: 2 });
    for (const index of [0, 2, 3]) {
      assert.deepEqual(columns[index], { received: 0, sent: 0, lost: 0, dropped: 0 });
    }
  });

  it("are empty where there is nothing", () => {
    const nothing = { from: 0, to: 0, received: [], sent: [], lost: [], dropped: [] };
    assert.deepEqual(overviewColumns(nothing, nothing, 1), [
      { received: 0, sent: 0, lost: 0, dropped: 0 },
    ]);
    assert.deepEqual(overviewTotals(overview), { received: 8, sent: 2, lost: 5, dropped: 2 });
  });
});
