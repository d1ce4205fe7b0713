import assert from "node:assert/strict";
import { Direction, type StatisticsRecord } from "../../extension/core/files/capture_sink.ts";
import { parseSegmentName } from "../../extension/core/wire/tap_identity.ts";
import { BlockBuffer, BUFFER_BYTES } from "../../extension/taps/node/block_buffer.ts";
import { originals } from "../../extension/taps/node/originals.ts";
import type { Recorder } from "../../extension/taps/node/recorder.ts";
import { type LocalEnd, TappedSocket } from "../../extension/taps/node/tapped_socket.ts";
import { type CapturedFile, readFolder } from "./support/capture_folder.ts";
import { SmallWorld } from "./support/small_world.ts";

const PEER = { ipv4: 0x0a000002, ipv6: undefined };
const PEER6 = {
  ipv4: 0,
  ipv6: Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
};
const ANY6 = { ipv4: 0, ipv6: new Uint8Array(16) };
const LOCAL = local(9999);
const LOCAL6: LocalEnd = { name: "[fe80::2]:9999", address: PEER6, port: 9999 };

function local(port: number): LocalEnd {
  return { name: `127.0.0.1:${port}`, address: { ipv4: 0x7f000001, ipv6: undefined }, port };
}

describe("what the tap writes, and when", () => {
  let world: SmallWorld;
  let recorder: Recorder;
  let isDiskFull: boolean;
  let writeMs: number;

  beforeEach(() => {
    isDiskFull = false;
    writeMs = 0;
    const { writeSync } = originals.fs;
    world = new SmallWorld({
      writeSync: ((...words: Parameters<typeof writeSync>) => {
        if (isDiskFull) throw Object.assign(new Error("full"), { code: "ENOSPC" });
        world.now += writeMs;
        return writeSync(...words);
      }) as typeof writeSync,
    });
    recorder = world.recorder();
  });
  afterEach(() => world.remove());

  function bind(number = 1, end = LOCAL): TappedSocket {
    const socket = new TappedSocket(number, []);
    recorder.bound(socket, end);
    return socket;
  }

  function receive(socket: TappedSocket, payload: string | Uint8Array = "x", count = 1): void {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    for (let number = 0; number < count; number++) {
      recorder.datagram(socket, Direction.in, recorder.clock.now(), PEER, 1, bytes, "");
    }
  }

  const files = (): readonly CapturedFile[] => {
    try {
      return readFolder(world.folder);
    } catch {
      return []; // The folder is not there: nothing was written.
    }
  };
  const payloads = () => files().map((file) => file.datagrams.map(({ payload }) => `${payload}`));
  const counts = ({ id, received, dropped }: StatisticsRecord) => [id, received, dropped];
  const ends = () => files().flatMap(({ statistics }) => statistics.map(counts));
  const starts = () => files().map((file) => file.starts.map(counts));

  it("is in the file 20 ms later, all at once, by a timer that does not keep the program alive", () => {
    const socket = bind();
    receive(socket, "one");
    receive(socket, "two");
    assert.deepEqual(
      world.timers.map(({ delay, isKeepingAlive }) => [delay, isKeepingAlive]),
      [[20, false]],
    );
    assert.deepEqual(files(), []);
    world.pass(20);
    assert.deepEqual(payloads(), [["one", "two"]]);
    assert.deepEqual(world.timers, []);
    receive(socket, "three");
    assert.equal(world.timers.length, 1);
    world.pass(20);
    assert.deepEqual(payloads(), [["one", "two", "three"]]);
  });

  it("is in a worker thread's file after a millisecond, where its event loop waits for something", () => {
    recorder = world.recorder({ thread: 1 });
    receive(bind(), "one");
    assert.deepEqual(
      world.timers.map(({ delay, isKeepingAlive }) => [delay, isKeepingAlive]),
      [[1, false]],
    );
    world.pass(1);
    assert.deepEqual(payloads(), [["one"]]);
  });

  it("is written at once after the program's end", () => {
    const socket = bind();
    receive(socket, "before");
    recorder.finish();
    assert.deepEqual(payloads(), [["before"]]);
    assert.deepEqual(ends(), [[0, 1, 0]]);
    const late = bind(2, local(8888));
    assert.equal(files()[0]?.sockets.length, 2);
    receive(late, "after");
    assert.deepEqual(payloads(), [["before", "after"]]);
    recorder.closed(late);
    assert.deepEqual(ends(), [
      [0, 1, 0],
      [1, 1, 0],
    ]);
  });

  it("is nothing at the end of a program whose sockets were never bound, and one section of any other", () => {
    recorder.closed(new TappedSocket(1, []));
    assert.deepEqual(world.timers, []);
    recorder.finish();
    assert.deepEqual(files(), []);
    recorder = world.recorder();
    receive(bind());
    recorder.finish();
    assert.deepEqual(
      files().map(({ sections }) => sections.length),
      [1],
    );
  });

  it("tells a socket once, though it is bound twice to the same, and again under another name", () => {
    const socket = bind();
    recorder.bound(socket, LOCAL);
    recorder.bound(socket, local(8888));
    recorder.flush();
    const [file] = files();
    assert.deepEqual(
      file?.sockets.map(({ name, description }) => [name, description]),
      [
        ["127.0.0.1:9999", "x.js, pid 7, socket 1"],
        ["127.0.0.1:8888", "x.js, pid 7, socket 1"],
      ],
    );
    // It started once.
    assert.deepEqual(
      file?.starts.map(({ id }) => id),
      [0],
    );
    receive(socket, "after that");
    recorder.flush();
    assert.deepEqual(payloads(), [["after that"]]);
  });

  it("tells a socket's start and end in microseconds of the day", () => {
    const day = world.timeOfDayMs();
    const socket = bind();
    const start = recorder.clock.now();
    world.now += 1500;
    recorder.closed(socket);
    recorder.flush();
    assert.equal(parseSegmentName(files()[0]?.name ?? "")?.startMs, day);
    assert.equal(start, day * 1000);
    const [end] = files()[0]?.statistics ?? [];
    assert.equal(end?.startTime, start);
    assert.equal(end?.endTime, start + 1_500_000);
  });

  it("has the time of day after each write, should somebody have set that", () => {
    const socket = bind();
    const before = recorder.clock.now();
    world.setOnMs = 300;
    receive(socket);
    assert.equal(recorder.clock.now(), before);
    recorder.flush();
    assert.ok(recorder.clock.now() > before + 290_000);
  });

  it("tells when a socket was closed, though that could only be told at the program's end", () => {
    isDiskFull = true;
    const socket = bind();
    recorder.closed(socket);
    const closed = recorder.clock.now();
    recorder.flush();
    isDiskFull = false;
    world.now += 5000;
    recorder.finish();
    assert.deepEqual(
      files().flatMap(({ statistics }) => statistics.map(({ endTime }) => endTime)),
      [closed],
    );
  });

  for (const [what, describe] of [
    ["bind", () => bind(3, local(7777))],
    ["close", (other: TappedSocket) => recorder.closed(other)],
    [
      "failed bind",
      () => recorder.bindFailed(new TappedSocket(3, []), "127.0.0.1:9", "bind failed: EACCES"),
    ],
  ] as const) {
    it(`is nothing without the header of its file, where a write fails that a ${what} makes necessary`, () => {
      const [socket, other] = [bind(1), bind(2, local(8888))];
      // No room for another description: they have to be written first.
      receive(socket, new Uint8Array(62_000), 4);
      isDiskFull = true;
      describe(other);
      isDiskFull = false;
      world.now += 1000;
      receive(socket, "more");
      recorder.flush();
      assert.deepEqual(
        files().map(({ problem, rest, sections, datagrams }) => [
          problem,
          rest,
          sections.length,
          datagrams.length,
        ]),
        [[undefined, 0, 1, 1]],
      );
    });
  }

  it("waits while a slow disk is left alone, and so do the drops that have to be told", () => {
    const [socket, other] = [bind(1), bind(2, local(8888))];
    writeMs = 500;
    for (const payload of ["one", "two", "three"]) {
      receive(socket, payload);
      recorder.flush();
    }
    receive(socket, "four");
    receive(other, new Uint8Array(60_000), 9);
    const written = payloads().flat().length;
    assert.equal(written, 3);
    // It rests for four and a half seconds.
    for (let waited = 0; waited < 4; waited++) {
      world.pass(1000);
      assert.equal(payloads().flat().length, written);
      assert.deepEqual(world.timers.map(({ delay }) => delay).sort(), [1000, 20]);
    }
    writeMs = 0;
    world.pass(1000);
    const kept = payloads().flat().length - written;
    assert.ok(kept > 1 && kept < 10, `${kept} kept`);
    assert.deepEqual(ends().at(-1), [1, 9, 10 - kept]);
  });

  it("puts a datagram that is larger than a file into one of its own", () => {
    recorder = world.recorder({ segment: 200 });
    const socket = bind();
    receive(socket, new Uint8Array(1000), 2);
    recorder.flush();
    assert.deepEqual(
      files().map(({ datagrams }) => datagrams.length),
      [1, 1],
    );
  });

  it("tells thousands of sockets that closed in the meantime each on its own, and the older of more than that as one", () => {
    isDiskFull = true;
    const open = bind(1);
    let number = 1;
    const close = (count: number) => {
      for (let index = 0; index < count; index++) {
        const socket = bind(++number);
        receive(socket);
        recorder.closed(socket);
      }
    };
    const told = () => {
      // What the program's end would tell, had it come now.
      isDiskFull = false;
      world.now += 1000;
      receive(open);
      recorder.flush();
      const [file] = files().slice(-1);
      const names = file?.sockets.map(({ description }) => description) ?? [];
      const ended = new Map(
        file?.statistics.map(({ id, received, dropped }) => [names[id], [received, dropped]]),
      );
      return [ended.size, ended.get("x.js, pid 7, socket 0"), names[0]];
    };
    const first = "x.js, pid 7, socket 1";
    close(8190);
    assert.deepEqual(told(), [8190, undefined, first]);

    recorder = world.recorder();
    isDiskFull = true;
    recorder.bound(open, LOCAL);
    close(8191);
    assert.deepEqual(told(), [4097, [4095, 4095], first]);

    recorder = world.recorder();
    isDiskFull = true;
    recorder.bound(open, LOCAL);
    close(8191 + 4094);
    assert.deepEqual(told(), [4096, [8190, 8190], first]);
  });

  it("has room for the largest datagram behind all that describes a new file", () => {
    isDiskFull = true;
    // Their descriptions alone are most of what the memory takes.
    const sockets = Array.from({ length: 50 }, (_, index) =>
      bind(index + 1, { ...LOCAL, name: `${index}`.repeat(4000).slice(0, 4000) }),
    );
    recorder.flush();
    isDiskFull = false;
    world.now += 1000;
    receive(sockets[0] ?? assert.fail(), new Uint8Array(65_507));
    recorder.flush();
    const [file] = files();
    assert.deepEqual([file?.problem, file?.sockets.length], [undefined, 50]);
    assert.deepEqual(
      file?.datagrams.map(({ length }) => length),
      [65_507],
    );
  });

  it("begins a new file with all open sockets where one more datagram would be too much for the old one", () => {
    recorder = world.recorder({ segment: 4000 });
    const [closed, open] = [bind(1), bind(2, local(8888))];
    receive(closed, "closed");
    recorder.closed(closed);
    recorder.flush();
    receive(open, new Uint8Array(1000), 9);
    recorder.flush();
    const found = files();
    assert.ok(found.length > 2);
    assert.deepEqual(
      found.map(({ sockets }) => sockets.map(({ name, id }) => [id, name])),
      found.map((_, index) =>
        index === 0
          ? [
              [0, "127.0.0.1:9999"],
              [1, "127.0.0.1:8888"],
            ]
          : [[0, "127.0.0.1:8888"]],
      ),
    );
    assert.equal(found.flatMap(({ datagrams }) => datagrams).length, 10);
    for (const { name, datagrams } of found) {
      const length = world.fs.statSync(`${world.folder}/${name}`).size;
      assert.ok(length <= 4000, `${name}: ${length} bytes`);
      assert.ok(datagrams.length > 0);
    }
    assert.deepEqual(
      found.map(({ name }) => name.replace(/^\d+-/, "")),
      found.map((_, index) => `7-00000${index + 1}.pcapng`),
    );
  });

  it("cuts payloads and keeps their length", () => {
    recorder = world.recorder({ snapLength: 4 });
    const socket = bind();
    for (const payload of ["abc", "abcd", "abcde"]) receive(socket, payload);
    recorder.flush();
    assert.deepEqual(
      files()[0]?.datagrams.map(({ payload, length }) => [String(payload), length]),
      [
        ["abc", 3],
        ["abcd", 4],
        ["abcd", 5],
      ],
    );
    // The memory holds thousands of them: what is cut off needs no room.
    receive(socket, new Uint8Array(65_507), 5000);
    recorder.flush();
    assert.equal(files()[0]?.datagrams.length, 5003);
  });

  it("says of a datagram that was too long to be sent the longest that there could be", () => {
    const sockets = [
      [PEER, LOCAL, 65_507],
      [PEER6, LOCAL6, 65_527],
    ] as const;
    for (const [peer, end, longest] of sockets) {
      const socket = bind(longest, end);
      for (const length of [longest, longest + 1, 70_000]) {
        const payload = new Uint8Array(length).fill(1);
        recorder.datagram(socket, Direction.out, 0, peer, 1, payload, "refused");
      }
    }
    recorder.flush();
    const seen = files().flatMap(({ datagrams }) => datagrams);
    assert.deepEqual(
      seen.map(({ length, payload, destination }) => [length, payload.length, destination]),
      [
        ...Array(3).fill([65_507, 65_507, "10.0.0.2:1"]),
        ...Array(3).fill([65_527, 65_527, "[fe80::2]:1"]),
      ],
    );
    assert.ok(seen.every(({ payload }) => payload.every((byte) => byte === 1)));
  });

  it("tells a socket for both families, which has no address of the other one", () => {
    const socket = bind(1, { ...LOCAL6, name: "[::]:9999", address: ANY6 });
    for (const peer of [PEER, PEER6]) {
      recorder.datagram(socket, Direction.in, 0, peer, 1, Buffer.from("x"), "");
      recorder.datagram(socket, Direction.out, 0, peer, 1, Buffer.from("x"), "");
    }
    recorder.flush();
    assert.deepEqual(
      files()[0]?.datagrams.map(({ source, destination }) => `${source} > ${destination}`),
      [
        "10.0.0.2:1 > 0.0.0.0:9999",
        "0.0.0.0:9999 > 10.0.0.2:1",
        "[fe80::2]:1 > [::]:9999",
        "[::]:9999 > [fe80::2]:1",
      ],
    );
  });

  it("loses nothing where datagrams come faster than the timer", () => {
    const socket = bind();
    const largest = new Uint8Array(65_507).map((_, index) => index);
    for (let number = 0; number < 12; number++) receive(socket, largest);
    assert.ok((files()[0]?.datagrams.length ?? 0) >= 8, "they all wait in the memory");
    recorder.flush();
    const [file] = files();
    assert.equal(file?.datagrams.length, 12);
    assert.ok(file?.datagrams.every(({ payload }) => payload.equals(largest)));
  });

  it("tells a drop within a second though no datagram comes after it, and only once", () => {
    const socket = bind();
    const other = bind(2, local(8888));
    assert.equal(world.timers.length, 1);
    receive(other, "kept, too");
    receive(socket, "kept");
    world.pass(20);
    receive(socket, "lost");
    isDiskFull = true;
    world.pass(20);
    isDiskFull = false;
    assert.deepEqual(
      world.timers.map(({ delay, isKeepingAlive }) => [delay, isKeepingAlive]),
      [[1000, false]],
    );
    world.pass(1000);
    // With what a new file begins with.
    const told = [
      [0, 2, 1],
      [1, 1, 0],
    ];
    assert.deepEqual(starts().at(-1), told);
    assert.deepEqual([ends(), world.timers], [[], []]);
    receive(socket, "more");
    recorder.flush();
    assert.deepEqual(
      files().flatMap(({ datagrams }) => datagrams.map(({ dropped }) => dropped)),
      [0, 0, 1],
    );
  });

  it("tells nothing in between of a drop that a datagram has told before the second is over", () => {
    const socket = bind();
    receive(socket, "lost");
    isDiskFull = true;
    world.pass(20);
    isDiskFull = false;
    world.now += 1000;
    receive(socket, "kept");
    recorder.flush();
    world.pass(1000);
    assert.deepEqual(
      files()[0]?.datagrams.map(({ dropped }) => dropped),
      [1],
    );
    assert.deepEqual([ends(), world.timers], [[], []]);
  });

  it("tries again each second for as long as the disk is full", () => {
    const socket = bind();
    isDiskFull = true;
    receive(socket, "lost");
    world.pass(20);
    for (let seconds = 0; seconds < 3; seconds++) {
      assert.equal(world.timers.length, 1);
      world.pass(1000);
      assert.deepEqual(starts(), []);
    }
    isDiskFull = false;
    world.pass(1000);
    assert.deepEqual([starts(), ends()], [[[[0, 1, 1]]], []]);
  });

  it("begins each file with what its sockets have counted so far", () => {
    recorder = world.recorder({ segment: 200 });
    const [socket] = [bind(1), bind(2, local(8888))];
    receive(socket, new Uint8Array(1000), 2);
    recorder.flush();
    assert.deepEqual(starts(), [
      [
        [0, 0, 0],
        [1, 0, 0],
      ],
      [
        [0, 1, 0],
        [1, 0, 0],
      ],
    ]);
    assert.deepEqual(
      files().map(({ starts: [first] }) => first?.startTime),
      [socket.startTime, socket.startTime],
    );
  });

  it("tells a failed bind at once, also before any socket was bound", () => {
    recorder.bindFailed(new TappedSocket(1, ["why"]), "127.0.0.1:9", "bind failed: EACCES");
    const [file] = files();
    assert.deepEqual(
      file?.sockets.map(({ name, comments }) => [name, ...comments]),
      [["127.0.0.1:9", "why", "bind failed: EACCES"]],
    );
    assert.deepEqual(
      file?.statistics.map(({ id, endTime }) => [id, typeof endTime]),
      [[0, "number"]],
    );
    recorder.bindFailed(new TappedSocket(2, []), "127.0.0.1:9", "bind failed: EACCES");
    assert.equal(files()[0]?.statistics.length, 2);
  });

  it("does not end the program by a fault of its own", () => {
    const socket = bind();
    receive(socket);
    recorder.flush = () => {
      throw new Error("a fault of the tap");
    };
    world.pass(20);
    assert.deepEqual(files(), []);
  });
});

describe("the blocks in memory", () => {
  for (const [peer, end, headers, longest] of [
    [PEER, LOCAL, 28, 65_507],
    [PEER6, LOCAL6, 48, 65_527],
  ] as const) {
    it(`need as many bytes as was said before, with ${headers} bytes of headers`, () => {
      const buffer = new BlockBuffer(1000);
      for (const [length, dropped, comment] of [
        [0, 1, "€"],
        [1, 1, "€€€"],
        [1000, 1, "€€€€"],
        [1001, 1, "€"],
        [70_000, 1, "€"],
        [5, 0, "odd"],
        [5, 0, ""],
      ] as const) {
        const before = buffer.used;
        const payload = new Uint8Array(length);
        const needed = buffer.lengthOf(peer, payload, comment);
        buffer.addDatagram(0, Direction.in, 0, end, peer, 1, payload, dropped, comment);
        const added = buffer.used - before;
        // Nothing is left out of the first ones, and nothing in them could be longer.
        if (dropped > 0) assert.equal(added, needed);
        else assert.ok(added <= needed);
        const block = new DataView(buffer.blocks.slice(before).buffer);
        const [captured, original] = [block.getUint32(20, true), block.getUint32(24, true)];
        assert.equal(captured, headers + Math.min(length, 1000));
        assert.equal(original, headers + Math.min(length, longest));
      }
    });
  }

  it("have room up to the last byte", () => {
    const buffer = new BlockBuffer(1000);
    assert.ok(buffer.hasRoom(BUFFER_BYTES));
    assert.ok(!buffer.hasRoom(BUFFER_BYTES + 1));
    buffer.addStatistics({ id: 0 }, 0);
    assert.ok(buffer.hasRoom(BUFFER_BYTES - buffer.used));
    assert.ok(!buffer.hasRoom(BUFFER_BYTES - buffer.used + 1));
    buffer.clear();
    assert.ok(buffer.hasRoom(BUFFER_BYTES));
  });
});
