import assert from "node:assert/strict";
import type { Capture } from "../../../../extension/core/capture/capture.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { trafficOf } from "../../../../extension/core/silence/traffic.ts";

describe("what passes between two ends", () => {
  it("is looked for among the latest datagrams, however many there are", () => {
    const flow = {
      id: 0,
      socket: 0,
      direction: Direction.out,
      sourceAddress: Uint8Array.of(127, 0, 0, 1),
      sourcePort: 5000,
      destinationAddress: Uint8Array.of(127, 0, 0, 1),
      destinationPort: 9999,
      tunnel: "",
    };
    let looked = 0;
    const steps = (length: number) => {
      looked = 0;
      const capture = {
        length,
        flows: {
          values: () => [flow],
          counts: () => ({ datagrams: length, firstTime: 0, lastTime: 1 }),
        },
        sockets: Object.assign([], { open: () => [], isTapped: () => true }),
        idAt: (position: number) => {
          looked++;
          return position;
        },
        flowId: () => 0,
        flow: () => flow,
        isFolded: () => false,
        wireLength: () => 7,
        comment: () => "send failed: EACCES",
        delivery: () => 0,
      };
      const question = {
        to: { address: "127.0.0.1", port: 9999 },
        from: undefined,
        pid: undefined,
        length: undefined,
      };
      const told = trafficOf(capture as unknown as Capture, question);
      assert.equal(told.sent, length);
      assert.equal(told.largest, 7);
      assert.equal(told.failed.get("EACCES"), looked);
      return looked;
    };
    assert.equal(steps(1000), 1000);
    assert.ok(steps(50_000_000) < 1_000_000, `${looked}`);
  });

  it("asks flows of other ports for nothing else", () => {
    let asked = 0;
    const flow = {
      direction: Direction.out,
      sourcePort: 1,
      destinationPort: 2,
      get sourceAddress(): Uint8Array {
        asked++;
        return Uint8Array.of(127, 0, 0, 1);
      },
      get destinationAddress(): Uint8Array {
        asked++;
        return Uint8Array.of(127, 0, 0, 1);
      },
    };
    const capture = {
      length: 0,
      flows: { values: () => Array.from({ length: 1000 }, () => flow) },
      sockets: Object.assign([], { open: () => [], isTapped: () => true }),
    };
    const end = (port: number) => ({ address: "127.0.0.1", port });
    const question = { to: end(9999), from: end(5000), pid: undefined, length: undefined };
    assert.equal(trafficOf(capture as unknown as Capture, question).sent, 0);
    assert.equal(asked, 0);
  });
});
