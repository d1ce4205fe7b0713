import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseSegmentName } from "../../extension/core/wire/tap_identity.ts";
import { defaultRuntime, type Runtime } from "../support/runtimes.ts";
import { type CapturedFile, readDatagrams, readFolder } from "./support/capture_folder.ts";
import { type Program, runProgram, startProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const FLOOD = join(PROGRAMS, "flood.mjs");
const PING = join(PROGRAMS, "ping_until_told.mjs");
const FOREVER = "1000000000";
/** A user who owns nothing. */
const NOBODY = 65_534;

const isRoot = process.getuid?.() === 0;

describe("accidents of a tapped program", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();

  it("killed in a flood, it leaves whole datagrams without a gap", async () => {
    const tap = tapped.inNewFolder();
    const program = startProgram(defaultRuntime, FLOOD, { tap, words: ["100", FOREVER] });
    await until("there is a megabyte", () => sizeOf(tap.folder) > 2 ** 20);
    program.process.kill("SIGKILL");
    await program.ended;
    const [file] = readFolder(tap.folder);
    assert.ok(file);
    assert.equal(file.problem, undefined);
    assert.deepEqual(file.statistics, []);
    const sent = file.datagrams.filter(({ direction }) => direction === "out");
    assert.ok(sent.length > 1000);
    assertCounts(sent.map(({ payload }) => payload.readUInt32BE()));
    assert.ok(file.datagrams.every(({ dropped }) => dropped === 0));
  });

  it("on a full disk, it counts what it cannot keep, and tells it when there is room", async function () {
    if (!isRoot || process.platform !== "linux") this.skip();
    const tap = tapped.inNewFolder();
    const [disk, copy] = [tap.folder, tapped.newFolder()];
    for (const folder of [disk, copy]) mkdirSync(folder);
    // A disk of its own that nobody else sees: nearly all of it is ballast, which the program deletes halfway. By then it
    // has said more than there is room for, on the disk and in the tap.
    const script = `mount -t tmpfs -o size=10m,mode=700 none "$0" && head -c 9600000 /dev/zero > "$0/ballast" &&
      "$@"; code=$?; cp "$0"/*.pcapng "$COPY"; exit $code`;
    const inOwnDisk: Runtime = {
      ...defaultRuntime,
      command: "unshare",
      tapped: (path) => [
        ...["-m", "sh", "-c", script, disk],
        ...[String(defaultRuntime.command), "--require", path],
      ],
    };
    const { exitCode, stderr } = await runProgram(inOwnDisk, FLOOD, {
      tap,
      words: ["1000", "3000", join(disk, "ballast")],
      environment: { COPY: copy },
    });
    assert.deepEqual([exitCode, stderr], [0, ""]);
    const files = readFolder(copy);
    assertSound(files);
    const { kept, told, passed } = sums(files);
    assert.equal(passed, 6000);
    assert.ok(told > 1000, `${told} dropped`);
    assert.equal(kept + told, passed);
    // What came after there was room again is there.
    const last = files.flatMap(({ datagrams }) => datagrams).at(-1);
    assert.equal(last?.payload.readUInt32BE(), 3000);
  });

  it("where its folder becomes read-only, it counts, and goes on when it may write again", async function () {
    if (process.platform === "win32") this.skip();
    const tap = tapped.inNewFolder();
    mkdirSync(tap.folder);
    if (isRoot) {
      tapped.open();
      chownSync(tap.folder, NOBODY, NOBODY);
    }
    const program = startProgram(defaultRuntime, PING, {
      tap,
      // A file for every few datagrams: only to begin one needs the folder.
      environment: { UDP_TAP_SEGMENT: "2000" },
      ...(isRoot && { uid: NOBODY }),
    });
    await until("there are two files", () => readFolder(tap.folder).length >= 2);
    chmodSync(tap.folder, 0o500);
    const before = readFolder(tap.folder).length;
    await stillFor(tap.folder, 1);
    chmodSync(tap.folder, 0o700);
    await until("there is another file", () => readFolder(tap.folder).length > before + 1);
    program.process.kill("SIGINT");
    const { exitCode, stderr } = await program.ended;
    assert.deepEqual([exitCode, stderr], [0, ""]);
    const files = readFolder(tap.folder);
    assertSound(files);
    const { kept, told, passed } = sums(files);
    assert.ok(told > 0);
    assert.equal(kept + told, passed);
  });

  it("in a folder whose parents are missing, it makes them, for its user alone", async function () {
    const folder = join(tapped.newFolder(), "not", "there", "yet");
    const tap = { path: tapped.path, folder };
    const { exitCode } = await runProgram(defaultRuntime, FLOOD, { tap, words: ["10", "5"] });
    assert.equal(exitCode, 0);
    assert.equal(readDatagrams(folder).length, 10);
    if (process.platform === "win32") this.skip();
    for (const made of [folder, join(folder, ".."), join(folder, "../../..")]) {
      assert.equal(statSync(made).mode & 0o777, 0o700, made);
    }
  });

  it("suspended and continued, it has lost nothing, and what was written is readable meanwhile", async function () {
    if (process.platform === "win32") this.skip();
    const tap = tapped.inNewFolder();
    const program = startProgram(defaultRuntime, PING, { tap });
    await until("there are records", () => readDatagrams(tap.folder).length > 10);
    process.kill(writerOf(tap.folder), "SIGSTOP");
    await stillFor(tap.folder, 0.2);
    const meanwhile = readFolder(tap.folder);
    assertSound(meanwhile);
    process.kill(writerOf(tap.folder), "SIGCONT");
    const count = meanwhile.flatMap(({ datagrams }) => datagrams).length;
    await until("there are more", () => readDatagrams(tap.folder).length > count);
    await endOf(program);
    const files = readFolder(tap.folder);
    assertSound(files);
    const { kept, told, passed } = sums(files);
    assert.deepEqual([told, kept], [0, passed]);
    const times = files.flatMap(({ datagrams }) => datagrams.map(({ time }) => time));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });

  it("that opens and closes 2,000 sockets as fast as it can has each of them in its file, with its end", async () => {
    const tap = tapped.inNewFolder();
    const words = ["2000"];
    const path = join(PROGRAMS, "socket_churn.mjs");
    const { exitCode, stderr } = await runProgram(defaultRuntime, path, { tap, words });
    assert.deepEqual([exitCode, stderr], [0, ""]);
    const files = readFolder(tap.folder);
    assertSound(files);
    const ends = files.flatMap(({ statistics }) => statistics.filter(({ endTime }) => endTime));
    assert.equal(ends.length, 2000);
    assert.ok(ends.every(({ received, dropped }) => received === 2 && dropped === 0));
    assert.equal(readDatagrams(tap.folder).length, 4000);
  });
});

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Waits until nothing has been written for so many seconds. */
async function stillFor(folder: string, seconds: number): Promise<void> {
  let size = -1;
  let since = performance.now();
  await until(`nothing is written for ${seconds} s`, () => {
    const now = sizeOf(folder);
    if (now !== size) since = performance.now();
    size = now;
    return performance.now() - since > seconds * 1000;
  });
}

async function endOf(program: Program): Promise<void> {
  program.process.kill("SIGINT");
  const { exitCode, stderr } = await program.ended;
  assert.deepEqual([exitCode, stderr], [0, ""]);
}

function writerOf(folder: string): number {
  const segment = parseSegmentName(readdirSync(folder)[0] ?? "");
  assert.ok(segment, "nothing was recorded");
  return segment.pid;
}

function assertSound(files: readonly CapturedFile[]): void {
  assert.ok(files.length > 0);
  for (const { name, rest, problem } of files)
    assert.deepEqual([rest, problem], [0, undefined], name);
}

/** 1, 2, 3 ... */
function assertCounts(numbers: readonly number[]): void {
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
}

/** Datagrams in the files; those that blocks tell to be missing; and all that passed, as the last end says. */
function sums(files: readonly CapturedFile[]): { kept: number; told: number; passed: number } {
  const datagrams = files.flatMap((file) => file.datagrams);
  const end = files.flatMap(({ statistics }) => statistics).at(-1);
  return { kept: datagrams.length, told: end?.dropped ?? 0, passed: end?.received ?? 0 };
}
