import assert from "node:assert/strict";
import fc from "fast-check";
import type { Capture } from "../../../../extension/core/capture/capture.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { displayFlow } from "../../../../extension/core/capture/peers.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { exportPcapng } from "../../../../extension/core/export/pcapng_export.ts";
import { CaptureReader } from "../../../../extension/core/files/capture_reader.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { AFTER_ALL, NAMES, Reading, readAtOnce, readable } from "./reading.ts";
import { worlds } from "./worlds.ts";

/** What each row tells, by what is in the file. */
function toldOf(capture: Capture): string[] {
  const rows = new RowList(capture);
  return Array.from({ length: rows.length }, (_, row) => {
    const id = rows.idAt(row);
    const delivery = capture.delivery(id);
    const { direction, sourceAddress, sourcePort, destinationAddress, destinationPort } =
      capture.flow(id);
    const hasPartner = delivery === Delivery.delivered || delivery === Delivery.copy;
    const partner = hasPartner ? capture.time(capture.partner(id)) : "";
    const ends = [sourceAddress, sourcePort, destinationAddress, destinationPort];
    const shown = displayFlow(capture, id).direction;
    const told = [NAMES[delivery], partner, JSON.stringify(capture.refusal(id))];
    return [capture.time(id), direction, shown, ...ends, ...told].join(" ");
  });
}

describe("what became of a datagram", () => {
  it("is told the same of a capture that was exported and opened, and of that when it was exported again", async () => {
    const exported = async (capture: Capture, payload: (id: number) => Uint8Array) => {
      const ids = Array.from({ length: capture.length }, (_, position) => capture.idAt(position));
      const source = { capture, ids, payload: (id: number) => Promise.resolve(payload(id)) };
      const parts = [];
      for await (const part of exportPcapng(source, "UDP Workbench")) parts.push(part.slice());
      return Buffer.concat(parts);
    };
    const opened = (bytes: Uint8Array) => {
      const capture = readable();
      const file = capture.addFile("exported.pcapng");
      const sink = new FileSink({ capture, file, writer: "exported.pcapng", clearedBefore: 0 });
      assert.equal(new CaptureReader(sink).read(bytes, 0), bytes.length);
      capture.commit();
      capture.settle(AFTER_ALL);
      return capture;
    };
    await fc.assert(
      fc.asyncProperty(worlds, async (files) => {
        const reading = readAtOnce(files);
        const told = toldOf(reading.capture);
        const bytes = await exported(reading.capture, (id) => reading.payload(id));
        const capture = opened(bytes);
        assert.deepEqual(toldOf(capture), told);
        const payload = (id: number) => {
          const { offset, length } = capture.payloadPlace(id);
          return bytes.subarray(offset, offset + length);
        };
        assert.deepEqual(toldOf(opened(await exported(capture, payload))), told);
      }),
      { numRuns: 200 },
    );
  });

  it("does not depend on the order of files and pieces, nor on what was asked in between", () => {
    fc.assert(
      fc.property(worlds, fc.infiniteStream(fc.nat(1000)), (files, dice) => {
        const roll = (below: number) => (dice.next().value ?? 0) % below;
        const reading = new Reading();
        const left = new Map(files.map((file) => [file, file.steps.length]));
        while (left.size > 0) {
          const open = [...left.keys()];
          const file = open[roll(open.length)] ?? assert.fail();
          const steps = 1 + roll(6);
          reading.read([file, steps]);
          const rest = (left.get(file) ?? 0) - steps;
          if (rest > 0) left.set(file, rest);
          else left.delete(file);
          if (roll(2) === 0) reading.commit();
          if (roll(3) === 0) reading.capture.settle(1_700_000_000_000_000 + roll(1000) * 3000);
          if (roll(10) === 0) reading.noticeDeaths(files);
        }
        reading.noticeDeaths(files);
        reading.commit();
        reading.capture.settle(AFTER_ALL);
        const expected = readAtOnce(files);
        assert.deepEqual(reading.told(), expected.told());
        assert.deepEqual(reading.toldOfSockets(), expected.toldOfSockets());
      }),
      { numRuns: 1000 },
    );
  });

  it("is what really became of it, where its payload tells it from all others", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(worlds, (files) => {
        const reading = readAtOnce(files);
        const { capture } = reading;
        for (let id = capture.firstId; id < capture.endId; id++) {
          const truth = reading.truth(id);
          if (!truth?.isOnly) continue;
          const delivery = capture.delivery(id);
          seen.add(`${NAMES[delivery]} ${truth.receivers.length > 0}`);
          if (delivery === Delivery.lost) assert.deepEqual(truth.receivers, [], "it has arrived");
          if (delivery === Delivery.refused) {
            const isSure = capture.refusal(id)?.isUnsure === false;
            if (isSure) assert.ok(truth.isRefused, "it was not refused");
            seen.add(`refused ${isSure}`);
          }
          if (delivery !== Delivery.delivered) continue;
          const receipt = capture.flow(capture.partner(id));
          const owner = capture.socket(receipt.socket).tapped?.socket ?? 0;
          assert.ok(truth.receivers.includes(owner - 1), "it has not arrived there");
          assert.equal(receipt.direction, Direction.in);
        }
      }),
      { numRuns: 1000 },
    );
    const all = ["delivered true", "lost false", "alone true", "alone false"];
    for (const expected of [...all, "refused true", "refused false"]) {
      assert.ok(seen.has(expected), `no world had one that was ${expected}`);
    }
  });
});
