import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { payloadStretches } from "../../../../extension/core/capture/payload_stretches.ts";
import { displayFlow } from "../../../../extension/core/capture/peers.ts";
import { Refusals } from "../../../../extension/core/capture/refusals.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { Sightings } from "../../../../extension/core/capture/sightings.ts";
import type { Steps } from "../../../../extension/core/capture/steps.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";

const client = { address: "127.0.0.1", port: 53211 };
const server = { address: "127.0.0.1", port: 9999 };

/** Two segments of a client, two of a server, and a file of a command that has captured on the way. */
const FILES = [0, 1, 2, 3, 4];
/** What is recorded, one after the other, each in one of the {@link FILES}; the last one leaves some out. */
interface World {
  readonly exchanges: number;
  /** Of so many in a row, one payload: few equal ones, or many. */
  readonly equal: number;
  /** The network refuses every so many-th one. */
  readonly refusedEach: number;
}

function read({ exchanges, equal, refusedEach }: World, kept: readonly number[]): Capture {
  const capture = new Capture();
  capture.findSightings(Sightings);
  capture.findRefusals(Refusals);
  const sinks = FILES.map((number) => {
    if (!kept.includes(number)) return undefined;
    const [end, pid] = number < 2 ? [client, 4243] : [server, 4242];
    const isForeign = number === 4;
    const file = capture.addFile(`${number}`);
    const sink = new FileSink({
      capture,
      file,
      writer: isForeign ? "tcpdump" : `${pid}`,
      clearedBefore: 0,
      isContinued: number % 2 > 0,
      isForeign,
    });
    const description = `program, pid ${pid}, socket 1`;
    const name = isForeign ? "lo" : `${end.address}:${end.port}`;
    sink.interface({ id: 0, name, description, comments: [] });
    return sink;
  });
  const offsets = new Map<number, number>();
  const record = (file: number, time: number, number: number, direction: Direction) => {
    const payloadFileOffset = (offsets.get(file) ?? 100) + 50;
    offsets.set(file, payloadFileOffset);
    const payload = Math.floor(number / equal);
    const bytes = Uint8Array.of(127, 0, 0, 1, 127, 0, 0, 1, ...new Uint8Array(4));
    new DataView(bytes.buffer).setUint32(8, payload);
    // A jumbogram now and then, of which not all was kept (RFC 2675).
    const length = number % 1000 === 11 ? 70_000 : 4;
    const rest = { time, direction, bytes, length, capturedLength: 4, payloadFileOffset };
    const comment = number % 1000 === 7 ? "odd" : "";
    return datagramRecord(client, server, { ...rest, comment });
  };
  for (let number = 0; number < exchanges; number++) {
    const time = 1e15 + number * 100;
    const isLate = number >= exchanges / 2 ? 1 : 0;
    sinks[isLate]?.datagram(record(isLate, time, number, Direction.out));
    const isRefused = number % refusedEach === refusedEach - 1;
    if (isRefused) {
      const quoted = record(isLate, time + 20, number, Direction.in);
      sinks[isLate]?.refusal({ ...quoted, direction: Direction.in }, "port");
    } else sinks[2 + isLate]?.datagram(record(2 + isLate, time + 30, number, Direction.in));
    if (number % 3 === 0) sinks[4]?.datagram(record(4, time + 10, number, Direction.unknown));
    if (number % 20_000 === 0) capture.commit();
  }
  for (const socket of [...capture.sockets.open()]) capture.sockets.closeLeftOpen(socket);
  capture.commit();
  capture.settle(2e15);
  return capture;
}

/** What is told of each datagram, by its time: its id is another one in another capture. */
function told(capture: Capture): string[] {
  return Array.from({ length: capture.length }, (_, at) => {
    const id = capture.idAt(at);
    const delivery = capture.delivery(id);
    const pairs: number[] = [Delivery.delivered, Delivery.receipt, Delivery.seen];
    const partner = pairs.includes(delivery) ? capture.time(capture.partner(id)) : "";
    const { direction } = displayFlow(capture, id);
    return `${capture.time(id)} ${delivery} ${partner} ${direction} ${capture.refusal(id)?.refusal}`;
  });
}

function idsOf(rows: RowList): number[] {
  return Array.from({ length: rows.length }, (_, row) => rows.idAt(row));
}

/** Asks what a grid asks about rows: none of it may throw. */
function ask(capture: Capture, rows: RowList): void {
  const { length } = rows;
  for (let row = 0; row < length; row += Math.max(1, Math.floor(length / 500))) {
    const id = rows.idAt(row);
    assert.ok(capture.has(id));
    if (row > 0) assert.ok(capture.standsBefore(rows.idAt(row - 1), id));
    assert.equal(rows.rowOf(id) ?? row, row);
    displayFlow(capture, id);
    capture.delivery(id);
    capture.ruleEffects(id);
    capture.comment(id);
    capture.payloadPlace(id);
    capture.socket(capture.flow(id).socket);
    assert.ok(rows.numberAt(row) > row);
  }
  for (const { place } of capture.sockets) capture.peers.of(place);
  const stretches = payloadStretches(capture.datagrams.stored, capture.firstId, capture.endId);
  assert.equal(
    stretches.reduce((sum, { lengths }) => sum + lengths.length, 0),
    capture.length,
  );
}

describe("giving up files in steps", () => {
  const worlds = fc.record({
    exchanges: fc.constantFrom(3000, 30_000),
    equal: fc.constantFrom(1, 3, 100, 1e9),
    refusedEach: fc.constantFrom(2, 50, 1e9),
  });

  it("leaves a table that can be read after each of them, and what was never read in the end", () => {
    fc.assert(
      fc.property(
        worlds,
        fc.subarray(FILES, { minLength: 1 }),
        fc.constantFrom("all", "filtered", "paused"),
        (world, given, how) => {
          const capture = read(world, FILES);
          const rows = new RowList(capture);
          const accepts = (id: number) => capture.time(id) % 300 !== 0;
          if (how === "filtered") rows.setFilter(accepts);
          if (how === "paused") rows.setPaused(true);
          const before = idsOf(rows);
          const isGone = new Set(given);
          const leaving = new Set(before.filter((id) => isGone.has(capture.payloadPlace(id).file)));
          let hasLeft = leaving.size === 0;
          const steps = capture.dropping(isGone);
          for (let step = steps.next(); !step.done; step = steps.next()) {
            ask(capture, rows);
            // Those that are given up are there, all of them, or none.
            const left = before.filter((id) => leaving.has(id) && capture.has(id)).length;
            assert.ok(left === (hasLeft ? 0 : leaving.size) || left === 0, `${left} are left`);
            hasLeft = left === 0;
          }
          const kept = FILES.filter((file) => !isGone.has(file));
          const fresh = read(world, kept);
          assert.deepEqual(told(capture), told(fresh));
          assert.deepEqual(
            [capture.folded, capture.rows, capture.flows.size, capture.sockets.size],
            [fresh.folded, fresh.length - fresh.folded, fresh.flows.size, fresh.sockets.size],
          );
          if (how === "paused")
            assert.deepEqual(
              idsOf(rows),
              before.filter((id) => capture.has(id)),
            );
          else {
            Array.from(rows.updating());
            const shown = new RowList(fresh);
            if (how === "filtered") shown.setFilter((id) => fresh.time(id) % 300 !== 0);
            assert.deepEqual(
              idsOf(rows).map((id) => capture.time(id)),
              idsOf(shown).map((id) => fresh.time(id)),
            );
          }
          ask(capture, rows);
        },
      ),
      { numRuns: 12 },
    );
  }).timeout(120_000);

  it("takes as many more steps as there are more datagrams, and so none longer", () => {
    for (const equal of [1, 1e9]) {
      const steps = (exchanges: number) => {
        const capture = read({ exchanges, equal, refusedEach: 100 }, FILES);
        return count(capture.dropping(new Set([0])));
      };
      const [some, more] = [steps(30_000), steps(120_000)];
      assert.ok(
        some >= 2 && more >= 3 * some,
        `${some} steps, then ${more} for four times as many`,
      );
    }
  }).timeout(60_000);

  it("moves what is left together once, not with each file that goes", () => {
    const capture = new Capture();
    const files = Array.from({ length: 20 }, (_, number) => {
      const file = capture.addFile(`${number}`);
      const sink = new FileSink({ capture, file, writer: "eth0", clearedBefore: 0 });
      sink.interface({ id: 0, name: "eth0", description: "", comments: [] });
      for (let at = 0; at < 8000; at++) sink.datagram(datagramRecord(client, server, { time: at }));
      capture.commit();
      return file;
    });
    let moved = 0;
    let first = capture.firstId;
    for (const file of files.slice(0, 15)) {
      capture.dropFiles(new Set([file]));
      if (capture.firstId !== first) moved++;
      first = capture.firstId;
    }
    assert.equal(capture.length, 40_000);
    assert.ok(moved >= 1 && moved <= 3, `${moved} times`);
    const held = capture.datagrams.endId - capture.firstId;
    assert.ok(held <= 2.5 * capture.length, `${held} for ${capture.length}`);
  });
});

function count(steps: Steps<unknown>): number {
  let taken = 1;
  while (!steps.next().done) taken++;
  return taken;
}
