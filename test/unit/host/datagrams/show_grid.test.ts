import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

/** A view or an editor with a webview, as far as a grid uses it. */
class Place {
  visible = true;
  readonly posted: { readonly type: string }[] = [];
  readonly webview = {
    html: "",
    options: {},
    cspSource: "",
    asWebviewUri: (uri: unknown) => uri,
    onDidReceiveMessage: (listener: (message: unknown) => void) => {
      this.say = listener;
      return { dispose: () => void this.listening-- };
    },
    postMessage: async (message: { readonly type: string }) => {
      this.posted.push(message);
      return true;
    },
  };
  listening = 1;
  /** Says something as its page. */
  say: (message: unknown) => void = () => {};
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
  let source: { capture: Capture; isLive: boolean; onDidChange: typeof noEvent };
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
    source = { capture: new Capture(), isLive: true, onDidChange: noEvent };
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

  it("shows a row that was asked for while it was hidden, when its page is there again", async () => {
    const page = (await show()) ?? assert.fail("no page");
    const { capture } = source;
    const file = capture.addFile("server");
    const sink = new FileSink({ capture, file, writer: "server", clearedBefore: 0 });
    sink.interface({ id: 0, name: "127.0.0.1:9999", description: "", comments: [] });
    const end = { address: "127.0.0.1", port: 9999 };
    sink.datagram(datagramRecord(end, end));
    capture.commit();
    const shown = async () => {
      place.say({ type: "ready", filter: "" });
      await setImmediate();
      return place.posted.filter(({ type }) => type === "showRow");
    };
    assert.deepEqual(await shown(), []);
    // What it says may come when it has been thrown away.
    place.visible = false;
    page.placeChanged();
    assert.deepEqual(await shown(), []);
    await page.showRow(0);
    place.visible = true;
    page.placeChanged();
    place.posted.length = 0;
    const showRow = { type: "showRow", id: 0, position: 0 };
    assert.deepEqual(await shown(), [showRow]);
    place.say({ type: "select", id: 0 });
    await setImmediate();
    place.posted.length = 0;
    assert.deepEqual(await shown(), []);
    place.visible = false;
    page.placeChanged();
    await page.showRow(0);
    assert.deepEqual(
      place.posted.filter(({ type }) => type === "showRow"),
      [],
    );
    place.visible = true;
    page.placeChanged();
    assert.deepEqual(await shown(), [showRow]);
    page.dispose();
  });
});
