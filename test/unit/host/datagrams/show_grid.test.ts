import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

/** A view or an editor with a webview, as far as a grid uses it. */
class Place {
  readonly visible = true;
  readonly webview = {
    html: "",
    options: {},
    cspSource: "",
    asWebviewUri: (uri: unknown) => uri,
    onDidReceiveMessage: () => ({ dispose: () => void this.listening-- }) as const,
    postMessage: async () => true,
  };
  listening = 1;
  readonly #ended: (() => void)[] = [];

  onDidDispose(listener: () => void): void {
    this.#ended.push(listener);
  }

  close(): void {
    for (const listener of this.#ended) listener();
  }
}

describe("A grid in a view or an editor", () => {
  let showGrid: typeof import("../../../../extension/host/datagrams/show_grid.ts").showGrid;
  let grids: import("../../../../extension/host/datagrams/grids.ts").Grids;
  let place: Place;

  const noEvent = () => ({ dispose: () => {} });
  const source = { capture: new Capture(), isLive: true, onDidChange: noEvent };
  const show = () => {
    const context = { grids, decoders: async () => ({ onDidChange: noEvent }), extensionUri: "" };
    return showGrid(source as never, place as never, context as never);
  };

  before(async () => {
    standInForVscode();
    ({ showGrid } = await import("../../../../extension/host/datagrams/show_grid.ts"));
  });

  beforeEach(async () => {
    const { Grids } = await import("../../../../extension/host/datagrams/grids.ts");
    grids = new Grids();
    place = new Place();
  });

  it("is there until that is closed", async () => {
    const page = (await show()) ?? assert.fail("no page");
    assert.match(place.webview.html, /<script /);
    assert.equal(grids.byCaptureId(page.captureId), page);
    place.close();
    assert.equal(place.listening, 0);
    assert.equal(grids.byCaptureId(page.captureId), undefined);
  });

  it("is not made where that was closed before its code was loaded", async () => {
    const shown = show();
    place.close();
    assert.equal(await shown, undefined);
    assert.equal(place.webview.html, "");
  });
});
