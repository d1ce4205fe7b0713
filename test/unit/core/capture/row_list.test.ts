import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { type CaptureSink, Direction } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const server = { address: "127.0.0.1", port: 9999 };
const client = { address: "127.0.0.1", port: 53211 };

describe("RowList", () => {
  let capture: Capture;
  let rows: RowList;
  let serverFile: CaptureSink;
  let clientFile: CaptureSink;

  beforeEach(() => {
    capture = new Capture();
    rows = new RowList(capture);
    serverFile = file("server", "127.0.0.1:9999");
    clientFile = file("client", "127.0.0.1:53211");
  });

  function file(writer: string, name: string): CaptureSink {
    const sink = new FileSink({
      capture,
      file: capture.addFile(writer),
      writer,
      clearedBefore: 0,
    });
    sink.interface({ id: 0, name, description: "lesson.ts, pid 1, socket 1", comments: [] });
    return sink;
  }

  const payload = (text: string) => ({
    bytes: Uint8Array.of(127, 0, 0, 1, 127, 0, 0, 1, ...new TextEncoder().encode(text)),
    payload: 8,
    capturedLength: text.length,
    length: text.length,
  });
  const sends = (time: number, text: string) =>
    clientFile.datagram(
      datagramRecord(client, server, { time, direction: Direction.out, ...payload(text) }),
    );
  const receives = (time: number, text: string) =>
    serverFile.datagram(datagramRecord(client, server, { time, ...payload(text) }));

  const times = () => Array.from({ length: rows.length }, (_, row) => capture.time(rows.idAt(row)));

  it("shows a sending and its receipt as one row, whichever file is read first", () => {
    receives(1200, "Michael");
    capture.commit();
    assert.deepEqual(times(), [1200]);
    sends(1000, "Michael");
    capture.commit();
    assert.deepEqual(times(), [1000]);
    const id = rows.idAt(0);
    assert.equal(capture.delivery(id), Delivery.delivered);
    const receipt = capture.partner(id);
    assert.equal(capture.time(receipt), 1200);
    assert.equal(rows.rowOf(id), 0);
    assert.equal(rows.rowOf(receipt), 0, "the receipt is shown with its sending");
    assert.equal(capture.length, 2, "both records are kept");
  });

  it("tells a loss once time has passed", () => {
    sends(1_000_000, "Michael");
    capture.commit();
    rows.takeFirstChanged();
    assert.equal(capture.settle(1_900_000), false);
    assert.equal(capture.settle(2_000_001), true);
    assert.equal(capture.delivery(rows.idAt(0)), Delivery.lost);
    assert.equal(rows.takeFirstChanged(), 0, "the row is to be shown anew");
  });

  it("does not call lost what was sent before the socket was bound", () => {
    const later = new FileSink({
      capture,
      file: capture.addFile("later"),
      writer: "later",
      clearedBefore: 0,
      startedAt: 9_000_000,
    });
    later.interface({
      id: 0,
      name: "127.0.0.1:7777",
      description: "later.ts, pid 2, socket 1",
      comments: [],
    });
    for (const time of [1_000_000, 9_500_000]) {
      clientFile.datagram(
        datagramRecord(client, { ...server, port: 7777 }, { time, direction: Direction.out }),
      );
    }
    capture.commit();
    capture.settle(20_000_000);
    assert.deepEqual(
      [0, 1].map((row) => capture.delivery(rows.idAt(row))),
      [Delivery.alone, Delivery.lost],
    );
  });

  it("shows nothing after clear, and new ones from then on", () => {
    sends(1000, "Michael");
    capture.commit();
    const cleared = rows.idAt(0);
    capture.clear();
    assert.equal(rows.length, 0);
    assert.equal(rows.rowOf(cleared), undefined);
    receives(900, "Tracy");
    sends(800, "Tracy");
    capture.commit();
    assert.deepEqual(times(), [800]);
    assert.throws(() => rows.idAt(1), RangeError);
  });

  it("holds its rows while paused, but not what was cleared", () => {
    sends(1000, "Michael");
    capture.commit();
    rows.setPaused(true);
    sends(2000, "Tracy");
    capture.commit();
    assert.deepEqual(times(), [1000]);
    rows.setPaused(false);
    assert.deepEqual(times(), [1000, 2000]);
    rows.setPaused(true);
    capture.clear();
    assert.deepEqual(times(), []);
    sends(3000, "Sarah");
    capture.commit();
    assert.deepEqual(times(), []);
    rows.setPaused(false);
    assert.deepEqual(times(), [3000]);
  });

  it("is at any moment what a fresh list would be, with a filter and without", () => {
    const step = fc.record({
      sent: fc.boolean(),
      time: fc.nat(50),
      text: fc.constantFrom("a", "b", "c"),
      commit: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), fc.boolean(), (steps, filtered) => {
        capture = new Capture();
        rows = new RowList(capture);
        serverFile = file("server", "127.0.0.1:9999");
        clientFile = file("client", "127.0.0.1:53211");
        const accepts = (id: number) => capture.time(id) % 3_000 !== 0;
        if (filtered) rows.setFilter(accepts);
        let shown: number[] = [];
        for (const { sent, time, text, commit } of steps) {
          (sent ? sends : receives)(time * 1000, text);
          if (!commit) continue;
          capture.commit();
          const ids = Array.from({ length: rows.length }, (_, row) => rows.idAt(row));
          const expected = [];
          const numbers = [];
          let number = 0;
          for (let at = 0; at < capture.length; at++) {
            const id = capture.idAt(at);
            if (capture.delivery(id) === Delivery.receipt) continue;
            number++;
            if (filtered && !accepts(id)) continue;
            expected.push(id);
            numbers.push(number);
          }
          assert.deepEqual(ids, expected);
          assert.deepEqual(
            ids.map((_, row) => rows.numberAt(row)),
            numbers,
          );
          if (!filtered) assert.equal(rows.unfiltered, ids.length);
          const first = rows.takeFirstChanged();
          assert.deepEqual(ids.slice(0, first), shown.slice(0, first));
          shown = ids;
        }
      }),
    );
  });

  it("is right at once, whatever is asked first", () => {
    for (const ask of [
      () => rows.length,
      () => capture.time(rows.idAt(0)) / 500,
      () => rows.numberAt(0),
      () => (rows.rowOf(capture.firstId) ?? 0) + 1,
    ]) {
      capture = new Capture();
      rows = new RowList(capture);
      serverFile = file("server", "127.0.0.1:9999");
      receives(500, "Michael");
      capture.commit();
      assert.equal(ask(), 1, ask.toString());
    }
  });

  it("tells which rows are to be shown anew, whatever was asked before", () => {
    receives(500, "Michael");
    capture.commit();
    assert.equal(rows.takeFirstChanged(), 0);
    receives(600, "Tracy");
    capture.commit();
    assert.equal(rows.takeFirstChanged(), 1);
    receives(550, "Sarah");
    capture.commit();
    assert.equal(rows.takeFirstChanged(), 1);
    assert.equal(rows.takeFirstChanged(), 3);
  });

  it("has nothing to tell of an empty capture, and nothing more once it is disposed of", () => {
    assert.deepEqual(
      [rows.length, rows.takeFirstChanged(), rows.takeRemovedFromFront(), rows.numberAt(0)],
      [0, 0, 0, 0],
    );
    capture.clear();
    assert.deepEqual([rows.length, rows.takeRemovedFromFront()], [0, 0]);
    rows.setFilter(() => true);
    rows.dispose();
    receives(500, "Michael");
    capture.commit();
    capture.dropFiles(new Set([0]));
    assert.equal(rows.takeRemovedFromFront(), 0);
  });

  it("holds thousands of rows, that come in batches", () => {
    for (let time = 1; time <= 5000; time++) {
      receives(time, "Michael");
      if (time % 700 === 0) capture.commit();
    }
    capture.commit();
    assert.deepEqual(
      times(),
      Array.from({ length: 5000 }, (_, row) => row + 1),
    );
    assert.ok(times().every((time, row) => rows.numberAt(row) === time));
  });

  it("finds the row of each datagram, also among others of the same time", () => {
    for (const time of [1, 2, 2, 2, 3]) receives(time, "Michael");
    capture.commit();
    const ids = [0, 1, 2, 3, 4];
    assert.deepEqual(
      ids.map((id) => rows.rowOf(id)),
      ids,
    );
    rows.setFilter((id) => id === 2);
    assert.deepEqual(
      ids.map((id) => rows.rowOf(id)),
      [undefined, undefined, 0, undefined, undefined],
    );
    rows.setFilter(() => false);
    assert.equal(rows.rowOf(0), undefined);
  });

  it("looks at millions in turns, whatever comes and goes meanwhile, and comes to what a fresh list is", () => {
    const change = fc.constantFrom("before", "behind", "between", "drop", "renew", "other", "none");
    fc.assert(
      fc.property(fc.array(change, { minLength: 5, maxLength: 40 }), (changes) => {
        capture = new Capture();
        rows = new RowList(capture);
        const numbers: number[] = [];
        let added = 0;
        const add = (from: number, count: number, every: number) => {
          numbers.push(added++);
          const sink = file("sender", "eth0");
          for (let at = 0; at < count; at++) {
            sink.datagram(
              datagramRecord(client, server, {
                time: 1e6 + from + at * every,
                payloadFileOffset: 100 + at * 10,
              }),
            );
          }
          capture.commit();
        };
        add(100_000, 100_000, 3);
        let asked = 0;
        let most = 0;
        const test = (each: number) => (id: number) => {
          asked++;
          return capture.time(id) % each !== 0;
        };
        let accepts = test(7);
        rows.setFilter(accepts);
        assert.ok(rows.isBehind);
        assert.ok(rows.length < 100_000, "not all of them at once");
        for (const one of [...changes, "none"] as const) {
          asked = 0;
          rows.updating().next();
          most = Math.max(most, asked);
          if (one === "before") add(0, 50, 1);
          if (one === "behind") add(1e6, 50, 1);
          if (one === "between") add(100_001, 2000, 100);
          if (one === "drop" && numbers.length > 1)
            capture.dropFiles(new Set([numbers.pop() ?? 0]));
          if (one === "renew") {
            accepts = test(7);
            rows.renewFilter(accepts);
          }
          if (one === "other") {
            accepts = test(5);
            rows.setFilter(accepts);
          }
          // What is there can be read, in the order of time, whatever has been looked at.
          const shown = Array.from({ length: rows.length }, (_, row) => rows.idAt(row));
          assert.ok(shown.every((id) => capture.has(id)));
          assert.ok(
            shown.every((id, row) => row === 0 || capture.standsBefore(shown[row - 1] ?? 0, id)),
          );
        }
        assert.ok(most <= 1 << 13, `${most} rows were asked about at once`);
        Array.from(rows.updating());
        assert.equal(rows.isBehind, false);
        const fresh = new RowList(capture);
        fresh.setFilter(accepts);
        Array.from(fresh.updating());
        const ids = (list: RowList) =>
          Array.from({ length: list.length }, (_, row) => list.idAt(row));
        assert.deepEqual(ids(rows), ids(fresh));
      }),
      { numRuns: 10 },
    );
  }).timeout(60_000);

  it("looks at each row in the end, although something changes before all of them with each turn", () => {
    const sink = file("sender", "eth0");
    const receive = (time: number) => sink.datagram(datagramRecord(client, server, { time }));
    for (let at = 0; at < 100_000; at++) receive(1e6 + at);
    capture.commit();
    rows.setFilter(() => true);
    for (let turn = 0; turn < 15; turn++) {
      rows.updating().next();
      receive(turn);
      capture.commit();
    }
    assert.ok(rows.length >= 100_000, `${rows.length} rows`);
  });

  it("takes out of a paused list what is given up, and nothing else", () => {
    const record = fc.record({
      inFirst: fc.boolean(),
      time: fc.nat(20),
      out: fc.boolean(),
      text: fc.constantFrom("a", "b"),
    });
    fc.assert(
      fc.property(
        fc.array(record),
        fc.array(record),
        fc.integer({ min: 1, max: 4 }),
        (records, later, every) => {
          capture = new Capture();
          rows = new RowList(capture);
          const files = [file("server", "127.0.0.1:9999"), file("client", "127.0.0.1:53211")];
          const add = (more: typeof records) => {
            for (const { inFirst, time, out, text } of more) {
              const direction = out ? Direction.out : Direction.in;
              const rest = { time: 1000 + time * 1000, direction, ...payload(text) };
              files[inFirst ? 0 : 1]?.datagram(datagramRecord(client, server, rest));
            }
            capture.commit();
          };
          add(records);
          rows.setFilter((id) => id % every === 0);
          rows.setPaused(true);
          rows.takeFirstChanged();
          const before = Array.from({ length: rows.length }, (_, row) => rows.idAt(row));
          add(later);
          const dropped = capture.dropFiles(new Set([0]));
          assert.deepEqual(
            Array.from({ length: rows.length }, (_, row) => rows.idAt(row)),
            before.filter((id) => capture.has(id)),
          );
          if (dropped > 0) assert.equal(rows.takeFirstChanged(), 0);
          const all = Array.from({ length: capture.length }, (_, at) => capture.idAt(at));
          if (dropped === 0) return;
          for (let row = 0; row < rows.length; row++) {
            const upTo = all.slice(0, all.indexOf(rows.idAt(row)) + 1);
            assert.equal(
              rows.numberAt(row),
              upTo.filter((id) => capture.delivery(id) !== Delivery.receipt).length,
            );
          }
        },
      ),
    );
  });

  it("tells how many of the first rows were given up, also while paused, and keeps the numbers right", () => {
    for (const isPaused of [false, true]) {
      capture = new Capture();
      rows = new RowList(capture);
      const [first, second] = [file("first", "eth0"), file("second", "eth0")];
      for (const time of [1, 2, 3, 5]) first.datagram(datagramRecord(client, server, { time }));
      for (const time of [4, 6, 7, 8]) second.datagram(datagramRecord(client, server, { time }));
      capture.commit();
      rows.setFilter((id) => capture.time(id) !== 2 && capture.time(id) !== 6);
      assert.deepEqual(times(), [1, 3, 4, 5, 7, 8]);
      assert.equal(rows.takeRemovedFromFront(), 0);
      rows.setPaused(isPaused);
      assert.equal(capture.dropFiles(new Set([0])), 4);
      assert.deepEqual(times(), [4, 7, 8]);
      assert.equal(rows.takeRemovedFromFront(), 2, "5 was given up behind 4");
      assert.equal(rows.takeRemovedFromFront(), 0);
      assert.deepEqual(
        [0, 1, 2].map((row) => rows.numberAt(row)),
        [1, 3, 4],
      );
    }
  });
});
