import assert from "node:assert/strict";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink, NO_TIME } from "../../../../extension/core/capture/file_sink.ts";
import { MAX_FILE_PART } from "../../../../extension/core/capture/file_table.ts";
import { payloadStretches } from "../../../../extension/core/capture/payload_stretches.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

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
      file: capture.addFile("huge.pcapng"),
      writer: "huge.pcapng",
      clearedBefore: 0,
    });
    sink.interface({ id: 0, name: "eth0", description: "", comments: [] });
  });

  /** A sink for the file that was there before. */
  function anotherFile(): FileSink {
    const other = new FileSink({
      capture,
      file: 0,
      writer: "another file",
      clearedBefore: 0,
    });
    other.interface({ id: 0, name: "eth1", description: "", comments: [] });
    return other;
  }

  it("finds payloads again in files of more than 4 GiB", () => {
    const last = MAX_FILE_PART - 1;
    const far = 3 * MAX_FILE_PART;
    const offsets = [100, last, last + 6, last + 9, far + 7, far + last, far + last + 8, 2 ** 45];
    for (const [time, payloadFileOffset] of offsets.entries()) {
      sink.datagram(datagramRecord(here, there, { time, payloadFileOffset }));
    }
    capture.commit();
    for (const [position, offset] of offsets.entries()) {
      const place = capture.payloadPlace(capture.idAt(position));
      assert.equal(place.offset, offset);
      assert.equal(capture.files.get(place.file).path, "huge.pcapng");
    }
    assert.deepEqual(
      offsets.map((_, position) => capture.payloadPlace(capture.idAt(position)).file),
      [1, 1, 2, 2, 3, 3, 4, 5],
      "no part is made without need",
    );
  });

  it("gives a datagram without a time stamp the place that it has in the file, and says so", () => {
    const times = [Number.NaN, 5, Number.NaN, 7, Number.POSITIVE_INFINITY, 9e18, 8, 8.64e18];
    for (const time of times) {
      sink.datagram(datagramRecord(here, there, { time, comment: time === 9e18 ? "odd" : "" }));
    }
    capture.commit();
    const shown = times.map((_, position) => capture.idAt(position));
    assert.deepEqual(
      shown.map((id) => [capture.time(id), capture.comment(id)]),
      [
        [0, NO_TIME],
        [5, ""],
        [5, NO_TIME],
        [7, ""],
        [7, NO_TIME],
        [7, `odd; ${NO_TIME}`],
        [8, ""],
        [8.64e18, ""],
      ],
    );
    assert.equal(capture.flows.counts(0).lastTime, 8.64e18);
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

  it("counts what a socket sent and received, and what is missing; of unknown direction neither", () => {
    const { out, unknown } = Direction;
    sink.datagram(datagramRecord(here, there, { direction: out, dropped: 3 }));
    sink.datagram(datagramRecord(here, there, { direction: out }));
    sink.datagram(datagramRecord(there, here, { dropped: 2 }));
    sink.datagram(datagramRecord(there, here, { direction: unknown }));
    sink.statistics({ id: 0, received: 9 }, 0, 0);
    capture.commit();
    const [socket] = capture.sockets;
    assert.deepEqual([socket?.sent, socket?.received, capture.notRecorded], [2, 1, 5]);
    assert.deepEqual(
      [0, 1, 2, 3].map((id) => capture.digest(id) !== 0),
      [true, true, true, true],
      "a message may quote any of them",
    );
  });

  it("tells the earliest time of some datagrams, as far as they are still there", () => {
    const other = anotherFile();
    sink.datagram(datagramRecord(here, there, { time: 1 }));
    capture.commit();
    capture.clear();
    // Ids 1 to 4.
    for (const time of [30, 10, 20]) sink.datagram(datagramRecord(here, there, { time }));
    other.datagram(datagramRecord(here, there, { time: 5 }));
    capture.commit();
    assert.equal(capture.earliest(1, [0, 1, 2]), 10);
    assert.equal(capture.earliest(1, [0, 3]), 5);
    assert.equal(capture.earliest(2, [1]), 20);
    assert.equal(capture.earliest(0, [0]), Number.POSITIVE_INFINITY, "cleared");
    assert.equal(capture.earliest(1, [4]), Number.POSITIVE_INFINITY, "yet to come");
    capture.dropFiles(new Set([0]));
    assert.equal(capture.earliest(1, [0, 3]), 30);
    assert.equal(capture.earliest(1, []), Number.POSITIVE_INFINITY);
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((id) => capture.has(id)),
      [false, true, true, true, false, false],
    );
  });

  it("tells where payloads lie in stretches, which end where a file does, or goes back", () => {
    const other = anotherFile();
    sink.datagram(datagramRecord(here, there));
    capture.commit();
    capture.clear();
    // Ids 1 to 7.
    const add = (into: FileSink, ...offsets: number[]) => {
      for (const payloadFileOffset of offsets) {
        into.datagram(datagramRecord(here, there, { payloadFileOffset }));
      }
    };
    add(sink, 100, 200, 200);
    add(other, 300);
    add(sink, 400, 350, MAX_FILE_PART + 7);
    assert.deepEqual(
      payloadStretches(capture.datagrams.stored, 1, 8),
      [],
      "they have no place yet",
    );
    capture.commit();
    const stretches = (from: number, to: number) =>
      payloadStretches(capture.datagrams.stored, from, to).map(
        ({ firstId, path, start, offsets, lengths }) => [
          firstId,
          path,
          Array.from(offsets).map((offset) => start + offset),
          lengths.length,
        ],
      );
    const all = [
      [1, "huge.pcapng", [100, 200, 200], 3],
      [4, "another file", [300], 1],
      [5, "huge.pcapng", [400], 1],
      [6, "huge.pcapng", [350], 1],
      [7, "huge.pcapng", [MAX_FILE_PART + 7], 1],
    ];
    assert.deepEqual(stretches(1, 8), all);
    assert.deepEqual(stretches(0, 100), all);
    assert.deepEqual(stretches(2, 5), [[2, "huge.pcapng", [200, 200], 2], all[1]]);
    assert.deepEqual(stretches(1, 3), [[1, "huge.pcapng", [100, 200], 2]]);
    assert.deepEqual(stretches(4, 4), []);
    capture.dropFiles(new Set([0]));
    assert.deepEqual(stretches(1, 8), [all[0], ...all.slice(2)]);
    assert.equal(capture.files.get(1).path, "huge.pcapng");
    for (const bad of [-1, 0, 9]) assert.throws(() => capture.files.get(bad), RangeError);
  });

  it("finds each socket by its id, and no other", () => {
    sink.interface({ id: 1, name: "eth1", description: "", comments: [] });
    assert.deepEqual(
      [0, 1].map((id) => capture.socket(id).name),
      ["eth0", "eth1"],
    );
    for (const bad of [2, -1]) assert.throws(() => capture.socket(bad), RangeError);
  });

  it("leaves out what belongs to no interface", () => {
    sink.datagram(datagramRecord(here, there, { interfaceId: 1 }));
    sink.statistics({ id: 1, dropped: 3 }, 0, 0);
    assert.deepEqual([capture.commit(), capture.notRecorded], [false, 0]);
  });

  it("takes nothing in a foreign file for a program, a port or a socket of this machine", () => {
    const foreign = new FileSink({
      capture,
      file: 0,
      writer: "a colleague's",
      clearedBefore: 0,
      isForeign: true,
    });
    const application = "node 24.0.0, pid 7, ppid 1: x.ts";
    foreign.section({ application, os: "", comments: [] });
    const described = {
      name: "127.0.0.1:9999",
      description: "x.ts, pid 7, socket 1",
      comments: [],
    };
    for (const id of [0, 1, 0]) foreign.interface({ id, ...described });
    const [, ...sockets] = capture.sockets;
    assert.deepEqual(
      sockets.map(({ local, program }) => [local, program.pid, program.name]),
      [
        [undefined, undefined, application],
        [undefined, undefined, application],
      ],
    );
  });

  it("counts other packets by their reason", () => {
    sink.otherPacket("fragment", Number.NaN);
    sink.otherPacket("notUdp", Number.NaN);
    sink.otherPacket("fragment", Number.NaN);
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
