import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inOwnNetwork } from "../support/namespace.ts";
import { Program, type ScriptName, Scripts } from "../support/run_script.ts";
import { describeOnEveryRuntime, onNode24 } from "../support/script_scenarios.ts";

const names: readonly ScriptName[] = ["udp_server", "udp_client", "udp_relay", "udp_run"];
const SOURCES = join(import.meta.dirname, "../../scripts");
const network = inOwnNetwork();

/**
 * What the tests run, written before any of them: they run at once, and who reads a file in the moment in which it is written
 * anew finds it empty, a program that says nothing and ends.
 */
const folder = mkdtempSync(join(tmpdir(), "udp-alone-"));
const copyOf = (script: ScriptName) => join(folder, `${script}.ts`);
const seedFile = (script: ScriptName) => join(folder, `seed_of_${script}.mjs`);
const hosts = join(folder, "hosts");
for (const name of names) {
  copyFileSync(join(SOURCES, `${name}.ts`), copyOf(name));
  writeFileSync(seedFile(name), seedOf(name));
}
writeFileSync(hosts, "::1 localhost\n127.0.0.1 localhost\n");

/** The program in the comment at the top of a script, as it stands there. */
function seedOf(script: ScriptName): string {
  const source = readFileSync(join(SOURCES, `${script}.ts`), "utf8");
  const [, lines = ""] = /^ \* ```js\n((?: \*.*\n)+?) \* ```$/m.exec(source) ?? [];
  return lines.replace(/^ \* /gm, "");
}

function quoted(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

describe("the seeds of the scripts", () => {
  for (const [script, lines] of [
    ["udp_server", 5],
    ["udp_client", 5],
    ["udp_relay", 10],
    ["udp_run", 10],
  ] as const) {
    it(`are ${lines} lines: ${script}`, () => {
      assert.equal(seedOf(script).match(/^.+$/gm)?.length, lines);
    });
  }
});

describeOnEveryRuntime("alone in a folder", {
  "all scripts run as they are": async ({ runtime }) => {
    const scripts = new Scripts({ ...runtime, path: copyOf });
    const server = await scripts.server();
    const client = await scripts.client(server.port);
    const greetings = "Hello, Michael!\nHello, Tracy!\nHello, Sarah!\n";
    assert.deepEqual(client, { exitCode: 0, stdout: greetings, stderr: "" });
    const relay = await scripts.relay(server.port);
    assert.deepEqual(await scripts.client(relay.port), client);
    const runner = await scripts.start("udp_run", ["--help"]).ended;
    assert.deepEqual([runner.exitCode, runner.stderr], [0, ""]);
    for (const each of [relay, server]) {
      const { exitCode, stderr } = await each.stop();
      assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
    }
  },

  "the five lines that both begin with greet each other": async ({ runtime }) => {
    const [server = "", client = ""] = names.map((name) =>
      quoted(runtime.command?.(seedFile(name), false) ?? []),
    );
    // The server's seed does not say when it is bound, and the client's asks once.
    const isBound = quoted([...onNode24().command("udp_client"), "--timeout", "30s", "you"]);
    const all = `${server} & until ${isBound} >/dev/null 2>&1; do sleep 0.1; done
      ${client}; kill $!; wait`;
    const { stdout, stderr } = await new Program([...network, "sh", "-c", all]).ended;
    assert.deepEqual({ stdout, stderr }, { stdout: "Hello, Michael!\n", stderr: "" });
  },

  "the ten lines that the relay begins with lose some, and pass the others on": async ({
    runtime,
  }) => {
    const [server = "", , relay = ""] = names.map((name) =>
      quoted(runtime.command?.(seedFile(name), false) ?? []),
    );
    const ask = [...onNode24().command("udp_client"), "--port", "9998", "--timeout", "200ms"];
    const all = `${server} & ${relay} & until ${quoted([...ask, "you"])} 2>/dev/null; do sleep 0.1; done
      kill %1 %2; wait`;
    const { stdout } = await new Program([...network, "bash", "-c", all]).ended;
    assert.match(stdout, /^Hello, you!$/m);
  },

  "the ten lines that the runner begins with ask, and look at the answer": async ({ runtime }) => {
    const seed = quoted(runtime.command?.(seedFile("udp_run"), false) ?? []);
    const server = [...onNode24().command("udp_server"), "--port", "5683", "--reply"];
    const ask = [...onNode24().command("udp_client"), "--port", "5683", "--timeout", "200ms"];
    const isAsked = (answer: string) =>
      `${quoted([...server, answer])} >/dev/null &
       until ${quoted([...ask, "you"])} >/dev/null 2>&1; do sleep 0.1; done
       ${seed}; kill %%; wait`;
    const all = [seed, isAsked("`E"), isAsked("other")].join("\n");
    const { stdout } = await new Program([...network, "bash", "-c", all]).ended;
    assert.equal(stdout, "no answer\npassed\nfailed\n");
  },
});

describeOnEveryRuntime("localhost with an address of each family", {
  "the server and the client meet, whichever of them was told the name": async (scripts) => {
    if (network.length === 0) return;
    const [server, client, probe] = [
      scripts.command("udp_server"),
      [...scripts.command("udp_client"), "--timeout", "30s"],
      onNode24().command("udp_client"),
    ].map(quoted);
    const all = `mount --bind ${quoted([hosts])} /etc/hosts || exit 9
      meet() {
        until ${probe} >/dev/null 2>&1; do sleep 0.1; done
        ${client} $1 you; kill $2; wait $2
      }
      ${server} >/dev/null & meet "--host localhost" $!
      ${server} --host localhost >/dev/null & meet "" $!
      ${probe} --host localhost you`;
    const [unshare = "", ...args] = network;
    const ended = new Program([unshare, "--mount", ...args, "sh", "-c", all]).ended;
    const { stdout, stderr } = await ended;
    assert.equal(stdout, "Hello, you!\nHello, you!\n", stderr);
    const refused =
      /^localhost is 127\.0\.0\.1\nCannot send to 127\.0\.0\.1:9999 \(localhost\): nobody has/;
    assert.match(stderr, refused);
  },
});

after(() => rmSync(folder, { recursive: true, force: true }));
