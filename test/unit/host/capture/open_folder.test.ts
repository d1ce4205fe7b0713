import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import promises, { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Memento } from "vscode";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

describe("the folder that datagrams are kept in", () => {
  const { TMPDIR } = process.env;
  let place: string;
  let storage: string;
  let temporary: string;

  beforeEach(async () => {
    standInForVscode();
    place = await mkdtemp(join(tmpdir(), "udp-open-"));
    storage = join(place, "storage");
    temporary = join(place, "tmp");
    for (const folder of [storage, temporary]) await mkdir(folder);
    process.env.TMPDIR = temporary;
  });

  afterEach(async () => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    await rm(place, { recursive: true });
  });

  const open = async () => {
    const values = new Map<string, unknown>();
    const memory = {
      get: (key: string) => values.get(key),
      update: async (key: string, value: unknown) => void values.set(key, value),
    } as unknown as Memento;
    const { openFolder } = await import("../../../../extension/host/capture/open_folder.ts");
    return async () => openFolder(storage, memory);
  };

  it("is VS Code's where that can be used, and nothing is said", async () => {
    const opened = await (await open())();
    assert.equal(opened.storage, storage);
    assert.equal(opened.remark, undefined);
  });

  it("is the workspace's: of its file, else of its folder; an empty window has its own again after a reload", async () => {
    const { workspace } = await import("vscode");
    const uri = (text: string) => ({ toString: () => text });
    const [openHere, openThere] = [await open(), await open()];
    const paths: string[] = [];
    const look = async (places: object) => {
      Object.assign(workspace, { workspaceFile: undefined, workspaceFolders: undefined }, places);
      for (const openIt of [openHere, openThere, openHere]) {
        paths.push((await openIt()).folder.path);
      }
      return paths.splice(0);
    };
    const folders = [{ uri: uri("file:///a") }, { uri: uri("file:///b") }];
    const ofFolder = await look({ workspaceFolders: folders.slice(0, 1) });
    const ofFile = await look({ workspaceFile: uri("untitled:1"), workspaceFolders: folders });
    const [here, there, again] = await look({});
    for (const same of [ofFolder, ofFile]) assert.equal(new Set(same).size, 1);
    assert.equal(here, again);
    assert.equal(new Set([ofFolder[0], ofFile[0], here, there]).size, 4);
  });

  it("takes no path from the memory that could lead elsewhere", async () => {
    const { openFolder } = await import("../../../../extension/host/capture/open_folder.ts");
    for (const known of ["../../etc", "", 5, "a".repeat(40), "g".repeat(32)]) {
      const memory = { get: () => known, update: async () => {} } as unknown as Memento;
      const { folder } = await openFolder(storage, memory);
      assert.match(basename(folder.path), /^[0-9a-f]{32}$/);
      assert.equal(dirname(folder.path), join(storage, "captures"));
    }
  });

  it("is a private one in the temporary directory where it cannot, the same again after a reload", async () => {
    // Not even root makes a folder where a file is.
    await writeFile(join(storage, "captures"), "");
    const openAgain = await open();
    const first = await openAgain();
    assert.equal(dirname(first.storage), temporary);
    assert.equal((await stat(first.storage)).mode & 0o777, 0o700);
    assert.match(first.remark ?? "", /^Cannot keep datagrams in .*captures: EEXIST\. They are in /);
    assert.ok(first.remark?.includes(first.storage));
    const second = await openAgain();
    assert.equal(second.folder.path, first.folder.path);
  });

  it("is that one, too, where VS Code's lies on a disk that knows no modes, to which taps would write nothing", async function () {
    if (process.platform === "win32") this.skip();
    const { chmod } = promises;
    promises.chmod = (path, mode) => chmod(path, `${path}`.startsWith(storage) ? 0o777 : mode);
    syncBuiltinESMExports();
    try {
      const { storage: instead, remark = "" } = await (await open())();
      assert.equal(dirname(instead), temporary);
      assert.match(
        remark,
        /^Cannot keep datagrams in .*captures: others can write to it\. They are/,
      );
    } finally {
      promises.chmod = chmod;
      syncBuiltinESMExports();
    }
  });

  it("is none that somebody else has planted there", async function () {
    if (process.platform === "win32") this.skip();
    await writeFile(join(storage, "captures"), "");
    await mkdir(join(place, "theirs"), { mode: 0o700 });
    await symlink(join(place, "theirs"), join(temporary, `udp-workbench-${userInfo().username}`));
    await assert.rejects(await open(), { message: /^Cannot use .*: it is not this user's alone/ });
  });

  it("is watched for what keeps programs from writing: a full disk, a read-only one, other users", function () {
    if (process.platform !== "linux" || process.getuid?.() !== 0) this.skip();
    // A small disk that nobody else sees.
    const script = `mount -t tmpfs -o size=64k,mode=700 none "$0" && exec "$@"`;
    const program = join(import.meta.dirname, "../../support/folder_obstacles.ts");
    const output = execFileSync("unshare", [
      ...["-m", "sh", "-c", script, temporary],
      ...[process.execPath, program, temporary],
    ]);
    const [empty, open, full, readOnly] = JSON.parse(String(output));
    assert.equal(empty, null);
    assert.match(open, /^Cannot record datagrams in .*: others can write to it, or it is another/);
    assert.match(full, /^Cannot record datagrams in .*: the disk is full\./);
    assert.match(readOnly, /^Cannot record datagrams in .*: it is read-only \(EROFS\)\./);
  });
});
