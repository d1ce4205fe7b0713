import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import { describedFields } from "../../../../extension/core/decode/described_field.ts";
import { exportCsv } from "../../../../extension/core/export/csv_export.ts";
import type { ExportSource } from "../../../../extension/core/export/export_source.ts";
import { exportJsonLines } from "../../../../extension/core/export/json_export.ts";
import { exportPcapng } from "../../../../extension/core/export/pcapng_export.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import type { Endpoint } from "../../../../extension/core/wire/endpoint.ts";
import { parseSocket } from "../../../../extension/core/wire/tap_identity.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { areInstalled, run } from "../../support/tshark.ts";

interface Sent {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly payload: Uint8Array;
  readonly direction?: Direction;
  readonly length?: number;
  readonly comment?: string;
}

const CLIENT = { address: "127.0.0.1", port: 53211 };
const SERVER = { address: "10.0.0.2", port: 9999 };
const CLIENT_6 = { address: "2001:db8::1", port: 53211 };
const SERVER_6 = { address: "::1", port: 9999 };
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const bytes = (text: string) => new TextEncoder().encode(text);
const to = (payload: string, more: Partial<Sent> = {}): Sent => ({
  source: CLIENT,
  destination: SERVER,
  payload: bytes(payload),
  ...more,
});

/** A capture of one socket with these datagrams, 1 ms apart. */
function sourceOf(sent: readonly Sent[], name = "10.0.0.2:9999", description = ""): ExportSource {
  const capture = new Capture();
  const file = capture.addFile("memory");
  const sink = new FileSink({ capture, file, writer: "memory", clearedBefore: 0 });
  const application = "node 24.21.0, pid 4242, ppid 4200: /path/udp_server.ts";
  if (parseSocket(description)) sink.section({ application, os: "", comments: [] });
  sink.interface({ id: 0, name, description, comments: [] });
  for (const [index, { source, destination, payload, ...more }] of sent.entries()) {
    const { direction = Direction.in, length = payload.length, comment = "" } = more;
    const time = 1_700_000_000_999_999 + index * 1000;
    const capturedLength = payload.length;
    const record = { time, direction, length, capturedLength, comment };
    sink.datagram(datagramRecord(source, destination, record));
  }
  capture.commit();
  return {
    capture,
    ids: sent.keys(),
    payload: (id) => Promise.resolve(sent[id]?.payload ?? assert.fail()),
  };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return Buffer.concat(parts);
}

/** A capture of one datagram whose file has to go, with another in its place, as soon as its payload is asked for. */
function goneWhileRead(): ExportSource {
  const source = sourceOf([to("Hello")]);
  const { capture } = source;
  return {
    ...source,
    payload: async (id) => {
      capture.sockets.close(capture.flow(id).socket);
      capture.dropFiles(new Set([0]));
      const file = capture.addFile("another");
      const sink = new FileSink({ capture, file, writer: "another", clearedBefore: 0 });
      sink.interface({ id: 0, name: "another", description: "", comments: [] });
      sink.datagram(datagramRecord(SERVER_6, CLIENT_6));
      return bytes("Hello");
    },
  };
}

describe("an export of what has to go meanwhile", () => {
  for (const [format, write] of Object.entries({
    pcapng: (source: ExportSource) => exportPcapng(source, "test"),
    jsonl: exportJsonLines,
    csv: exportCsv,
  })) {
    it(`as ${format} tells of a datagram what was known when its payload was asked for`, async () => {
      const expected = await text(write(sourceOf([to("Hello")])));
      assert.equal(await text(write(goneWhileRead())), expected);
    });
  }
});

const text = async (chunks: AsyncIterable<Uint8Array>) => (await collect(chunks)).toString("utf8");

describe("exportJsonLines()", () => {
  it("has the fields, in the layers and with the values, of tshark -T json", async function () {
    if (!(await areInstalled("tshark"))) this.skip();
    const sent = [
      to("Hello"),
      to('Hi\n"there"\u202e', { direction: Direction.out, source: SERVER, destination: CLIENT }),
      to("", { direction: Direction.unknown }),
      to("", { payload: EVERY_BYTE, comment: "send failed: EMSGSIZE" }),
      to("cut", { length: 1400 }),
      to("six", { source: CLIENT_6, destination: SERVER_6 }),
      to("cut six", { source: CLIENT_6, destination: SERVER_6, length: 1400 }),
      to("", { source: CLIENT_6, destination: SERVER_6 }),
    ];
    const mine = (await text(exportJsonLines(sourceOf(sent)))).trimEnd().split("\n");
    const theirs = await tsharkLayers(await collect(exportPcapng(sourceOf(sent), "test")));
    assert.equal(mine.length, sent.length);
    assert.equal(theirs.length, sent.length);
    for (const [index, line] of mine.entries()) {
      const { udp_workbench: _, ...layers } = JSON.parse(line);
      assert.deepEqual(layers, shared(layers, theirs[index]), `line ${index}`);
    }
  });

  it("agrees with tshark where that decodes the payload", async function () {
    if (!(await areInstalled("tshark"))) this.skip();
    const query = Buffer.from("0007010000010000000000000265780000010001", "hex");
    const sent = [to("", { payload: query, destination: { ...SERVER, port: 53 } })];
    const [theirs] = await tsharkLayers(await collect(exportPcapng(sourceOf(sent), "test")));
    const {
      data: _,
      udp_workbench: __,
      ...mine
    } = JSON.parse(await text(exportJsonLines(sourceOf(sent))));
    assert.ok(isObject(theirs) && "dns" in theirs);
    assert.deepEqual(mine, shared(mine, theirs));
  });

  it("has the fields that a decoder finds, by their paths, with numbers as numbers", async () => {
    const fields = describedFields([
      {
        name: "body",
        value: "",
        from: 0,
        to: 3,
        fields: [
          { name: "kind", value: "sample (1)", from: 0, to: 1, fields: [] },
          { name: "name", value: '"a"', from: 1, to: 3, fields: [] },
        ],
      },
    ]);
    const source = sourceOf([to("abc"), to("other")]);
    const decoded: ExportSource["decoded"] = (_id, payload) =>
      payload.length === 3 ? { decoder: "tracker", fields } : undefined;
    const written = (await text(exportJsonLines({ ...source, decoded }))).trimEnd().split("\n");
    const [own, other] = written.map((line) => JSON.parse(line).udp_workbench ?? {});
    assert.equal(own["udp_workbench.decoder"], "tracker");
    assert.deepEqual(own["udp_workbench.fields"], { "body.kind": 1, "body.name": "a" });
    assert.ok(!("udp_workbench.decoder" in other));
  });

  it("leaves out what is empty: name and description of an interface, payload, data", async () => {
    const layers = async (payload: string, name: string) =>
      JSON.parse(await text(exportJsonLines(sourceOf([to(payload)], name)))) as {
        frame: Record<string, unknown>;
        udp: Record<string, unknown>;
        data?: unknown;
      };
    const full = await layers("a", "socket");
    const tree = { "frame.interface_name": "socket" };
    assert.deepEqual(full.frame["frame.interface_id_tree"], tree);
    assert.equal(full.udp["udp.payload"], "61");
    assert.deepEqual(full.data, { "data.data": "61", "data.len": "1" });
    const empty = await layers("", "");
    assert.deepEqual(empty.frame["frame.interface_id_tree"], {});
    assert.ok(!("udp.payload" in empty.udp) && !("data" in empty));
  });

  it("writes a line a datagram, whatever it holds", async () => {
    const sent = [to("a\r\nb\u2028c"), to("\ud83d\ude00")];
    const lines = (await text(exportJsonLines(sourceOf(sent, "so\ncket")))).split("\n");
    assert.equal(lines.length, 3);
    assert.equal(lines[2], "");
  });
});

describe("exportCsv()", () => {
  const HEADER =
    "number,time,direction,socket,source,source_port,destination,destination_port,length,captured_length,text,hex,comment,outcome,delay_us";

  it("has a header row, and a row a datagram that ends with CR LF", async () => {
    const sent = [to("Hi"), to("", { source: SERVER_6, destination: CLIENT_6, length: 2 })];
    assert.deepEqual((await text(exportCsv(sourceOf(sent)))).split("\r\n"), [
      HEADER,
      "1,2023-11-14T22:13:20.999999Z,in,10.0.0.2:9999,127.0.0.1,53211,10.0.0.2,9999,2,2,Hi,0x4869,,received,",
      "2,2023-11-14T22:13:21.000999Z,in,10.0.0.2:9999,::1,9999,2001:db8::1,53211,2,0,,,,received,",
      "",
    ]);
  });

  for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", '=cmd|" /C calc"!A0', "＝1"]) {
    it(`defuses ${formula}`, async () => {
      const source = sourceOf([to(formula, { comment: formula })], formula);
      const [, row = ""] = rows(await text(exportCsv(source)));
      for (const column of [3, 10, 12]) assert.equal(row[column], `'${formula}`);
    });
  }

  it("has no cell that is a formula, whether a comma or a semicolon separates", async function () {
    if (!(await areInstalled("python3"))) this.skip();
    const pieces = fc.constantFrom(...'=+-@＝＠;;"", \t\r\n\'A1|', "=1+1", ";=1", ';"=1');
    const text = fc.string({ unit: pieces, maxLength: 12 });
    const hostile: Sent[] = [];
    const names: string[] = [];
    const texts = fc.sample(fc.tuple(text, text), 2000);
    for (const [payload, name] of [...texts, ["a;=1+1", 'b;"=1'], ['";=1', "; =1"]] as const) {
      hostile.push(to(payload, { comment: payload }));
      names.push(name);
    }
    const files = [exportCsv(sourceOf(hostile))];
    for (const name of names.slice(-200)) files.push(exportCsv(sourceOf([to("a")], name)));
    const all = Buffer.concat(await Promise.all(files.map(collect)));
    const found = await inFile(all, (path) => run("python3", "-c", READ_SEPARATED, path));
    const { cells, formulas } = JSON.parse(found) as { cells: number; formulas: string[] };
    assert.ok(cells > 13 * hostile.length, `${cells}`);
    assert.deepEqual(formulas, []);
  });

  it("keeps every cell that Python's reader finds", async function () {
    if (!(await areInstalled("python3"))) this.skip();
    const payloads = ['a,b "c"', "\t=1", "\r=1", "line\r\nline", "\x1b]0;x\x07", "你好", "'", '"'];
    const file = await collect(exportCsv(sourceOf(payloads.map((payload) => to(payload)))));
    const found = await inFile(file, (path) => run("python3", "-c", READ_CSV, path));
    const expected = [
      'a,b "c"',
      "\\t=1",
      "\\r=1",
      "line\\r\\nline",
      "\\x1b]0;x\\x07",
      "你好",
      "'",
      '"',
    ];
    const hex = payloads.map((payload) => `0x${Buffer.from(payload).toString("hex")}`);
    assert.deepEqual(
      JSON.parse(found),
      expected.map((cell, index) => [cell, hex[index]]),
    );
  });
});

describe("an export", () => {
  for (const [description, expected] of [
    ["udp_server.ts, pid 4242, socket 1", "udp_server.ts, pid 4242, socket 1"],
    ["udp_server.ts, pid 4242, thread 2, socket 7", "udp_server.ts, pid 4242, thread 2, socket 7"],
    ["Ethernet of somebody", undefined],
  ] as const) {
    it(`tells of "${description}" what is known of the program: ${expected}`, async () => {
      const [line = ""] = (
        await text(exportJsonLines(sourceOf([to("a")], "a", description)))
      ).split("\n");
      const { frame } = JSON.parse(line) as { frame: Record<string, Record<string, string>> };
      assert.equal(frame["frame.interface_id_tree"]?.["frame.interface_description"], expected);
    });
  }

  it("keeps a thousand characters of a comment", async () => {
    for (const length of [1000, 1001]) {
      const source = sourceOf([to("a", { comment: "x".repeat(length) })]);
      const [, row = ""] = rows(await text(exportCsv(source)));
      assert.equal(row[12], "x".repeat(1000));
    }
  });

  it("describes a socket once in pcapng, in front of its datagrams, and writes a mebibyte at once", async () => {
    const source = sourceOf(Array.from({ length: 200 }, () => to("x".repeat(10_000))));
    const lengths: number[] = [];
    const parts: Uint8Array[] = [];
    for await (const chunk of exportPcapng(source, "test")) {
      lengths.push(chunk.length);
      parts.push(chunk.slice());
    }
    assert.equal(lengths.length, 2);
    assert.ok((lengths[0] ?? 0) >= 2 ** 20 && (lengths[0] ?? 0) < 2 ** 20 + 10_200, `${lengths}`);
    // Section header, interface, datagrams.
    const types = blockTypes(Buffer.concat(parts));
    assert.deepEqual(types, [0x0a0d0d0a, 1, ...Array.from({ length: 200 }, () => 6)]);
  });

  it("stops where its ids do, and leaves out what is gone", async () => {
    const source = sourceOf([to("a"), to("b"), to("c")]);
    const lines = await text(exportCsv({ ...source, ids: [2, 77, 0] }));
    assert.deepEqual(
      rows(lines)
        .slice(1)
        .map(([number, , , , , , , , , , cell]) => [number, cell]),
      [
        ["1", "c"],
        ["2", "a"],
      ],
    );
    const ids = () =>
      (function* () {
        yield 0;
        throw new Error("cancelled");
      })();
    for (const chunks of [exportCsv, exportJsonLines, (it: ExportSource) => exportPcapng(it, "")]) {
      await assert.rejects(collect(chunks({ ...source, ids: ids() })), /cancelled/);
    }
  });

  it("holds one chunk in memory, not the whole file", async () => {
    const payload = "x".repeat(10_000);
    const sent = Array.from({ length: 200 }, () => to(payload));
    for (const chunks of [exportCsv(sourceOf(sent)), exportJsonLines(sourceOf(sent))]) {
      let [largest, count] = [0, 0];
      for await (const chunk of chunks) {
        largest = Math.max(largest, chunk.length);
        count++;
      }
      assert.ok(largest < 2 ** 19 && count > 10, `${largest} bytes in one of ${count}`);
    }
  });
});

/** The types of the blocks of a pcapng file, in order. */
function blockTypes(file: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < file.length; at += file.readUInt32LE(at + 4)) {
    types.push(file.readUInt32LE(at));
  }
  return types;
}

const READ_CSV = `
import csv, json, sys
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file, strict=True))
print(json.dumps([[row["text"], row["hex"]] for row in rows]))
`;

/** With each separator the cells that a spreadsheet would calculate; without `strict`, a quote within a cell is a letter. */
const READ_SEPARATED = `
import csv, json, sys
cells, formulas = 0, []
for delimiter in ",;":
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        for row in csv.reader(file, delimiter=delimiter):
            cells += len(row)
            formulas += [cell for cell in row if cell.lstrip()[:1] in tuple("=+-@＝＋－＠")]
print(json.dumps({"cells": cells, "formulas": formulas}))
`;

/** Cells of a file whose cells hold no line breaks, by a reader of their own. */
function rows(file: string): string[][] {
  const lines = file.split("\r\n").slice(0, -1);
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
    ),
  );
}

async function inFile<T>(file: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "udp-workbench-export-"));
  try {
    await writeFile(join(folder, "file"), file);
    return await use(join(folder, "file"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function tsharkLayers(file: Uint8Array): Promise<unknown[]> {
  const json = await inFile(file, (path) => run("tshark", "-n", "-r", path, "-T", "json"));
  const packets = JSON.parse(json) as { _source: { layers: unknown } }[];
  return packets.map(({ _source }) => _source.layers);
}

/** The part of `theirs` that `mine` has keys for. */
function shared(mine: unknown, theirs: unknown): unknown {
  if (!isObject(mine) || !isObject(theirs)) return theirs;
  return Object.fromEntries(Object.keys(mine).map((key) => [key, shared(mine[key], theirs[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
