import assert from "node:assert/strict";
import { Channels, NO_CHANNEL } from "../../../../extension/core/capture/channels.ts";
import { FlowTable } from "../../../../extension/core/capture/flow_table.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

describe("Channels", () => {
  it("are told apart up to a number, and of what is in more nobody says what became of it", () => {
    const flows = new FlowTable();
    const channels = new Channels(2);
    const add = (port: number, direction: Direction = Direction.out) => {
      const ends = [
        { address: "127.0.0.1", port: 9 },
        { address: "127.0.0.1", port },
      ] as const;
      const flow = flows.get(flows.idOf(0, datagramRecord(...ends, { direction })));
      const number = channels.add(flow, 0);
      assert.equal(channels.numberOf(flow.id), number);
      return number;
    };
    assert.deepEqual(
      [add(1), add(2), add(3), add(2, Direction.in), add(4)],
      [...[0, 1, NO_CHANNEL, 1, NO_CHANNEL]],
    );
  });
});
