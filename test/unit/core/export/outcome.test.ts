import assert from "node:assert/strict";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { Delivery } from "../../../../extension/core/capture/delivery.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { exportCsv } from "../../../../extension/core/export/csv_export.ts";
import { exportJsonLines } from "../../../../extension/core/export/json_export.ts";
import { outcomeOf } from "../../../../extension/core/export/outcome.ts";
import { exportPcapng } from "../../../../extension/core/export/pcapng_export.ts";
import { CaptureReader } from "../../../../extension/core/files/capture_reader.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import { readable } from "../capture/reading.ts";
import { type WorldFile, worlds } from "../capture/worlds.ts";

const AFTER_ALL = 1e18;

/** A capture of these files with all that an export asks for: each datagram once. */
function read(files: readonly WorldFile[]) {
  const capture = readable();
  for (const { name, writer, startedAt, isForeign, steps } of files) {
    const file = capture.addFile(name);
    const sink = new FileSink({ capture, file, writer, clearedBefore: 0, startedAt, isForeign });
    for (const step of steps) step(sink);
  }
  capture.commit();
  capture.settle(AFTER_ALL);
  const ids = Array.from({ length: capture.length }, (_, position) => capture.idAt(position));
  return {
    capture,
    ids: ids.filter((id) => !capture.isFolded(id)),
    payload: (id: number) => {
      const { file, offset } = capture.payloadPlace(id);
      return Promise.resolve(files[file]?.payloads.get(offset) ?? assert.fail());
    },
  };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return Buffer.concat(parts);
}

/** Whether the filter lets a row through that has nothing but this. */
function passes(text: string, capture: Capture, id: number): boolean {
  const compiled = compileFilter(text);
  assert.ok("filter" in compiled, text);
  const row = {
    flow: capture.flow(id),
    otherFlow: undefined,
    time: capture.time(id),
    firstTime: capture.start,
    length: capture.wireLength(id),
    capturedLength: capture.capturedLength(id),
    delivery: capture.delivery(id),
    comment: capture.comment(id),
    ruleEffects: capture.ruleEffects(id),
  };
  const socket = { name: "", local: undefined, program: { name: "" } };
  return compiled.filter.rowTest(() => socket)(row, () => false);
}

describe("the outcome of a datagram that is exported", () => {
  it("has the words of the filter, and the time from one end to the other", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(worlds, (files) => {
        const { capture, ids } = read(files);
        for (const id of ids) {
          const { word, delay } = outcomeOf(capture, id);
          seen.add(word);
          const isTold = capture.flow(id).direction !== Direction.unknown;
          assert.equal(word !== "", isTold);
          if (isTold) assert.ok(passes(`is:${word}`, capture, id), word);
          if (word !== "delivered") continue;
          const receipt = capture.partner(id);
          assert.equal(delay, Math.max(0, capture.time(receipt) - capture.time(id)));
          assert.deepEqual(outcomeOf(capture, receipt), { word, delay });
        }
      }),
      { numRuns: 200 },
    );
    for (const word of ["sent", "received", "delivered", "lost", "refused"]) {
      assert.ok(seen.has(word), `${word} was never tried`);
    }
  });

  it("stands in each line of a table, and in a layer of its own in JSON", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (files) => {
        const source = read(files);
        const outcomes = source.ids.map((id) => outcomeOf(source.capture, id));
        const rows = (await collect(exportCsv(source))).toString().trimEnd().split("\r\n").slice(1);
        assert.deepEqual(
          rows.map((row) => row.split(",").slice(-2)),
          outcomes.map(({ word, delay }) => [word, String(delay ?? "")]),
        );
        const lines = (await collect(exportJsonLines(source))).toString().trimEnd().split("\n");
        for (const [index, { word, delay }] of outcomes.entries()) {
          const layer = JSON.parse(lines[index] ?? "").udp_workbench ?? {};
          assert.equal(layer["udp_workbench.outcome"] ?? "", word);
          const seconds = layer["udp_workbench.delay"];
          assert.equal(seconds && Math.round(Number(seconds) * 1e6), delay);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("a capture in which each datagram stands once", () => {
  it("is told to have lost nothing, nor to have delivered it, when it is opened", async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (files) => {
        const source = read(files);
        const bytes = await collect(exportPcapng(source, "test", "datagram"));
        const capture = new Capture();
        const file = capture.addFile("once.pcapng");
        const sink = new FileSink({ capture, file, writer: "once.pcapng", clearedBefore: 0 });
        assert.equal(new CaptureReader(sink).read(bytes, 0), bytes.length);
        capture.commit();
        capture.settle(AFTER_ALL);
        assert.equal(capture.length, source.ids.length);
        for (let position = 0; position < capture.length; position++) {
          const id = capture.idAt(position);
          const { direction } = capture.flow(id);
          if (direction !== Direction.out) continue;
          assert.notEqual(capture.delivery(id), Delivery.lost);
        }
      }),
      { numRuns: 200 },
    );
  });
});
