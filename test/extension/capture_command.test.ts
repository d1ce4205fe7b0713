import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { payloadText, tools } from "./registry_programs.ts";
import { activateWorkbench, datagramCount, datagramsOnce, untilAsked } from "./workbench_api.ts";

const run = promisify(execFile);
const suite = join(__dirname, "../../test/data/pcapng-suite");

const capture = (argument: object) =>
  Promise.resolve(
    vscode.commands.executeCommand<{ pid: number }>("udpWorkbench.captureFromCommand", argument),
  );
const stop = (argument: object = {}) =>
  Promise.resolve(
    vscode.commands.executeCommand<{ stopped: number }>("udpWorkbench.stopCaptures", argument),
  );

/** Writes a file to its output a few bytes at a time, stays when it has, and ends well on Ctrl+C. */
const SLOW = `
const bytes = require("fs").readFileSync(process.argv[1]);
let at = 0;
const timer = setInterval(() => {
  process.stdout.write(bytes.subarray(at, at += 7));
  if (at >= bytes.length) clearInterval(timer), setInterval(() => {}, 1000);
}, 1);
process.on("SIGINT", () => process.exit(0));
`;

describe("Capture from Command", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let folder: string;

  before(async () => {
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp capture "));
  });

  beforeEach(() => vscode.commands.executeCommand("udpWorkbench.clear", {}));

  afterEach(async () => {
    await stop();
    for (const terminal of vscode.window.terminals) terminal.dispose();
  });

  after(() => rm(folder, { recursive: true }));

  const untilThere = (count: number) => datagramsOnce(api, count);

  it("shows what is in a pcapng file that is put out, and no interface as a bound port", async () => {
    const { pid } = await capture({ command: "cat", args: [join(suite, "test001_le.pcapng")] });
    assert.ok(pid > 0);
    await untilThere(4);
    assert.deepEqual(api.ports(), []);
  });

  it("shows what is in a pcap file, through the shell, with quotes and a pipe", async () => {
    const path = join(folder, "it's.pcap");
    await writeFile(path, pcap(["one", "two"]));
    await capture({ command: `cat "${path}" | cat` });
    await untilThere(2);
    assert.deepEqual((await api.datagrams()).map(payloadText), ["one", "two"]);
  });

  it("shows datagrams while a slow command still writes, and goes on until it is stopped", async () => {
    const path = join(folder, "slow.pcap");
    await writeFile(path, Buffer.concat([pcap(["first", "second"]), Buffer.from([1, 2, 3])]));
    const { pid } = await capture({
      command: join(tools, "node"),
      args: ["-e", SLOW, path],
      name: "slow",
    });
    await untilThere(2);
    assert.doesNotThrow(() => process.kill(pid, 0));
    assert.ok(vscode.window.terminals.some(({ name }) => name === "UDP Capture: slow"));
    assert.deepEqual(await stop({ pid }), { stopped: 1 });
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    assert.equal(await datagramCount(api), 2);
    assert.deepEqual(await stop(), { stopped: 0 });
  });

  it("stops what a shell started when its terminal is closed", async () => {
    const path = join(folder, "closed.pcap");
    await writeFile(path, pcap(["one"]));
    const { pid } = await capture({ command: `cat '${path}'; sleep 1000`, name: "closed" });
    const terminal = vscode.window.terminals.find(({ name }) => name === "UDP Capture: closed");
    assert.ok(terminal);
    terminal.dispose();
    await untilAsked(api, "the shell is gone", async () => !isAlive(pid));
  });

  it("does not take what others captured for ports and programs of this machine", async () => {
    const path = join(folder, "lesson.pcapng");
    const server = await vscode.commands.executeCommand<{ port: number }>(
      "udpWorkbench.startServer",
      { port: 0 },
    );
    await vscode.commands.executeCommand("udpWorkbench.startClient", { port: server.port });
    await untilThere(12);
    await vscode.commands.executeCommand("udpWorkbench.exportCapture", {
      uri: vscode.Uri.file(path),
    });
    await vscode.commands.executeCommand("udpWorkbench.clear", {});
    // The server whose capture it is still runs: there is one port, not two.
    const portsNow = () =>
      api.ports().map(({ port, received, sent }) => ({ port, received, sent }));
    const before = portsNow();
    await capture({ command: "cat", args: [path] });
    await untilThere(12);
    assert.deepEqual(portsNow(), before);
    assert.deepEqual(before, [{ port: server.port, received: 0, sent: 0 }]);
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
  });

  it("captures what passes an interface, where this user may", async function () {
    const may = await run("dumpcap", ["-D"]).then(
      ({ stdout }) => /\blo\b/.test(stdout),
      () => false,
    );
    if (!may) this.skip();
    await capture({ command: "dumpcap", args: ["-q", "-i", "lo", "-f", "udp", "-w", "-"] });
    const receiver = createSocket("udp4").bind(0, "127.0.0.1");
    await once(receiver, "listening");
    const sender = createSocket("udp4");
    // dumpcap says that it captures before it does: until the first arrives, more are sent.
    const sending = setInterval(
      () => sender.send("wire", receiver.address().port, "127.0.0.1"),
      50,
    );
    try {
      await untilAsked(api, "a datagram is there", async () =>
        (await api.datagrams()).map(payloadText).includes("wire"),
      );
    } finally {
      clearInterval(sending);
      sender.close();
      receiver.close();
    }
    assert.deepEqual(api.ports(), []);
  });

  for (const [what, argument, reason] of [
    ["there is no such program", { command: "no-such-program", args: [] }, /ENOENT; install it/],
    ["the shell finds none", { command: "no-such-program -w -" }, /there is no such program: /],
    [
      "it fails",
      { command: "echo 'You have no permission' >&2; exit 3" },
      /ended with exit code 3 and wrote no capture: You have no permission/,
    ],
    ["it writes nothing", { command: "true", args: [] }, /exit code 0 and wrote no capture/],
    [
      "its output is no capture",
      { command: "echo hello; sleep 1000" },
      /must write pcap or pcapng to its output\. .*neither pcapng nor pcap/,
    ],
    ["it is no text", { command: 5 }, /Cannot use the option command/],
  ] as const) {
    it(`says so when ${what}, and leaves nothing running`, async () => {
      await assert.rejects(capture(argument), (error: Error) => {
        assert.match(error.message, reason);
        return true;
      });
      await stop();
      assert.equal(await datagramCount(api), 0);
    });
  }

  it("shows nothing of what hostile errors would do to a terminal", async () => {
    const command = "printf '\\033]52;c;b3duZWQ=\\007oops' >&2; exit 1";
    await assert.rejects(capture({ command }), (error: Error) => {
      assert.match(error.message, /\\x1b\]52;c;b3duZWQ=\\x07oops/);
      return true;
    });
  });
});

/** A capture of raw IPv4 packets, a datagram each. */
function pcap(payloads: readonly string[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(101, 20);
  const packets = payloads.map((payload, index) => {
    const length = 28 + payload.length;
    const packet = Buffer.alloc(16 + length);
    packet.writeUInt32LE(1_700_000_000 + index);
    packet.writeUInt32LE(length, 8);
    packet.writeUInt32LE(length, 12);
    packet.set([0x45, 0, 0, length, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2], 16);
    packet.writeUInt16BE(1000, 36);
    packet.writeUInt16BE(2000, 38);
    packet.writeUInt16BE(8 + payload.length, 40);
    packet.write(payload, 44);
    return packet;
  });
  return Buffer.concat([header, ...packets]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
