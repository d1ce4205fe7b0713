import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Memento } from "vscode";
import { CaptureFolder } from "../../../../extension/host/capture/capture_folder.ts";
import { KEPT_DAYS, sweepFolders } from "../../../../extension/host/capture/folder_sweep.ts";
import { ControlPlace } from "../../../../extension/host/control/control_place.ts";
import { startOf } from "../../../../extension/host/system/processes.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A workspace's memory. Each window has a copy of it. */
function memento(values: Record<string, unknown> = {}): Memento {
  return {
    keys: () => Object.keys(values),
    get: (key: string) => values[key],
    update: async (key: string, value: unknown) => {
      values[key] = value;
    },
  } as Memento;
}

describe("CaptureFolder", () => {
  let storage: string;

  beforeEach(async () => {
    storage = await mkdtemp(join(tmpdir(), "udp-folders-"));
  });

  afterEach(() => rm(storage, { recursive: true }));

  /** Puts the mark of another owner into a folder. */
  async function mark(path: string, owner: object | string, agedMs = 0): Promise<void> {
    const last = Math.max(
      0,
      ...(await readdir(path)).map((name) => Number(/^owner\.(\d+)$/.exec(name)?.[1] ?? 0)),
    );
    const text = typeof owner === "string" ? owner : JSON.stringify(owner);
    await writeFile(join(path, `owner.${last + 1}`), text);
    await age(join(path, `owner.${last + 1}`), agedMs);
  }

  async function age(path: string, agedMs: number): Promise<void> {
    const then = new Date(Date.now() - agedMs);
    await utimes(path, then, then);
  }

  it("is private, and the same again after a reload", async () => {
    const state = memento();
    const first = await CaptureFolder.open(storage, state);
    assert.equal((await stat(first.path)).mode & 0o777, 0o700);
    assert.equal((await stat(join(storage, "captures"))).mode & 0o777, 0o700);
    first.dispose();
    const second = await CaptureFolder.open(storage, state);
    assert.equal(second.path, first.path);
    second.dispose();
  });

  it("is another one for each window on the same workspace, and each has its own back", async () => {
    const state = memento();
    const windows = [
      await CaptureFolder.open(storage, state),
      await CaptureFolder.open(storage, state),
    ];
    const paths = windows.map(({ path }) => path);
    assert.equal(paths[1], `${paths[0]}.2`);
    for (const index of [0, 1, 0]) {
      windows[index]?.dispose();
      windows[index] = await CaptureFolder.open(storage, state);
      assert.deepEqual(
        windows.map(({ path }) => path),
        paths,
      );
    }
  });

  it("is the window's own again when the first window has been closed before", async () => {
    const state = memento();
    const first = await CaptureFolder.open(storage, state);
    const second = await CaptureFolder.open(storage, state);
    first.dispose();
    for (const name of await readdir(first.path)) await age(join(first.path, name), 60_000);
    second.dispose();
    const again = await CaptureFolder.open(storage, state);
    assert.equal(again.path, second.path);
    again.dispose();
  });

  it("waits for the old extension host of a window that reloads", async () => {
    const state = memento();
    const first = await CaptureFolder.open(storage, state);
    const opening = CaptureFolder.open(storage, state);
    setTimeout(() => first.dispose(), 200);
    const again = await opening;
    assert.equal(again.path, first.path);
    again.dispose();
  });

  it("is not one that another window left long ago, where the old extension host still ends", async () => {
    const state = memento();
    const first = await CaptureFolder.open(storage, state);
    const left = await CaptureFolder.open(storage, state);
    left.dispose();
    for (const name of await readdir(left.path)) await age(join(left.path, name), 60_000);
    const opening = CaptureFolder.open(storage, state);
    setTimeout(() => first.dispose(), 200);
    const again = await opening;
    assert.equal(again.path, first.path);
    // Where nobody ends, it is taken in the end.
    const second = await CaptureFolder.open(storage, state);
    assert.equal(second.path, left.path);
    for (const folder of [again, second]) folder.dispose();
  });

  it("is never shared, however many windows start at once", async () => {
    const state = memento();
    const left = await CaptureFolder.open(storage, state);
    left.dispose();
    const opened = await Promise.all(
      Array.from({ length: 12 }, () =>
        CaptureFolder.open(storage, memento({ captureFolder: basename(left.path) })),
      ),
    );
    assert.equal(new Set(opened.map(({ path }) => path)).size, 12);
    for (const folder of opened) folder.dispose();
  });

  it("is taken over from an owner that was killed, and from one whose id another process has", async () => {
    const state = memento();
    const { path, ...first } = await CaptureFolder.open(storage, state);
    void first;
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const start = await startOf(child.pid ?? 0);
    await mark(path, { pid: child.pid, start, host: hostname() });
    const beside = await CaptureFolder.open(storage, state);
    assert.notEqual(beside.path, path);
    beside.dispose();
    await rm(beside.path, { recursive: true });
    child.kill("SIGKILL");
    await once(child, "exit");
    const taken = await CaptureFolder.open(storage, state);
    assert.equal(taken.path, path);
    if (process.platform === "linux") {
      await mark(path, { pid: process.pid, start: "another boot 1", host: hostname() });
      const again = await CaptureFolder.open(storage, state);
      assert.equal(again.path, path);
      again.dispose();
    }
  });

  it("believes an owner on another machine for as long as it is heard of", async () => {
    const state = memento();
    const first = await CaptureFolder.open(storage, state);
    const elsewhere = { pid: 1, start: "", host: "elsewhere.example" };
    await mark(first.path, elsewhere, 60_000);
    const second = await CaptureFolder.open(storage, state);
    assert.notEqual(second.path, first.path);
    await mark(first.path, elsewhere, 10 * 60_000);
    const third = await CaptureFolder.open(storage, state);
    assert.equal(third.path, first.path);
  });

  it("does not mind marks that make no sense, but one that is just being written", async () => {
    for (const text of ["{", "null", "[]", '{"pid":"1"}', "\0"]) {
      const state = memento();
      const first = await CaptureFolder.open(storage, state);
      await mark(first.path, text);
      assert.equal((await CaptureFolder.open(storage, state)).path, first.path, text);
    }
    const state = memento();
    const first = await CaptureFolder.open(storage, state);
    await mark(first.path, "");
    assert.notEqual((await CaptureFolder.open(storage, state)).path, first.path);
    await mark(first.path, "", 60_000);
    assert.equal((await CaptureFolder.open(storage, state)).path, first.path);
  });

  it("takes no path from the memory that could lead elsewhere", async () => {
    for (const captureFolder of ["../../etc", "", 5, "a".repeat(40)]) {
      const state = memento({ captureFolder });
      const { path } = await CaptureFolder.open(storage, state);
      assert.match(basename(path), /^[0-9a-f-]{36}$/);
      assert.equal(join(path, ".."), join(storage, "captures"));
    }
  });

  describe("sweepFolders()", () => {
    const parent = () => join(storage, "captures");

    /** The folder of a window that was closed so many days ago, with a file of `bytes` in it. */
    async function closed(
      days: number,
      bytes = 0,
      segment = "1-999999999-000001.pcapng",
    ): Promise<string> {
      const folder = await CaptureFolder.open(storage, memento());
      await writeFile(join(folder.path, segment), new Uint8Array(bytes));
      folder.dispose();
      for (const name of await readdir(folder.path))
        await age(join(folder.path, name), days * DAY_MS);
      return folder.path;
    }

    it("removes what no window has used for a week, and says how much that was", async () => {
      const old = await closed(KEPT_DAYS + 1, 1000);
      const older = await closed(30, 234);
      const young = await closed(KEPT_DAYS - 1, 5);
      const { folders, bytes } = await sweepFolders(parent());
      assert.equal(folders, 2);
      assert.ok(bytes >= 1234 && bytes < 1300, `${bytes}`);
      assert.deepEqual([old, older, young].map(existsSync), [false, false, true]);
    });

    it("removes nothing that has an owner or a program that still writes, nor what is not ours", async () => {
      const open = await CaptureFolder.open(storage, memento());
      for (const name of await readdir(open.path)) await age(join(open.path, name), 30 * DAY_MS);
      const written = await closed(30, 5, `${Date.now()}-${process.pid}-000001.pcapng`);
      const foreign = join(parent(), "my captures");
      await mkdir(foreign);
      await age(foreign, 30 * DAY_MS);
      assert.deepEqual(await sweepFolders(parent()), { folders: 0, bytes: 0 });
      assert.deepEqual([open.path, written, foreign].map(existsSync), [true, true, true]);
      open.dispose();
    });

    it("removes with a folder the place where its programs listened", async () => {
      const path = await closed(0);
      const control = await ControlPlace.open(path);
      assert.ok(control && existsSync(control.place));
      await sweepFolders(parent());
      assert.ok(existsSync(control.place));
      for (const name of await readdir(path)) await age(join(path, name), 30 * DAY_MS);
      await sweepFolders(parent());
      assert.deepEqual([path, control.place].map(existsSync), [false, false]);
    });

    it("removes folders from before there were marks", async () => {
      const path = join(parent(), "01234567-89ab-cdef-0123-456789abcdef");
      await mkdir(path, { recursive: true });
      await age(path, 30 * DAY_MS);
      assert.equal((await sweepFolders(parent())).folders, 1);
    });
  });
});
