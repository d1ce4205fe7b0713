import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isWriterAlive } from "../../../../extension/host/system/processes.ts";

/** Opens a file, says so, and stays. */
const HOLDER = `
  if (process.argv[1]) require("node:fs").openSync(process.argv[1]);
  console.log("open");
  setInterval(() => {}, 1e9);
`;

describe("isWriterAlive()", () => {
  let folder: string;
  let children: ChildProcess[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-writer-"));
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    await rm(folder, { recursive: true });
  });

  async function holderOf(...paths: string[]): Promise<number> {
    const child = spawn(process.execPath, ["-e", HOLDER, ...paths], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    await once(child.stdout, "data");
    assert.ok(child.pid);
    return child.pid;
  }

  it("is true for the process that was there when the file was made, until it ends", async () => {
    const pid = await holderOf();
    const file = join(folder, `1700000000000-${pid}-000001.pcapng`);
    await writeFile(file, "");
    assert.ok(await isWriterAlive(pid, file));
    const [child] = children;
    child?.kill("SIGKILL");
    if (child) await once(child, "exit");
    assert.ok(!(await isWriterAlive(pid, file)));
  });

  it("is false for one that was started long after, unless it has the file open: the clock was set on", async function () {
    if (process.platform !== "linux") this.skip();
    // Made long before what starts now, as a program's own file is once the clock was set on.
    const file = process.execPath;
    assert.ok(!(await isWriterAlive(await holderOf(), file)));
    assert.ok(await isWriterAlive(await holderOf(file), file));
  });
});
