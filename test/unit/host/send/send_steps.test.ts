import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import type { LiveCapture } from "../../../../extension/host/capture/live_capture.ts";
import type { SendHistory } from "../../../../extension/host/send/send_history.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const server = { address: "127.0.0.1", port: 9999 };

describe("what is offered as a target", () => {
  let targetStep: typeof import("../../../../extension/host/send/send_steps.ts").targetStep;

  before(async () => {
    standInForVscode();
    ({ targetStep } = await import("../../../../extension/host/send/send_steps.ts"));
  });

  /** The targets after a server has heard these, in this order, and what is said of them. */
  function offered(heard: readonly (readonly [address: string, port: number])[], sent: string[]) {
    const capture = new Capture();
    const file = capture.addFile("segment");
    const sink = new FileSink({ capture, file, writer: "1-1.0", clearedBefore: 0 });
    const description = "server.ts, pid 1, socket 1";
    sink.interface({ id: 0, name: "127.0.0.1:9999", description, comments: [] });
    for (const [index, [address, port]] of heard.entries()) {
      const time = 1e15 + index;
      sink.datagram(datagramRecord({ address, port }, server, { time, direction: Direction.in }));
    }
    // Who never said anything has not spoken.
    const silent = { address: "192.0.2.99", port: 9 };
    sink.datagram(datagramRecord(server, silent, { time: 2e15, direction: Direction.out }));
    capture.commit();
    const live = { capture } as unknown as LiveCapture;
    const { items } = targetStep(live, { targets: sent } as unknown as SendHistory);
    return items.map(({ label, description: said }) => [label, said]);
  }

  it("is first where something was sent before, then the device that has just spoken, then what is bound", () => {
    const items = offered(
      [
        ["192.0.2.7", 5683],
        ["127.0.0.1", 53211],
        ["192.0.2.8", 5683],
      ],
      ["198.51.100.1:7"],
    );
    assert.deepEqual(items, [
      ["198.51.100.1:7", undefined],
      ["192.0.2.8:5683", "heard by server.ts"],
      ["192.0.2.7:5683", "heard by server.ts"],
      ["127.0.0.1:9999", "server.ts"],
      ["127.0.0.1:53211", "heard by server.ts"],
    ]);
  });

  it("names each once, and of many that speak the latest", () => {
    const many = Array.from({ length: 50 }, (_, index) => ["192.0.2.7", 1000 + index] as const);
    const labels = offered(many, ["192.0.2.7:1049"]).map(([label]) => label);
    assert.deepEqual(labels, [
      "192.0.2.7:1049",
      "192.0.2.7:1048",
      "192.0.2.7:1047",
      "192.0.2.7:1046",
      "127.0.0.1:9999",
    ]);
  });
});
