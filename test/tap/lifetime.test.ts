import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import {
  parseProcess,
  parseSegmentName,
  parseSocket,
} from "../../extension/core/wire/tap_identity.ts";
import { defaultRuntime, describeOn, runtimes } from "../support/runtimes.ts";
import { readDatagrams, readFolder } from "./support/capture_folder.ts";
import { runProgram, startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const FAKE_WORLD = join(PROGRAMS, "fake_world.cjs");
const HELD = join(PROGRAMS, "held.mjs");
const LESSON = join(PROGRAMS, "lesson.mjs");
const LAST_SEND = join(PROGRAMS, "last_send.mjs");
const PING_PONG = join(PROGRAMS, "ping_pong.mjs");
const THREADS = join(PROGRAMS, "threads.mjs");

describe("the tap and its program's life", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();
  /** A second build of it, as of another version of the extension. */
  const other = TapUnderTest.forSuite();

  describeOn(runtimes, (runtime) => {
    it("process.exit() in the callback of the last send loses nothing", async () => {
      const tap = tapped.inNewFolder();
      const { exitCode } = await runProgram(runtime, LAST_SEND, { tap, words: ["500"] });
      assert.equal(exitCode, 7);
      const sent = readDatagrams(tap.folder).filter(({ direction }) => direction === "out");
      // Deno learns in no certain order which were sent.
      assert.deepEqual(
        sent.map(({ payload }) => Number(String(payload).slice(7))).sort((a, b) => a - b),
        Array.from({ length: 500 }, (_, index) => index + 1),
      );
      const [file] = readFolder(tap.folder);
      assert.ok(file?.statistics[0]?.endTime, "the end of the process is not told");
    });

    it("an uncaught exception ends the program as it does without the tap", async () => {
      const words = ["3", "throw"];
      const tap = tapped.inNewFolder();
      const bare = await runProgram(runtime, LAST_SEND, { words });
      const watched = await runProgram(runtime, LAST_SEND, { tap, words });
      assert.equal(watched.exitCode, bare.exitCode);
      assert.notEqual(watched.exitCode, 0);
      assert.match(watched.stderr, /the program's own fault/);
      assert.equal(readDatagrams(tap.folder).filter((one) => one.direction === "out").length, 3);
    });

    it("what a debugger holds is in the file before the program's handler runs", async function () {
      if (!/node/i.test(runtime.name)) this.skip(); // debuggers of other runtimes open another port
      const tap = tapped.inNewFolder();
      const words = [tap.folder, "debugged"];
      const environment = { VSCODE_INSPECTOR_OPTIONS: '{"inspectorIpc":"none"}' };
      const { stdout } = await runProgram(runtime, HELD, { tap, words, environment });
      assert.equal(stdout, "recorded\n");
    });

    it("SIGKILL leaves what was flushed", async () => {
      const tap = tapped.inNewFolder();
      const words = ["50", "10", "stay"];
      const program = startProgram(runtime, PING_PONG, { tap, words });
      await once(program.process.stdout ?? program.process, "data");
      // The last record is at most 20 ms old: wait for the file, not for the time.
      await until("all is in the file", () => readDatagrams(tap.folder).length === 100);
      // Not the process that was started: tsx starts another one.
      process.kill(recordingProcess(tap.folder), "SIGKILL");
      await program.ended;
      const [file] = readFolder(tap.folder);
      assert.equal(file?.datagrams.length, 100);
      assert.equal(file?.problem, undefined);
      assert.deepEqual(file?.statistics, []);
    });

    it("SIGTERM ends the program as it does without the tap", async () => {
      const words = ["1", "10", "stay"];
      const tap = tapped.inNewFolder();
      const ends = [];
      for (const options of [{ words }, { words, tap }]) {
        const program = startProgram(runtime, PING_PONG, options);
        await once(program.process.stdout ?? program.process, "data");
        program.process.kill("SIGTERM");
        const { exitCode, signal } = await program.ended;
        ends.push({ exitCode, signal });
      }
      assert.notDeepEqual(ends[0], { exitCode: 0, signal: null });
      assert.deepEqual(ends[1], ends[0]);
    });
  });

  it("does nothing without UDP_TAP_DIR", async () => {
    const tap = tapped.inNewFolder();
    const { exitCode, stderr } = await runProgram(defaultRuntime, LESSON, {
      tap,
      environment: { UDP_TAP_DIR: "" },
    });
    assert.deepEqual([exitCode, stderr], [0, ""]);
    assert.throws(() => statSync(tap.folder), { code: "ENOENT" });
  });

  it("does nothing for a program without sockets", async () => {
    const tap = tapped.inNewFolder();
    const program = join(tapped.path, "../no_sockets.cjs");
    const code = "console.log(process.listenerCount('exit'), Object.keys(require.cache))";
    writeFileSync(program, code);
    const { stdout } = await runProgram(defaultRuntime, program, { tap });
    assert.match(stdout, /^0 \[\s*'[^']*no_sockets\.cjs'\s*\]\n$/);
    assert.throws(() => statSync(tap.folder), { code: "ENOENT" });
  });

  it("the program runs as ever where UDP_TAP_DIR can't be used", async () => {
    const file = join(tapped.path, "../a_file");
    writeFileSync(file, "");
    for (const folder of [file, join(file, "below"), "/proc/nowhere", "/dev/null"]) {
      const tap = { path: tapped.path, folder };
      const { exitCode, stdout, stderr } = await runProgram(defaultRuntime, LESSON, { tap });
      assert.deepEqual([exitCode, stderr], [0, ""], folder);
      assert.match(stdout, /"server":\d+/);
    }
  });

  for (const runtime of runtimes) {
    it(`keeps its own clock, files and working directory on ${runtime.name}`, async function () {
      if (runtime.command === undefined) this.skip();
      const tap = tapped.inNewFolder();
      const before = Date.now() * 1000;
      const { exitCode, stderr } = await runProgram(runtime, FAKE_WORLD, {
        tap,
        environment: { UDP_TAP_DIR: relative(process.cwd(), tap.folder) },
      });
      assert.deepEqual([exitCode, stderr], [0, ""]);
      const datagrams = readDatagrams(tap.folder);
      assert.deepEqual(
        datagrams.map(({ payload }) => String(payload)),
        ["real", "real"],
      );
      const after = Date.now() * 1000;
      for (const { time } of datagrams) {
        assert.ok(time > before - 50_000 && time < after + 50_000, `${time - before} us`);
      }
    });
  }

  it("names a program that has no file", async () => {
    const tap = tapped.inNewFolder();
    const code = `
      const socket = require("node:dgram").createSocket("udp4").bind(0, "127.0.0.1", () => socket.close());
    `;
    await runProgram(defaultRuntime, "-e", { tap, words: [code, "a", "b c"] });
    const [file] = readFolder(tap.folder);
    assert.equal(parseProcess(file?.sections[0]?.application ?? "")?.program, '[eval] a "b c"');
    assert.equal(parseSocket(file?.sockets[0]?.description ?? "")?.program, "[eval]");
  });

  it("makes a private folder and private files, whatever the umask", async function () {
    if (process.platform === "win32") this.skip();
    const tap = tapped.inNewFolder();
    const umask = process.umask(0);
    try {
      await runProgram(defaultRuntime, LESSON, { tap });
    } finally {
      process.umask(umask);
    }
    assert.equal(statSync(tap.folder).mode & 0o777, 0o700);
    const [file] = readFolder(tap.folder);
    assert.ok(file);
    assert.equal(statSync(join(tap.folder, file.name)).mode & 0o777, 0o600);
  });

  it("records once where it is loaded twice", async () => {
    const tap = tapped.inNewFolder();
    const environment = { NODE_OPTIONS: `--require "${tapped.path}"` };
    const twice = { ...tap, path: other.path };
    const { exitCode } = await runProgram(defaultRuntime, LESSON, { tap: twice, environment });
    assert.equal(exitCode, 0);
    assert.equal(readFolder(tap.folder).length, 1);
    assert.equal(readDatagrams(tap.folder).length, 12);
  });

  for (const runtime of runtimes.filter(({ name }) => /Node|tsx/.test(name))) {
    it(`a worker of a cluster cannot bind what is taken, and that is told, on ${runtime.name}`, async function () {
      if (runtime.command === undefined) this.skip();
      const path = join(PROGRAMS, "cluster_taken.mjs");
      const tap = tapped.inNewFolder();
      const { stdout, stderr } = await runProgram(runtime, path, { tap });
      assert.equal(stderr, "");
      const { port, code, syscall } = JSON.parse(stdout) as Record<string, unknown>;
      assert.deepEqual([code, syscall], ["EADDRINUSE", "bind"]);
      const sockets = readFolder(tap.folder).flatMap((file) => file.sockets);
      assert.deepEqual(sockets.map(({ name, comments }) => [name, ...comments]).sort(), [
        [`127.0.0.1:${port}`],
        [`127.0.0.1:${port}`, "bind failed: EADDRINUSE"],
      ]);
    });
  }

  it("worker threads, child processes and cluster workers have their own files", async () => {
    const tap = tapped.inNewFolder();
    mkdirSync(tap.folder);
    const environment = { NODE_OPTIONS: `--require "${tapped.path}"` };
    const { exitCode, stderr } = await runProgram(defaultRuntime, THREADS, {
      environment: { ...environment, UDP_TAP_DIR: tap.folder },
    });
    assert.deepEqual([exitCode, stderr], [0, ""]);
    const files = readFolder(tap.folder);
    const seen = files.map(({ datagrams, sections }) => {
      const { pid, thread } = parseProcess(sections[0]?.application ?? "") ?? {};
      return { names: datagrams.map(({ payload }) => String(payload)), pid, thread };
    });
    assert.deepEqual(
      seen.map(({ names }) => names).sort(),
      ["child process", "cluster worker", "main thread", "worker thread"].map((name) => [
        name,
        name,
      ]),
    );
    const worker = seen.find(({ names }) => names[0] === "worker thread");
    const main = seen.find(({ names }) => names[0] === "main thread");
    assert.equal(worker?.pid, main?.pid);
    assert.deepEqual([main?.thread, worker?.thread], [0, 1]);
    assert.equal(new Set(seen.map(({ pid }) => pid)).size, 3);
    for (const { rest, problem } of files) assert.deepEqual([rest, problem], [0, undefined]);
  });
});

/** The id of the process that wrote the folder's first file. */
function recordingProcess(folder: string): number {
  const [file] = readFolder(folder);
  const segment = parseSegmentName(file?.name ?? "");
  assert.ok(segment, "nothing was recorded");
  return segment.pid;
}
