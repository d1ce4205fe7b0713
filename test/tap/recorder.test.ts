import assert from "node:assert/strict";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Direction } from "../../extension/core/files/capture_sink.ts";
import { parseSocket } from "../../extension/core/wire/tap_identity.ts";
import { AddressCache } from "../../extension/taps/node/address_cache.ts";
import { Clock } from "../../extension/taps/node/clock.ts";
import { originals } from "../../extension/taps/node/originals.ts";
import { Recorder } from "../../extension/taps/node/recorder.ts";
import { SegmentFile } from "../../extension/taps/node/segment_file.ts";
import { TappedSocket } from "../../extension/taps/node/tapped_socket.ts";
import { readDatagrams, readFolder } from "./support/capture_folder.ts";
import { TapUnderTest } from "./support/tap_file.ts";

const PEER = { ipv4: 0x0a000002, ipv6: undefined };
const LOCAL = {
  name: "127.0.0.1:9999",
  address: { ipv4: 0x7f000001, ipv6: undefined },
  port: 9999,
};
const PROGRAM = {
  process: { runtime: "node", version: "1", pid: 7, ppid: 6, thread: 0, program: "x.js" },
  name: "x.js",
};

/** A disk that takes `room` bytes more, half a block at the end if need be, undefined: all; and how long for a write. */
const disk: { room: number | undefined; writeMs: number; writes: number } = {
  room: undefined,
  writeMs: 0,
  writes: 0,
};

const failing = (fd: number, bytes: Uint8Array, offset: number, length: number): number => {
  disk.writes++;
  time.nowMs += disk.writeMs;
  const { room = length } = disk;
  if (room === 0) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
  const written = originals.fs.writeSync(fd, bytes, offset, Math.min(length, room));
  if (disk.room !== undefined) disk.room -= written;
  return written;
};
/** Goes on at once where the tap waits a second before it asks a disk again. */
const time = { nowMs: 0 };
const WORLD = {
  ...originals,
  monotonicMs: () => time.nowMs,
  fs: { ...originals.fs, writeSync: failing as typeof originals.fs.writeSync },
};

describe("the tap on a failing disk", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();

  beforeEach(() => {
    disk.room = undefined;
    disk.writeMs = 0;
  });

  function createRecorder(folder: string, quota = 2 ** 30): Recorder {
    const settings = { folder, quota, segment: 2 ** 25, snapLength: 2 ** 16 };
    return new Recorder(settings, PROGRAM, WORLD);
  }

  function receive(recorder: Recorder, socket: TappedSocket, count: number): void {
    const payload = new TextEncoder().encode("payload");
    for (let number = 1; number <= count; number++) {
      recorder.datagram(socket, Direction.in, recorder.clock.now(), PEER, number, payload, "");
    }
  }

  it("counts what was in the buffer, tells it with the next record, and leaves no half block", () => {
    const folder = tapped.newFolder();
    const recorder = createRecorder(folder);
    const socket = new TappedSocket(1, []);
    recorder.bound(socket, LOCAL);
    receive(recorder, socket, 3);
    recorder.flush();
    for (const [room, count] of [
      [50, 10],
      [0, 20],
    ] as const) {
      receive(recorder, socket, count);
      disk.room = room;
      recorder.flush();
      disk.room = undefined;
      time.nowMs += 1000;
    }
    receive(recorder, socket, 2);
    recorder.closed(socket);
    recorder.flush();

    const files = readFolder(folder);
    assert.equal(files.length, 2);
    for (const { name, rest, problem } of files)
      assert.deepEqual([rest, problem], [0, undefined], name);
    const datagrams = files.flatMap((file) => file.datagrams);
    assert.deepEqual(
      datagrams.map(({ dropped }) => dropped),
      [0, 0, 0, 30, 0],
    );
    const ends = files.flatMap(({ statistics }) => statistics);
    assert.deepEqual(
      ends.map(({ received, dropped }) => [received, dropped]),
      [[35, 30]],
    );
  });

  it("counts what came while others could write to its folder, and tells it when they no longer can", function () {
    if (process.platform === "win32") this.skip();
    const folder = tapped.newFolder();
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const recorder = createRecorder(folder);
    const socket = new TappedSocket(1, []);
    recorder.bound(socket, LOCAL);
    receive(recorder, socket, 3);
    recorder.flush();
    assert.deepEqual(readdirSync(folder), []);
    chmodSync(folder, 0o700);
    time.nowMs += 1000;
    receive(recorder, socket, 2);
    recorder.flush();
    assert.deepEqual(
      readDatagrams(folder).map(({ dropped }) => dropped),
      [3, 0],
    );
  });

  it("does not lose the drops that a lost record has told", () => {
    const folder = tapped.newFolder();
    const recorder = createRecorder(folder);
    const socket = new TappedSocket(1, []);
    recorder.bound(socket, LOCAL);
    for (const count of [4, 5]) {
      receive(recorder, socket, count);
      disk.room = 0;
      recorder.flush();
      disk.room = undefined;
      time.nowMs += 1000;
    }
    receive(recorder, socket, 1);
    recorder.flush();
    assert.deepEqual(
      readDatagrams(folder).map(({ dropped }) => dropped),
      [9],
    );
  });

  it("tells the end of a socket later where it could not be told in time", () => {
    const folder = tapped.newFolder();
    const recorder = createRecorder(folder);
    const [first, second] = [new TappedSocket(1, []), new TappedSocket(2, [])];
    recorder.bound(first, LOCAL);
    recorder.bound(second, { ...LOCAL, name: "127.0.0.1:8888", port: 8888 });
    receive(recorder, first, 1);
    recorder.closed(first);
    disk.room = 0;
    recorder.flush();
    disk.room = undefined;
    time.nowMs += 1000;
    receive(recorder, second, 1);
    recorder.flush();
    const [file] = readFolder(folder);
    const [end] = file?.statistics ?? [];
    assert.equal(file?.sockets[end?.id ?? -1]?.name, LOCAL.name);
    assert.deepEqual([end?.received, end?.dropped], [1, 1]);
    assert.ok(end?.endTime);
  });

  it("tells thousands of sockets that closed in the meantime as one, with all that they counted", () => {
    const folder = tapped.newFolder();
    const recorder = createRecorder(folder);
    disk.room = 0;
    for (let number = 1; number <= 9000; number++) {
      const socket = new TappedSocket(number, []);
      recorder.bound(socket, LOCAL);
      receive(recorder, socket, 1);
      recorder.closed(socket);
      if (number % 1000 === 0) recorder.flush();
    }
    disk.room = undefined;
    time.nowMs += 1000;
    const survivor = new TappedSocket(9001, []);
    recorder.bound(survivor, LOCAL);
    receive(recorder, survivor, 1);
    recorder.flush();
    const [file] = readFolder(folder);
    const ends = file?.statistics ?? [];
    const lost = ends.reduce((sum, { dropped = 0 }) => sum + dropped, 0);
    assert.equal(lost, 9000);
    const others = ends.find(({ id }) => file?.sockets[id]?.name === "other sockets");
    assert.ok(others?.endTime);
    assert.ok(Number(others.dropped) > 1000, `${others.dropped}`);
    // No socket is taken for them.
    assert.equal(parseSocket(file?.sockets[others.id]?.description ?? "")?.socket, 0);
    assert.ok(ends.length < 5000);
  });

  it("does not ask a disk that has failed for a second, and counts meanwhile", () => {
    const folder = tapped.newFolder();
    const recorder = createRecorder(folder);
    const socket = new TappedSocket(1, []);
    recorder.bound(socket, LOCAL);
    disk.room = 0;
    recorder.flush();
    disk.room = undefined;
    receive(recorder, socket, 5);
    recorder.flush();
    assert.deepEqual(readFolder(folder), []);
    time.nowMs += 1000;
    receive(recorder, socket, 1);
    recorder.flush();
    assert.deepEqual(
      readDatagrams(folder).map(({ dropped }) => dropped),
      [5],
    );
  });

  it("leaves a slow disk alone for nine times as long as it took, and counts what does not fit into memory", () => {
    const folder = tapped.newFolder();
    const recorder = createRecorder(folder);
    const socket = new TappedSocket(1, []);
    recorder.bound(socket, LOCAL);
    recorder.flush();
    disk.writeMs = 500;
    disk.writes = 0;
    // Several times what memory takes.
    receive(recorder, socket, 40_000);
    assert.equal(disk.writes, 3, "one slow write is not the disk's fault yet");
    const { dropped = 0 } = socket.statistics();
    assert.ok(dropped > 10_000, `${dropped} dropped`);
    time.nowMs += 4400;
    receive(recorder, socket, 1);
    assert.equal(disk.writes, 3);
    time.nowMs += 200;
    receive(recorder, socket, 1);
    assert.equal(disk.writes, 4);
    recorder.finish();
    const kept = readDatagrams(folder);
    assert.equal(kept.length + (socket.statistics().dropped ?? 0), 40_002);
    const [end] = readFolder(folder).flatMap(({ statistics }) => statistics.slice(-1));
    assert.deepEqual([end?.received, end?.dropped], [40_002, 40_002 - kept.length]);
  });

  it("tells at the program's end what it could not tell before", () => {
    const folder = tapped.newFolder();
    const recorder = createRecorder(folder);
    const socket = new TappedSocket(1, []);
    recorder.bound(socket, LOCAL);
    receive(recorder, socket, 7);
    recorder.closed(socket);
    disk.room = 0;
    recorder.flush();
    disk.room = undefined;
    recorder.finish();
    const [end] = readFolder(folder).flatMap(({ statistics }) => statistics);
    assert.deepEqual([end?.received, end?.dropped], [7, 7]);
    assert.ok(end?.endTime);
  });

  it("a record of a socket that was seen off is counted, not written to another one", () => {
    const folder = tapped.newFolder();
    const recorder = createRecorder(folder);
    const socket = new TappedSocket(1, []);
    recorder.bound(socket, LOCAL);
    recorder.closed(socket);
    recorder.flush();
    receive(recorder, socket, 1);
    recorder.flush();
    assert.equal(readDatagrams(folder).length, 0);
    assert.equal(socket.statistics().dropped, 1);
  });

  it("keeps the quota over many small files, and over what it wrote itself", () => {
    const folder = tapped.newFolder();
    mkdirSync(folder);
    for (let number = 0; number < 9; number++) {
      writeFileSync(join(folder, `${number}-1-000001.pcapng`), Buffer.alloc(100_000));
    }
    const recorder = createRecorder(folder, 1_000_000);
    const socket = new TappedSocket(1, []);
    recorder.bound(socket, LOCAL);
    for (let round = 0; round < 100; round++) {
      receive(recorder, socket, 100);
      recorder.flush();
    }
    const name = readFolder(folder).find((file) => file.datagrams.length > 0)?.name ?? "";
    const own = statSync(join(folder, name)).size;
    assert.ok(own > 50_000 && own <= 100_000, `${own} bytes`);
    const { received, dropped = 0 } = socket.statistics();
    assert.equal(received, 10_000);
    assert.equal(dropped, 10_000 - readDatagrams(folder).length);
    rmSync(folder, { recursive: true });
  });

  it("never writes into a file that exists, nor through a link", () => {
    const folder = tapped.newFolder();
    mkdirSync(folder);
    const elsewhere = join(folder, "elsewhere");
    writeFileSync(elsewhere, "precious");
    symlinkSync(elsewhere, join(folder, "1"));
    writeFileSync(join(folder, "2"), "precious too");
    let number = 0;
    const file = SegmentFile.create(originals.fs, folder, () => String(++number));
    file.append(Uint8Array.of(1));
    file.close();
    assert.equal(number, 3);
    assert.equal(readFileSync(elsewhere, "utf8"), "precious");
    assert.equal(readFileSync(join(folder, "2"), "utf8"), "precious too");
  });
});

describe("Clock", function () {
  this.timeout(180_000);
  const ORIGIN = 1_700_000_000_000;
  let monotonic = 0;
  let timeOfDay = 0;

  beforeEach(() => {
    monotonic = 0;
    timeOfDay = ORIGIN;
  });

  function newClock(): Clock {
    return new Clock({
      monotonicMs: () => monotonic,
      timeOfDayMs: () => timeOfDay,
    });
  }

  it("tells the time of day in microseconds", () => {
    const before = Date.now();
    const clock = new Clock(originals);
    const times = Array.from({ length: 1000 }, () => clock.now());
    const after = Date.now();
    assert.ok((times[0] ?? 0) >= (before - 1) * 1000, `${times[0]} is before ${before}`);
    assert.ok((times.at(-1) ?? 0) <= (after + 2) * 1000, `${times.at(-1)} is after ${after}`);
    assert.ok(new Set(times).size > 2);
  });

  it("agrees with another program's to some microseconds, however often both have to wait", () => {
    // Where in a millisecond a program starts, and after how many looks at a clock others have the processor.
    for (const startMs of [0.1, 0.35, 0.62, 0.998]) {
      for (const turn of [1, 2, 3, 7, 100, Number.POSITIVE_INFINITY]) {
        let nowMs = startMs;
        let looks = 0;
        const look = () => {
          looks += 1;
          nowMs += looks % 1000 < turn * 10 && looks % turn === 0 ? 3.3 : 0.0002;
          return nowMs;
        };
        const clock = new Clock({
          monotonicMs: () => look() + 7,
          timeOfDayMs: () => ORIGIN + Math.floor(look()),
        });
        const late = clock.now() - (ORIGIN + nowMs) * 1000;
        assert.ok(Math.abs(late) <= 6, `${late} µs, from ${startMs}, waiting after ${turn}`);
        assert.ok(looks < 20_000, `${looks} looks, from ${startMs}, waiting after ${turn}`);
      }
    }
  });

  it("agrees also where it was held up whenever the time of day changed, until its code had become fast", () => {
    let nowMs = 0.5;
    const look = () => {
      const isDisturbed = nowMs < 10 && nowMs % 1 > 0.95;
      nowMs += isDisturbed ? 0.12 : 0.0001;
      return nowMs;
    };
    const clock = new Clock({
      monotonicMs: () => look() + 7,
      timeOfDayMs: () => ORIGIN + Math.floor(look()),
    });
    const late = clock.now() - (ORIGIN + nowMs) * 1000;
    assert.ok(Math.abs(late) <= 6, `${late} µs`);
  });

  it("starts although the time of day stands still, as a program's tests may have it", () => {
    const clock = newClock();
    assert.equal(clock.now(), ORIGIN * 1000);
  });

  it("never goes backwards", () => {
    const clock = newClock();
    monotonic = 100.5;
    assert.equal(clock.now(), (ORIGIN + 100.5) * 1000);
    monotonic = 90;
    assert.equal(clock.now(), (ORIGIN + 100.5) * 1000);
    monotonic = 101;
    assert.equal(clock.now(), (ORIGIN + 101) * 1000);
  });

  it("has the time of day also after it was not asked for long", () => {
    const clock = newClock();
    for (const setMs of [50, -50, 3_600_000]) {
      monotonic += 10_000;
      timeOfDay += 10_000 + setMs;
      const off = clock.now() / 1000 - timeOfDay;
      assert.ok(off >= 0 && off <= 1, `${off} ms`);
    }
  });

  it("compares the clocks once a second at most, and no earlier", () => {
    monotonic = 50_000;
    let looks = 0;
    const clock = new Clock({
      monotonicMs: () => monotonic,
      timeOfDayMs: () => {
        looks++;
        return timeOfDay;
      },
    });
    looks = 0;
    for (const [afterMs, expected] of [
      [1000, 0],
      [0.1, 1],
      [999, 1],
      [1, 1],
      [0.1, 2],
    ] as const) {
      monotonic += afterMs;
      clock.now();
      assert.equal(looks, expected, `at ${monotonic}`);
    }
  });

  it("catches up after the machine has slept, or its clock was set on", () => {
    const clock = newClock();
    for (const sleptMs of [3_600_000, 100, 6]) {
      monotonic += 1000;
      timeOfDay += 1000 + sleptMs;
      clock.adjust();
      assert.equal(clock.now(), timeOfDay * 1000);
    }
  });

  for (const [setMs, followsMs] of [
    // The time of day comes in whole milliseconds: what it may be, and one more, is no difference.
    [1, 0],
    [2, 2],
    [-2, 0],
    [-3, -2],
    [-50, -49],
    [-300, -50],
  ] as const) {
    it(`that is ${setMs} ms off is corrected by ${followsMs} ms after 100 ms`, () => {
      const clock = newClock();
      monotonic = 100;
      timeOfDay += 100 + setMs;
      clock.adjust();
      monotonic = 1000;
      assert.equal(clock.now(), (ORIGIN + 1000 + followsMs) * 1000);
    });
  }

  it("goes half as fast when it is set back, never backwards, until it is right again", () => {
    const clock = newClock();
    const pass = (ms: number) => {
      monotonic += ms;
      timeOfDay += ms;
      clock.adjust();
      return clock.now() - timeOfDay * 1000;
    };
    assert.ok(Math.abs(pass(1000)) <= 1000);
    let last = clock.now();
    timeOfDay -= 300;
    const ahead = Array.from({ length: 40 }, () => {
      const error = pass(20);
      assert.ok(clock.now() >= last, "it went backwards");
      last = clock.now();
      return error;
    });
    assert.ok((ahead[0] ?? 0) > 280_000);
    assert.ok(Math.abs(ahead.at(-1) ?? Infinity) <= 2000, `${ahead.at(-1)} µs ahead`);
  });

  it("stays within two milliseconds of the time of day where that and the monotonic clock drift", () => {
    for (const drift of [-100e-6, 100e-6]) {
      monotonic = 0;
      timeOfDay = ORIGIN;
      const clock = newClock();
      for (let second = 1; second <= 36_000; second++) {
        monotonic = second * 1000;
        const exact = ORIGIN + monotonic * (1 + drift);
        timeOfDay = Math.floor(exact);
        clock.adjust();
        const off = clock.now() / 1000 - exact;
        assert.ok(Math.abs(off) <= 2.1, `${off} ms off after ${second} s`);
      }
    }
  });

  it("believes no look in whose midst the program had to wait", () => {
    const waits: number[] = [];
    const clock = new Clock({
      monotonicMs: () => {
        monotonic += waits.shift() ?? 0;
        return monotonic;
      },
      timeOfDayMs: () => ORIGIN + Math.floor(monotonic),
    });
    for (const order of [
      [0, 5000],
      [5000, 0],
      [0, 0, 5000],
    ]) {
      waits.push(...order);
      clock.adjust();
      waits.length = 0;
      assert.ok(Math.abs(clock.now() - (ORIGIN + monotonic) * 1000) <= 1000);
    }
  });
});

describe("AddressCache", function () {
  this.timeout(180_000);
  it("gives the same address for the same text, and knows no other text", () => {
    const cache = new AddressCache();
    assert.deepEqual(cache.get("127.0.0.1"), { ipv4: 0x7f000001, ipv6: undefined });
    assert.equal(cache.get("127.0.0.1"), cache.get("127.0.0.1"));
    assert.deepEqual(cache.get("255.255.255.255"), { ipv4: 0xffffffff, ipv6: undefined });
    assert.deepEqual(cache.get("::ffff:10.0.0.2"), PEER);
    assert.equal(cache.get("::1")?.ipv6?.length, 16);
    assert.equal(cache.get("localhost"), undefined);
    assert.equal(cache.get(""), undefined);
  });

  it("remembers peers that take turns", () => {
    const cache = new AddressCache();
    const [one, other] = [cache.get("10.0.0.1"), cache.get("10.0.0.2")];
    assert.notDeepEqual(one, other);
    for (let turn = 0; turn < 3; turn++) {
      assert.equal(cache.get("10.0.0.1"), one);
      assert.equal(cache.get("10.0.0.2"), other);
    }
  });

  it("forgets before it grows without end, and keeps no room for what is no address", () => {
    const cache = new AddressCache();
    const first = cache.get("10.0.0.0");
    for (let n = 1; n < 4096; n++) cache.get(`10.0.${n >> 8}.${n & 255}`);
    for (let n = 0; n < 5000; n++) assert.equal(cache.get(`host ${n}`), undefined);
    assert.equal(cache.get("10.0.0.0"), first);
    cache.get("10.1.0.0");
    assert.notEqual(cache.get("10.0.0.0"), first);
    assert.deepEqual(cache.get("10.0.0.0"), first);
  });
});
