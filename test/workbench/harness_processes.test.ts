import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";
import { KeptProcess } from "../support/kept_process.ts";
import { endMarked, MARK, markedBy, markedProcesses } from "../support/marked_processes.ts";
import { WaitError, waitUntil } from "../support/wait_until.ts";
import { isAlive, STUBBORN } from "./stubborn_program.ts";

/** Starts one as a session of its own, which is an orphan as soon as its parent ends. */
const ORPHANS_MAKER = `
  const { spawn } = require("node:child_process");
  const child = spawn(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}], {
    detached: true, stdio: ["ignore", "inherit", "inherit"],
  });
  child.unref();
`;

describe("KeptProcess", function kept() {
  this.timeout(300_000);

  it("ends with its exit code", async () => {
    assert.equal(await new KeptProcess(process.execPath, ["-e", "process.exit(7)"]).exited, 7);
  });

  it("has the NODE_OPTIONS that it is given, which are none of what keeps it", async () => {
    const NODE_OPTIONS = "--no-experimental-strip-types";
    const script = "console.log('read', process.env.NODE_OPTIONS, process.features.typescript)";
    const kept = new KeptProcess(process.execPath, ["-e", script], {
      env: { ...process.env, NODE_OPTIONS },
    });
    await kept.printed(new RegExp(`read ${NODE_OPTIONS} false`));
    assert.equal(await kept.exited, 0);
  });

  it("says what a process printed that ended too early", async () => {
    const kept = new KeptProcess(process.execPath, ["-e", "console.log('sorry')"]);
    await assert.rejects(kept.printed(/welcome/), /welcome.*sorry/);
  });

  it("takes an orphan with it that refuses to end", async () => {
    const script = `${ORPHANS_MAKER}; setInterval(() => {}, 1000)`;
    const kept = new KeptProcess(process.execPath, ["-e", script]);
    const [, pid] = await kept.printed(/stubborn (\d+)/);
    assert.equal(isAlive(Number(pid)), true);
    await kept.end();
    assert.equal(isAlive(Number(pid)), false);
    assert.deepEqual(markedProcesses(kept.mark), []);
  });

  it("ends with its owner, even when that one is killed, and its folder with it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "udp-workbench-kept-"));
    await writeFile(join(folder, "file"), "");
    const owner = `
      import { KeptProcess } from ${JSON.stringify(join(projectFolder, "test/support/kept_process.ts"))};
      const options = { folder: ${JSON.stringify(folder)} };
      const kept = new KeptProcess(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}], options);
      console.log((await kept.printed(/stubborn \\d+/))[0]);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", owner]);
    const [printed] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    const pid = Number(printed.split(" ")[1]);
    assert.equal(isAlive(pid), true);
    child.kill("SIGKILL");
    await waitUntil("the kept process to end", () => !isAlive(pid));
    await waitUntil("its folder to be gone", () => !existsSync(folder));
  });

  it("ends with the run that its owner is a part of, when that is ended at once", async () => {
    const run = randomUUID();
    const owner = `
      import { KeptProcess } from ${JSON.stringify(join(projectFolder, "test/support/kept_process.ts"))};
      const kept = new KeptProcess(process.execPath, ["-e", ${JSON.stringify(STUBBORN)}]);
      console.log((await kept.printed(/stubborn \\d+/))[0]);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", owner], {
      env: { ...process.env, [MARK]: markedBy(run) },
    });
    const [printed] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    const pid = Number(printed.split(" ")[1]);
    assert.equal(isAlive(pid), true);
    await endMarked(run, { graceMs: 0 });
    assert.equal(isAlive(pid), false);
  });

  it("leaves its folder to its owner when it ends by itself or is killed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "udp-workbench-kept-"));
    await new KeptProcess(process.execPath, ["-e", ""], { folder }).exited;
    await new KeptProcess(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
      folder,
    }).kill();
    await rmdir(folder);
  });
});

describe("waitUntil()", () => {
  it("says what it waited for and what was there instead", async () => {
    const waiting = waitUntil(
      "three rows",
      () => ["one", "two"],
      (rows) => rows.length === 3,
      { timeoutMs: 50 },
    );
    await assert.rejects(waiting, (error) => {
      assert.ok(error instanceof WaitError);
      assert.match(error.message, /0\.05 s in vain for three rows; last seen: \[ 'one', 'two' \]/);
      return true;
    });
  });

  it("takes a probe that throws for not yet", async () => {
    let times = 0;
    const probe = () => {
      if (++times < 3) throw new Error("the page is not there");
      return times;
    };
    assert.equal(await waitUntil("the page", probe), 3);
  });
});
