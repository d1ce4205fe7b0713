import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

standInForVscode();
const { missingText } = await import("../../../../extension/host/words/missing_text.ts");

describe("whose records are missing", () => {
  let capture: Capture;
  let sink: FileSink;
  const told = () => missingText(capture).split("\n");

  beforeEach(() => {
    capture = new Capture();
    const file = capture.addFile("a.pcapng");
    sink = new FileSink({ capture, file, writer: "a", clearedBefore: 0 });
    for (let id = 0; id < 8; id++) {
      const description = `${id}\u001b.ts, pid 1, socket ${id + 1}`;
      sink.interface({ id, name: `127.0.0.1:${9000 + id}`, description, comments: [] });
    }
  });

  const drop = (id: number, dropped: number) =>
    sink.statistics({ id, received: dropped, dropped }, 0, 0);

  it("is told with the most first, until they are cleared", () => {
    assert.deepEqual(told(), [""]);
    drop(1, 2);
    drop(0, 1377);
    assert.deepEqual(told(), [
      "0\\x1b.ts 127.0.0.1:9000: 1,377 not recorded",
      "1\\x1b.ts 127.0.0.1:9001: 2 not recorded",
    ]);
    capture.clear();
    assert.deepEqual(told(), [""]);
  });

  it("is told of some sockets one by one, and of the others together", () => {
    for (let id = 0; id < 8; id++) drop(id, id + 1);
    const lines = told();
    assert.equal(lines.length, 6);
    assert.equal(lines.at(-1), "other sockets: 6 not recorded");
  });
});
