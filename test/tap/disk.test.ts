import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseSegmentName, parseSocket } from "../../extension/core/wire/tap_identity.ts";
import { defaultRuntime } from "../support/runtimes.ts";
import { readDatagrams, readFolder } from "./support/capture_folder.ts";
import { runProgram, startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const PING_PONG = join(PROGRAMS, "ping_pong.mjs");
const MANY_SOCKETS = join(PROGRAMS, "many_sockets.mjs");

describe("the tap and its disk", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();

  /** Runs a program to its good end in a new folder. */
  async function record(
    path: string,
    words: readonly string[],
    environment: NodeJS.ProcessEnv,
    folder: string = tapped.newFolder(),
  ): Promise<string> {
    const tap = { path: tapped.path, folder };
    const { exitCode, stderr } = await runProgram(defaultRuntime, path, {
      tap,
      words,
      environment,
    });
    assert.deepEqual([exitCode, stderr], [0, ""]);
    return folder;
  }

  it("UDP_TAP_SNAPLEN cuts payloads and keeps their length", async () => {
    const folder = await record(PING_PONG, ["2", "1000"], { UDP_TAP_SNAPLEN: "16" });
    assert.deepEqual(
      readDatagrams(folder).map(({ payload, length }) => [String(payload), length]),
      [
        ["0".repeat(16), 1000],
        ["0".repeat(16), 1000],
        ["1".repeat(16), 1000],
        ["1".repeat(16), 1000],
      ],
    );
  });

  it("UDP_TAP_SEGMENT starts a new file, complete in itself, and loses nothing", async () => {
    const folder = await record(PING_PONG, ["200", "500"], { UDP_TAP_SEGMENT: "20000" });
    const files = readFolder(folder);
    assert.ok(files.length >= 10, `${files.length} files`);
    for (const { name, sections, sockets, rest, problem } of files) {
      assert.ok(statSync(join(folder, name)).size <= 20_000 + 500, name);
      assert.deepEqual([sections.length, sockets.length, rest, problem], [1, 1, 0, undefined]);
    }
    const [first] = files;
    assert.deepEqual(
      files.map(({ name }) => parseSegmentName(name)?.segment),
      files.map((_, index) => index + 1),
    );
    for (const { sockets } of files) assert.deepEqual(sockets, first?.sockets);
    const datagrams = files.flatMap((file) => file.datagrams);
    assert.equal(datagrams.length, 400);
    const times = datagrams.map(({ time }) => time);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.deepEqual(
      files.flatMap(({ statistics }) =>
        statistics.map(({ received, dropped }) => [received, dropped]),
      ),
      [[400, 0]],
    );
  });

  it("a segment smaller than one datagram still takes one", async () => {
    const folder = await record(PING_PONG, ["3", "5000"], { UDP_TAP_SEGMENT: "1" });
    assert.deepEqual(
      readFolder(folder).map(({ datagrams }) => datagrams.length),
      [1, 1, 1, 1, 1, 1],
    );
  });

  it("the next segment describes the sockets that are still open, and no other", async () => {
    const folder = await record(MANY_SOCKETS, ["50", "100"], { UDP_TAP_SEGMENT: "50000" });
    const files = readFolder(folder);
    assert.ok(files.length >= 3);
    const last = files.at(-1);
    assert.deepEqual(
      last?.sockets.map(({ description }) => parseSocket(description)?.socket),
      [1],
    );
    const ends = files.flatMap(({ statistics, sockets }) =>
      statistics.map(({ id }) => parseSocket(sockets[id]?.description ?? "")?.socket),
    );
    assert.deepEqual(
      ends.sort((a, b) => Number(a) - Number(b)),
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    assert.equal(readDatagrams(folder).length, 49 * 2 + 200);
  });

  it("UDP_TAP_QUOTA bounds the folder, and every record that is missing is counted", async () => {
    const quota = 100_000;
    const folder = await record(PING_PONG, ["200", "1000"], { UDP_TAP_QUOTA: String(quota) });
    assert.ok(sizeOf(folder) <= quota + 2_000, `${sizeOf(folder)} bytes`);
    assert.ok(sizeOf(folder) > quota / 2);
    const kept = readDatagrams(folder).length;
    const end = readFolder(folder).at(-1)?.statistics.at(-1);
    assert.equal(end?.received, 400);
    assert.equal(end?.dropped, 400 - kept);
    assert.ok(end?.endTime);
  });

  it("the quota counts what is in the folder already", async () => {
    const folder = tapped.newFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "1-2-000001.pcapng"), Buffer.alloc(100_000));
    await record(PING_PONG, ["5", "10"], { UDP_TAP_QUOTA: "100000" }, folder);
    rmSync(join(folder, "1-2-000001.pcapng"));
    assert.equal(readDatagrams(folder).length, 0);
    const [end] = readFolder(folder)[0]?.statistics ?? [];
    assert.deepEqual([end?.received, end?.dropped], [10, 10]);
  });

  it("records again when there is space, and says how many are missing", async () => {
    const folder = tapped.newFolder();
    mkdirSync(folder, { recursive: true });
    const ballast = join(folder, "1-2-000001.pcapng");
    // So large that what comes after it cannot fill its place before the program ends.
    writeFileSync(ballast, Buffer.alloc(10_000_000));
    const tap = { path: tapped.path, folder };
    const program = startProgram(defaultRuntime, join(PROGRAMS, "ping_until_told.mjs"), {
      tap,
      environment: { UDP_TAP_QUOTA: "10000000" },
    });
    try {
      await once(program.process.stdout ?? program.process, "data");
      // Told while the socket is open, though there is no room for a record.
      await until("drops are told", () => dropsTold(folder, ballast));
      rmSync(ballast);
      await until("there are records", () => readDatagrams(folder).length > 0);
    } finally {
      program.process.kill("SIGINT");
    }
    await program.ended;
    const datagrams = readDatagrams(folder);
    const dropped = datagrams.reduce((sum, record) => sum + record.dropped, 0);
    const end = readFolder(folder).at(-1)?.statistics.at(-1);
    assert.ok(dropped > 0);
    assert.ok(end?.endTime);
    assert.equal(end.dropped, dropped);
    assert.equal(end.received, dropped + datagrams.length);
  });

  it("goes on in a new file where its file or the whole folder was deleted", async () => {
    const folder = tapped.newFolder();
    const tap = { path: tapped.path, folder };
    const program = startProgram(defaultRuntime, join(PROGRAMS, "ping_until_told.mjs"), { tap });
    try {
      await once(program.process.stdout ?? program.process, "data");
      await until("there are records", () => readDatagrams(folder).length > 0);
      rmSync(join(folder, readdirSync(folder)[0] ?? ""));
      await until("there is a new file", () => readDatagrams(folder).length > 0);
      rmSync(folder, { recursive: true, maxRetries: 10 });
      await until("there is a new folder", () => readDatagrams(folder).length > 0);
    } finally {
      program.process.kill("SIGINT");
    }
    const { exitCode, stderr } = await program.ended;
    assert.deepEqual([exitCode, stderr], [0, ""]);
    const [file] = readFolder(folder);
    assert.equal(file?.problem, undefined);
    assert.ok(file?.statistics.at(-1)?.endTime);
  });
});

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function dropsTold(folder: string, ballast: string): boolean {
  return readFolder(folder).some(
    ({ name, statistics }) =>
      join(folder, name) !== ballast && statistics.some(({ dropped = 0 }) => dropped > 0),
  );
}
