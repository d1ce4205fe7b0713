import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDecoders } from "../../../../extension/core/decode/load_decoders.ts";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import { gapMarks } from "../../../../extension/core/series/curve.ts";
import { fieldNumbers } from "../../../../extension/core/series/field_numbers.ts";
import type { CaptureSource } from "../../../../extension/host/capture/capture_source.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import type { LoadedDecoders } from "../../../../extension/host/definitions/payload_decoders.ts";
import type { SeriesReader } from "../../../../extension/host/values/series_reader.ts";
import {
  TRACKER_DEFINITION,
  TRACKER_PORT,
  writeTrackerCapture,
} from "../../../bench/tracker_capture.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const DATAGRAMS = 60_000;

describe("the numbers of a capture's rows", function () {
  this.timeout(60_000);
  const ends: (() => Promise<void>)[] = [];
  let folder: string;
  let path: string;
  let decoders: LoadedDecoders;
  let Reader: typeof SeriesReader;
  let answers: typeof import("../../../../extension/host/values/values_answer.ts");
  let names: typeof import("../../../../extension/host/filter/decoded_field_names.ts");

  before(async () => {
    standInForVscode();
    folder = await mkdtemp(join(tmpdir(), "udp-values-"));
    path = join(folder, "tracker.pcapng");
    writeTrackerCapture(path, DATAGRAMS);
    const [definitions, decoding, reading] = await Promise.all([
      import("../../../../extension/host/definitions/definition_setting.ts"),
      import("../../../../extension/host/definitions/payload_decoders.ts"),
      import("../../../../extension/host/values/series_reader.ts"),
    ]);
    answers = await import("../../../../extension/host/values/values_answer.ts");
    names = await import("../../../../extension/host/filter/decoded_field_names.ts");
    Reader = reading.SeriesReader;
    const loaded = await loadDefinition("tracker.ksy", TRACKER_DEFINITION);
    const { uses } = definitions.readDefinitionSetting([
      { file: "tracker.ksy", port: TRACKER_PORT },
    ]);
    decoders = new decoding.LoadedDecoders(
      await loadDecoders(),
      uses.map((use) => ({ use, loaded })),
      { of: () => undefined },
    );
  });

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  after(() => rm(folder, { recursive: true }));

  /** A file that is being read, and what reads its numbers; `tell`: something has come. */
  function open() {
    const file = new SavedCapture(path);
    ends.push(() => file.close());
    const listeners = new Set<() => void>();
    const onDidChange = (listener: () => void) => {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    };
    const source = {
      ...{ capture: file.capture, isLive: false, name: "tracker", evicted: 0, remarks: [] },
      ...{ onDidChange, progress: undefined, cancel: () => {} },
      payload: file.payload.bind(file),
    } as unknown as CaptureSource;
    const loading = { load: async () => decoders, onDidChange: () => ({ dispose: () => {} }) };
    const reader = new Reader(source, loading as never, () => {});
    ends.push(async () => reader.dispose());
    const tell = () => {
      for (const listener of listeners) listener();
    };
    return { file, reader, tell };
  }

  const told = ({ table }: SeriesReader) => answers.valueLines(answers.allSeries(table));

  it("are the same live, while rows come in pieces, and of the file that is opened", async () => {
    const live = open();
    let pieces = 0;
    await live.file.read({
      onProgress: () => {
        pieces++;
        live.tell();
      },
    });
    live.tell();
    await live.reader.settled();
    assert.ok(pieces > 1, `${pieces}`);
    const opened = open();
    await opened.file.read({});
    opened.tell();
    await opened.reader.settled();
    assert.deepEqual(told(live.reader), told(opened.reader));
    const lines = told(opened.reader);
    assert.deepEqual(
      lines.map(({ field }) => field),
      ["age", "crc", "flags", "hops", "id", "rssi", "seq", "temp", "type", "volt"],
    );
    const of = (name: string) => lines.find(({ field }) => field === name) ?? assert.fail(name);
    assert.equal(of("seq").summary.count, DATAGRAMS);
    assert.equal(of("seq").summary.max, DATAGRAMS - 1);
    assert.equal(of("seq").isCounter, true);
    assert.equal(of("temp").summary.min, 20);
    assert.equal(of("temp").summary.max, 39);
    assert.equal(of("type").kind, "enum");
    assert.match(of("type").latest, /^heartbeat \(3\)$/);
    assert.ok(Math.abs(of("temp").rate - 5000) < 1, `${of("temp").rate}`);
    const [sender] = opened.reader.table.senders;
    assert.equal(sender?.name, "127.0.0.1:6006");
    assert.equal(sender?.port, TRACKER_PORT);
    assert.equal(sender?.decoder, "tracker");
    assert.deepEqual(sender && gapMarks(sender, 0, 1e18), []);
  });

  it("that are read at their places are those that a whole decoding tells", async () => {
    const { file, reader, tell } = open();
    await file.read({});
    tell();
    await reader.settled();
    const [sender] = reader.table.senders;
    const [decoder] = decoders.all;
    if (!sender || !decoder) return assert.fail("nothing was read");
    for (let at = 0; at < sender.length; at += 997) {
      const payload = await file.payload(sender.idAt(at));
      const { fields = [] } = decoder.decode(payload, false);
      let count = 0;
      fieldNumbers(decoder.id, fields, {
        number(name, { value, label }) {
          count++;
          const column = sender.columns.get(name) ?? assert.fail(name);
          assert.equal(column.value(sender.at(at)), value, name);
          if (label !== undefined) assert.equal(column.labels.get(value), label);
        },
        samples: () => assert.fail("samples"),
        header: () => assert.fail("header"),
      });
      assert.equal(count, 10);
    }
  });

  it("are those of the rows that pass the filter, whatever range of time it has, and read nothing twice", async () => {
    const { file, reader, tell } = open();
    await file.read({});
    tell();
    await reader.settled();
    const [sender] = reader.table.senders;
    const rows = sender?.rows;
    const apply = async (text: string) => {
      const compiled = compileFilter(text, names.decodedFieldNames(decoders));
      if (!("filter" in compiled)) return assert.fail(text);
      reader.setFilter(compiled.filter);
      await reader.settled();
      return told(reader).find(({ field }) => field === "temp")?.summary;
    };
    const warm = await apply("tracker.temp > 30 time:1..2");
    assert.equal(warm?.count, DATAGRAMS * 0.4);
    assert.equal(warm?.min, 30.1);
    assert.equal((await apply("tracker.temp < 30"))?.count, DATAGRAMS * 0.6);
    assert.equal(await apply("port:1"), undefined);
    reader.setFilter(undefined);
    await reader.settled();
    assert.equal(told(reader).find(({ field }) => field === "temp")?.summary.count, DATAGRAMS);
    assert.equal(sender?.rows, rows);
  });
});
