import assert from "node:assert/strict";
import type { TreeItem } from "vscode";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { formatSocket } from "../../../../extension/core/wire/tap_identity.ts";
import type { LiveCapture } from "../../../../extension/host/capture/live_capture.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const vscode = (await import("vscode")) as unknown as {
  readonly treeViews: Record<string, { readonly description?: string }>;
};
const { NetworkView } = await import("../../../../extension/host/rules/network_view.ts");

const PEER = { address: "127.0.0.1", port: 6006 };
const LOCAL = { address: "127.0.0.1", port: 5005 };

describe("the view of bad networks", () => {
  const capture = new Capture();
  let changed = () => {};
  let sink: FileSink;
  let view: InstanceType<typeof NetworkView>;

  beforeEach(() => {
    const file = capture.addFile("a.pcapng");
    sink = new FileSink({ capture, file, writer: "a", clearedBefore: 0 });
    sink.section({ application: "node 24.0.0, pid 1, ppid 1: /x/load.js", os: "", comments: [] });
    const description = formatSocket({ program: "load.js", pid: 1, thread: 0, socket: 1 });
    sink.interface({ id: 0, name: "127.0.0.1:5005", description, comments: [] });
    const onDidChange = (listener: () => void) => {
      changed = listener;
      return { dispose: () => {} };
    };
    view = new NetworkView({ capture, onDidChange } as unknown as LiveCapture);
  });
  afterEach(() => view.dispose());

  const record = (comment: string) => {
    sink.datagram(datagramRecord(PEER, LOCAL, { direction: Direction.in, comment }));
    capture.commit();
  };
  const socket = () => [...capture.sockets.open()].at(-1) ?? assert.fail();
  const text = ({ label, description }: TreeItem) => `${label} ${description ?? ""}`.trim();
  const shown = () =>
    view
      .getChildren()
      .flatMap((line) => [line, ...view.getChildren(line)])
      .map((line) => text(view.getTreeItem(line)));

  const beside = () => vscode.treeViews["udpWorkbench.badNetwork"]?.description;

  it("has a port and each peer with rules of its own, with the values of each", () => {
    const both = { delay: 50, jitter: 10, seed: 7 };
    view.show([
      {
        socket: socket(),
        rules: [
          { direction: "out", peer: "127.0.0.1:6006", ...both },
          { direction: "in", peer: "127.0.0.1:6006", ...both, seed: 8 },
          { direction: "in", drop: 5, seed: 2 },
        ],
      },
    ]);
    assert.deepEqual(shown(), [
      "127.0.0.1:5005 ⇄ 127.0.0.1:6006 load.js",
      "dropped 0",
      "delayed 0",
      "both ways",
      "delay 50ms",
      "jitter 10ms",
      "seed 7",
      "Values...",
      "127.0.0.1:5005 load.js",
      "dropped 0",
      "in: what the port receives",
      "drop 5%",
      "seed 1",
      "Values...",
    ]);
    assert.equal(beside(), "127.0.0.1:5005 ⇄ 127.0.0.1:6006 · 127.0.0.1:5005");
    view.show([]);
    assert.deepEqual(shown(), []);
  });

  it("is read out with the names of its lines, and says what each value is", () => {
    view.show([{ socket: socket(), rules: [{ direction: "in", drop: 5, seed: 7 }] }]);
    const lines = view.getChildren().flatMap((line) => [line, ...view.getChildren(line)]);
    const items = lines.map((line) => view.getTreeItem(line));
    // VS Code reads out a tooltip in place of the line, where there is one.
    for (const item of items) {
      const { label } = item.accessibilityInformation ?? {};
      assert.equal(label === undefined, item.tooltip === undefined, text(item));
      if (label !== undefined) assert.ok(label.startsWith(String(item.label)), label);
    }
    const told = items.flatMap((item) => item.accessibilityInformation?.label ?? []);
    assert.equal(told[0], "127.0.0.1:5005 load.js");
    assert.equal(told[2], "drop 5%: percent that are lost, each for itself");
    assert.ok(new Set(items.map(({ id }) => id)).size === items.length);
  });

  it("tells what came of it since, of which VS Code asks for the figures alone", () => {
    record("dropped by a rule (drop)");
    const rule = { direction: "in", drop: 5, corrupt: 1, duplicate: 1, delay: 50 } as const;
    const ruled = { socket: socket(), rules: [rule] };
    view.show([ruled]);
    const told: unknown[] = [];
    view.onDidChangeTreeData((lines) => told.push(lines?.map(({ kind }) => kind)));
    record("");
    record("delayed 40.0 ms by a rule");
    record("delayed 60.0 ms by a rule; a copy by a rule");
    record("dropped by a rule (drop)");
    changed();
    assert.deepEqual(shown().slice(1, 5), [
      "dropped 1 · 25.0 %",
      "delayed 2 · 50 ms on average",
      "corrupted 0",
      "copies 1 · 25.0 %",
    ]);
    assert.equal(beside(), "127.0.0.1:5005 · 1 dropped by a rule", "where it is closed, too");
    assert.deepEqual(told, [new Array(3).fill("badNetworkCount")]);
    // The same again is no news, and counts on, whatever becomes of a peer with rules of its own.
    view.show([{ ...ruled }]);
    assert.equal(told.length, 1);
    const own = { direction: "in", peer: "127.0.0.1:7007" } as const;
    view.show([{ socket: socket(), rules: [{ ...own, drop: 1 }, rule] }]);
    assert.ok(shown().includes("dropped 0"), "for all but one, it is another");
    record("dropped by a rule (drop)");
    changed();
    view.show([{ socket: socket(), rules: [{ ...own, drop: 2 }, rule] }]);
    assert.ok(shown().includes("dropped 1 · 100.0 %"), `${shown()}`);
    assert.equal(told.length, 4);
  });
});
