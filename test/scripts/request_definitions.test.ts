import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { PythonDevice } from "../support/python_device.ts";
import { pythons } from "../support/pythons.ts";
import { Scripts } from "../support/run_script.ts";
import { describeOnEveryRuntime, onNode24 } from "../support/script_scenarios.ts";
import { Stranger } from "../support/script_socket.ts";
import { bootCapture, SENSOR_KSY, SENSOR_SAMPLE } from "../support/sensor_sample.ts";

const folder = mkdtempSync(join(tmpdir(), "udp-definitions-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "sensor.ksy"), SENSOR_KSY);
writeFileSync(join(folder, "boot.pcapng"), bootCapture());
writeFileSync(join(folder, "changed.pcapng"), bootCapture(1));
let files = 0;

/** What is built for the extension and for npm: the script, with what reads definitions. */
const builtOn = ({ runtime }: Scripts) =>
  new Scripts({ ...runtime, path: () => join(projectFolder, "dist/host/udp_run.js") });

function run(scripts: Scripts, text: string, args: readonly string[] = []) {
  const path = join(folder, `${++files}.udp`);
  writeFileSync(path, text);
  return scripts.start("udp_run", [path, ...args], { files: true }).ended;
}

/** Its waits are those of a quiet machine. */
const patient = (text: string) => text.replaceAll(/within 200ms/g, "within 5s");

async function inPython(scripts: Scripts) {
  const device = await PythonDevice.start();
  // The device serves, and not the file.
  const text = patient(SENSOR_SAMPLE).replace(/### A device[\s\S]*?(?=### Last)/, "");
  const outcome = await run(builtOn(scripts), text, ["--var", `device=127.0.0.1:${device.port}`]);
  await device.stop();
  assert.match(outcome.stdout, /^3 passed, 0 failed, 0 disabled$/m, outcome.stdout);
  assert.deepEqual([outcome.stderr, outcome.exitCode], ["", 0]);
}

describeOnEveryRuntime("request files with definitions", {
  "the sample passes as it stands, with the definition and the recording beside it": async (
    scripts,
  ) => {
    const port = await freeUdpPort();
    const text = patient(SENSOR_SAMPLE).replaceAll("5683", `${port}`);
    const { exitCode, stdout, stderr } = await run(builtOn(scripts), text);
    assert.equal(stderr, "");
    assert.match(stdout, /passed {3}Reads the temperature/);
    assert.match(stdout, /passed {3}Last Tuesday's boot still works/);
    assert.match(stdout, /^4 passed, 0 failed, 0 disabled$/m, stdout);
    assert.equal(exitCode, 0);
  },

  ...(pythons.length > 0 && { "the sample passes against a device in Python": inPython }),

  "one file alone says in one sentence what it lacks": async (scripts) => {
    const port = await freeUdpPort();
    const text = patient(SENSOR_SAMPLE).replaceAll("5683", `${port}`);
    const { exitCode, stdout } = await run(scripts, text, ["--line", "4"]);
    assert.match(
      stdout,
      /line 13: expected sensor\.temp > -40, but sensor\.temp is of a definition, and this one file reads none: run it in the editor, or with the udp_run of the package udp-workbench$/m,
    );
    assert.equal(exitCode, 1);
  },
});

describe("the runner with definitions", function () {
  this.timeout(120_000);
  const scripts = builtOn(onNode24());

  it("sends what is written as fields, over several lines, with names and checksums, and serves it", async () => {
    const port = await freeUdpPort();
    writeFileSync(
      join(folder, "meter.ksy"),
      `meta: { id: meter, endian: be }
seq:
  - { id: kind, type: u1, enum: kinds }
  - { id: len, type: u1 }
  - { id: name, type: str, size: len, encoding: ASCII }
  - { id: level, type: f4 }
  - { id: crc, type: u2le }
enums:
  kinds: { 1: ask, 2: answer, 3: alarm }
`,
    );
    const outcome = await run(
      scripts,
      `# @use meter.ksy
@who = "north"
@level = 21.1
### asks
SEND {{port}}
meter {
  kind: ask, name: "{{who}}" # and this is no field
  level: {{level}}
  crc: {{crc16/modbus}}
}
EXPECT 1 within 20s
bytes == hex 03 05 "north" 41 a8 cc cd {{crc16/modbus}}
meter.kind == alarm
meter.kind > 2
meter.kind != ask
meter.name == "north"
meter.level == 21.1
@kind = meter.kind
@was = meter.level
### uses what was answered
SEND {{port}}
meter { kind: {{kind}}, name: "x", level: {{was}}, crc: 0 }
EXPECT 0 within 50ms
### answers
SERVE {{port}}
WHEN meter.kind == ask
REPLY meter { kind: alarm, name: "north", level: 21.1, crc: {{crc16/modbus}} }
`,
      ["--var", `port=127.0.0.1:${port}`],
    );
    assert.deepEqual([outcome.stderr, outcome.exitCode], ["", 0], outcome.stdout);
    assert.match(outcome.stdout, /answers: 2 received, 1 answered/);
  });

  it("says where a definition, a type, a field or what is written of one is wrong, and runs nothing", async () => {
    const device = await Stranger.bind();
    writeFileSync(
      join(folder, "broken.ksy"),
      "meta: { id: broken }\nseq:\n  - { id: x, type: u2 }\n",
    );
    const text = `# @use none.ksy
# @use broken.ksy
### wrong
SEND 127.0.0.1:${device.port}
sensor { temp: 99999, crc: 0 }
EXPECT 1 within 20s
sensor.tmp > 1
sender.temp > 1
sensor.magic == hex 60 45
`;
    const { exitCode, stdout, stderr } = await run(scripts, text);
    const { length } = device.received;
    device.close();
    assert.deepEqual([exitCode, stdout, length], [2, "", 0]);
    const told = Array.from(stderr.matchAll(/^\S*\.udp:(\d+:\d+: .*)$/gm), ([, it]) => it);
    assert.deepEqual(told, [
      "1:3: There is no definition none.ksy",
      "2:3: broken.ksy cannot be used: line 3: u2 needs an order of bytes: add endian to meta, or write u2le or u2be.",
      "5:1: sensor cannot be written so: temp is 99999, and holds -32768 to 32767",
      "7:1: sensor has no field tmp: there are magic, seq, temp, crc",
      "8:1: No definition has a type sender: write sender.ksy beside this file, or name one that has: # @use PATH.ksy",
    ]);
  });

  it("tells of a payload that does not fit, and of a replay that differs in one byte", async () => {
    const device = await Stranger.bind((data) => data.subarray(0, 3));
    const names = ["--var", `device=127.0.0.1:${device.port}`];
    const asks =
      "### a\nSEND {{device}}\nhex 60 45 00 09 00 fa\nEXPECT 1 within 20s\nsensor.temp > 1\n";
    const unfit = await run(scripts, asks, names);
    device.close();
    assert.match(
      unfit.stdout,
      /expected sensor\.temp > 1, but the payload does not fit sensor: 1 bytes left, seq needs 2$/m,
    );
    const port = await freeUdpPort();
    const replay = patient(SENSOR_SAMPLE)
      .replaceAll("5683", `${port}`)
      .replace("boot.", "changed.");
    const differs = await run(scripts, replay);
    assert.match(differs.stdout, /FAILED {3}Last Tuesday's boot still works/);
    assert.match(differs.stdout, /answer 1 of 1 is not as recorded: expected hex 60 44 00 09/);
    assert.match(differs.stdout, /\[0\] expected 60 44 00 09/);
  });
});
