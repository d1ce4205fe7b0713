import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import {
  requireOption,
  writeAttachLoader,
  writePythonLoader,
} from "../../extension/host/attach/attach_loader.ts";
import { ATTACHED_MARK } from "../../extension/host/attach/attached_mark.ts";
import { PYTHON_TAP, pythonRuntimes, runtimes } from "../support/runtimes.ts";
import { readDatagrams } from "./support/capture_folder.ts";
import { type Outcome, runProgram } from "./support/program.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const run = promisify(execFile);
const LESSON = join(import.meta.dirname, "programs/lesson.mjs");

describe("auto attach, by the environment alone", function () {
  this.timeout(180_000);
  const tap = TapUnderTest.forSuite();
  let folder: string;
  let captures: string;
  let loader: string;

  beforeEach(async () => {
    // What a person's home may look like.
    folder = await mkdtemp(join(tmpdir(), `udp attach "O'Neil" $HOME `));
    captures = join(folder, "captures");
    await mkdir(captures);
    await writeFile(join(captures, ATTACHED_MARK), "");
    loader = await writeAttachLoader(join(folder, "storage"), tap.path);
  });

  afterEach(() => rm(folder, { recursive: true }));

  const environment = (options = "") => ({
    UDP_TAP_DIR: captures,
    NODE_OPTIONS: `${options} ${requireOption(loader)}`,
    BUN_INSPECT_PRELOAD: loader,
  });

  for (const runtime of runtimes) {
    const withPermissions = {
      ...runtime,
      // Deno: only what may do everything is tapped; see below.
      bare: () =>
        runtime.name === "Deno" ? ["run", "--no-config", "--allow-all"] : runtime.bare(),
    };

    it(`taps a program that is just started with ${runtime.name}`, async function () {
      if (runtime.command === undefined) this.skip();
      assertAsUntapped(await runProgram(withPermissions, LESSON, { environment: environment() }));
      assert.equal(readRecords().length, 12);
    });
  }

  for (const runtime of pythonRuntimes) {
    it(`taps a program that is just started with ${runtime.name}, and only while the window has it on`, async () => {
      const lesson = join(import.meta.dirname, "programs/python/lesson.py");
      const python = await writePythonLoader(join(folder, "storage"), PYTHON_TAP);
      const attached = { UDP_TAP_DIR: captures, PYTHONPATH: `${python}${delimiter}` };
      assertAsUntapped(await runProgram(runtime, lesson, { environment: attached }));
      assert.equal(readRecords().length, 12);
      await rm(join(captures, ATTACHED_MARK));
      assertAsUntapped(await runProgram(runtime, lesson, { environment: attached }));
      assert.equal(readRecords().length, 12);
      // An update has taken the extension's folder away.
      await writeFile(join(captures, ATTACHED_MARK), "");
      const path = join(python, "sitecustomize.py");
      const moved = (await readFile(path, "utf8")).replace(/^_TAP = .*$/m, '_TAP = "/gone"');
      await writeFile(path, moved);
      assertAsUntapped(await runProgram(runtime, lesson, { environment: attached }));
      assert.equal(readRecords().length, 12);
    });
  }

  it("asks for no permission on Deno, and leaves a program that has few alone", async function () {
    const deno = runtimes.find(({ name }) => name === "Deno");
    if (!deno) this.skip();
    assertAsUntapped(await runProgram(deno, LESSON, { environment: environment() }));
    assert.deepEqual(readRecords(), []);
  });

  it("keeps the NODE_OPTIONS that the user has", async () => {
    const { stdout } = await run(
      process.execPath,
      ["-p", "process.title + process.throwDeprecation"],
      {
        env: { ...process.env, ...environment('--title="my program" --throw-deprecation') },
      },
    );
    assert.equal(stdout.trim(), "my programtrue");
  });

  it("finds a module whose path has a backslash in it", async () => {
    const path = join(folder, "back\\slash.cjs");
    await writeFile(path, 'process.title = "found";');
    const { stdout } = await run(process.execPath, ["-p", "process.title"], {
      env: { ...process.env, NODE_OPTIONS: requireOption(path) },
    });
    assert.equal(stdout.trim(), "found");
  });

  it("does nothing once the window has it off, in shells that are still open", async () => {
    await rm(join(captures, ATTACHED_MARK));
    const [node] = runtimes;
    assert.ok(node);
    assertAsUntapped(await runProgram(node, LESSON, { environment: environment() }));
    assert.deepEqual(readRecords(), []);
  });

  it("breaks nothing when the extension or the capture folder is gone", async () => {
    const [node] = runtimes;
    assert.ok(node);
    await writeAttachLoader(join(folder, "storage"), join(folder, "gone.cjs"));
    assertAsUntapped(await runProgram(node, LESSON, { environment: environment() }));
    await rm(captures, { recursive: true });
    assertAsUntapped(await runProgram(node, LESSON, { environment: environment() }));
  });

  it("loads no tap twice, where a task has it on its command line as well", async () => {
    const [node] = runtimes;
    assert.ok(node);
    const once = captures;
    await runProgram(node, LESSON, { environment: environment() });
    const expected = readRecords().length;
    await rm(once, { recursive: true });
    await mkdir(once);
    await writeFile(join(once, ATTACHED_MARK), "");
    await runProgram(node, LESSON, {
      tap: { path: tap.path, folder: captures },
      environment: environment(),
    });
    assert.equal(readRecords().length, expected);
  });

  it("is private, and not written again when nothing changed", async () => {
    const before = await stat(loader);
    assert.equal(before.mode & 0o777, 0o600);
    await writeAttachLoader(join(folder, "storage"), tap.path);
    assert.equal((await stat(loader)).ino, before.ino);
    await writeAttachLoader(join(folder, "storage"), "/other.cjs");
    assert.match(await readFile(loader, "utf8"), /require\("\/other\.cjs"\)/);
  });

  function assertAsUntapped({ stdout, ...rest }: Outcome): void {
    assert.deepEqual(rest, { exitCode: 0, signal: null, stderr: "" });
    assert.match(stdout, /^\{"server": ?\d+, ?"client": ?\d+\}\n$/);
  }

  function readRecords() {
    return readDatagrams(captures).filter(({ payload }) => payload.length > 0);
  }
});
