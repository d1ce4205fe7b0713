import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PAGE_BYTES, USAGE_FILE } from "../../extension/core/wire/folder_usage.ts";
import { FolderQuota } from "../../extension/taps/node/folder_quota.ts";
import { type FileSystem, originals } from "../../extension/taps/node/originals.ts";
import { SegmentFile } from "../../extension/taps/node/segment_file.ts";
import { Segments } from "../../extension/taps/node/segments.ts";
import { SmallWorld } from "./support/small_world.ts";

const KIB = 1024;
const MIB = 1024 ** 2;

/** A file that takes no room on the disk. */
function writeFileOf(size: number, path: string): void {
  writeFileSync(path, "");
  truncateSync(path, size);
}

describe("the quota of a capture folder", () => {
  let world: SmallWorld;

  beforeEach(() => {
    world = new SmallWorld();
    mkdirSync(world.folder);
  });
  afterEach(() => world.remove());

  function quotaOf(bytes: number, faults: Partial<FileSystem> = {}): FolderQuota {
    const { isDebugged, monotonicMs, timeOfDayMs, setTimeout, clearTimeout, setImmediate } = world;
    const fs = { ...world.fs, ...faults };
    return new FolderQuota(
      { fs, isDebugged, monotonicMs, timeOfDayMs, setTimeout, clearTimeout, setImmediate },
      world.folder,
      bytes,
    );
  }

  const usage = () => join(world.folder, USAGE_FILE);

  it("is unknown until the folder has been looked at", () => {
    const quota = quotaOf(MIB);
    assert.equal(quota.allowance, 0);
    // What describes is not kept waiting for that.
    assert.ok(quota.admitsDescription(MIB + 64 * KIB));
  });

  it("is what the files leave of it, in pages", () => {
    writeFileOf(MIB - 3 * PAGE_BYTES, join(world.folder, "one"));
    writeFileOf(PAGE_BYTES - 900, join(world.folder, "other"));
    const quota = quotaOf(MIB);
    quota.refresh(1);
    assert.equal(quota.allowance, 2 * PAGE_BYTES);
    quota.spend(99);
    assert.equal(quota.allowance, 2 * PAGE_BYTES - 99);
    rmSync(join(world.folder, "other"));
    quota.refresh(2 * PAGE_BYTES);
    assert.equal(quota.allowance, 3 * PAGE_BYTES - 99, "what was not used is not lost");
    quota.spend(3 * PAGE_BYTES - 99);
    writeFileOf(3 * PAGE_BYTES, join(world.folder, "more"));
    quota.refresh(1);
    assert.equal(quota.allowance, 0);
  });

  it("is given in parts that grow with the need, since others write into the folder too", () => {
    for (const [bytes, part] of [
      [256 * KIB, 64 * KIB],
      [16 * MIB, MIB],
      [1024 * MIB, 16 * MIB],
    ] as const) {
      rmSync(usage(), { force: true });
      const quota = quotaOf(bytes);
      const parts: number[] = [];
      for (let last = 0; last < part; last = parts.at(-1) ?? part) {
        quota.refresh(100);
        parts.push(quota.allowance);
        quota.spend(quota.allowance);
      }
      assert.deepEqual(
        parts,
        parts.map((_, index) => Math.min(part, 64 * KIB * 2 ** index)),
      );
      quota.refresh(100);
      assert.equal(quota.allowance, part, "and no more at once");
    }
  });

  it("is shared by all who write, and whoever asks says how much", () => {
    const [one, other] = [quotaOf(MIB), quotaOf(MIB)];
    let granted = 0;
    for (;;) {
      const asking = granted % 3 === 0 ? one : other;
      asking.refresh(10_000);
      if (asking.allowance === 0) break;
      granted += asking.allowance;
      asking.spend(asking.allowance);
      assert.equal(statSync(usage()).size * PAGE_BYTES, granted);
      writeFileOf(granted, join(world.folder, "all"));
    }
    assert.equal(granted, MIB);
  });

  it("costs the same however many files there are, once they have been added up", () => {
    for (let file = 0; file < 500; file++) writeFileOf(1000, join(world.folder, `${file}`));
    let looks = 0;
    const counting = {
      readdirSync: ((path: string) => {
        looks++;
        return readdirSync(path);
      }) as unknown as typeof readdirSync,
      statSync: ((path: string) => {
        looks++;
        return statSync(path);
      }) as unknown as typeof statSync,
    };
    quotaOf(64 * MIB, counting).refresh(1);
    assert.equal(looks, 501);
    for (let program = 0; program < 100; program++) quotaOf(64 * MIB, counting).refresh(1);
    assert.equal(looks, 501);
  });

  it("does not believe that it is used up before it has added up the files, which takes a hundredth of the time", () => {
    let looks = 0;
    const slow = {
      readdirSync: ((path: string) => {
        looks++;
        world.now += 30;
        return readdirSync(path);
      }) as unknown as typeof readdirSync,
    };
    const quota = quotaOf(MIB, slow);
    writeFileSync(usage(), new Uint8Array(256));
    quota.refresh(1);
    assert.equal(quota.allowance, 64 * KIB, "programs that were killed had been granted it");
    quota.spend(64 * KIB);
    writeFileOf(MIB, join(world.folder, "full"));
    writeFileSync(usage(), new Uint8Array(256));
    for (const [pause, count] of [
      [0, 1],
      [2999, 1],
      [1, 2],
      [2999, 2],
    ] as const) {
      world.now += pause;
      quota.refresh(1);
      assert.deepEqual([quota.allowance, looks], [0, count]);
    }
    rmSync(join(world.folder, "full"));
    world.now += 1;
    quota.refresh(1);
    assert.ok(quota.allowance > 0);
  });

  it("has a reserve for what says that something is missing", () => {
    for (const [bytes, reserve] of [
      [MIB, 64 * KIB],
      [64 * MIB, MIB],
    ] as const) {
      for (const name of ["full", USAGE_FILE]) rmSync(join(world.folder, name), { force: true });
      writeFileOf(bytes, join(world.folder, "full"));
      const quota = quotaOf(bytes);
      quota.refresh(1);
      assert.equal(quota.allowance, 0);
      assert.ok(quota.admitsDescription(reserve));
      assert.ok(!quota.admitsDescription(reserve + 1));
      quota.spend(reserve - 10);
      assert.ok(quota.admitsDescription(10));
      assert.ok(!quota.admitsDescription(11));
    }
  });

  it("does not count a file that a window deletes meanwhile, nor trusts a folder that cannot be read", () => {
    const gone = { readdirSync: (() => ["gone"]) as unknown as typeof readdirSync };
    const quota = quotaOf(256 * KIB, gone);
    quota.refresh(1);
    assert.equal(quota.allowance, 64 * KIB);
    rmSync(world.folder, { recursive: true });
    const unreadable = quotaOf(256 * KIB);
    assert.throws(() => unreadable.refresh(1), { code: "ENOENT" });
    assert.equal(unreadable.allowance, 0);
  });

  it("follows no link and waits for no pipe that has the name of its file", function () {
    if (process.platform === "win32") this.skip();
    const theirs = join(world.folder, "theirs");
    writeFileSync(theirs, "text");
    const plant: readonly (() => void)[] = [
      () => symlinkSync(theirs, usage()),
      () => linkSync(theirs, usage()),
      () => mkdirSync(usage()),
      () => execFileSync("mkfifo", [usage()]),
    ];
    for (const put of plant) {
      put();
      assert.throws(() => quotaOf(MIB).refresh(1), String(put));
      assert.equal(readFileSync(theirs, "utf8"), "text");
      rmSync(usage(), { recursive: true });
    }
  });
});

describe("the segments of a thread", () => {
  let world: SmallWorld;

  beforeEach(() => {
    world = new SmallWorld();
  });
  afterEach(() => world.remove());

  function segments({ quota = 2 ** 30, segment = 100, fs = world.fs } = {}): Segments {
    const settings = { folder: world.folder, quota, segment, snapLength: 1 };
    const surroundings = { ...world, fs, monotonicMs: world.monotonicMs };
    return new Segments(surroundings, settings, (number) => `segment ${number}`);
  }

  const files = () =>
    readdirSync(world.folder)
      .filter((name) => name !== USAGE_FILE)
      .sort();
  const block = (length: number) => new Uint8Array(length);

  it("are full when one more byte would be beyond their size", () => {
    const written = segments();
    assert.ok(written.admits(100));
    assert.ok(!written.isFull(100));
    assert.ok(written.isFull(101));
    assert.ok(written.append(block(60)));
    assert.equal(written.room, 40);
    assert.ok(!written.isFull(40));
    assert.ok(written.isFull(41));
    written.end();
    assert.equal(written.room, 100);
    assert.ok(written.append(block(5)));
    assert.deepEqual(files(), ["segment 1", "segment 2"]);
  });

  it("do not ask again within a second where the quota is used up", () => {
    mkdirSync(world.folder);
    const full = join(world.folder, "full");
    writeFileOf(10 * PAGE_BYTES, full);
    const refused = segments({ quota: 12 * PAGE_BYTES });
    assert.ok(refused.admits(10));
    assert.ok(refused.mayTry);
    assert.ok(!refused.admits(3 * PAGE_BYTES));
    unlinkSync(full);
    world.now += 999;
    assert.ok(!refused.mayTry);
    assert.ok(!refused.admits(3 * PAGE_BYTES));
    world.now += 1;
    assert.ok(refused.mayTry);
    assert.ok(refused.admits(3 * PAGE_BYTES));
  });

  it("take what describes beyond the quota, up to its reserve, and pause after that", () => {
    const written = segments({ quota: 100 });
    assert.ok(!written.admits(101));
    assert.ok(written.append(block(100 + 64 * KIB)));
    assert.ok(!written.append(block(1)));
    assert.ok(!written.mayTry);
    world.now += 999;
    assert.ok(!written.mayTry);
    world.now += 1;
    assert.ok(written.mayTry);
  });

  it("say what is missing as soon as a window has made room, also where nothing is recorded any more", () => {
    mkdirSync(world.folder);
    const full = join(world.folder, "full");
    writeFileOf(MIB, full);
    const written = segments({ quota: 100 * KIB });
    assert.ok(!written.admits(10));
    assert.ok(!written.append(block(10)));
    unlinkSync(full);
    // As a window does that has removed files.
    truncateSync(join(world.folder, USAGE_FILE), 0);
    assert.ok(written.append(block(10)));
  });

  it("make the folder with all that it lies in, for their user alone", () => {
    const settings = { quota: 2 ** 20, segment: 100, snapLength: 1 };
    const folder = join(world.folder, "a/b");
    const written = new Segments(world, { ...settings, folder }, () => "x");
    assert.ok(written.append(block(1)));
    for (const path of [folder, dirname(folder), world.folder]) {
      assert.equal(statSync(path).mode & 0o777, 0o700, path);
    }
    assert.equal(statSync(join(folder, "x")).mode & 0o777, 0o600);
  });

  it("record at once where another program makes the folder in the same moment", () => {
    const { mkdirSync: make } = world.fs;
    let calls = 0;
    const late = {
      existsSync: () => false,
      // Each folder is there when it is to be made, but the first one is not when it is first tried.
      mkdirSync: (path: string, options: { readonly mode: number }) => {
        if (calls++ === 0) throw Object.assign(new Error("too early"), { code: "ENOENT" });
        make(path, { recursive: true });
        return make(path, options);
      },
    };
    const written = segments({ fs: { ...world.fs, ...late } as typeof world.fs });
    assert.ok(written.admits(1));
    assert.ok(written.append(block(1)));
    assert.deepEqual(files(), ["segment 1"]);
  });

  it("refuse what cannot be written, whatever the reason, without an exception", () => {
    const faults = {
      mkdirSync: () => {
        throw Object.assign(new Error("no"), { code: "ENOENT" });
      },
    };
    const nowhere = segments({ fs: { ...world.fs, ...faults } as typeof world.fs });
    assert.ok(!nowhere.admits(1));
    world.now += 1000;
    assert.ok(!nowhere.append(block(1)));
    const unclosable = segments({
      fs: {
        ...world.fs,
        closeSync: (fd) => {
          closeSync(fd);
          throw new Error("EIO");
        },
      },
    });
    assert.ok(unclosable.append(block(1)));
    unclosable.end();
    assert.ok(unclosable.append(block(1)));
  });

  it("do not make a folder that is there, nor ask twice where they may not make one", () => {
    let calls = 0;
    const refusing = (code: string) => ({
      ...world.fs,
      mkdirSync: (() => {
        calls++;
        throw Object.assign(new Error("no"), { code });
      }) as unknown as typeof mkdirSync,
    });
    assert.ok(!segments({ fs: refusing("EACCES") }).append(block(1)));
    assert.equal(calls, 1);
    mkdirSync(world.folder);
    // What a read-only file system says of any folder.
    assert.ok(segments({ fs: refusing("EROFS") }).append(block(1)));
    assert.equal(calls, 1);
  });

  it("leave a disk alone for nine times as long as its third slow write in a row took", () => {
    let writeMs = 0;
    const slow = {
      ...world.fs,
      writeSync: ((...words: Parameters<typeof originals.fs.writeSync>) => {
        world.now += writeMs;
        return originals.fs.writeSync(...words);
      }) as typeof originals.fs.writeSync,
    };
    const written = segments({ segment: 1000, fs: slow });
    const restsAfter = (...times: number[]) => {
      for (writeMs of times) assert.ok(written.append(block(1)));
      return written.isResting;
    };
    assert.ok(!restsAfter(51, 51));
    assert.ok(!restsAfter(50), "is not slow");
    assert.ok(!restsAfter(51, 51));
    assert.ok(restsAfter(60));
    world.now += 539;
    assert.ok(written.isResting);
    world.now += 1;
    assert.ok(!written.isResting);
    // Its writes are still slow.
    assert.ok(restsAfter(51));
  });

  it("notice within a second that their file was deleted, and go on in another one", () => {
    const written = segments();
    assert.ok(written.append(block(1)));
    assert.ok(written.append(block(1)));
    unlinkSync(join(world.folder, "segment 1"));
    // To look each time would cost too much.
    world.now += 999;
    assert.ok(written.append(block(1)));
    world.now += 1;
    assert.ok(!written.append(block(1)));
    assert.ok(written.mayTry);
    assert.ok(written.append(block(2)));
    assert.deepEqual(files(), ["segment 2"]);
    assert.equal(statSync(join(world.folder, "segment 2")).size, 2);
  });
});

describe("a segment's file", () => {
  let world: SmallWorld;

  beforeEach(() => {
    world = new SmallWorld();
    mkdirSync(world.folder);
  });
  afterEach(() => world.remove());

  it("is given up after a hundred names that are taken", () => {
    let names = 0;
    writeFileSync(join(world.folder, "taken"), "");
    const nextName = () => {
      names++;
      return "taken";
    };
    assert.throws(() => SegmentFile.create(world.fs, world.folder, nextName), { code: "EEXIST" });
    assert.equal(names, 100);
    const inAMoment = () => (++names === 200 ? "free" : "taken");
    SegmentFile.create(world.fs, world.folder, inAMoment).close();
    assert.equal(names, 200);
  });

  it("is not looked for under another name where the folder takes none", () => {
    let names = 0;
    const nextName = () => String(++names);
    const nowhere = join(world.folder, "nowhere");
    assert.throws(() => SegmentFile.create(world.fs, nowhere, nextName), { code: "ENOENT" });
    assert.equal(names, 1);
  });

  it("holds all bytes, or those of before, where the disk takes them in parts", () => {
    let room = 7;
    const inParts = {
      ...world.fs,
      writeSync: ((fd: number, bytes: Uint8Array, offset: number, length: number) => {
        if (room === 0) throw new Error("ENOSPC");
        const part = Math.min(3, room, length);
        room -= part;
        return originals.fs.writeSync(fd, bytes, offset, part);
      }) as typeof originals.fs.writeSync,
    };
    const path = join(world.folder, "x");
    const file = SegmentFile.create(inParts, world.folder, () => "x");
    file.append(Uint8Array.of(1, 2, 3, 4, 5));
    assert.throws(() => file.append(Uint8Array.of(6, 7, 8)), /ENOSPC/);
    assert.equal(file.size, 5);
    assert.equal(statSync(path).size, 5);
    file.close();
    assert.equal(statSync(path).size, 5);
  });

  it("does not stay behind without a byte in it, and tells that it was deleted", () => {
    const closed: number[] = [];
    const watched: FileSystem = {
      ...world.fs,
      closeSync: (fd) => {
        closed.push(fd);
        closeSync(fd);
      },
    };
    const empty = SegmentFile.create(watched, world.folder, () => "empty");
    assert.ok(!empty.isDeleted);
    empty.close();
    assert.equal(closed.length, 1);
    assert.ok(!existsSync(join(world.folder, "empty")));
    const deleted = SegmentFile.create(world.fs, world.folder, () => "deleted");
    deleted.append(Uint8Array.of(1));
    unlinkSync(join(world.folder, "deleted"));
    assert.ok(deleted.isDeleted);
    deleted.close();
  });
});
