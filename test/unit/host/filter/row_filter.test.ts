import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { RowList } from "../../../../extension/core/capture/row_list.ts";
import { loadDecoders } from "../../../../extension/core/decode/load_decoders.ts";
import { exportPcapng } from "../../../../extension/core/export/pcapng_export.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import type { FilterProblem } from "../../../../extension/core/filter/problem.ts";
import { loadDefinition } from "../../../../extension/core/kaitai/kaitai.ts";
import type { CaptureSource } from "../../../../extension/host/capture/capture_source.ts";
import { SavedCapture } from "../../../../extension/host/capture/saved_capture.ts";
import { decodedFieldNames } from "../../../../extension/host/filter/decoded_field_names.ts";
import { RowFilter } from "../../../../extension/host/filter/row_filter.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { DNS_MESSAGES } from "../../support/messages.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

const SERVER = { address: "127.0.0.1", port: 9999 };
const CLIENT = { address: "127.0.0.1", port: 53211 };

/** A pcapng file's bytes with one datagram a payload, in turn to and from the server. */
async function pcapng(
  payloads: readonly (string | Uint8Array)[],
  { server, client } = { server: SERVER, client: CLIENT },
): Promise<Uint8Array> {
  const capture = new Capture();
  const sink = new FileSink({
    capture,
    file: capture.addFile("memory"),
    writer: "memory",
    clearedBefore: 0,
  });
  sink.interface({ id: 0, name: "127.0.0.1:9999", description: "", comments: [] });
  for (const [index, { length }] of payloads.entries()) {
    const isIn = index % 2 === 0;
    const [source, destination] = isIn ? [client, server] : [server, client];
    const time = 1_700_000_000_000_000 + index * 1000;
    const direction = isIn ? Direction.in : Direction.out;
    sink.datagram(
      datagramRecord(source, destination, { time, direction, length, capturedLength: length }),
    );
  }
  capture.commit();
  const source = {
    capture,
    ids: payloads.keys(),
    payload: (id: number) => Promise.resolve(Buffer.from(payloads[id] ?? "")),
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of exportPcapng(source, "test")) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

describe("RowFilter", () => {
  const payloads = ["Michael", "Hello, Michael!", "Tracy", "Hello, Tracy!", "Sarah"];
  let folder: string;
  let saved: SavedCapture;
  let rows: RowList;
  let filter: RowFilter;
  let progress: EventEmitter;

  before(async () => {
    standInForVscode();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-filter-"));
    await writeFile(join(folder, "lesson.pcapng"), await pcapng(payloads));
  });

  after(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    saved = new SavedCapture(join(folder, "lesson.pcapng"));
    await saved.read();
    rows = new RowList(saved.capture);
    progress = new EventEmitter();
    filter = new RowFilter(source(), rows, () => progress.emit("progress"));
  });

  afterEach(async () => {
    filter.dispose();
    rows.dispose();
    await saved.close();
  });

  function source(): CaptureSource {
    return {
      isLive: false,
      name: "lesson.pcapng",
      capture: saved.capture,
      payload: (id, limit) => saved.payload(id, limit),
      onDidChange: () => ({ dispose: () => {} }),
      evicted: 0,
      remarks: [],
      progress: undefined,
      cancel: () => {},
    };
  }

  /** Applies a filter, or returns what is wrong with it. */
  function apply(text: string): FilterProblem | undefined {
    const compiled = compileFilter(text);
    if ("problem" in compiled) return compiled.problem;
    filter.apply(compiled.filter);
    return undefined;
  }

  /** The payloads of the rows that are shown. */
  async function shown(): Promise<string[]> {
    const ids = Array.from({ length: rows.length }, (_, row) => rows.idAt(row));
    const bytes = await Promise.all(ids.map((id) => saved.payload(id)));
    return bytes.map((payload) => new TextDecoder().decode(payload));
  }

  /** The same file again, as the next segment of a live capture would be. */
  async function addAgain(): Promise<void> {
    const { capture } = saved;
    const next = new SavedCapture(saved.path);
    await next.read();
    const sink = new FileSink({
      capture,
      file: capture.addFile(saved.path),
      writer: "next",
      clearedBefore: 0,
    });
    sink.interface({ id: 0, name: "", description: "", comments: [] });
    for (let id = 0; id < payloads.length; id++) {
      const { offset, length } = next.capture.payloadPlace(id);
      const record = datagramRecord(SERVER, CLIENT, {
        time: next.capture.time(id) + 1e6,
        length,
        capturedLength: length,
      });
      sink.datagram({ ...record, payloadFileOffset: offset });
    }
    await next.close();
    capture.commit();
  }

  it("shows all until there is a filter, and again without one", async () => {
    assert.deepEqual(await shown(), payloads);
    assert.equal(apply("dir:in"), undefined);
    assert.deepEqual(await shown(), ["Michael", "Tracy", "Sarah"]);
    assert.equal(apply(""), undefined);
    assert.deepEqual(await shown(), payloads);
    assert.equal(rows.unfiltered, payloads.length);
  });

  it("finds the values of fields, by the decoder of each datagram", async () => {
    const definition = await loadDefinition(
      "tracker.ksy",
      "meta: {id: tracker, endian: le}\nseq: [{id: id, type: u2}, {id: temp, type: f4}, {id: name, type: strz, encoding: UTF-8, if: temp > 20}]",
    );
    const { readDefinitionSetting } = await import(
      "../../../../extension/host/definitions/definition_setting.ts"
    );
    const { LoadedDecoders } = await import(
      "../../../../extension/host/definitions/payload_decoders.ts"
    );
    const decodersFor = async (setting: unknown) => {
      const uses = readDefinitionSetting(setting).uses.map((use) => ({ use, loaded: definition }));
      return new LoadedDecoders(await loadDecoders(), uses, { of: () => undefined });
    };
    const row = (id: number, temp: number, name = "") => {
      const bytes = Buffer.alloc(6);
      bytes.writeUInt16LE(id, 0);
      bytes.writeFloatLE(temp, 2);
      return Buffer.concat([bytes, Buffer.from(name)]);
    };
    const sent = [
      ...[row(0, 21.1, "a\0"), row(1, 20.5, "b\0"), row(2, 10).subarray(0, 4), row(3, 19)],
      ...[Buffer.from('{"temp": 21.1, "list": [{"x": 1}, {"x": 5}]}'), row(5, 30, "c\0")],
    ];
    const path = join(folder, "fields.pcapng");
    await writeFile(path, await pcapng(sent));
    await saved.close();
    saved = new SavedCapture(path);
    await saved.read();
    for (const [setting, expected] of [
      // By port alone the place is known; with a condition each payload is asked.
      [[{ file: "tracker.ksy", port: 9999, when: "u1[0] != 0x7b" }], [4]],
      [[{ file: "tracker.ksy", port: 9999 }], []],
    ] as const) {
      const decoders = await decodersFor(setting);
      rows.dispose();
      filter.dispose();
      rows = new RowList(saved.capture);
      filter = new RowFilter(
        source(),
        rows,
        () => {},
        async () => decoders,
      );
      const found = async (text: string) => {
        const compiled = compileFilter(text, decodedFieldNames(decoders));
        assert.ok("filter" in compiled, JSON.stringify(compiled));
        filter.apply(compiled.filter);
        await filter.searched();
        return Array.from({ length: rows.length }, (_, at) => rows.idAt(at));
      };
      const isJson = expected.length > 0;
      assert.deepEqual(await found("tracker.temp == 21.1"), [0]);
      assert.deepEqual(await found("tracker.temp > 20"), isJson ? [0, 1, 5] : [0, 1, 4, 5]);
      assert.deepEqual(await found("!tracker.temp && dir:in"), isJson ? [2, 4] : [2]);
      assert.deepEqual(await found("tracker.name == b or tracker.id == 3"), [1, 3]);
      assert.deepEqual(await found("json.temp == 21.1"), expected);
      assert.deepEqual(await found("json.list.x > 3"), expected);
      assert.deepEqual(await found("json.list[0].x > 3"), []);
      assert.deepEqual(await found("dns.qry.name"), []);
    }
  });

  it("finds what is a message of a protocol, and not the letters of its name", async () => {
    const [query = new Uint8Array(0), answer = query] = DNS_MESSAGES;
    const message = Buffer.from('{"about": "dns"}');
    const path = join(folder, "dns.pcapng");
    const dns = { ...SERVER, port: 53 };
    await writeFile(path, await pcapng([query, message, answer], { server: dns, client: CLIENT }));
    await saved.close();
    saved = new SavedCapture(path);
    await saved.read();
    rows.dispose();
    filter.dispose();
    rows = new RowList(saved.capture);
    filter = new RowFilter(source(), rows, () => progress.emit("progress"));
    const found = async (text: string) => {
      assert.equal(apply(text), undefined, text);
      await filter.searched();
      return Array.from({ length: rows.length }, (_, row) => rows.numberAt(row));
    };
    assert.deepEqual(await found("dns"), [1, 3]);
    assert.deepEqual(await found("-dns"), [2]);
    assert.deepEqual(await found("udp && !dns"), [2]);
    assert.deepEqual(await found("dns && udp.srcport == 53211"), [1, 3]);
    assert.deepEqual(await found("dns && udp.srcport == 53"), []);
    assert.deepEqual(await found("json or mdns"), [2]);
    assert.deepEqual(await found('"dns"'), [2]);
    // The same letters at a port that is nobody's are none.
    await writeFile(path, await pcapng([query, message, answer]));
    await saved.close();
    saved = new SavedCapture(path);
    await saved.read();
    rows.dispose();
    filter.dispose();
    rows = new RowList(saved.capture);
    filter = new RowFilter(source(), rows, () => progress.emit("progress"));
    assert.deepEqual(await found("dns"), []);
    assert.deepEqual(await found("json"), [2]);
  });

  it("finds text in the payloads, together with what the index knows", async () => {
    apply("Hello");
    await once(progress, "progress");
    assert.deepEqual(await shown(), ["Hello, Michael!", "Hello, Tracy!"]);
    assert.equal(filter.progress, undefined);
    apply("mich -dir:in");
    await once(progress, "progress");
    assert.deepEqual(await shown(), ["Hello, Michael!"]);
    apply("time:0.001..0.002");
    assert.deepEqual(await shown(), ["Hello, Michael!", "Tracy"]);
    apply("udp.dstport == 9999 && data.len < 6");
    assert.deepEqual(await shown(), ["Tracy", "Sarah"]);
  });

  it("says what is wrong, and leaves the filter before it in force", async () => {
    apply("dir:in");
    const problem = apply("dir:sideways");
    assert.equal(problem?.start, 4);
    assert.equal(problem?.end, 12);
    assert.deepEqual(await shown(), ["Michael", "Tracy", "Sarah"]);
  });

  it("lets a new filter end the search for the old one", async () => {
    apply("Hello");
    apply("Sarah");
    await once(progress, "progress");
    assert.deepEqual(await shown(), ["Sarah"]);
  });

  it("shows what was found until it is cancelled", async () => {
    apply("Hello");
    filter.cancel();
    assert.deepEqual(await shown(), []);
    assert.equal(filter.progress, undefined);
  });

  /** The times in milliseconds, of the rows that an overview counts. */
  function overviewTimes(): number[] {
    const { capture } = saved;
    const { rowsOfAllTimes } = filter;
    return Array.from(
      { length: rowsOfAllTimes.length },
      (_, row) => (capture.time(rowsOfAllTimes.idAt(row)) - capture.time(capture.idAt(0))) / 1000,
    );
  }

  it("tells how far it has searched until it has caught up; what comes live is followed without a word", async () => {
    for (const isLive of [true, false]) {
      const list = new RowList(saved.capture);
      const following = new RowFilter({ ...source(), isLive }, list, () => {});
      const compiled = compileFilter("Hello");
      assert.ok("filter" in compiled);
      following.apply(compiled.filter);
      assert.equal(following.progress, 0);
      await following.searched();
      await addAgain();
      following.update();
      assert.equal(typeof following.progress, isLive ? "undefined" : "number");
      await following.searched();
      following.apply(compiled.filter);
      assert.equal(following.progress, 0, "another search");
      following.dispose();
      list.dispose();
    }
  });

  it("knows what passes whatever its time is, for the overview", async () => {
    for (const [text, expected] of [
      ["", [0, 1, 2, 3, 4]],
      ["dir:in", [0, 2, 4]],
      ["dir:in time:0.001..0.003", [0, 2, 4]],
      ["(dir:in) -time:0.002", [0, 2, 4]],
      ["dir:in -(-time:0.002)", [0, 2, 4]],
      ["dir:in -(time:0.002)", [0, 2, 4]],
      ["len:<6 time:0.002", [2, 4]],
      ["time:0.001..0.003", [0, 1, 2, 3, 4]],
      ["frame.time_relative > 0.001 && udp.dstport == 9999", [0, 2, 4]],
      ["dir:out or time:0.000", [0, 1, 3]],
    ] as const) {
      assert.equal(apply(text), undefined);
      assert.deepEqual(overviewTimes(), expected, text);
    }
    apply("Hello time:0.003");
    await once(progress, "progress");
    assert.deepEqual(await shown(), ["Hello, Tracy!"]);
    assert.deepEqual(overviewTimes(), [1, 3]);
    filter.setPaused(true);
    assert.deepEqual(overviewTimes(), [1, 3]);
  });

  it("asks anew about flows that got the place of others", async () => {
    const { capture } = saved;
    const add = (writer: string, port: number) => {
      const file = capture.addFile(writer);
      const sink = new FileSink({ capture, file, writer, clearedBefore: 0 });
      sink.interface({ id: 0, name: writer, description: "", comments: [] });
      sink.datagram(datagramRecord({ ...CLIENT, port }, SERVER, { time: 2e15 + port }));
      capture.commit();
      return file;
    };
    apply(`port:${CLIENT.port} or port:1`);
    assert.equal(rows.length, payloads.length);
    const file = add("first", 1);
    assert.equal(rows.length, payloads.length + 1);
    const flow = capture.flowId(capture.endId - 1);
    capture.dropFiles(new Set([file]));
    // Nobody has told the filter.
    add("second", 2);
    assert.equal(capture.flowId(capture.endId - 1), flow);
    assert.equal(rows.length, payloads.length, "the flow that is there now has another port");
    capture.clear();
    add("third", 1);
    assert.equal(rows.length, 1);
  });

  it("keeps what was found when others are given up", async () => {
    apply("Hello");
    await once(progress, "progress");
    const found = await shown();
    const { capture } = saved;
    await addAgain();
    filter.update();
    await once(progress, "progress");
    assert.deepEqual(await shown(), [...found, ...found]);
    capture.dropFiles(new Set([0]));
    filter.update();
    assert.deepEqual(await shown(), found, "without another search");
    assert.equal(filter.progress, undefined);
  });
});
