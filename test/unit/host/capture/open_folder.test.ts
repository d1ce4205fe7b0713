import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
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
    opened.folder.dispose();
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
    first.folder.dispose();
    const second = await openAgain();
    assert.equal(second.folder.path, first.folder.path);
    second.folder.dispose();
  });

  it("is none that somebody else has planted there", async function () {
    if (process.platform === "win32") this.skip();
    await writeFile(join(storage, "captures"), "");
    await mkdir(join(place, "theirs"), { mode: 0o700 });
    await symlink(join(place, "theirs"), join(temporary, `udp-workbench-${userInfo().username}`));
    await assert.rejects(await open(), { message: /^Cannot use .*: it is not this user's alone/ });
  });

  it("is watched for what keeps programs from writing: a full disk, a read-only one", function () {
    if (process.platform !== "linux" || process.getuid?.() !== 0) this.skip();
    // A small disk that nobody else sees.
    const script = `mount -t tmpfs -o size=64k none "$0" && exec "$@"`;
    const program = join(import.meta.dirname, "../../support/folder_obstacles.ts");
    const output = execFileSync("unshare", [
      ...["-m", "sh", "-c", script, temporary],
      ...[process.execPath, program, temporary],
    ]);
    const [empty, full, readOnly] = JSON.parse(String(output));
    assert.equal(empty, null);
    assert.match(full, /^Cannot record datagrams in .*: the disk is full\./);
    assert.match(readOnly, /^Cannot record datagrams in .*: it is read-only \(EROFS\)\./);
  });
});
