import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import type { DescribedField } from "../../../../extension/core/decode/described_field.ts";
import type { ExportSource } from "../../../../extension/core/export/export_source.ts";
import { exportParquet } from "../../../../extension/core/export/parquet_export.ts";
import { exportPcapng } from "../../../../extension/core/export/pcapng_export.ts";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import { printable } from "../../../../extension/core/text/printable.ts";
import { datagramRecord } from "../../../support/datagram_record.ts";
import { duckdb, query } from "../../support/duckdb.ts";
import { readText } from "../../support/markdown.ts";
import { areInstalled, run } from "../../support/tshark.ts";

const CLIENT = { address: "127.0.0.1", port: 53211 };
const SERVER = { address: "10.0.0.2", port: 9999 };
const CLIENT_6 = { address: "2001:db8::1", port: 53211 };
const SERVER_6 = { address: "::1", port: 9998 };
const START = 1_700_000_000_999_999;

interface Sent {
  readonly payload: Uint8Array;
  readonly isIpv6?: boolean;
  readonly comment?: string;
  readonly fields?: readonly DescribedField[];
}

/** A field as a decoder finds it. */
function field(path: string, value: DescribedField["value"]): DescribedField {
  return { path, value, text: `${value}`, start: 0, end: 1 };
}

/** A capture of one socket with these datagrams, 1 ms apart. */
function sourceOf(sent: readonly Sent[]): ExportSource {
  const capture = new Capture();
  const file = capture.addFile("memory");
  const sink = new FileSink({ capture, file, writer: "memory", clearedBefore: 0 });
  sink.interface({ id: 0, name: "10.0.0.2:9999", description: "app.ts", comments: [] });
  for (const [index, { payload, isIpv6, comment = "" }] of sent.entries()) {
    const ends = isIpv6 ? ([CLIENT_6, SERVER_6] as const) : ([CLIENT, SERVER] as const);
    const { length } = payload;
    const time = START + index * 1000;
    const direction = Direction.in;
    sink.datagram(
      datagramRecord(...ends, { time, direction, length, capturedLength: length, comment }),
    );
  }
  capture.commit();
  return {
    capture,
    ids: sent.keys(),
    payload: (id) => Promise.resolve(sent[id]?.payload ?? assert.fail()),
    decoded: (id) => {
      const { fields } = sent[id] ?? {};
      return fields && { decoder: "acme", fields };
    },
  };
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return Buffer.concat(parts);
}

describe("exportParquet()", function () {
  this.timeout(60_000);
  let folder: string;
  let path: string;
  let connection: Awaited<ReturnType<typeof duckdb>>;

  before(async function () {
    connection = await duckdb();
    if (!connection) this.skip();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-parquet-"));
    path = join(folder, "udp.parquet");
  });

  after(async () => {
    connection?.closeSync();
    if (folder) await rm(folder, { recursive: true });
  });

  async function write(sent: readonly Sent[]): Promise<void> {
    await writeFile(path, await collect(exportParquet(sourceOf(sent), "UDP Workbench")));
  }

  async function select(sql: string): Promise<unknown[][]> {
    assert.ok(connection);
    return query(connection, sql.replaceAll("'udp.parquet'", `'${path}'`));
  }

  const utf8 = new TextEncoder();

  it("is read by DuckDB, with what each datagram has and has not", async () => {
    await write([
      { payload: utf8.encode("Michael"), comment: "send failed: EMSGSIZE" },
      { payload: new Uint8Array(), isIpv6: true },
    ]);
    const columns = `"frame.number"::INT, epoch_us("frame.time")::DOUBLE, "frame.len", "frame.comment", "ip.src",
      "ipv6.dst", "udp.srcport", "udp.dstport", "udp.length", hex("udp.payload"), "udp_workbench.outcome"`;
    const hex = Buffer.from("Michael").toString("hex").toUpperCase();
    const failed = "send failed: EMSGSIZE";
    assert.deepEqual(await select(`SELECT ${columns} FROM 'udp.parquet' ORDER BY 1`), [
      [1, START, 35, failed, "127.0.0.1", null, 53211, 9999, 15, hex, "failed"],
      [2, START + 1000, 48, null, null, "::1", 53211, 9998, 8, "", "received"],
    ]);
  });

  it("has a column for each field, from the first that has it, and one for each kind of value", async () => {
    const plain = { payload: utf8.encode("x") };
    await write([
      plain,
      { ...plain, fields: [field("temp", 21.5), field("ok", true), field("name", "a")] },
      { ...plain, fields: [field("temp", "too hot"), field("ok", false), field("[0].x", 5)] },
      { ...plain, fields: [field("ok", true)] },
    ]);
    const columns = `"acme.temp", "acme.temp_text", "acme.ok", "acme.name", "acme[0].x"`;
    assert.deepEqual(await select(`SELECT ${columns} FROM 'udp.parquet' ORDER BY "frame.number"`), [
      [null, null, null, null, null],
      [21.5, null, true, "a", null],
      [null, "too hot", false, null, 5],
      [null, null, true, null, null],
    ]);
  });

  it("tells of what was found only later that it is nowhere in the row groups before", async () => {
    const sent = Array.from({ length: 100_300 }, (_, index): Sent => {
      const fields = index >= 100_000 ? [field("late", index)] : [field("seq", index)];
      return { payload: Uint8Array.of(index), fields };
    });
    await write(sent);
    assert.deepEqual(
      await select(`SELECT count(*)::INT, count("acme.seq")::INT, count("acme.late")::INT, sum("acme.late"), max("frame.number")::INT
        FROM 'udp.parquet'`),
      [[100_300, 100_000, 300, 300 * 100_149.5, 100_300]],
    );
  });

  it("holds every payload and every name as it is, whatever they are", async () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
    const value = fc.oneof(
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.string().map((it) => printable(it)),
    );
    const sent = fc.record({
      payload: fc.uint8Array({ maxLength: 50 }),
      fields: fc.uniqueArray(fc.tuple(name, value), {
        selector: ([it]) => printable(it).toLowerCase(),
        maxLength: 5,
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 20 }), async (all) => {
        await write(
          all.map(({ payload, fields }) => ({
            payload,
            fields: fields.map(([path, it]) => field(path, it)),
          })),
        );
        const rows = await select(
          `SELECT hex("udp.payload") FROM 'udp.parquet' ORDER BY "frame.number"`,
        );
        assert.deepEqual(
          rows.map(([hex]) => String(hex).toLowerCase()),
          all.map(({ payload }) => Buffer.from(payload).toString("hex")),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("answers as tshark does on the same datagrams", async function () {
    if (!(await areInstalled("tshark"))) this.skip();
    const sent = Array.from({ length: 500 }, (_, index) => ({
      payload: new Uint8Array((index * 7919) % 1400),
      isIpv6: index % 3 === 0,
    }));
    await write(sent);
    const pcapng = join(folder, "udp.pcapng");
    await writeFile(pcapng, await collect(exportPcapng(sourceOf(sent), "UDP Workbench", "record")));
    const theirs = async (filter: string) => {
      const text = await run(
        "tshark",
        ...["-n", "-r", pcapng, "-Y", filter, "-T", "fields", "-e", "udp.length"],
      );
      const lengths = text.split("\n").filter(Boolean).map(Number);
      return [lengths.length, lengths.reduce((sum, length) => sum + length, 0)];
    };
    for (const [filter, where] of [
      ["udp", "true"],
      ["udp.dstport == 9999", '"udp.dstport" = 9999'],
      [
        "ipv6.src == 2001:db8::1 && udp.length > 700",
        `"ipv6.src" = '2001:db8::1' AND "udp.length" > 700`,
      ],
      ["frame.len < 100", '"frame.len" < 100'],
    ] as const) {
      const sql = `SELECT count(*)::INT, sum("udp.length")::INT FROM 'udp.parquet' WHERE ${where}`;
      assert.deepEqual(await select(sql), [await theirs(filter)], filter);
    }
  });

  it("is a file in which the queries of docs/parquet.md can be asked", async () => {
    await write([
      { payload: utf8.encode("x"), fields: [field("type", "sample"), field("temp", 21.5)] },
    ]);
    const queries = [...readText("docs/parquet.md").matchAll(/```sql\n(.*?);\n```/gs)];
    assert.equal(queries.length, 3);
    for (const [, sql = ""] of queries) {
      const rows = await select(sql.replaceAll("tracker", "acme"));
      assert.equal(rows.length, 1, sql);
    }
  });

  it("has of nothing no row", async () => {
    await write([]);
    assert.equal((await readFile(path)).subarray(0, 4).toString(), "PAR1");
    assert.deepEqual(await select(`SELECT count(*)::INT FROM 'udp.parquet'`), [[0]]);
  });
});
