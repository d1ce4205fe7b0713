import assert from "node:assert/strict";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import type { Grids } from "../../../../extension/host/datagrams/grids.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

type Module = typeof import("../../../../extension/host/losses/next_lost.ts");

describe("the next lost datagram", () => {
  let nextLost: Module["nextLost"];

  before(async () => {
    standInForVscode();
    ({ nextLost } = await import("../../../../extension/host/losses/next_lost.ts"));
  });

  /** A grid whose rows have these ids, those in `lost` lost; what it shows in turn. */
  function grid(ids: readonly number[], lost: readonly number[], selected?: number) {
    const shown: number[] = [];
    const page = {
      rows: {
        length: ids.length,
        idAt: (row: number) => ids[row],
        rowOf: (id: number) => (ids.includes(id) ? ids.indexOf(id) : undefined),
      },
      selection: { activeId: selected },
      source: {
        capture: {
          delivery: (id: number) => (lost.includes(id) ? Delivery.lost : Delivery.delivered),
        },
      },
      showRow: async (id: number) => {
        shown.push(id);
        page.selection.activeId = id;
      },
    };
    return { grids: { lastUsed: page } as unknown as Grids, shown };
  }

  const ids = [10, 11, 12, 13, 14, 15];

  it("is looked for from the row that is selected, both ways, and stays where there is no more", async () => {
    const { grids, shown } = grid(ids, [11, 13, 15], 12);
    for (const command of ["next", "next", "next", "previous", "previous", "previous"] as const) {
      await nextLost(`udpWorkbench.${command}Lost`, grids).run({});
    }
    assert.deepEqual(shown, [13, 15, 13, 11]);
  });

  it("is the first, or the last, where none is selected or the filter has left it out", async () => {
    for (const selected of [undefined, 99]) {
      const { grids, shown } = grid(ids, [11, 13], selected);
      assert.deepEqual(await nextLost("udpWorkbench.nextLost", grids).run({}), { id: 11 });
      assert.deepEqual(shown, [11]);
      const last = grid(ids, [11, 13], selected);
      assert.deepEqual(await nextLost("udpWorkbench.previousLost", last.grids).run({}), { id: 13 });
    }
  });

  it("is none where none is lost, or there is no grid", async () => {
    const { grids, shown } = grid(ids, []);
    assert.deepEqual(await nextLost("udpWorkbench.nextLost", grids).run({}), { id: undefined });
    assert.deepEqual(shown, []);
    const none = { lastUsed: undefined } as unknown as Grids;
    await assert.rejects(nextLost("udpWorkbench.nextLost", none).run({}), /no grid/);
  });
});
