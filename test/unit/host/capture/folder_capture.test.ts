import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { mkdtemp, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { PAGE_BYTES } from "../../../../extension/core/wire/folder_usage.ts";
import { formatSegmentName } from "../../../../extension/core/wire/tap_identity.ts";
import { CaptureFolder } from "../../../../extension/host/capture/capture_folder.ts";
import { FolderCapture } from "../../../../extension/host/capture/folder_capture.ts";
import {
  covers,
  evictedOf,
  MARKS_FILE,
  type Marks,
  mergeMarks,
  NO_MARKS,
} from "../../../../extension/host/capture/folder_marks.ts";
import { waitUntil } from "../../../support/wait_until.ts";
import { ipv4Packet } from "../../support/packets.ts";
import { PcapngBytes } from "../../support/pcapng_bytes.ts";
import "../../../support/property_seed.ts";

/** A program with one socket, which records as a tap does; each datagram has another payload in the whole world. */
class Program {
  readonly pid: number;
  isRunning = true;
  /** Bytes of a block of which only the beginning is in the file. */
  #rest = new Uint8Array();
  #segment = 0;
  readonly #world: World;

  constructor(world: World, pid: number) {
    this.#world = world;
    this.pid = pid;
    this.nextSegment();
  }

  get path(): string {
    return join(this.#world.folder.path, this.name);
  }

  get name(): string {
    const { pid } = this;
    return formatSegmentName({
      startMs: 1_700_000_000_000 + pid,
      pid,
      thread: 0,
      segment: this.#segment,
    });
  }

  nextSegment(): void {
    this.#finishBlock();
    this.#segment++;
    const file = new PcapngBytes(true);
    file.section(file.text(4, `node 24.0.0, pid ${this.pid}, ppid 1: x.js`));
    file.interface([
      ...file.text(2, "127.0.0.1:9999"),
      ...file.text(3, `x.js, pid ${this.pid}, socket 1`),
      ...file.option(9, [6]),
    ]);
    this.#append(file.bytes);
  }

  /** Writes datagrams, of the last one only so many bytes; the rest comes with what is written next. */
  write(datagrams: number, lastBytes = Number.POSITIVE_INFINITY): void {
    for (let left = datagrams; left > 0; left--) {
      this.#finishBlock();
      const number = this.#world.written.length;
      const file = new PcapngBytes(true);
      const direction = file.option(2, [1, 0, 0, 0]);
      file.packet(
        0,
        BigInt(1_700_000_000_000_000 + number),
        [...ipv4Packet(`${number}`)],
        direction,
      );
      this.#world.written.push({ number, name: this.name, isWhole: false, isCleared: false });
      const end = left === 1 ? Math.min(lastBytes, file.bytes.length) : file.bytes.length;
      this.#append(file.bytes.subarray(0, end));
      this.#rest = file.bytes.slice(end);
      if (this.#rest.length === 0) this.#noteWhole();
    }
  }

  #finishBlock(): void {
    if (this.#rest.length === 0) return;
    this.#append(this.#rest);
    this.#rest = new Uint8Array();
    this.#noteWhole();
  }

  #noteWhole(): void {
    const last = this.#world.written.findLast(({ name }) => name === this.name);
    if (last) last.isWhole = true;
  }

  /** Where somebody has removed the file, it is another one now: that is a tap's business, tested elsewhere. */
  #append(bytes: Uint8Array): void {
    appendFileSync(this.path, bytes);
  }
}

interface Written {
  readonly number: number;
  /** The file that it is in. */
  readonly name: string;
  isWhole: boolean;
  isCleared: boolean;
}

/** A folder, what was written there, and the windows that read along. */
class World {
  readonly folder: CaptureFolder;
  readonly written: Written[] = [];
  readonly programs: Program[] = [];
  readonly logged: string[] = [];
  quota = Number.POSITIVE_INFINITY;
  mostFiles = 10_000;
  mostEnds = 10_000;
  now = 1_700_000_100_000;

  constructor(folder: CaptureFolder) {
    this.folder = folder;
  }

  start(): Program {
    const program = new Program(this, 1000 + this.programs.length);
    this.programs.push(program);
    return program;
  }

  open(): Window {
    return new Window(this);
  }

  get files(): string[] {
    return readdirSync(this.folder.path).filter(CaptureFolder.isSegment).sort();
  }
}

interface Told {
  readonly rows: readonly number[];
  readonly sockets: readonly string[];
  readonly evicted: number;
  readonly troubles: readonly string[];
}

class Window {
  readonly capture = new Capture();
  readonly content: FolderCapture;
  changes = 0;

  constructor(world: World) {
    const { folder, mostFiles, mostEnds, logged } = world;
    this.content = new FolderCapture({
      folder,
      capture: this.capture,
      mostFiles,
      mostEnds,
      quota: () => world.quota,
      now: () => world.now,
      isAlive: async (pid) =>
        world.programs.some((program) => program.pid === pid && program.isRunning),
      log: { warn: (text) => logged.push(text) },
      onChange: () => this.changes++,
    });
  }

  /** The numbers of the datagrams that it shows, as their payloads say. */
  async rows(): Promise<number[]> {
    const ids = Array.from({ length: this.capture.length }, (_, at) => this.capture.idAt(at));
    const payloads = await Promise.all(ids.map((id) => this.content.payload(id)));
    return payloads.map((payload) => Number(new TextDecoder().decode(payload)));
  }

  /** All that it tells. */
  async told(): Promise<Told> {
    const sockets = [...this.capture.sockets].map(
      ({ program, state, received, name }) => `${program.pid} ${name} ${state} ${received}`,
    );
    const { evicted } = this.content;
    const troubles = [...this.content.troubled].map(([{ name }, { kind }]) => `${name} ${kind}`);
    return { rows: await this.rows(), sockets: sockets.sort(), evicted, troubles: troubles.sort() };
  }
}

let storage: string;
let world: World;
const windows: Window[] = [];

async function newWorld(): Promise<void> {
  for (const { content } of windows.splice(0)) content.dispose();
  const name = CaptureFolder.nameOf(String(Math.random()));
  world = new World(await CaptureFolder.open(storage, name));
}

function open(): Window {
  const window = world.open();
  windows.push(window);
  return window;
}

beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "udp-follow-"));
  await newWorld();
});

afterEach(async () => {
  for (const { content } of windows.splice(0)) content.dispose();
  await rm(storage, { recursive: true, force: true });
});

describe("the marks of a folder", () => {
  const counts = fc
    .dictionary(fc.constantFrom("a", "b", "c"), fc.nat(3))
    .map((entries) => new Map(Object.entries(entries)));
  const marks: fc.Arbitrary<Marks> = fc.record({
    clears: fc.nat(3),
    evicted: fc.nat(3),
    removed: counts,
    cleared: counts,
  });

  it("add up what each window has removed, and count once what all of them saw go", () => {
    const told = (window: string, datagrams: number, evicted: number): Marks => ({
      ...NO_MARKS,
      evicted,
      removed: new Map([[window, datagrams]]),
    });
    // Neither has read the file that the other one has removed.
    const both = mergeMarks(told("one", 3, 3), told("other", 5, 5));
    assert.equal(evictedOf(both), 8);
    assert.equal(evictedOf(mergeMarks(both, told("one", 3, 3))), 8, "told again");
    // Somebody else has removed files of ten, which both have noticed.
    assert.equal(evictedOf(mergeMarks(told("one", 0, 10), told("other", 0, 10))), 10);
    assert.equal(evictedOf(mergeMarks(both, { ...NO_MARKS, clears: 1 })), 0);
  });

  it("come to the same in whatever order windows merge them, and the larger one wins", () => {
    fc.assert(
      fc.property(marks, marks, marks, (a, b, c) => {
        assert.deepEqual(mergeMarks(a, b), {
          ...mergeMarks(b, a),
          removed: mergeMarks(a, b).removed,
          cleared: mergeMarks(a, b).cleared,
        });
        for (const [one, other] of [
          [mergeMarks(a, b), mergeMarks(b, a)],
          [mergeMarks(mergeMarks(a, b), c), mergeMarks(a, mergeMarks(b, c))],
          [mergeMarks(a, a), a],
          [mergeMarks(a, NO_MARKS), a],
        ] as const) {
          assert.ok(covers(one, other) && covers(other, one));
        }
        assert.ok(covers(mergeMarks(a, b), a) && covers(mergeMarks(a, b), b));
      }),
    );
  });
});

describe("FolderCapture", () => {
  it("holds no descriptor of what has been read to its end, and few of what is read", async () => {
    const running = Array.from({ length: 50 }, () => world.start());
    for (const program of running) program.write(2);
    const window = open();
    await window.content.look();
    assert.equal(window.capture.length, 100);
    assert.ok(window.content.openFiles <= 32, `${window.content.openFiles}`);
    for (const program of running) program.isRunning = false;
    await window.content.look();
    assert.equal(window.content.openFiles, 0);
    assert.equal((await window.rows()).length, 100);
    assert.ok(window.content.openFiles <= 32);
    if (process.platform !== "linux") return;
    const held = () =>
      readdirSync("/proc/self/fd").filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(world.folder.path);
        } catch {
          return false;
        }
      });
    // They are closed without anybody waiting for it.
    await waitUntil(
      "few descriptors are left",
      () => held().length,
      (count) => count <= 32,
    );
  });

  it("shows what is written to a file after its program seemed to be gone", async () => {
    const program = world.start();
    program.write(1);
    program.isRunning = false;
    const window = open();
    await window.content.look();
    program.write(1);
    await window.content.look();
    assert.deepEqual(await window.rows(), [0, 1]);
  });

  for (const limit of [{ mostFiles: 3 }, { mostEnds: 6 }]) {
    const what = Object.keys(limit).join();
    it(`keeps to a number of files, and of sockets and flows (${what}): the oldest go, and are counted`, async () => {
      Object.assign(world, limit);
      const window = open();
      for (let count = 0; count < 6; count++) {
        const program = world.start();
        program.write(2);
        program.isRunning = false;
      }
      const runs = world.programs[0];
      if (runs) runs.isRunning = true;
      await window.content.look();
      await window.content.look();
      assert.deepEqual([window.capture.length, window.content.evicted], [6, 6]);
      assert.deepEqual(
        await window.rows(),
        [0, 1, 8, 9, 10, 11],
        "but not those that are written to",
      );
      assert.equal(world.files.length, 3);
      assert.deepEqual([window.capture.sockets.size, window.capture.flows.size], [3, 3]);
    });
  }

  it("remembers what was cleared of few files that are gone, and of all that are there", async () => {
    world.mostFiles = 3;
    const window = open();
    const runs = world.start();
    runs.write(1);
    for (let count = 0; count < 8; count++) {
      const program = world.start();
      program.write(1);
      program.isRunning = false;
      await window.content.clear();
    }
    const text = await readFile(join(world.folder.path, MARKS_FILE), "utf8");
    const cleared = Object.keys((JSON.parse(text) as { cleared: object }).cleared);
    assert.ok(cleared.length <= 2 * world.mostFiles, `${cleared.length} files`);
    assert.deepEqual(
      world.files.filter((name) => !cleared.includes(name)),
      [],
    );
    const reloaded = open();
    await reloaded.content.look();
    assert.equal(reloaded.capture.length, 0);
  });

  it("reads a segment to its end when the next one is begun, before that", async () => {
    const program = world.start();
    program.write(1);
    const window = open();
    await window.content.look();
    program.write(2);
    program.nextSegment();
    program.write(1);
    await window.content.lookAt(new Set([program.name]));
    assert.deepEqual(await window.rows(), [0, 1, 2, 3]);
  });

  it("tells again what another window has overwritten in the same moment", async () => {
    const program = world.start();
    program.write(2);
    const window = open();
    await window.content.clear();
    program.write(1);
    await rm(join(world.folder.path, MARKS_FILE));
    await window.content.look();
    const other = open();
    await other.content.look();
    assert.deepEqual(await other.told(), await window.told());
    assert.deepEqual(await other.rows(), [2]);
  });

  it("tells the programs how much there is when it opens, has removed something, or they were granted too much", async () => {
    const program = world.start();
    program.write(50);
    program.isRunning = false;
    world.start().write(1);
    const told = () => world.folder.toldBytes();
    const real = () =>
      world.files.reduce((sum, name) => sum + statSync(join(world.folder.path, name)).size, 0);
    const pages = () => Math.ceil(real() / PAGE_BYTES) * PAGE_BYTES;
    const window = open();
    world.quota = 100_000;
    await window.content.look();
    assert.equal(await told(), pages());
    await world.folder.tellBytes(50_000);
    await window.content.look();
    assert.ok((await told()) >= 50_000, "what was granted and may be written yet");
    await world.folder.tellBytes(200_000);
    await window.content.look();
    assert.equal(await told(), pages());
    await world.folder.tellBytes(50_000);
    await window.content.clear();
    await window.content.look();
    assert.equal(world.files.length, 1);
    assert.equal(await told(), pages());
  });

  it("goes on in a folder that cannot be written any more, and tells the log once", async () => {
    const window = open();
    await window.content.look();
    const refuse = () => Promise.reject(Object.assign(new Error("no"), { code: "EROFS" }));
    Object.assign(world.folder, { keep: refuse, tellBytes: refuse, remove: refuse });
    for (let turn = 0; turn < 5; turn++) {
      world.now += 700_000;
      world.start().write(1);
      await window.content.look();
      assert.equal(window.capture.length, turn + 1);
    }
    assert.deepEqual(world.logged, [`Cannot write the capture folder ${world.folder.path}: EROFS`]);
  });

  it("counts what another window gave up as that one does, also after a reload, and from 0 after Clear", async () => {
    const [one, other] = [open(), open()];
    for (let count = 0; count < 4; count++) {
      const program = world.start();
      program.write(3);
      program.isRunning = false;
    }
    await one.content.look();
    await other.content.look();
    world.quota = 700;
    await one.content.look();
    await other.content.look();
    assert.ok(one.content.evicted > 0);
    assert.deepEqual(await one.told(), await other.told());
    const reloaded = open();
    await reloaded.content.look();
    assert.deepEqual(await reloaded.told(), await one.told());
    await other.content.clear();
    await one.content.look();
    for (const window of [one, other]) {
      assert.deepEqual([window.capture.length, window.content.evicted], [0, 0]);
    }
    assert.deepEqual(world.files, []);
    assert.deepEqual(world.logged, []);
  });

  describe("whatever lies in the folder", () => {
    /** What is told of the one file that is not as it should be, after many looks, and that the log has heard nothing. */
    async function troubleOf(window: Window): Promise<string> {
      for (let turn = 0; turn < 5; turn++) await window.content.look();
      const before = window.changes;
      for (let turn = 0; turn < 5; turn++) await window.content.look();
      assert.equal(window.changes, before, "told once");
      assert.deepEqual(world.logged, []);
      const [[, trouble] = [], ...others] = window.content.troubled;
      assert.equal(others.length, 0);
      return trouble?.kind ?? "none";
    }

    const foreign = () => join(world.folder.path, "1-4194305-000001.pcapng");

    it("never waits for a pipe", async function () {
      if (process.platform === "win32") this.skip();
      execFileSync("mkfifo", [foreign()]);
      const program = world.start();
      program.write(1);
      const window = open();
      assert.equal(await troubleOf(window), "notFile");
      assert.deepEqual(await window.rows(), [0]);
      await window.content.clear();
      assert.ok(existsSync(foreign()), "it is not ours");
      assert.equal(await troubleOf(window), "notFile");
    });

    it("reads no folder", async () => {
      mkdirSync(foreign());
      assert.equal(await troubleOf(open()), "notFile");
    });

    it("says of a file that it may not be read, until it may", async function () {
      if (process.platform === "win32" || process.getuid?.() === 0) this.skip();
      const program = world.start();
      program.write(1);
      chmodSync(program.path, 0);
      const window = open();
      assert.equal(await troubleOf(window), "unreadable");
      chmodSync(program.path, 0o600);
      await window.content.look();
      assert.deepEqual([await window.rows(), window.content.troubled.size], [[0], 0]);
    });

    for (const kind of ["replaced", "shortened"] as const) {
      for (const isRunning of [true, false]) {
        it(`shows nothing of a file that was ${kind}, ${isRunning ? "while it is written" : "later"}`, async () => {
          const [program, other] = [world.start(), world.start()];
          program.write(3);
          other.write(1);
          program.isRunning = isRunning;
          const window = open();
          await window.content.look();
          const bytes = await readFile(program.path);
          if (kind === "shortened") await truncate(program.path, bytes.length - 1);
          else {
            await writeFile(`${program.path}.new`, bytes.fill(0, 200));
            await rename(`${program.path}.new`, program.path);
          }
          assert.equal(await troubleOf(window), kind);
          assert.deepEqual(await window.rows(), [3]);
          const [[segment] = []] = window.content.troubled;
          assert.equal(segment?.lost, 3);
          await rm(program.path);
          assert.equal(await troubleOf(window), "none");
        });
      }
    }
  });

  describe("in two windows at once", () => {
    type Step =
      | { do: "start" | "removeOldest" | "lookBoth" | "clearBoth" | "clearAndLook" }
      | { do: "write"; program: number; count: number; cut: number }
      | { do: "next" | "kill"; program: number }
      | { do: "look" | "lookAtSome" | "clear" | "reload"; window: number };

    const program = fc.nat(5);
    const window = fc.nat(1);
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 2, arbitrary: fc.record({ do: fc.constant("start" as const) }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("write" as const),
          program,
          count: fc.integer({ min: 1, max: 4 }),
          cut: fc.integer({ min: 1, max: 100 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("next", "kill"), program }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constantFrom("look", "look", "lookAtSome", "lookAtSome", "clear", "reload"),
          window,
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constantFrom("removeOldest", "lookBoth", "lookBoth", "clearBoth", "clearAndLook"),
        }),
      },
    );

    /** What a story comes to: what each of the windows tells, the last one new, and the datagrams that are to be told. */
    interface Outcome {
      readonly windows: readonly Window[];
      readonly expected: readonly number[];
    }

    async function live(
      steps: readonly Step[],
      { quota = Number.POSITIVE_INFINITY, isOverlapping = false } = {},
    ): Promise<Outcome> {
      await newWorld();
      world.quota = quota;
      const both: [Window, Window] = [open(), open()];
      const lookBoth = () => Promise.all(both.map(({ content }) => content.look()));
      const chosen = (number: number) => {
        const running = world.programs.filter(({ isRunning }) => isRunning);
        return running[number % Math.max(1, running.length)];
      };
      const underWay: Promise<unknown>[] = [];
      const done = async (work: Promise<unknown>) => {
        underWay.push(work);
        // Or it goes on while programs write, and the other window reads, clears and removes.
        if (isOverlapping) for (let turn = 0; turn < 3; turn++) await setImmediate();
        else await work;
      };
      for (const next of steps) {
        const at = "window" in next ? next.window : 0;
        const { content } = both[at] ?? both[0];
        // What is not whole yet is shown when it is.
        const isCleared = next.do.startsWith("clear");
        for (const one of isCleared ? world.written : []) one.isCleared ||= one.isWhole;
        switch (next.do) {
          case "start":
            world.start();
            break;
          case "write":
            chosen(next.program)?.write(next.count, next.cut);
            break;
          case "next":
            chosen(next.program)?.nextSegment();
            break;
          case "kill":
            Object.assign(chosen(next.program) ?? {}, { isRunning: false });
            break;
          case "look":
            await done(content.look());
            break;
          case "lookAtSome":
            await done(content.lookAt(new Set(world.files.filter((_, index) => index % 2 === at))));
            break;
          case "clear":
            await done(content.clear());
            break;
          case "reload":
            content.dispose();
            both[at] = open();
            break;
          case "removeOldest": {
            await lookBoth();
            const ended = world.programs.filter(({ isRunning }) => !isRunning);
            const path = ended.map((one) => one.path).find((one) => existsSync(one));
            if (path !== undefined) await rm(path);
            break;
          }
          case "lookBoth":
            await done(lookBoth());
            break;
          case "clearBoth":
            await done(Promise.all(both.map((one) => one.content.clear())));
            break;
          case "clearAndLook":
            await done(Promise.all([both[0].content.clear(), both[1].content.look()]));
            break;
        }
      }
      await Promise.all(underWay);
      // Each hears what the other has told last.
      for (let turn = 0; turn < 3; turn++) for (const one of both) await one.content.look();
      const fresh = open();
      await fresh.content.look();
      const expected = world.written.filter(({ isWhole, isCleared }) => isWhole && !isCleared);
      return { windows: [...both, fresh], expected: expected.map(({ number }) => number) };
    }

    it("tells what was written and not cleared: the same in both and after a reload, in any order of events", () =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
          const isKept = steps.every((one) => one.do !== "removeOldest");
          const { windows: all, expected } = await live(steps);
          const [one, ...others] = await Promise.all(all.map((window) => window.told()));
          if (isKept) assert.deepEqual({ ...one, ...{ rows: expected, evicted: 0 } }, one);
          else assert.equal((one?.rows.length ?? 0) + (one?.evicted ?? 0), expected.length);
          for (const other of others) assert.deepEqual(other, one);
          assert.deepEqual(world.logged, []);
        }),
        { numRuns: 300 },
      )).timeout(120_000);

    it("tells the same in both and after a reload, also where all of it happens at once", () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 30 }),
          fc.option(fc.integer({ min: 300, max: 3000 }), { nil: undefined }),
          async (steps, quota) => {
            const { windows: all } = await live(steps, { quota, isOverlapping: true });
            const [one, ...others] = await Promise.all(all.map((window) => window.told()));
            for (const { rows, evicted } of others) {
              assert.deepEqual([rows, evicted], [one?.rows, one?.evicted]);
            }
          },
        ),
        { numRuns: 300 },
      )).timeout(120_000);

    it("counts all that had to go for the quota, alike in both and after a reload", () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 30 }),
          fc.integer({ min: 300, max: 3000 }),
          async (steps, quota) => {
            const { windows: all, expected } = await live(steps, { quota });
            const told = await Promise.all(all.map((window) => window.told()));
            for (const { rows, evicted, troubles } of told) {
              assert.deepEqual(troubles, told[0]?.troubles);
              assert.deepEqual(rows, told[0]?.rows);
              assert.equal(evicted, told[0]?.evicted);
              assert.deepEqual(
                rows.filter((row) => !expected.includes(row)),
                [],
              );
              assert.equal(rows.length + evicted, expected.length);
            }
          },
        ),
        { numRuns: 300 },
      )).timeout(120_000);
  });
});
