import assert from "node:assert/strict";
import fs from "node:fs";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Linux } from "../../../../extension/host/system/linux.ts";
import { requiredOutput } from "../../../../extension/host/system/process_list.ts";
import { SocketOwners } from "../../../../extension/host/system/socket_owners.ts";
import { waitUntil } from "../../../support/wait_until.ts";

describe("SocketOwners", () => {
  let proc: string;
  let owners: SocketOwners;

  beforeEach(async function () {
    if (process.platform === "win32") this.skip(); // no right to make links
    proc = await mkdtemp(join(tmpdir(), "udp-workbench-proc-"));
    owners = new SocketOwners(proc);
  });

  afterEach(() => rm(proc, { recursive: true }));

  /** A process with these file descriptors. */
  async function addProcess(pid: number, fds: Record<number, string>): Promise<void> {
    const folder = join(proc, `${pid}`, "fd");
    await mkdir(folder, { recursive: true });
    for (const [fd, target] of Object.entries(fds)) await symlink(target, join(folder, fd));
  }

  /** Follows the sockets until their owners were found or given up. */
  async function follow(inodes: readonly number[]): Promise<(number | undefined)[]> {
    owners.follow(inodes);
    await waitUntil("the end of the search", () => !owners.isSearching);
    return inodes.map((inode) => owners.ownerOf(inode));
  }

  it("finds each socket's process among all that is open", async () => {
    await addProcess(1, { 0: "/dev/null", 3: "socket:[11]", 4: "pipe:[12]" });
    await addProcess(700, { 5: "socket:[12]", 6: "socket:[13]" });
    await mkdir(join(proc, "net"));
    assert.deepEqual(await follow([11, 12, 13]), [1, 700, 700]);
  });

  it("gives up what no process has, and still finds what comes later", async () => {
    await addProcess(1, { 3: "socket:[11]" });
    assert.deepEqual(await follow([11, 99]), [1, undefined]);
    await addProcess(2, { 3: "socket:[12]" });
    assert.deepEqual(await follow([11, 12, 99]), [1, 2, undefined]);
  });

  it("spends its budget by its own use of the processor, not by what others leave it", async () => {
    for (let pid = 1; pid <= 60; pid++) await addProcess(pid, { 3: `socket:[${1000 + pid}]` });
    // What a process is that others take the processor from: it is slow, and does nothing meanwhile.
    const read = fs.readdirSync;
    fs.readdirSync = ((...args: Parameters<typeof read>) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      return read(...args);
    }) as typeof read;
    syncBuiltinESMExports();
    try {
      // 1.2 s of waiting would be 300 s of the budget, of which a search begins with 50.
      const found = await follow([1001, 1060]);
      assert.deepEqual(found, [1, 60]);
    } finally {
      fs.readdirSync = read;
      syncBuiltinESMExports();
    }
  });

  it("finds all at once for somebody who waits", async () => {
    await addProcess(1, { 3: "socket:[11]" });
    await addProcess(2, { 3: "socket:[12]" });
    owners.follow([11, 12, 99]);
    await owners.searchNow();
    assert.equal(owners.isSearching, false);
    assert.deepEqual(
      [11, 12, 99].map((inode) => owners.ownerOf(inode)),
      [1, 2, undefined],
    );
  });

  it("notices that a socket was left to another process", async () => {
    await addProcess(1, { 3: "socket:[11]" });
    assert.deepEqual(await follow([11]), [1]);
    await rm(join(proc, "1"), { recursive: true });
    await addProcess(2, { 3: "socket:[11]" });
    await waitUntil("the new owner", async () => (await follow([11]))[0] === 2);
  });

  it("forgets what is closed", async () => {
    await addProcess(1, { 3: "socket:[11]" });
    await follow([11]);
    assert.deepEqual(await follow([]), []);
    assert.equal(owners.ownerOf(11), undefined);
    assert.equal(owners.ownerOf(undefined), undefined);
  });

  it("knows every process that holds an inherited socket", async () => {
    await addProcess(1, { 3: "socket:[11]" });
    await addProcess(2, { 9: "socket:[11]" });
    await addProcess(3, {});
    await follow([11]);
    assert.deepEqual(
      [1, 2, 3, 4].map((pid) => owners.holds(pid, 11)),
      [true, true, false, false],
    );
  });
});

describe("a system that cannot be asked", () => {
  it("says so, and why, instead of telling of no sockets", async () => {
    await assert.rejects(new Linux("/nowhere").udpSockets(), /ENOENT.*\/nowhere\/net\/udp/);
    await assert.rejects(requiredOutput("/nowhere/netstat", []), {
      message: "/nowhere/netstat: ENOENT",
    });
    await assert.rejects(
      requiredOutput(process.execPath, ["-e", "process.exit(3)"]),
      /exit code 3$/,
    );
  });
});
