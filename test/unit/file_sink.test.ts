import assert from "node:assert/strict";
import { Capture } from "../../extension/capture/table/capture.ts";
import { MAX_FILE_PART } from "../../extension/capture/table/datagram_table.ts";
import { FileSink, NO_TIME, WriterRegistry } from "../../extension/capture/table/file_sink.ts";
import { datagramRecord } from "../support/datagram_record.ts";

const here = { address: "127.0.0.1", port: 1 };
const there = { address: "127.0.0.1", port: 2 };

describe("FileSink", () => {
  let capture: Capture;
  let sink: FileSink;

  beforeEach(() => {
    capture = new Capture();
    capture.addFile("another file");
    sink = new FileSink({
      capture,
      writers: new WriterRegistry(),
      file: capture.addFile("huge.pcapng"),
      writer: "huge.pcapng",
      clearedBefore: 0,
    });
    sink.interface({ id: 0, name: "eth0", description: "", comments: [] });
  });

  it("finds payloads again in files of more than 4 GiB", () => {
    const last = MAX_FILE_PART - 1;
    const offsets = [100, last, last + 1, 3 * MAX_FILE_PART, 3 * MAX_FILE_PART + last, 2 ** 45];
    for (const [time, payloadFileOffset] of offsets.entries()) {
      sink.datagram(datagramRecord(here, there, { time, payloadFileOffset }));
    }
    capture.commit();
    for (const [position, offset] of offsets.entries()) {
      const place = capture.payloadPlace(capture.idAt(position));
      assert.equal(place.offset, offset);
      assert.equal(capture.filePath(place.file), "huge.pcapng");
    }
    assert.equal(capture.payloadPlace(capture.idAt(1)).file, 1, "no part is made without need");
  });

  it("gives a datagram without a time stamp the place that it has in the file, and says so", () => {
    const times = [5, Number.NaN, 7, Number.POSITIVE_INFINITY, 9e18, 8];
    for (const time of times) {
      sink.datagram(datagramRecord(here, there, { time, comment: time === 9e18 ? "odd" : "" }));
    }
    capture.commit();
    const shown = times.map((_, position) => capture.idAt(position));
    assert.deepEqual(
      shown.map((id) => [capture.time(id), capture.comment(id)]),
      [
        [5, ""],
        [5, NO_TIME],
        [7, ""],
        [7, NO_TIME],
        [7, `odd; ${NO_TIME}`],
        [8, ""],
      ],
    );
    assert.equal(capture.flows.counts(0).lastTime, 8);
  });

  it("keeps the sockets of several programs apart that were merged into one file", () => {
    const names = ["a.ts, pid 1, socket 1", "b.ts, pid 2, socket 1", "a.ts, pid 1, socket 1"];
    for (const [id, description] of names.entries()) {
      sink.interface({ id: id + 1, name: "127.0.0.1:9999", description, comments: [] });
    }
    const [, ...tapped] = capture.sockets;
    assert.deepEqual(
      tapped.map(({ program }) => program.name),
      ["a.ts", "b.ts"],
    );
  });

  it("counts other packets by their reason", () => {
    sink.otherPacket("fragment");
    sink.otherPacket("notUdp");
    sink.otherPacket("fragment");
    assert.deepEqual(capture.otherPackets, {
      notUdp: 1,
      fragment: 2,
      cutShort: 0,
      malformed: 0,
      tunnelled: 0,
      unknownLinkType: 0,
    });
  });
});
