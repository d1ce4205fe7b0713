import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaptureFolder, lastUse } from "../../../../extension/host/capture/capture_folder.ts";
import { KEPT_DAYS, sweepFolders } from "../../../../extension/host/capture/folder_sweep.ts";
import { ControlPlace } from "../../../../extension/host/control/control_place.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const WORKSPACE = "file:///home/somebody/project";

let storage: string;

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "udp-folders-"));
});

afterEach(() => rm(storage, { recursive: true }));

const open = (workspace = WORKSPACE) =>
  CaptureFolder.open(storage, CaptureFolder.nameOf(workspace));

/** Makes a folder look as if nobody had touched it, or anything in it, for so long. */
async function age(path: string, agedMs: number): Promise<void> {
  const then = new Date(Date.now() - agedMs);
  for (const name of await readdir(path)) await utimes(join(path, name), then, then);
  await utimes(path, then, then);
}

describe("CaptureFolder", () => {
  it("is private, also where it was not", async () => {
    const { path } = await open();
    for (const folder of [path, join(storage, "captures")]) {
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
      await chmod(folder, 0o755);
    }
    await open();
    for (const folder of [path, join(storage, "captures")]) {
      assert.equal((await stat(folder)).mode & 0o777, 0o700);
    }
  });

  it("is the workspace's: the same in each window, at once or after a reload, and another one elsewhere", async () => {
    const windows = await Promise.all([open(), open(), open()]);
    const other = await open(`${WORKSPACE}.code-workspace`);
    assert.equal(new Set([...windows, await open()].map(({ path }) => path)).size, 1);
    assert.notEqual(other.path, windows[0]?.path);
    assert.match(CaptureFolder.nameOf(WORKSPACE), /^[0-9a-f]{32}$/);
  });

  it("is in use whenever anything in it is touched", async () => {
    const folder = await open();
    await writeFile(join(folder.path, "1-2-000001.pcapng"), "");
    await age(folder.path, DAY_MS);
    assert.ok(Date.now() - (await lastUse(folder.path)) >= DAY_MS - 1000);
    await utimes(join(folder.path, "1-2-000001.pcapng"), new Date(), new Date());
    assert.ok(Date.now() - (await lastUse(folder.path)) < 5000);
    await age(folder.path, DAY_MS);
    await folder.keep();
    assert.ok(Date.now() - (await lastUse(folder.path)) < 5000);
    await rm(folder.path, { recursive: true });
    await folder.keep();
    assert.ok(existsSync(folder.path));
  });
});

describe("sweepFolders()", () => {
  const parent = () => join(storage, "captures");
  let count = 0;

  /** The folder of a workspace that was closed so many days ago, with a file of `bytes` in it. */
  async function closed(
    days: number,
    bytes = 0,
    segment = "1-999999999-000001.pcapng",
  ): Promise<string> {
    const folder = await open(`${WORKSPACE}/${++count}`);
    await writeFile(join(folder.path, segment), new Uint8Array(bytes));
    await age(folder.path, days * DAY_MS);
    return folder.path;
  }

  it("removes what nobody has used for a week, and says how much that was", async () => {
    const old = await closed(KEPT_DAYS + 1, 1000);
    const older = await closed(30, 234);
    const young = await closed(KEPT_DAYS - 1, 5);
    assert.deepEqual(await sweepFolders(parent()), { folders: 2, bytes: 1234 });
    assert.deepEqual([old, older, young].map(existsSync), [false, false, true]);
    assert.equal((await readdir(parent())).length, 1);
  });

  it("removes nothing that a window has open or a program still writes to, nor what is not ours", async () => {
    const kept = await closed(30);
    await open(`${WORKSPACE}/${count}`);
    const written = await closed(30, 5, `${Date.now()}-${process.pid}-000001.pcapng`);
    const foreign = join(parent(), "my captures");
    await mkdir(foreign);
    await age(foreign, 30 * DAY_MS);
    assert.deepEqual(await sweepFolders(parent()), { folders: 0, bytes: 0 });
    assert.deepEqual([kept, written, foreign].map(existsSync), [true, true, true]);
  });

  it("leaves a folder with all that is in it to a window that opens it in that moment, again and again", async () => {
    let swept = 0;
    for (let round = 0; round < 60; round++) {
      const path = await closed(30, 5);
      const name = path.slice(-32);
      // One or the other begins a few steps later, at another moment each time.
      const later = async (steps: number) => {
        for (let step = 0; step < steps; step++) await stat(parent());
      };
      const [{ folders }] = await Promise.all([
        later(round % 2 === 0 ? 0 : round >> 2).then(() => sweepFolders(parent())),
        later(round % 2 === 0 ? round >> 2 : 0).then(() => CaptureFolder.open(storage, name)),
      ]);
      swept += folders;
      assert.ok(existsSync(path), `round ${round}`);
      assert.deepEqual(await readdir(path), folders > 0 ? [] : ["1-999999999-000001.pcapng"]);
      assert.deepEqual(
        (await readdir(parent())).filter((other) => other.includes("swept")),
        [],
      );
      await rm(path, { recursive: true });
    }
    assert.ok(swept > 0 && swept < 60, `each was first now and then: ${swept}`);
  });

  it("removes with a folder the place where its programs listened", async () => {
    const path = await closed(0);
    const control = await ControlPlace.open(path);
    assert.ok(control && existsSync(control.place));
    await sweepFolders(parent());
    assert.ok(existsSync(control.place));
    await age(path, 30 * DAY_MS);
    await sweepFolders(parent());
    assert.deepEqual([path, control.place].map(existsSync), [false, false]);
  });

  it("removes what earlier versions have left, which had a folder for each window, and what a sweep that was killed has", async () => {
    const uuid = "01234567-89ab-cdef-0123-456789abcdef";
    const names = [uuid, `${uuid}.2`, `${"0".repeat(32)}.swept`];
    for (const name of names) {
      await mkdir(join(parent(), name), { recursive: true });
      await writeFile(join(parent(), name, "owner.1"), "{}");
    }
    assert.equal((await sweepFolders(parent())).folders, 0, "an old window may have them open");
    for (const name of names) await age(join(parent(), name), 30 * DAY_MS);
    assert.equal((await sweepFolders(parent())).folders, 3);
  });
});
