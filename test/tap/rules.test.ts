import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type ControlReply,
  controlPath,
  RULES_SILENCE_S,
} from "../../extension/core/wire/control_message.ts";
import { CONTROL_VARIABLE, TOKEN_VARIABLE } from "../../extension/core/wire/control_variables.ts";
import { parseRuleEffect } from "../../extension/core/wire/rule_effect.ts";
import type { RuleDirection } from "../../extension/core/wire/socket_rule.ts";
import { askProgram, type Silence } from "../../extension/host/control/control_client.ts";
import type { LoadPart } from "../../extension/taps/node/parts.ts";
import { SwitchedRules } from "../../extension/taps/node/rules.ts";
import type { SocketObserver } from "../../extension/taps/node/socket_observer.ts";
import * as socketRules from "../../extension/taps/node/socket_rules.ts";
import { BadNetwork, type Fate, type Rule } from "../../scripts/udp_relay.ts";
import {
  defaultRuntime,
  describeOn,
  pythonRuntimes,
  type Runtime,
  runtimes,
} from "../support/runtimes.ts";
import { Stranger } from "../support/script_socket.ts";
import { type Datagram, readDatagrams } from "./support/capture_folder.ts";
import { type Program, startProgram } from "./support/program.ts";
import { SmallWorld } from "./support/small_world.ts";
import { TapUnderTest } from "./support/tap_file.ts";
import { until } from "./support/until.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const TOKEN = "the window's token";
/** What a receive buffer of the usual size holds, and to spare. */
const BURST = 100;
const SENDER = 1;
const HEARER = 2;

interface Ports {
  readonly pid: number;
  readonly sender: number;
  readonly hearer: number;
  readonly reporter: number;
}

interface Report {
  readonly done: number;
  readonly failed: number;
  /** Of all that came, how many were waited for one after the other. */
  readonly awaited: number;
  /** How often a wait for one ended and there was none: in Python. */
  readonly inVain?: number;
  /** Since it was asked last. */
  readonly heard: readonly string[];
}

/** What becomes of so many datagrams that come at once. */
function fates(rule: Rule, many: number): Fate[] {
  const network = new BadNetwork(rule);
  const payload = new Uint8Array(20);
  return Array.from({ length: many }, () => network.fateOf(payload, 0, 0));
}

const numberOf = (payload: Buffer) => payload.readUInt32BE(0);
const numbered = (number: number) => {
  const payload = Buffer.alloc(20);
  payload.writeUInt32BE(number);
  return payload;
};
/** The numbers of those of which that is so. */
const numbersOf = (all: readonly Fate[], is: (fate: Fate) => boolean) =>
  all.flatMap((fate, number) => (is(fate) ? [number] : []));

describe("a rule on a socket", function () {
  this.timeout(180_000);
  const tapped = TapUnderTest.forSuite();
  let stranger: Stranger;
  let program: Program;
  let ports: Ports;
  let control: string;
  let folder: string;

  before(function () {
    if (process.platform === "win32") this.skip();
  });

  afterEach(() => stranger?.close());

  async function start(runtime: Runtime, ...words: readonly string[]): Promise<void> {
    stranger = await Stranger.bind();
    folder = tapped.newFolder();
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const environment = { [CONTROL_VARIABLE]: `${folder}/`, [TOKEN_VARIABLE]: TOKEN };
    const tap = { path: tapped.path, folder };
    const path = join(PROGRAMS, runtime.suffix === ".py" ? "python/ruled.py" : "ruled.mjs");
    program = startProgram(runtime, path, { tap, environment, words });
    const [line] = (await once(program.process.stdout ?? program.process, "data")) as [string];
    ports = JSON.parse(line) as Ports;
    control = controlPath(`${folder}/`, ports.pid, 0);
    for (let tries = 0; (await keep(SENDER)) === "noProgram"; tries++) {
      assert.ok(tries < 1000, "The program does not listen");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  const localOf = (socket: number) =>
    `127.0.0.1:${socket === SENDER ? ports.sender : ports.hearer}`;

  const keep = (socket: number): Promise<ControlReply | Silence> =>
    askProgram(control, TOKEN, { do: "keepRules", socket, local: localOf(socket) });

  const setRules = (
    socket: number,
    ...rules: readonly (Rule & { direction: RuleDirection; peer?: string })[]
  ): Promise<ControlReply | Silence> =>
    askProgram(control, TOKEN, { do: "setRules", socket, local: localOf(socket), rules });

  /** Asks the program from a socket of its own, so that all that the stranger has is what is tested. */
  async function ask(what: string): Promise<Report> {
    const asking = await Stranger.bind();
    try {
      return JSON.parse(String(await asking.ask(what, ports.reporter))) as Report;
    } finally {
      asking.close();
    }
  }

  /** All that the program has heard, until there are so many. */
  async function heard(many: number): Promise<Buffer[]> {
    const all: string[] = [];
    for (let tries = 0; all.length < many; tries++) {
      assert.ok(tries < 4000, `heard ${all.length} of ${many}`);
      all.push(...(await ask("report")).heard);
      if (all.length < many) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return all.map((hex) => Buffer.from(hex, "hex"));
  }

  const recorded = (direction: Datagram["direction"], socket: number) =>
    readDatagrams(folder).filter(
      (it) => it.direction === direction && it.socket.description.endsWith(`socket ${socket}`),
    );
  const dropsOf = (all: readonly Datagram[]) =>
    all.flatMap(({ comment }, at) => (parseRuleEffect(comment)?.dropped ? [at] : []));

  describeOn([...runtimes, ...pythonRuntimes], (runtime) => {
    it("loses what a relay with the same rule and seed loses, on the way out", async () => {
      await start(runtime);
      const rule = { drop: 30, seed: 7 };
      assert.deepEqual(await setRules(SENDER, { direction: "out", ...rule }), { bytes: 0 });
      const all = fates(rule, 20 * BURST);
      const passing = numbersOf(all, ({ dropped }) => dropped === undefined);
      for (let sent = BURST; sent <= all.length; sent += BURST) {
        await ask(`send ${BURST} ${stranger.port}`);
        const due = passing.filter((number) => number < sent).length;
        await until("what passes has come", () => stranger.received.length >= due);
      }
      const came = stranger.received.map(({ data }, at) => {
        const round = Math.floor((passing[at] ?? 0) / BURST);
        return round * BURST + numberOf(data);
      });
      assert.deepEqual(came, passing);
      const { done, failed } = await ask("report");
      assert.deepEqual({ done, failed }, { done: all.length, failed: 0 });
      await until("all is recorded", () => recorded("out", SENDER).length >= all.length);
      const lost = numbersOf(all, ({ dropped }) => dropped !== undefined);
      // Deno tells of what was sent when the system has done it.
      const told = recorded("out", SENDER).toSorted((one, other) => one.time - other.time);
      assert.deepEqual(
        told.flatMap(({ comment }, at) => (comment === "" ? [] : [at])),
        lost,
      );
      const comments = new Set(recorded("out", SENDER).map(({ comment }) => comment));
      assert.deepEqual(comments, new Set(["", "dropped by a rule (drop)"]));
    });

    it("loses the same on the way in, where only some are meant", async () => {
      await start(runtime);
      const rule = { drop: 30, seed: 7 };
      const other = await Stranger.bind();
      const peer = `127.0.0.1:${stranger.port}`;
      assert.deepEqual(await setRules(HEARER, { direction: "in", peer, ...rule }), { bytes: 0 });
      const all = fates(rule, 5 * BURST);
      const came: number[] = [];
      for (let number = 0; number < all.length; number += BURST) {
        const burst = all.slice(number, number + BURST);
        for (const at of burst.keys()) await stranger.sent(numbered(number + at), ports.hearer);
        await other.sent(numbered(0xffff), ports.hearer);
        const passing = burst.filter(({ dropped }) => dropped === undefined).length;
        for (const payload of await heard(passing + 1)) came.push(numberOf(payload));
      }
      other.close();
      assert.deepEqual(
        came.filter((number) => number !== 0xffff),
        numbersOf(all, ({ dropped }) => dropped === undefined),
      );
      assert.equal(came.filter((number) => number === 0xffff).length, 5);
      await until("all is recorded", () => recorded("in", HEARER).length >= all.length + 5);
      const drops = dropsOf(recorded("in", HEARER)).map((at) =>
        numberOf(recorded("in", HEARER)[at]?.payload ?? Buffer.alloc(4)),
      );
      assert.deepEqual(
        drops,
        numbersOf(all, ({ dropped }) => dropped !== undefined),
      );
    });

    it("holds back, doubles and changes, and the record says what and by how much", async () => {
      await start(runtime);
      const rule = { delay: 30, jitter: 10, inOrder: true, duplicate: 20, corrupt: 20, seed: 3 };
      const all = fates(rule, BURST);
      await setRules(SENDER, { direction: "out", ...rule });
      await setRules(HEARER, { direction: "in", ...rule });
      const many = all.reduce((sum, { copies }) => sum + copies, 0);
      const expected = all.flatMap(({ copies, flippedBit }, number) => {
        const payload = numbered(number);
        if (flippedBit !== undefined)
          payload.writeUInt8(
            payload.readUInt8(flippedBit >> 3) ^ (1 << (flippedBit & 7)),
            flippedBit >> 3,
          );
        return new Array<string>(copies).fill(payload.toString("hex"));
      });

      await ask(`send ${BURST} ${stranger.port}`);
      await until("all have come", () => stranger.received.length >= many);
      assert.deepEqual(
        stranger.received.map(({ data }) => data.toString("hex")),
        expected,
      );
      await until("all is recorded", () => recorded("out", SENDER).length >= many);

      for (const number of all.keys()) await stranger.sent(numbered(number), ports.hearer);
      assert.deepEqual(
        (await heard(many)).map((payload) => payload.toString("hex")),
        expected,
      );
      assert.equal((await ask("report")).awaited, many);
      await until("all is recorded", () => recorded("in", HEARER).length >= many);

      for (const [direction, socket] of [
        ["out", SENDER],
        ["in", HEARER],
      ] as const) {
        const records = recorded(direction, socket);
        assert.deepEqual(
          records.map(({ payload }) => payload.toString("hex")),
          expected,
        );
        let at = 0;
        for (const { copies, flippedBit } of all) {
          for (let copy = 0; copy < copies; copy++) {
            const effect = parseRuleEffect(records[at++]?.comment ?? "");
            assert.equal(effect?.flippedBit, flippedBit);
            assert.equal(effect?.isCopy ?? false, copy > 0);
            assert.ok((effect?.delayMs ?? 0) >= 20);
          }
        }
      }
    });

    it("drops what waits where the socket is closed, and keeps no program alive", async () => {
      await start(runtime);
      await setRules(SENDER, { direction: "out", delay: 60_000 });
      await ask(`send 3 ${stranger.port}`);
      await ask("close");
      const closed = "dropped by a rule (end)";
      const comments = () => recorded("out", SENDER).map(({ comment }) => comment);
      await until("they are recorded", () => comments().length === 3);
      assert.deepEqual(comments(), [closed, closed, closed]);
      const peer = `127.0.0.1:${stranger.port}`;
      await setRules(HEARER, { direction: "in", peer, delay: 60_000 });
      await stranger.sent("x", ports.hearer);
      // What passes behind it tells that it has come, and waits.
      const other = await Stranger.bind();
      await other.sent("y", ports.hearer);
      other.close();
      assert.deepEqual((await heard(1)).map(String), ["y"]);
      await stranger.sent("exit", ports.reporter);
      const { exitCode, stderr } = await program.ended;
      assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
      assert.deepEqual(
        recorded("in", HEARER).map(({ payload, comment }) => [String(payload), comment]),
        [
          ["y", ""],
          ["x", closed],
        ],
      );
      assert.deepEqual(await stranger.all(), []);
    });

    it("ends where it is taken away: what waits passes at once, in order", async () => {
      await start(runtime);
      assert.deepEqual(await keep(SENDER), { error: "NO_RULES" });
      await setRules(SENDER, { direction: "out", delay: 60_000 });
      assert.deepEqual(await keep(SENDER), { bytes: 0 });
      await ask(`send 10 ${stranger.port}`);
      assert.deepEqual(await setRules(SENDER), { bytes: 0 });
      await until("they have come", () => stranger.received.length >= 10);
      await ask(`send 10 ${stranger.port}`);
      await until("the others have come", () => stranger.received.length >= 20);
      assert.deepEqual(
        stranger.received.map(({ data }) => numberOf(data)),
        [...new Array(20).keys()].map((at) => at % 10),
      );
      assert.deepEqual(await keep(SENDER), { error: "NO_RULES" });
      await until("all is recorded", () => recorded("out", SENDER).length >= 20);
      for (const { comment } of recorded("out", SENDER)) {
        // For as long as they have waited, not for as long as they were to wait.
        assert.ok((parseRuleEffect(comment)?.delayMs ?? 0) < 60_000, comment);
      }
    });

    it("is for a connected socket as well", async () => {
      await start(runtime);
      const rule = { drop: 50, delay: 5, seed: 1 };
      const peer = `127.0.0.1:${stranger.port}`;
      await setRules(SENDER, { direction: "out", peer, ...rule });
      await ask(`send-connected ${BURST} ${stranger.port}`);
      const passing = numbersOf(fates(rule, BURST), ({ dropped }) => dropped === undefined);
      await until("they have come", () => stranger.received.length >= passing.length);
      assert.deepEqual(
        stranger.received.map(({ data }) => numberOf(data)),
        passing,
      );
    });
  });

  describeOn(pythonRuntimes.slice(0, 1), (runtime) => {
    it("is for a call that has begun to wait while there was none, the first time and later", async () => {
      await start(runtime);
      for (const seed of [1, 2, 3]) {
        const rule = { drop: 50, seed };
        await setRules(HEARER, { direction: "in", ...rule });
        const all = fates(rule, 20);
        for (const number of all.keys()) await stranger.sent(numbered(number), ports.hearer);
        const passing = numbersOf(all, ({ dropped }) => dropped === undefined);
        assert.deepEqual((await heard(passing.length)).map(numberOf), passing);
        await setRules(HEARER);
      }
    });

    for (const way of ["asyncio", "selectors", "select"]) {
      it(`is not told to who waits by ${way}, but what it lets through is, when that is due`, async () => {
        await start(runtime, way);
        const rule = { drop: 30, delay: 50, duplicate: 30, seed: 5 };
        await setRules(HEARER, { direction: "in", ...rule });
        const all = fates(rule, 12);
        const many = (these: readonly Fate[]) => these.reduce((sum, { copies }) => sum + copies, 0);
        for (const [number, { copies }] of all.entries()) {
          // Alone: nothing else ends the wait.
          await stranger.sent(numbered(number), ports.hearer);
          assert.deepEqual((await heard(copies)).map(numberOf), new Array(copies).fill(number));
        }
        await setRules(HEARER);
        await stranger.sent(numbered(all.length), ports.hearer);
        assert.deepEqual((await heard(1)).map(numberOf), [all.length]);
        const { awaited, inVain } = await ask("report");
        assert.equal(awaited, many(all) + 1);
        // A wait that began before the first rule ends with the next datagram, whatever becomes of that.
        assert.ok((inVain ?? 0) <= 1, `${inVain}`);
        const lost = all.filter(({ dropped }) => dropped).length;
        const total = many(all) + lost + 1;
        await until("all is recorded", () => recorded("in", HEARER).length >= total);
        const comments = recorded("in", HEARER).map(({ comment }) => comment);
        assert.deepEqual([comments.length, comments.at(-1)], [total, ""]);
        assert.equal(comments.filter((it) => it === "dropped by a rule (drop)").length, lost);
        const late = comments.filter((it) => it.startsWith("delayed 50.0 ms by a rule"));
        assert.equal(late.length, many(all));
      });
    }
  });

  describeOn(pythonRuntimes, (runtime) => {
    it("is for each call, waits as the socket does, and is none in a child that was forked", async () => {
      stranger = await Stranger.bind();
      folder = tapped.newFolder();
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const environment = { [CONTROL_VARIABLE]: `${folder}/`, [TOKEN_VARIABLE]: TOKEN };
      const tap = { path: tapped.path, folder };
      const path = join(PROGRAMS, "python/ruled_calls.py");
      program = startProgram(runtime, path, { tap, environment });
      const [line] = (await once(program.process.stdout ?? program.process, "data")) as [string];
      const { pid, port } = JSON.parse(line) as { readonly pid: number; readonly port: number };
      control = controlPath(`${folder}/`, pid, 0);
      const rules = [
        { direction: "in", delay: 100, peer: `127.0.0.1:${port}` },
        { direction: "out", drop: 100, peer: `127.0.0.1:${stranger.port}` },
      ];
      const local = `127.0.0.1:${port}`;
      const set = () => askProgram(control, TOKEN, { do: "setRules", socket: 1, local, rules });
      let reply = await set();
      for (let tries = 0; reply === "noProgram" && tries < 1000; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        reply = await set();
      }
      assert.deepEqual(reply, { bytes: 0 });
      await stranger.sent(String(stranger.port), port);
      const { exitCode, stdout, stderr } = await program.ended;
      assert.deepEqual([exitCode, stderr], [0, ""]);
      assert.deepEqual(stdout.trim().split("\n").slice(1), [
        "at once BlockingIOError 11",
        "too early timed out",
        "peek b'one' b'one'",
        "recv b'tw'",
        "recv_into 5 bytearray(b'three')",
        "recvfrom_into 2 True",
        "recvmsg b'five' [] True",
        "recvmsg_into 3 b'si' b'x' True",
        "select [] True",
        "sent 4 4 9 6",
        "child b'child' False",
        "late True",
      ]);
      assert.deepEqual(await stranger.all(), []);
      const told = recorded("out", 1).map(({ payload, comment }) => `${payload} ${comment}`);
      const dropped = ["lost", "two parts", "parts!"];
      for (const text of dropped)
        assert.ok(told.includes(`${text} dropped by a rule (drop)`), text);
      assert.ok(
        recorded("in", 1).some(({ payload, comment }) => {
          return (
            String(payload) === "tw" &&
            comment ===
              "the program's buffer was smaller: the rest is lost; delayed 100.0 ms by a rule"
          );
        }),
      );
    });
  });

  describeOn([defaultRuntime, ...pythonRuntimes.slice(0, 1)], (runtime) => {
    it("ends by itself where the window is gone, in a program that runs", async () => {
      await start(runtime);
      await setRules(SENDER, { direction: "out", drop: 100 });
      const since = performance.now();
      for (let sent = 0; stranger.received.length === 0; sent++) {
        assert.ok(performance.now() - since < 30_000, `${sent} were dropped`);
        await ask(`send 1 ${stranger.port}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.deepEqual(await keep(SENDER), { error: "NO_RULES" });
      const records = recorded("out", SENDER);
      const dropped = records.filter(({ comment }) => comment !== "");
      const seconds = ((dropped.at(-1)?.time ?? 0) - (dropped[0]?.time ?? 0)) / 1e6;
      // By the program's own clock; a second more for a machine that is busy.
      assert.ok(seconds > RULES_SILENCE_S - 1 && seconds < RULES_SILENCE_S + 2, `${seconds} s`);
    });

    it("is none where it makes no sense, and the one before stays", async () => {
      await start(runtime);
      await setRules(SENDER, { direction: "out", drop: 100 });
      for (const rule of [
        { direction: "out", drop: 101 },
        { direction: "sideways" },
        { direction: "in", peer: "127.0.0.1" },
        { direction: "in", dorp: 1 },
      ]) {
        const reply = await setRules(SENDER, rule as unknown as Parameters<typeof setRules>[1]);
        assert.deepEqual(reply, { error: "EINVAL" });
      }
      assert.deepEqual(await keep(SENDER), { bytes: 0 });
      await ask(`send 3 ${stranger.port}`);
      await until("they are recorded", () => recorded("out", SENDER).length === 3);
      assert.deepEqual(dropsOf(recorded("out", SENDER)), [0, 1, 2]);
    });
  });

  describeOn([defaultRuntime, ...pythonRuntimes.slice(0, 1)], (runtime) => {
    it("tells of the same bytes that never pass, either way", async () => {
      await start(runtime);
      await setRules(HEARER, { direction: "in", drop: 100 });
      await setRules(SENDER, { direction: "out", drop: 100 });
      for (let at = 0; at < 20; at++) {
        await stranger.sent("again", ports.hearer);
        await stranger.sent(`other ${at}`, ports.hearer);
        await ask(`send 1 ${stranger.port}`);
      }
      await until("all are recorded", () => recorded("in", HEARER).length === 40);
      await until("all are recorded", () => recorded("out", SENDER).length === 20);
      const told = (datagrams: readonly Datagram[]) =>
        datagrams.map(({ comment }) => parseRuleEffect(comment)?.timesInARow);
      const expected = Array.from({ length: 20 }, (_, at) => (at % 10 === 9 ? at + 1 : undefined));
      const isAgain = ({ payload }: Datagram) => String(payload) === "again";
      assert.deepEqual(told(recorded("in", HEARER).filter(isAgain)), expected);
      assert.ok(told(recorded("in", HEARER).filter((it) => !isAgain(it))).every((it) => !it));
      assert.deepEqual(told(recorded("out", SENDER)), expected);
    });
  });
});

describe("the rules of a socket", () => {
  let world: SmallWorld;
  let loaded: string[];
  let seen: string[];
  let observer: SocketObserver;
  let rules: SwitchedRules;

  beforeEach(() => {
    world = new SmallWorld();
    loaded = [];
    seen = [];
    observer = {
      rules: undefined,
      unfinished: new Set(),
      isIpv6: false,
      isBlocked: () => false,
      now: () => 0,
      sawMessage: (_: unknown, __: unknown, ___: unknown, remark = "") => seen.push(remark),
    } as unknown as SocketObserver;
    const load: LoadPart = (name) => {
      loaded.push(name);
      return socketRules;
    };
    rules = new SwitchedRules(observer, world, load);
  });
  afterEach(() => world.remove());

  it("are read with the first of them, and cost nothing before", () => {
    rules.set([]);
    assert.equal(rules.keep(), false);
    assert.deepEqual(loaded, []);
    assert.deepEqual(world.timers, []);
    rules.set([{ direction: "in", drop: 1 }]);
    rules.set([{ direction: "in", drop: 2 }]);
    rules.set([]);
    rules.set([{ direction: "in", drop: 3 }]);
    assert.deepEqual(loaded, ["socket_rules"]);
  });

  it("hand over what they held back when it is due: a turn that has no reference would wake nobody", async () => {
    const { setImmediate } = globalThis;
    const haveReference: boolean[] = [];
    const counted = (task: () => void) => {
      const immediate = setImmediate(task);
      queueMicrotask(() => haveReference.push(immediate.hasRef()));
      return immediate;
    };
    globalThis.setImmediate = counted as typeof setImmediate;
    try {
      rules.set([{ direction: "in", delay: 5, duplicate: 100 }]);
      const from = { address: "127.0.0.1", port: 5000 };
      let passed = 0;
      await new Promise<void>((resolve) => {
        observer.rules?.hear(numbered(1), from, () => {
          if (++passed === 2) resolve();
        });
      });
      assert.deepEqual(haveReference, [true, true]);
    } finally {
      globalThis.setImmediate = setImmediate;
    }
  });

  it("end within ten seconds without a word from the window, and not while there is one", () => {
    rules.set([{ direction: "in", drop: 100 }]);
    for (let second = 0; second < 100; second++) {
      world.pass(1000);
      if (second % RULES_SILENCE_S === 0) assert.equal(rules.keep(), true);
    }
    assert.ok(observer.rules);
    assert.equal(rules.keep(), true);
    for (let second = 0; second < 10; second++) world.pass(1000);
    assert.equal(observer.rules, undefined);
    assert.equal(rules.keep(), false);
    assert.deepEqual(world.timers, [], "no timer is left");
  });

  it("do not end while a debugger holds the program: it could not hear the window", () => {
    rules.set([{ direction: "in", drop: 100 }]);
    world.pass(3_600_000);
    assert.ok(observer.rules);
  });

  it("lose of 100,000 datagrams exactly those that a relay loses with the same seed", () => {
    const rule = { drop: 30, seed: 7 };
    rules.set([{ direction: "in", ...rule }]);
    const passed: number[] = [];
    const deliver = (payload: unknown) => passed.push(numberOf(payload as Buffer));
    const from = { address: "127.0.0.1", port: 5000 };
    for (let number = 0; number < 100_000; number++) {
      observer.rules?.hear(numbered(number), from, deliver);
    }
    assert.deepEqual(
      passed,
      numbersOf(fates(rule, 100_000), ({ dropped }) => dropped === undefined),
    );
    assert.ok(Math.abs(passed.length - 70_000) < 500, `${passed.length}`);
    const drops = seen.filter((remark) => remark === "dropped by a rule (drop)").length;
    assert.equal(drops, 100_000 - passed.length);
    assert.equal(seen.length, 100_000);
  });
});
