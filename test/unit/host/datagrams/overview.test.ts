import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { OverviewCounter } from "../../../../extension/host/datagrams/overview.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

describe("OverviewCounter", () => {
  it("counts tens of thousands of rows, and others have a turn each ten thousand", async () => {
    const capture = new Capture();
    const sink = new FileSink({
      capture,
      file: capture.addFile("client.pcapng"),
      writer: "1-4242.0",
      clearedBefore: 0,
    });
    sink.interface({ id: 0, name: "127.0.0.1:53211", description: "", comments: [] });
    const here = { address: "127.0.0.1", port: 53211 };
    const there = { address: "127.0.0.1", port: 9 };
    const direction = Direction.out;
    for (let time = 0; time < 45_000; time++) {
      const comment = time < 100 ? "dropped by a rule (drop)" : "";
      sink.datagram(datagramRecord(here, there, { time, direction, comment }));
    }
    capture.commit();
    const rows = new RowList(capture);
    let turns = 0;
    let next = setImmediate(function turn() {
      turns++;
      next = setImmediate(turn);
    });
    const overview = await new OverviewCounter().count(capture, rows, 3);
    clearImmediate(next);
    assert.deepEqual(overview?.sent, [14_900, 15_000, 15_000]);
    assert.deepEqual(overview.dropped, [100, 0, 0]);
    assert.ok(turns >= 3, `${turns} turns`);
    rows.dispose();
  });
});
