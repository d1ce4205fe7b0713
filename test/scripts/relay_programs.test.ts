import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";
import { inOwnNetwork } from "../support/namespace.ts";
import { pythons } from "../support/pythons.ts";
import { defaultRuntime } from "../support/runtimes.ts";
import { onNode24 } from "../support/script_scenarios.ts";
import { Stranger } from "../support/script_socket.ts";

const PEERS = join(import.meta.dirname, "peers");
/** Of each client: readings that are to be answered. */
const READINGS = 10;
const CLIENTS = 16;

/** Runs a program to its end; resolves to what it has printed. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const program = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(program, "close");
  let output = "";
  for (const stream of [program.stdout, program.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = await ended;
  assert.equal(code, 0, `${command} ${args.join(" ")}: ${output}`);
  return output;
}

describe("a relay between a server and programs that cannot be watched", function () {
  this.timeout(120_000);
  let folder: string;
  let target: Stranger;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-relay-"));
  });

  beforeEach(async () => {
    target = await Stranger.bind((data) => `ack ${data}`);
  });

  afterEach(() => target.close());

  after(() => rm(folder, { recursive: true }));

  /** Runs such clients at once through a relay that loses 30 % either way; each has to have all its answers. */
  async function passes(command: string, args: readonly string[], clients: number): Promise<void> {
    const relay = await onNode24().relay(target.port, ["--drop", "30%", "--seed", "7", "--quiet"]);
    const names = Array.from({ length: clients }, (_, at) => `client-${at}`);
    const outputs = await Promise.all(
      names.map((name) => run(command, [...args, `${relay.port}`, name, `${READINGS}`])),
    );
    assert.deepEqual(
      outputs.map((output) => output.trim()),
      names.map((name) => `${name}: all ${READINGS} answered`),
    );
    // Each had a port of its own towards the target, and spoke from no other.
    const ports = new Map<string, Set<number>>();
    for (const { data, peer } of await target.all()) {
      const [name = ""] = `${data}`.split(" ");
      ports.set(name, (ports.get(name) ?? new Set()).add(peer.port));
    }
    assert.deepEqual([...ports.keys()].sort(), [...names].sort());
    assert.ok([...ports.values()].every(({ size }) => size === 1));
    assert.equal(new Set([...ports.values()].flatMap((own) => [...own])).size, clients);
    const [, up, down] =
      /up \d+ received, \d+ sent, (\d+) dropped; down \d+ received, \d+ sent, (\d+) dropped/.exec(
        (await relay.stop()).stdout,
      ) ?? [];
    assert.ok(Number(up) > 0 && Number(down) > 0, "a loss either way");
  }

  it("gives a device in Python all its answers, over losses", async function () {
    const [python] = pythons;
    if (!python) this.skip();
    await passes(python.command, [join(PEERS, "device.py")], 1);
  });

  it("gives sixteen programs in C at once each its own", async function () {
    if (spawnSync("cc", ["--version"]).status !== 0) this.skip();
    const device = join(folder, "device");
    execFileSync("cc", ["-Wall", "-Werror", "-o", device, join(PEERS, "device.c")]);
    await passes(device, [], CLIENTS);
  });

  it("is where a phone reaches a server that hears this machine alone", async function () {
    const [unshare, ...args] = inOwnNetwork();
    if (unshare === undefined) this.skip();
    const words = [
      join(PEERS, "phone.sh"),
      join(projectFolder, "scripts"),
      defaultRuntime.command ?? "",
      folder,
    ];
    const output = await run(unshare, [...args, "sh", ...words]);
    assert.match(output, /Hello, Michael!\n(?:.*\n)*.*Hello, Tracy!\n/);
    assert.match(
      output,
      /^Open to other machines: up to 1000 of them reach the target through it/m,
    );
    assert.match(output, /^10\.9\.0\.2:\d+ -> 127\.0\.0\.1:9999: 7 bytes$/m);
    assert.match(output, /^127\.0\.0\.1:9999 -> 10\.9\.0\.2:\d+: 15 bytes$/m);
  });
});
