import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { PythonDevice } from "../support/python_device.ts";
import { pythons } from "../support/pythons.ts";
import { refusingPort } from "../support/refusing_port.ts";
import type { Outcome, Scripts, StartOptions } from "../support/run_script.ts";
import { describeOnEveryRuntime, onNode24 } from "../support/script_scenarios.ts";
import { Stranger } from "../support/script_socket.ts";

const folder = mkdtempSync(join(tmpdir(), "udp-requests-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Runs a text as a file; `names` are what `{{names}}` in it stand for. */
function run(
  scripts: Scripts,
  text: string,
  names: Readonly<Record<string, string | number>> = {},
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Outcome> {
  const path = join(folder, `${++files}.udp`);
  writeFileSync(path, text);
  const given = Object.entries(names).flatMap(([name, value]) => ["--var", `${name}=${value}`]);
  return scripts.start("udp_run", [path, ...given, ...args], { files: true, ...options }).ended;
}

/** What is printed, without the times and ports that differ. */
const steady = (stdout: string) =>
  stdout
    .replaceAll(/\/\S*\/\d+\.udp/g, "FILE")
    .replaceAll(/\(\d+ ms/g, "(N ms")
    .replaceAll(/after \d+ ms/g, "after N ms")
    .replaceAll(/\d+\.\d+\.\d+\.\d+:\d+/g, "HOST");

/** The lines that say what failed. */
const failures = ({ stdout }: Outcome) =>
  Array.from(stdout.matchAll(/^ +line (\d+: .*)$/gm), ([, text = ""]) => steady(text));

const docs = readFileSync(join(import.meta.dirname, "../../docs/request_files.md"), "utf8");
const example = /```udp\n([\s\S]*?)```/.exec(docs)?.[1] ?? "";

async function inPython(scripts: Scripts) {
  const device = await PythonDevice.start();
  const [asking = ""] = example.split(/^### A device to test against$/m);
  const { exitCode, stdout, stderr } = await run(
    scripts,
    asking.replaceAll(/within \d+ms/g, "within 1s"),
    { device: `127.0.0.1:${device.port}` },
  );
  await device.stop();
  assert.match(stdout, /^3 passed, 0 failed, 0 disabled$/m);
  assert.deepEqual([stderr, exitCode], ["", 0]);
}

describeOnEveryRuntime("request files", {
  "the example of the documentation passes as it stands": async (scripts) => {
    const port = await freeUdpPort();
    const { exitCode, stdout, stderr } = await run(
      scripts,
      example.replaceAll("5683", `${port}`).replaceAll(/within \d+ms/g, "within 1s"),
    );
    assert.equal(stderr, "");
    assert.equal(
      steady(stdout),
      `FILE
  passed   Reads the temperature (N ms)
  passed   Nothing answers a wrong command (N ms)
  passed   What was read is used again (N ms)
  passed   A device to test against: 3 received, 2 answered (N ms)
4 passed, 0 failed, 0 disabled
`,
    );
    assert.equal(exitCode, 0);
  },

  ...(pythons.length > 0 && { "the example passes against a device in Python": inPython }),

  "says what failed: no answer, too many, other bytes, another length": async (scripts) => {
    const device = await Stranger.bind((data) => (`${data}` === "quiet" ? undefined : data));
    const twice = await Stranger.bind((data) => data);
    twice.onEach((data, peer) => twice.send(data, peer.port));
    const outcome = await run(
      scripts,
      `### quiet
SEND {{device}}
"quiet"
EXPECT 1 within 50ms
### twice
SEND {{twice}}
"x"
EXPECT 1 within 300ms
### silence
SEND {{device}}
"x"
EXPECT 0 within 5s
### bytes
SEND {{device}}
hex 01 02 03
EXPECT 1 within 20s
bytes == hex 01 ff 03
length == 4
### after a failure
SEND {{device}}
"x"
EXPECT 1 within 20s
`,
      { device: `127.0.0.1:${device.port}`, twice: `127.0.0.1:${twice.port}` },
    );
    device.close();
    twice.close();
    assert.deepEqual(failures(outcome), [
      "4: expected 1 answer within 50 ms, got none",
      "8: expected 1 answer within 300 ms, got 2",
      "12: expected no answer within 5000 ms, got 1",
      "17: expected bytes == hex 01 ff 03, got hex 01 02 03",
      "18: expected 4 bytes, got 3",
    ]);
    assert.match(outcome.stdout, /^ +\[0\] expected 01 ff 03\n +got {6}01 02 03\n +\^\^$/m);
    assert.match(outcome.stdout, /^1 passed, 4 failed, 0 disabled$/m);
    assert.equal(outcome.exitCode, 1);
  },

  "tells of an answer from another port, and takes it where the file looks at that": async (
    scripts,
  ) => {
    const other = await Stranger.bind();
    const device = await Stranger.bind();
    device.onEach((data, peer) => other.send(data, peer.port));
    const { port } = other;
    const asked = device.port;
    const outcome = await run(
      scripts,
      `### strict
SEND {{device}}
"x"
EXPECT 1 within 300ms
### open
SEND {{device}}
"x"
EXPECT 1 within 20s
from == 127.0.0.1:{{other}}
`,
      { device: `127.0.0.1:${device.port}`, other: port },
    );
    other.close();
    device.close();
    assert.match(
      outcome.stdout,
      new RegExp(`got none; one came from 127.0.0.1:${port}, not from 127.0.0.1:${asked}`),
    );
    assert.match(outcome.stdout, /passed {3}open/);
  },

  "sends again what was lost once": async (scripts) => {
    let heard = 0;
    const device = await Stranger.bind((data) => (++heard % 2 === 1 ? undefined : data));
    const outcome = await run(
      scripts,
      `# @retries 2
### lost once
SEND {{device}}
"x {{seq u8}}"
EXPECT 1 within 400ms
`.replace('"x {{seq u8}}"', "hex 00 {{seq u8}}"),
      { device: `127.0.0.1:${device.port}` },
    );
    const sent = device.received.map(({ data }) => data.toString("hex"));
    device.close();
    assert.match(outcome.stdout, /passed {3}lost once \(\d+ ms, sent again once\)/);
    assert.deepEqual(sent, ["0001", "0001"]);
  },

  "keeps to the port that it is told, also in the next block": async (scripts) => {
    const device = await Stranger.bind((data) => data);
    const port = await freeUdpPort();
    const block = `### a
SEND {{device}} from :{{port}}
"x"
EXPECT 1 within 20s
`;
    const outcome = await run(scripts, block.repeat(3), {
      device: `127.0.0.1:${device.port}`,
      port,
    });
    const ports = device.received.map(({ peer }) => peer.port);
    device.close();
    assert.deepEqual([outcome.stderr, outcome.exitCode, ports], ["", 0, [port, port, port]]);
  },
});

describe("the runner of request files", function () {
  this.timeout(120_000);
  const scripts = onNode24();

  it("tells a refusal from silence", async () => {
    const closed = await refusingPort();
    const outcome = await run(
      scripts,
      `### refused
SEND {{closed}}
"x"
EXPECT refused within 20s
### not silent
SEND {{closed}}
"x"
EXPECT 0 within 20s
`,
      { closed: `127.0.0.1:${closed.port}` },
    );
    closed.close();
    assert.deepEqual(failures(outcome), [
      "8: nobody has port HOST (ECONNREFUSED): start the server first, or write EXPECT refused where that is right",
    ]);
  });

  it("tells of an answer that came too late", async () => {
    const device = await Stranger.bind();
    device.onEach((data, peer) => setTimeout(() => device.send(data, peer.port), 60));
    const outcome = await run(scripts, '### late\nSEND {{device}}\n"x"\nEXPECT 1 within 5ms\n', {
      device: `127.0.0.1:${device.port}`,
    });
    device.close();
    const expected = "4: expected 1 answer within 5 ms, got none; one came after N ms";
    assert.deepEqual(failures(outcome), [expected]);
  });

  it("takes answers from several senders, and tells when one of them has answered twice", async () => {
    const [device, other] = [await Stranger.bind(), await Stranger.bind()];
    device.onEach((data, peer) => {
      device.send(data, peer.port);
      (`${data}` === "both" ? other : device).send(data, peer.port);
    });
    const block = (word: string) =>
      `### ${word}\nSEND {{device}}\n"${word}"\nEXPECT 2 within 20s\nfrom distinct\ntext == "${word}"\n`;
    const outcome = await run(scripts, block("both") + block("one"), {
      device: `127.0.0.1:${device.port}`,
    });
    other.close();
    device.close();
    assert.deepEqual(failures(outcome), ["10: expected answers from 2 different senders, got 1"]);
  });

  it("pauses before a block that says so", async () => {
    const heard: number[] = [];
    const device = await Stranger.bind();
    device.onEach(() => heard.push(performance.now()));
    const text = '### a\nSEND {{device}}\n"a"\n### b\n# @sleep 300ms\nSEND {{device}}\n"b"\n';
    await run(scripts, text, { device: `127.0.0.1:${device.port}` });
    device.close();
    const [first = 0, second = 0] = heard;
    assert.ok(second - first > 200, `${second - first} ms`);
  });

  it("runs nothing of a file that is wrong: place, line and mark", async () => {
    const device = await Stranger.bind();
    const { exitCode, stdout, stderr } = await run(
      scripts,
      `### right\nSEND 127.0.0.1:${device.port}\n"x"\n### wrong\nSEND 127.0.0.1:9\nhex 0g\n`,
    );
    const { length } = device.received;
    device.close();
    assert.deepEqual([exitCode, stdout, length], [2, "", 0]);
    assert.equal(
      steady(stderr),
      "FILE:6:5: hex takes pairs of hexadecimal digits, and '0g' is none\n  hex 0g\n      ^^\n",
    );
  });

  it("takes the values of names from a file, and from the command line before that", async () => {
    const device = await Stranger.bind((data) => data);
    const vars = join(folder, "bench.json");
    writeFileSync(
      vars,
      JSON.stringify({ device: `127.0.0.1:${device.port}`, id: 7, word: "file" }),
    );
    const text = '@word = "own"\n### a\nSEND {{device}}\n"{{id}} {{word}}"\nEXPECT 1 within 20s\n';
    await run(scripts, text, {}, ["--vars", vars]);
    await run(scripts, text, { word: "given" }, ["--vars", vars]);
    const sent = device.received.map(({ data }) => `${data}`);
    device.close();
    assert.deepEqual(sent, ["7 file", "7 given"]);
    writeFileSync(vars, '["device"]');
    const { exitCode, stderr } = await run(scripts, text, {}, ["--vars", vars]);
    assert.match(stderr, /^--vars takes a JSON object of names and their values, and .* is none/);
    assert.equal(exitCode, 2);
  });

  it("reports to a build server as the documentation says", async function () {
    if (process.platform === "win32") return this.skip();
    const [, command = ""] = /^- run: (npx tsx .*)$/m.exec(docs) ?? [];
    const workspace = mkdtempSync(join(folder, "build-"));
    const root = join(import.meta.dirname, "../..");
    for (const name of ["scripts", "node_modules"])
      symlinkSync(join(root, name), join(workspace, name));
    mkdirSync(join(workspace, "tests"));
    const port = await freeUdpPort();
    const text = example.replaceAll("5683", `${port}`).replaceAll(/within \d+ms/g, "within 1s");
    writeFileSync(join(workspace, "tests/device.udp"), text);
    const child = spawn("sh", ["-c", command], { cwd: workspace, stdio: "ignore" });
    const [exitCode] = await once(child, "exit");
    assert.equal(exitCode, 0);
    const report = readFileSync(join(workspace, "report.xml"), "utf8");
    assert.match(report, /<testsuite name="tests\/device\.udp" tests="4" failures="0" skipped="0"/);
  });

  it("says so when nothing was run", async () => {
    const { exitCode, stderr } = await run(scripts, '### a\n# @disabled\nSEND 127.0.0.1:9\n"x"\n');
    assert.match(stderr, /^Nothing was run/);
    assert.equal(exitCode, 2);
  });

  it("runs blocks by their tags, as often as they say, and none after the first that fails", async () => {
    const device = await Stranger.bind((data) => data);
    const text = `### a
# @tag smoke fast @loop 3
SEND {{device}}
"a"
EXPECT 1 within 20s
### b
SEND {{device}}
"b"
### c
# @tag smoke
SEND {{device}}
"c"
EXPECT 1 within 20s
length == 2
### d
# @tag smoke
SEND {{device}}
"d"
`;
    const names = { device: `127.0.0.1:${device.port}` };
    const outcome = await run(scripts, text, names, ["--tag", "smoke", "--bail"]);
    const sent = device.received.map(({ data }) => `${data}`).join("");
    device.close();
    assert.equal(sent, "aaac");
    assert.match(outcome.stdout, /passed {3}a \(3 of 3\)/);
    assert.match(outcome.stdout, /^3 passed, 1 failed, 0 disabled$/m);
  });

  it("runs the one block at a line, with what serves", async () => {
    const port = await freeUdpPort();
    const outcome = await run(
      scripts,
      `### a
SEND {{port}}
"a"
EXPECT 0 within 20s
### b
SEND {{port}}
"b"
EXPECT 1 within 20s
### serves
SERVE {{port}}
REPLY {{request}}
`,
      { port: `127.0.0.1:${port}` },
      ["--line", "7"],
    );
    assert.match(outcome.stdout, /^ +passed +b .*\n +passed +serves: 1 received, 1 answered/m);
    assert.match(outcome.stdout, /^2 passed, 0 failed, 0 disabled$/m);
  });

  it("sends nothing to another machine that was not permitted", async () => {
    const text = '### far\nSEND 192.0.2.1:9\n"x"\n';
    const outcome = await run(scripts, text);
    assert.deepEqual(failures(outcome), [
      "2: Nothing was sent to HOST, which is not this machine: permit it with --allow 192.0.2.1",
    ]);
    const elsewhere = await run(scripts, text, {}, ["--allow", "192.0.3.0/24"]);
    assert.equal(elsewhere.exitCode, 1);
  });

  it("answers with what fits first, and with all of its replies", async () => {
    const port = await freeUdpPort();
    const outcome = await run(
      scripts,
      `### asks
SEND {{port}}
"set 7"
EXPECT 2 within 20s
text startsWith "set"
### asks again
SEND {{port}}
hex ff ff
EXPECT 1 within 20s
bytes == hex 00 00 05
### is not answered
SEND {{port}}
"no"
EXPECT 0 within 100ms
### serves
SERVE {{port}}
WHEN text matches /^set (\\d)$/
REPLY "set to {{1}}"
REPLY "set again"
WHEN length == 2
AND u8[0] == 0xff
REPLY hex 00 {{length u16be}}
hex 00 00
WHEN length == 2
`.replace("bytes == hex 00 00 05", "bytes == hex 00 00 05 00 00"),
      { port: `127.0.0.1:${port}` },
    );
    assert.deepEqual(failures(outcome), []);
    assert.match(outcome.stdout, /serves: 3 received, 2 answered/);
  });

  it("replays a capture, and compares what comes with what came", async () => {
    const answers: Record<string, string> = { one: "first 1", two: "second" };
    const device = await Stranger.bind((data) => answers[`${data}`]);
    const capture = join(folder, "boot.pcap");
    writeFileSync(
      capture,
      pcap([
        ["c", "one"],
        ["s", "first 2"],
        ["c", "two"],
        ["s", "second"],
      ]),
    );
    const text = (except: string) =>
      `### boot\nREPLAY boot.pcap to {{device}}\nEXPECT same${except} within 20s\n`;
    const names = { device: `127.0.0.1:${device.port}` };
    const [same, differs] = [
      await run(scripts, text(" except bytes[6]"), names),
      await run(scripts, text(""), names),
    ];
    device.close();
    assert.deepEqual(failures(same), []);
    assert.deepEqual(failures(differs), [
      '3: answer 1 of 2 is not as recorded: expected "first 2", got "first 1"',
    ]);
  });

  it("writes what programs read: JSON lines, TAP and JUnit", async () => {
    const device = await Stranger.bind((data) => data);
    const names = { device: `127.0.0.1:${device.port}` };
    const text = `### <a> & "b"
SEND {{device}}
hex 01 1b
EXPECT 1 within 20s
bytes == hex 01 02
### off
# @disabled
SEND {{device}}
"x"
`;
    const report = join(folder, "report.xml");
    const tap = await run(scripts, text, names, ["--tap", "--junit", report]);
    const json = await run(scripts, text, names, ["--json"]);
    device.close();
    assert.equal(
      tap.stdout,
      `TAP version 13
1..2
not ok 1 - <a> & "b"
# line 5: expected bytes == hex 01 02, got hex 01 1b
ok 2 - off # SKIP disabled
`,
    );
    const [first, , counts] = json.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.equal(first.outcome, "failed");
    assert.deepEqual(first.failures, [
      {
        line: 5,
        message: "expected bytes == hex 01 02, got hex 01 1b",
        said: { code: "expectedGot", given: ["bytes == hex 01 02", "hex 01 1b"] },
        expected: "0102",
        got: "011b",
      },
    ]);
    assert.equal(first.received[0]["udp.srcport"], Number(names.device.split(":")[1]));
    assert.equal(first.received[0]["data.data"], "011b");
    assert.deepEqual(counts, { passed: 0, failed: 1, disabled: 1 });
    const xml = readFileSync(report, "utf8");
    assert.match(xml, /<testsuite name="[^"]*" tests="2" failures="1" skipped="1" time="[\d.]+">/);
    assert.match(xml, /<testcase name="&lt;a&gt; &amp; &quot;b&quot;" classname/);
    assert.match(xml, /<failure message="expected bytes == hex 01 02, got hex 01 1b">/);
  });
});

/** A capture of raw IP packets between a client and a server. */
function pcap(said: readonly (readonly ["c" | "s", string])[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(101, 20);
  const packets = said.map(([who, text]) => {
    const ends = [Buffer.from([10, 0, 0, 1]), Buffer.from([10, 0, 0, 2])];
    const ports = [40_000, 9];
    if (who === "s") for (const both of [ends, ports]) both.reverse();
    const packet = Buffer.alloc(16 + 28 + text.length);
    packet.writeUInt32LE(28 + text.length, 8);
    packet.writeUInt32LE(28 + text.length, 12);
    packet[16] = 0x45;
    packet[25] = 17;
    for (const [at, end] of ends.entries()) end.copy(packet, 28 + 4 * at);
    for (const [at, port] of ports.entries()) packet.writeUInt16BE(port, 36 + 2 * at);
    packet.writeUInt16BE(8 + text.length, 40);
    packet.write(text, 44);
    return packet;
  });
  return Buffer.concat([header, ...packets]);
}
