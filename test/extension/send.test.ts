import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Datagram, OtherSocket, UdpWorkbench } from "../../extension/api.ts";
import { percentile } from "../support/percentile.ts";
import { dueTimes, TimedReceiver, timedCapture } from "../support/replay_timing.ts";
import { Stranger } from "../support/script_socket.ts";
import { waitUntil } from "../support/wait_until.ts";
import { activateWorkbench, until, untilAsked } from "./workbench_api.ts";

interface Server {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
}

async function call<T>(command: string, argument?: object): Promise<T> {
  return vscode.commands.executeCommand<T>(`udpWorkbench.${command}`, argument);
}

describe("Send, Reply, Resend and Replay", () => {
  let api: UdpWorkbench;
  let server: Server;
  let name: string;
  let stranger: Stranger;
  let folder: string;

  before(async () => {
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-send-"));
  });

  after(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    await call("clear", {});
    server = await call<Server>("startServer", { port: 0 });
    name = `127.0.0.1:${server.port}`;
    stranger = await Stranger.bind();
  });

  afterEach(async () => {
    stranger.close();
    await call("stopAll");
  });

  const strangers = () => `127.0.0.1:${stranger.port}`;
  const text = ({ payload }: Datagram) => Buffer.from(payload).toString();

  /** Waits until the capture has a datagram with this payload; the first of them. */
  async function captured(payload: string): Promise<Datagram> {
    let found: Datagram | undefined;
    await waitUntil(`"${payload}" in the capture`, async () => {
      found = (await api.datagrams()).find((one) => text(one) === payload);
      return found !== undefined;
    });
    assert.ok(found);
    return found;
  }

  it("sends from a new socket, and shows what is answered", async () => {
    const { bytes } = await call<{ bytes: number }>("send", { to: name, payload: "Eva" });
    assert.equal(bytes, 3);
    // Which of its two ends noted it first is a matter of microseconds.
    await waitUntil("the answer of the server", async () =>
      (await api.datagrams()).some(
        (one) =>
          text(one) === "Hello, Eva!" &&
          one.direction === "out" &&
          `${one.local.address}:${one.local.port}` === name,
      ),
    );
    await until(api, "the answer is received", () =>
      api.ports().some(({ received, port }) => received === 1 && port !== server.port),
    );
  });

  it("sends from the very port of a program, named or by its process", async () => {
    const every = Uint8Array.from({ length: 256 }, (_, index) => index);
    for (const from of [name, { pid: server.pid }]) {
      const argument = { to: strangers(), payload: every, from };
      const result = await call<{ bytes: number; from: string }>("send", argument);
      assert.deepEqual(result, { bytes: 256, from: name });
    }
    await waitUntil("both", () => stranger.received.length === 2);
    for (const { data, peer } of stranger.received) {
      assert.deepEqual([new Uint8Array(data), peer.port], [every, server.port]);
    }
    await waitUntil("both in the capture", async () => {
      const sent = (await api.datagrams()).filter(({ direction }) => direction === "out");
      return sent.filter(({ local }) => local.port === server.port).length === 2;
    });
  });

  it("takes a payload in each format, exactly", async () => {
    const cases: [payload: string, format: string, hex: string][] = [
      ["é世", "text", "c3a9e4b896"],
      ["A\\x41\\u{20ac}\\n", "escape", "4141e282ac0a"],
      ["41:6c,69;0x63-65", "hex", "416c696365"],
      ["_-8", "base64", "ffef"],
      ["", "text", ""],
    ];
    for (const [payload, format] of cases) await call("send", { to: strangers(), payload, format });
    await waitUntil("all", () => stranger.received.length === cases.length);
    assert.deepEqual(
      stranger.received.map(({ data }) => data.toString("hex")),
      cases.map(([, , hex]) => hex),
    );
  });

  it("computes bytes where a payload asks for them: each datagram has a number of its own", async () => {
    const payload = "01 04 02 ff ff {{crc16/modbus}} {{seq u8}} {{length u16be}} {{random 1}}";
    for (let times = 0; times < 2; times++) {
      await call("send", { to: strangers(), payload, format: "hex" });
    }
    await call("send", { to: strangers(), payload: "\\x7b{seq}}", format: "escape" });
    await waitUntil("all", () => stranger.received.length === 3);
    const received = stranger.received.map(({ data }) => data);
    const [first, second] = received.map((data) => data.toString("hex"));
    assert.match(first ?? "", /^010402ffffb880(..)000b..$/);
    assert.match(second ?? "", /^010402ffffb880(..)000b..$/);
    assert.equal((received[1]?.[7] ?? 0) - (received[0]?.[7] ?? 0), 1);
    assert.equal(received[2]?.toString(), "{{seq}}");
  });

  it("refuses before it sends what cannot be right, and what leaves this machine unasked", async () => {
    const wrong: [argument: object, message: RegExp][] = [
      [{ to: "nowhere", payload: "x" }, /port from 1 to 65535/],
      [{ to: "127.0.0.1:0", payload: "x" }, /port from 1 to 65535/],
      [{ to: "127.0.0.1:65536", payload: "x" }, /port from 1 to 65535/],
      [{ to: "127.0.0.01:9", payload: "x" }, /must be an address/],
      [{ to: "no.such.host.invalid:9", payload: "x" }, /no address was found/],
      [{ to: "0.0.0.0:9999", payload: "x" }, /only says where a socket listens/],
      [{ to: "192.0.2.1:9999", payload: "x" }, /192\.0\.2\.1 is not this machine/],
      [{ to: "239.1.1.1:9999", payload: "x" }, /239\.1\.1\.1 is not this machine/],
      [{ to: "255.255.255.255:9", payload: "x", confirmed: true }, /broadcast: true/],
      [{ to: strangers(), payload: new Uint8Array(65_508) }, /carries 65,507 at most/],
      [{ to: strangers(), payload: "4", format: "octal" }, /option format/],
      [{ to: strangers(), payload: "4 xx", format: "hex" }, /xx is no byte/],
      [{ to: strangers(), payload: "{{crc16/modbuz}}" }, /no CRC of the catalogue/],
      [{ to: strangers(), payload: 5 }, /option payload/],
      [{ to: strangers(), payload: "x", from: "127.0.0.1:1" }, /no program of this window/],
      [{ to: strangers(), payload: "x", from: { pid: 1 } }, /no program of this window/],
    ];
    for (const [argument, message] of wrong) {
      await assert.rejects(call("send", argument), message, JSON.stringify(argument));
    }
    await call("send", { to: strangers(), payload: "the only one" });
    await waitUntil("it", () => stranger.received.length === 1);
    assert.equal(String(stranger.received[0]?.data), "the only one");
  });

  it("replies from the port that received, and resends to where it went", async () => {
    assert.equal(String(await stranger.ask("Ann", server.port)), "Hello, Ann!");
    const { id } = await captured("Ann");
    const reply = await call("reply", { id, payload: "again" });
    assert.deepEqual(reply, { bytes: 5, from: name });
    await waitUntil("the reply", () => stranger.received.length === 2);
    const last = stranger.received.at(-1);
    assert.deepEqual([String(last?.data), last?.peer.port], ["again", server.port]);

    // Nobody here sent it: it comes from a new socket, which is answered.
    assert.equal((await call<{ bytes: number }>("resend", { id })).bytes, 3);
    await waitUntil("a second answer", async () => {
      const all = await api.datagrams();
      return (
        all.filter((one) => text(one) === "Hello, Ann!" && one.direction === "out").length === 2
      );
    });
    // The server sent this one, and does it again.
    const answer = await captured("Hello, Ann!");
    assert.deepEqual(await call("resend", { id: answer.id }), { bytes: 11, from: name });
    await waitUntil("the answer again", () => stranger.received.length === 3);
  });

  it("closes a socket, and says then that nothing can be sent from it", async () => {
    await call("closeSocket", { from: name });
    await until(api, "it is gone", () => !api.ports().some(({ port }) => port === server.port));
    const late = { to: strangers(), payload: "x", from: name };
    await assert.rejects(call("send", late), /no program of this window/);
  });

  it("replays what is in the capture, in order, at its own pace or as fast as possible", async () => {
    for (const word of ["one", "two", "three"]) await stranger.ask(word, server.port);
    await captured("Hello, three!");
    const all = ["one", "Hello, one!", "two", "Hello, two!", "three", "Hello, three!"];
    for (const speed of [undefined, 10, "fast"]) {
      const to = await Stranger.bind();
      const argument = { to: `127.0.0.1:${to.port}`, ...(speed && { speed }) };
      // What it sends is recorded as well: these are the ones from before.
      const ids = (await api.datagrams({ to: 6 })).map(({ id }) => id);
      const result = await call("replay", { ...argument, datagrams: ids });
      assert.deepEqual(result, { sent: 6, cut: 0, failed: 0, cancelled: false });
      await waitUntil("all", () => to.received.length === 6);
      assert.deepEqual(
        to.received.map(({ data }) => String(data)),
        all,
      );
      to.close();
    }
    await waitUntil("all that was sent in the capture", async () => {
      return (await api.datagrams()).length === 4 * all.length;
    });
    await call("clear", {});
    const path = join(folder, "saved.pcapng");
    await stranger.ask("saved", server.port);
    await captured("Hello, saved!");
    await call("exportCapture", { uri: vscode.Uri.file(path) });
    stranger.received.length = 0;
    const argument = { to: strangers(), uri: vscode.Uri.file(path), speed: "fast" };
    assert.deepEqual(await call("replay", argument), {
      sent: 2,
      cut: 0,
      failed: 0,
      cancelled: false,
    });
    await waitUntil("both", () => stranger.received.length === 2);
    assert.deepEqual(
      stranger.received.map(({ data }) => String(data)),
      ["saved", "Hello, saved!"],
    );
  });

  it("replays a capture of 10,000 at original timing: in order, in time, to the last one", async () => {
    const due = dueTimes(10_000, 5000);
    const path = join(folder, "timed.pcapng");
    await writeFile(path, timedCapture(due));
    const receiver = await TimedReceiver.bind();
    try {
      const argument = { to: `127.0.0.1:${receiver.port}`, uri: vscode.Uri.file(path) };
      const start = performance.now();
      const result = await call("replay", argument);
      assert.deepEqual(result, { sent: 10_000, cut: 0, failed: 0, cancelled: false });
      // What this process had no time to take out of its receive buffer was sent all the same. Only Linux tells of it.
      let droppedHere = 0;
      await untilAsked(api, "all have come", async () => {
        const mine = ({ pid, port }: OtherSocket) => pid === process.pid && port === receiver.port;
        droppedHere = (await api.otherSockets()).find(mine)?.lostInReceiveBuffer ?? 0;
        return receiver.numbers.length + droppedHere === 10_000;
      });
      const { lost, misplaced, gapErrors, clockErrors } = receiver.timing(due);
      assert.deepEqual({ lost, misplaced }, { lost: droppedHere, misplaced: 0 });
      const early = receiver.numbers.filter(
        (number, at) => (receiver.arrivals[at] ?? 0) < start + (due[number] ?? 0),
      );
      assert.deepEqual(early, [], "none is sent before its time");
      // A machine that has more to do than it can lets everybody be late.
      if ((loadavg()[0] ?? 0) > 2 * availableParallelism()) return;
      const [gap, clock] = [percentile(gapErrors, 50), percentile(clockErrors, 50)];
      assert.ok(gap <= 2, `${gap} ms`);
      // A second of five where the pace is wrong; a machine that is busy holds a replay up for less.
      assert.ok(clock <= 100, `${clock} ms`);
    } finally {
      receiver.close();
    }
  }).timeout(60_000);

  it("replays what was cut as far as it was recorded, and says of how many that is so", async () => {
    const path = join(folder, "cut.pcapng");
    await writeFile(
      path,
      timedCapture(dueTimes(10, 10), (number) => number % 4 === 1),
    );
    const argument = { to: strangers(), uri: vscode.Uri.file(path), speed: "fast" };
    const result = await call("replay", argument);
    assert.deepEqual(result, { sent: 10, cut: 3, failed: 0, cancelled: false });
    await waitUntil("all", () => stranger.received.length === 10);
    assert.ok(stranger.received.every(({ data }) => data.length === 64));
  });

  it("replays nothing where it is not told rightly, nor to another machine unasked", async () => {
    const wrong: [argument: object, message: RegExp][] = [
      [{ to: "192.0.2.1:9" }, /192\.0\.2\.1 is not this machine/],
      [{ to: strangers(), speed: 0 }, /option speed/],
      [{ to: strangers(), speed: "slow" }, /option speed/],
      [{ to: strangers(), datagrams: "some" }, /option datagrams/],
      [{ to: strangers(), datagrams: ["1"] }, /option datagrams/],
      [{ to: strangers(), uri: vscode.Uri.file(join(folder, "none")) }, /Cannot read .*ENOENT/],
    ];
    for (const [argument, message] of wrong) {
      await assert.rejects(call("replay", argument), message, JSON.stringify(argument));
    }
    assert.equal(stranger.received.length, 0);
  });

  it("opens an export in Wireshark, or says that there is none", async function () {
    if (process.platform === "win32") this.skip();
    const settings = vscode.workspace.getConfiguration("udpWorkbench");
    const set = (path: string | undefined) =>
      settings.update("wiresharkPath", path, vscode.ConfigurationTarget.Global);
    const fake = join(folder, "wireshark");
    const seen = join(folder, "seen.pcapng");
    await writeFile(
      fake,
      `#!/bin/sh\n[ "$1" = -r ] && cp "$2" "${seen}.part" && mv "${seen}.part" "${seen}"\n`,
    );
    await chmod(fake, 0o700);
    await stranger.ask("Wireshark", server.port);
    await captured("Hello, Wireshark!");
    try {
      await set(fake);
      assert.deepEqual(await call("openInWireshark", {}), { datagrams: 2 });
      await waitUntil("Wireshark to read it", () => readFile(seen).then(() => true));
      assert.ok((await readFile(seen)).includes("Hello, Wireshark!"));
      await set(join(folder, "not", "there"));
      await assert.rejects(
        call("openInWireshark", {}),
        /there is no such program; correct the setting/,
      );
      await assert.rejects(call("openInWireshark", { datagrams: "x" }), /option datagrams/);
    } finally {
      await set(undefined);
    }
  });
});
