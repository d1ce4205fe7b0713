import assert from "node:assert/strict";
import fc from "fast-check";
import { DatagramTable } from "../../../../extension/core/capture/datagram_table.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileTable } from "../../../../extension/core/capture/file_table.ts";
import { payloadStretches } from "../../../../extension/core/capture/payload_stretches.ts";
import { atOnce } from "../../../../extension/core/capture/steps.ts";

/** What is known of a datagram. */
interface Known {
  readonly time: number;
  readonly file: number;
  readonly comment: string;
  partner: number | undefined;
}

describe("DatagramTable", () => {
  let files: FileTable;
  let table: DatagramTable;

  beforeEach(() => {
    files = new FileTable();
    table = new DatagramTable(files);
  });

  function add(file: number, time: number, comment = ""): void {
    table.append(time, time % 5, file, time * 10, 3, 4, time * 7, 0, comment);
  }

  /** Returns how many there were. */
  function drop(gone: ReadonlySet<number>): number {
    table.arrangeRows();
    const parts = files.partsOf(gone);
    const going = atOnce(table.dropping(parts, 5));
    going.finish();
    atOnce(going.part());
    atOnce(table.closingGaps());
    files.remove(parts);
    return going.dropped;
  }

  it("tells of each datagram the same by the same id, whatever is given up before, behind and between", () => {
    const step = fc.oneof(
      fc.record({
        file: fc.integer({ min: 0, max: 5 }),
        times: fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 40 }),
      }),
      fc.record({ drop: fc.subarray([0, 1, 2, 3, 4, 5]) }),
      fc.record({ clear: fc.constant(true) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        files = new FileTable();
        table = new DatagramTable(files);
        const numbers = Array.from({ length: 6 }, () => files.add("f"));
        const known = new Map<number, Known>();
        let next = 0;
        for (const one of steps) {
          if ("times" in one) {
            const file = numbers[one.file] ?? 0;
            for (const time of one.times) {
              const comment = time % 7 === 0 ? `odd ${next}` : "";
              add(file, time, comment);
              known.set(next++, { time, file, comment, partner: undefined });
            }
            table.commit();
            const ids = [...known.keys()].filter((id) => known.get(id)?.partner === undefined);
            for (let at = 0; at + 1 < ids.length; at += 2) {
              const [sent = 0, received = 0] = [ids[at], ids.at(-1 - at)];
              if (sent >= received) break;
              for (const [id, partner] of [
                [sent, received],
                [received, sent],
              ] as const) {
                const datagram = known.get(id);
                if (datagram) datagram.partner = partner;
              }
              table.setDelivery(sent, Delivery.delivered, received);
              table.setDelivery(received, Delivery.receipt, sent);
            }
          } else if ("drop" in one) {
            const gone = new Set(one.drop.map((file) => numbers[file] ?? 0));
            const lost = [...known].filter(([, { file }]) => gone.has(file));
            assert.equal(drop(gone), lost.length);
            for (const [id] of lost) known.delete(id);
            for (const [id, datagram] of known) {
              const { partner } = datagram;
              if (partner !== undefined && !known.has(partner)) datagram.partner = id;
            }
            for (const file of one.drop) numbers[file] = files.add("f");
          } else {
            table.clear();
            known.clear();
          }
          checkAll(known, next);
        }
      }),
    );
  });

  function checkAll(known: ReadonlyMap<number, Known>, end: number): void {
    assert.deepEqual([table.length, table.endId], [known.size, end]);
    const ids = Array.from({ length: end }, (_, id) => id);
    assert.deepEqual(
      ids.filter((id) => table.has(id)),
      [...known.keys()],
    );
    for (const [id, { time, file, comment, partner }] of known) {
      assert.equal(table.time(id), time);
      assert.equal(table.flowId(id), time % 5);
      assert.equal(table.comment(id), comment);
      assert.deepEqual(table.payloadPlace(id), { file, offset: time * 10, length: 3 });
      if (partner !== undefined) assert.equal(table.partner(id), partner);
      assert.equal(table.earliest(id - 1, [1]), time);
    }
    const inTime = Array.from({ length: table.length }, (_, at) => table.idAt(at));
    assert.deepEqual(
      inTime.map((id) => table.time(id)),
      [...known.values()].map(({ time }) => time).sort((a, b) => a - b),
    );
    assert.deepEqual(new Set(inTime), new Set(known.keys()));
    const stretches = payloadStretches(table.stored, 0, end).flatMap(({ firstId, lengths }) =>
      Array.from(lengths, (_, at) => firstId + at),
    );
    assert.deepEqual(stretches, [...known.keys()]);
    const walked: number[] = [];
    for (let id = table.nextId(0); id < table.endId; id = table.nextId(id + 1)) {
      if (table.has(id)) walked.push(id);
    }
    assert.deepEqual(walked, [...known.keys()]);
  }

  it("is no longer than twice what there is, although a quiet program's file stays", () => {
    const quiet = files.add("quiet");
    add(quiet, 1);
    for (let round = 0; round < 50; round++) {
      const loud = files.add("loud");
      for (let time = 0; time < 1000; time++) add(loud, time);
      if (round % 10 === 0) add(quiet, round);
      table.commit();
      drop(new Set([loud]));
    }
    assert.equal(table.length, 6);
    assert.deepEqual([table.has(0), table.time(0), table.endId], [true, 1, 50_006]);
    const { room } = table;
    assert.ok(room > 1000 && room < 4096, `room for ${room}`);
  });
});
