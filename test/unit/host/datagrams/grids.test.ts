import assert from "node:assert/strict";
import type { DatagramsPage } from "../../../../extension/host/datagrams/datagrams_page.ts";
import type { Grids } from "../../../../extension/host/datagrams/grids.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

/** As much of a page as grids and choices know, with the datagrams 1 to 3. */
class Page {
  readonly captureId: string;
  readonly source: object;
  readonly selection = {
    activeId: undefined as number | undefined,
    ids: (_limit: number) => [] as number[],
  };
  isPaused: boolean | undefined;

  constructor(captureId: string, isLive: boolean) {
    this.captureId = captureId;
    this.source = { isLive, capture: { has: (id: number) => id >= 1 && id <= 3 } };
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
  }

  get page(): DatagramsPage {
    return this as unknown as DatagramsPage;
  }
}

describe("The grids of a window", () => {
  let Made: typeof Grids;
  let chosen: typeof import("../../../../extension/host/datagrams/chosen_datagram.ts");
  let grids: Grids;
  let view: Page;
  let editor: Page;

  before(async () => {
    standInForVscode();
    ({ Grids: Made } = await import("../../../../extension/host/datagrams/grids.ts"));
    chosen = await import("../../../../extension/host/datagrams/chosen_datagram.ts");
  });

  beforeEach(() => {
    grids = new Made();
    view = new Page("view", true);
    editor = new Page("file", false);
    grids.add(view.page);
  });

  it("know which was used last, until it is closed", () => {
    const opened = grids.add(editor.page);
    assert.equal(grids.lastUsed, undefined);
    grids.use(editor.page);
    grids.use(view.page);
    opened.dispose();
    assert.equal(grids.lastUsed, view.page);
    const again = grids.add(editor.page);
    grids.use(editor.page);
    assert.equal(grids.lastUsed, editor.page);
    again.dispose();
    assert.equal(grids.lastUsed, undefined);
    assert.equal(grids.byCaptureId("file"), undefined);
    assert.equal(grids.byCaptureId("view"), view.page);
  });

  it("hold the rows of the live capture all together, those of one that opens later too, and no file's", () => {
    grids.setPaused(true);
    const later = new Page("later", true);
    grids.add(later.page);
    grids.add(editor.page);
    const paused = () => [view, later, editor].map(({ isPaused }) => isPaused);
    assert.deepEqual(paused(), [true, true, undefined]);
    grids.setPaused(false);
    assert.deepEqual(paused(), [false, false, undefined]);
  });

  it("tell which datagram a person means: that of a button, else the one selected last", () => {
    const { chosenDatagram } = chosen;
    grids.add(editor.page);
    const button = { kind: "datagram", captureId: "file", id: 2 } as const;
    assert.equal(chosenDatagram(grids, button, "Cannot").page, editor.page);
    assert.throws(
      () => chosenDatagram(grids, { ...button, id: 4 }, "Cannot reply"),
      /^HumanError: Cannot reply: the datagram is no longer in the capture\.$/,
    );
    assert.throws(() => chosenDatagram(grids, { ...button, captureId: "gone" }, "x"), /no longer/);
    assert.throws(() => chosenDatagram(grids, undefined, "x"), /x: no datagram is selected/);
    grids.use(view.page);
    assert.throws(() => chosenDatagram(grids, { kind: "row" }, "x"), /no datagram is selected/);
    view.selection.ids = () => [3];
    assert.equal(chosenDatagram(grids, { kind: "row" }, "x").id, 3);
    view.selection.activeId = 1;
    assert.deepEqual(chosenDatagram(grids, undefined, "x"), {
      ...{ source: view.source, id: 1, page: view.page },
    });
  });

  it("tell which datagram a program means: one of the window's capture, else the one selected last", () => {
    const live = { capture: { has: (id: number) => id === 7 } } as never;
    const datagramOf = (id: unknown) => chosen.datagramOf({ grids, live }, id, "Cannot reply");
    assert.deepEqual(datagramOf(7), { source: live, id: 7, page: undefined });
    for (const id of [8, -1, 7.5, "7", null, {}]) assert.throws(() => datagramOf(id), /no longer/);
    assert.throws(() => datagramOf(undefined), /no datagram is selected/);
    grids.use(view.page);
    view.selection.activeId = 2;
    assert.equal(datagramOf(undefined).page, view.page);
  });
});
