import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDecoders } from "../../../../extension/core/decode/load_decoders.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import type { CaptureSource } from "../../../../extension/host/capture/capture_source.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import type { ToValues } from "../../../../extension/webview/values/protocol.ts";
import {
  TRACKER_DEFINITION,
  TRACKER_PORT,
  writeTrackerCapture,
} from "../../../bench/tracker_capture.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const DATAGRAMS = 5000;
const TEMP = "127.0.0.1:6006\ttemp";

/** An editor with a page in it; what the page is told can be waited for. */
class Panel {
  visible = true;
  readonly told: ToValues[] = [];
  #waiting: (() => void)[] = [];
  #hear: ((message: unknown) => void) | undefined;
  #changed: (() => void) | undefined;
  readonly webview = {
    onDidReceiveMessage: (hear: (message: unknown) => void) => {
      this.#hear = hear;
      return { dispose: () => {} };
    },
    postMessage: async (message: ToValues) => {
      this.told.push(message);
      for (const resolve of this.#waiting.splice(0)) resolve();
      return true;
    },
  };

  onDidChangeViewState(changed: () => void) {
    this.#changed = changed;
    return { dispose: () => {} };
  }

  show(visible: boolean): void {
    this.visible = visible;
    this.#changed?.();
  }

  say(message: unknown): void {
    this.#hear?.(message);
  }

  async hears<Type extends ToValues["type"]>(
    type: Type,
    is: (message: Extract<ToValues, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<ToValues, { type: Type }>> {
    for (let at = 0; ; ) {
      for (; at < this.told.length; at++) {
        const message = this.told[at] as Extract<ToValues, { type: Type }>;
        if (message.type === type && is(message)) return message;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

describe("a page of values", function () {
  this.timeout(30_000);
  let folder: string;
  let file: SavedCapture;
  let panel: Panel;
  let tell: () => void;
  let page: import("../../../../extension/host/values/values_page.ts").ValuesPage;
  let shown: number[];
  let filters: string[];
  let selected: number | undefined;

  before(async () => {
    standInForVscode();
    folder = await mkdtemp(join(tmpdir(), "udp-values-page-"));
    writeTrackerCapture(join(folder, "tracker.pcapng"), DATAGRAMS);
  });

  beforeEach(async () => {
    // Other tests of the same process may have opened a folder.
    const { workspace } = await import("vscode");
    Object.assign(workspace, { workspaceFolders: undefined });
    const [{ ValuesPage }, definitions, decoding] = await Promise.all([
      import("../../../../extension/host/values/values_page.ts"),
      import("../../../../extension/host/definitions/definition_setting.ts"),
      import("../../../../extension/host/definitions/payload_decoders.ts"),
    ]);
    const loaded = await loadDefinition("tracker.ksy", TRACKER_DEFINITION);
    const { uses } = definitions.readDefinitionSetting([
      { file: "tracker.ksy", port: TRACKER_PORT },
    ]);
    const decoders = new decoding.LoadedDecoders(
      await loadDecoders(),
      uses.map((use) => ({ use, loaded })),
      { of: () => undefined },
    );
    file = new SavedCapture(join(folder, "tracker.pcapng"));
    const listeners = new Set<() => void>();
    const source = {
      ...{ capture: file.capture, isLive: false, name: "tracker", evicted: 0, remarks: [] },
      ...{ progress: undefined, cancel: () => {} },
      onDidChange: (listener: () => void) => {
        listeners.add(listener);
        return { dispose: () => listeners.delete(listener) };
      },
      payload: file.payload.bind(file),
    } as unknown as CaptureSource;
    tell = () => {
      for (const listener of listeners) listener();
    };
    panel = new Panel();
    [shown, filters, selected] = [[], [], undefined];
    const log = { error: (text: string) => assert.fail(text) };
    page = new ValuesPage(
      source,
      panel as never,
      { load: async () => decoders, onDidChange: () => ({ dispose: () => {} }) } as never,
      {
        log: log as never,
        grid: () =>
          ({ filter: undefined, filterText: "", selection: { activeId: selected } }) as never,
        filter: (text) => void filters.push(text),
        showRow: async (id) => void shown.push(id),
      },
    );
  });

  afterEach(async () => {
    page.dispose();
    await file.close();
  });

  after(() => rm(folder, { recursive: true }));

  const view = (lines: readonly string[]) => ({
    type: "view",
    view: { steps: 100, lines, sparks: lines, x: "" },
  });

  it("is told what there is once it listens, and again as rows come, and nothing while it is not seen", async () => {
    tell();
    assert.deepEqual(panel.told, []);
    panel.say({ type: "ready" });
    await panel.hears("hello", ({ isLive, file: kept }) => !isLive && kept === "");
    panel.show(false);
    const before = panel.told.length;
    await file.read({});
    tell();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(panel.told.filter(({ type }) => type === "values").length - before <= 1, true);
    panel.show(true);
    const { lines } = await panel.hears("values", (told) =>
      told.lines.some(({ summary }) => summary.count === DATAGRAMS),
    );
    assert.equal(lines.length, 10);
  });

  it("is told the plot that it asks for, whose rows and samples it finds", async () => {
    panel.say({ type: "ready" });
    await file.read({});
    tell();
    await panel.hears("values", ({ lines }) => lines.length === 10);
    selected = file.capture.idAt(7);
    panel.say(view([TEMP]));
    const plot = await panel.hears("plot", ({ senders }) => senders[0]?.arrived === DATAGRAMS);
    assert.equal(plot.lines[0]?.curve.length, 200);
    assert.equal(plot.selected, file.capture.time(selected));
    panel.say({ type: "step", key: TEMP, x: plot.range.from, by: 3 });
    const { x } = await panel.hears("sample");
    assert.equal(x, file.capture.time(file.capture.idAt(3)));
    panel.say({ type: "row", key: TEMP, x });
    panel.say({ type: "filter", text: "time:1..2" });
    panel.say({ type: "step", key: TEMP, x, by: -1 });
    await panel.hears("sample", (sample) => sample.x < x);
    assert.deepEqual(shown, [file.capture.idAt(3)]);
    assert.deepEqual(filters, ["time:1..2"]);
  });

  it("has a field that is asked for from elsewhere drawn as soon as there is one", async () => {
    page.plot("tracker.temp[12]");
    panel.say({ type: "ready" });
    await file.read({});
    tell();
    const { lines } = await panel.hears("choose");
    assert.deepEqual(lines, [TEMP]);
  });
});
