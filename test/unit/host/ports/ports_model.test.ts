import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import type { LiveCapture } from "../../../../extension/host/capture/live_capture.ts";
import { filterOf, type PortNode } from "../../../../extension/host/ports/nodes.ts";
import { PortsModel } from "../../../../extension/host/ports/ports_model.ts";
import type { SystemSockets } from "../../../../extension/host/ports/system_sockets.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const server = { address: "127.0.0.1", port: 9999 };

describe("PortsModel", () => {
  let capture: Capture;
  let model: PortsModel;
  let files: number[];

  beforeEach(() => {
    capture = new Capture();
    files = [];
    const others = { others: () => [], problem: undefined } as unknown as SystemSockets;
    model = new PortsModel({ capture } as unknown as LiveCapture, others);
  });

  /** The next segment of a server that hears these ports, at these times. */
  function segment(heard: readonly (readonly [port: number, time: number])[]): void {
    const file = capture.addFile(`segment ${files.length}`);
    files.push(file);
    const sink = new FileSink({ capture, file, writer: "1-1.0", clearedBefore: 0 });
    const description = "a.ts, pid 1, socket 1";
    sink.interface({ id: 0, name: "127.0.0.1:9999", description, comments: [] });
    for (const [port, time] of heard) {
      sink.datagram(datagramRecord({ ...server, port }, server, { time }));
    }
    capture.commit();
  }

  /** What each line below the port tells. */
  function lines(): unknown[] {
    const [port] = model.children();
    return model.children(port).map((node: PortNode) => {
      if (node.kind === "peer") return [node.peer.port, node.peer.received];
      if (node.kind === "morePeers") return ["more", node.count];
      return node.kind === "otherPeers" ? ["others", node.counts.received] : node.kind;
    });
  }

  it("has the peers of a port below it, the newest first, and the same lines with new figures", () => {
    segment([
      [1, 10],
      [2, 20],
    ]);
    assert.deepEqual(lines(), [
      [2, 1],
      [1, 1],
    ]);
    const before = model.children(model.children()[0]);
    segment([[1, 30]]);
    assert.deepEqual(lines(), [
      [2, 1],
      [1, 2],
    ]);
    assert.deepEqual(model.children(model.children()[0]), before);
    assert.ok(model.children(model.children()[0]).every((node, at) => node === before[at]));
  });

  it("counts the peers that are too many to be shown", () => {
    segment(Array.from({ length: 130 }, (_, index) => [index + 1, index + 1] as const));
    const shown = lines();
    assert.deepEqual([shown.length, shown[0], shown[100]], [101, [130, 1], ["more", 30]]);
  });

  it("tells what a port had from peers that are gone, so that port and peers agree", () => {
    segment([
      [1, 10],
      [1, 11],
      [2, 12],
    ]);
    segment([[2, 20]]);
    assert.deepEqual(lines(), [
      [2, 2],
      [1, 2],
    ]);
    capture.dropFiles(new Set(files.slice(0, 1)));
    assert.deepEqual(lines(), [
      [2, 2],
      ["others", 2],
    ]);
    const [port] = model.children();
    const others = model.children(port).at(-1) ?? assert.fail();
    assert.equal(filterOf(others), port && filterOf(port));
    assert.equal(port?.kind === "socket" && port.socket.received, 4);
  });
});
