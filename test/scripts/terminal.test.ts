import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Program, quickRuntimes, type ScriptName, type Scripts } from "../support/run_script.ts";
import { describeOnEveryRuntime } from "../support/script_scenarios.ts";
import { Stranger } from "../support/script_socket.ts";

const TERMINAL = join(import.meta.dirname, "peers/terminal.py");

/** Runs a script on a terminal; what is typed goes there. */
function onTerminal(
  scripts: Scripts,
  script: ScriptName,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Program {
  const options = { input: "open", environment } as const;
  return new Program(["python3", TERMINAL, ...scripts.command(script), ...args], options);
}

async function serverOnTerminal(
  scripts: Scripts,
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
) {
  const server = onTerminal(scripts, "udp_server", ["--port", "0", ...args], environment);
  const [, port] = await server.seen(/Bind UDP on (\d+)/);
  return { server, port: Number(port) };
}

/** How many lines the output says it has left out. */
function leftOut(stdout: string): number {
  const gaps = stdout.matchAll(/^(\d+) lines left out\r$/gm);
  return Array.from(gaps, ([, gap]) => Number(gap)).reduce((sum, gap) => sum + gap, 0);
}

/** Whatever is asked for, there is no colour. */
const COLOURS: readonly NodeJS.ProcessEnv[] = [{ NO_COLOR: "1" }, { FORCE_COLOR: "1" }];

const scenarios: Readonly<Record<string, (scripts: Scripts) => Promise<void>>> = {
  "no datagram acts on it, no colour is on it, and Ctrl+C ends with the summary": async (
    scripts,
  ) => {
    for (const colour of COLOURS) {
      const { server, port } = await serverOnTerminal(scripts, ["--verbose"], colour);
      const stranger = await Stranger.bind();
      await stranger.ask("\x1b[31m\x1b]52;c;eA==\x07\x9b0c", port);
      stranger.close();
      await server.seen(/Answered .*\r\n/);
      server.type("\x03");
      const { exitCode, stdout } = await server.ended;
      assert.match(stdout, /Received from .*: \\x1b\[31m\\x1b\]52;c;eA==\\x07\\u\{9b\}0c\r\n/);
      assert.match(stdout, /1 received, 1 sent\r\n$/);
      assert.doesNotMatch(stdout, /\x1b/);
      assert.equal(exitCode, 0);
    }
  },

  "what it answers is never a datagram, and Ctrl+D ends the client": async (scripts) => {
    const stranger = await Stranger.bind((data) => `${data}\x1b[c\x1b[6n`);
    const args = ["--port", `${stranger.port}`, "--interactive", "--timeout", "60s"];
    const client = onTerminal(scripts, "udp_client", args);
    await client.seen(/>>: $/);
    client.type("\x1b[?62;c\x1b[5;1Rhello\n");
    await client.seen(/hello\\x1b\[c\\x1b\[6n from .*\r\n>>: $/);
    client.type("\x1b[?62;c\n");
    await client.seen(/>>: [^\n]*\n>>: $/);
    client.type("\x04");
    const { exitCode, stdout } = await client.ended;
    stranger.close();
    assert.deepEqual(
      stranger.received.map(({ data }) => `${data}`),
      ["hello"],
    );
    assert.doesNotMatch(stdout, /\x1b/);
    assert.equal(exitCode, 0);
  },

  "Ctrl+D ends a chat while nobody asks": async (scripts) => {
    const { server, port } = await serverOnTerminal(scripts, ["--reply", "chat"]);
    const stranger = await Stranger.bind();
    stranger.send("hello", port);
    await server.seen(/Answer .*: $/);
    server.type("hi\n");
    await stranger.next();
    server.type("\x04");
    const { exitCode, stdout } = await server.ended;
    stranger.close();
    assert.match(stdout, /Nobody types any more: the chat is over\r\n1 received, 1 sent\r\n$/);
    assert.equal(exitCode, 0);
  },

  "a flood prints as much as anybody can read, and says what it left out": async (scripts) => {
    const asked = 30_000;
    const args = ["--reply", "none", "--count", `${asked}`];
    const { server, port } = await serverOnTerminal(scripts, args);
    const stranger = await Stranger.bind();
    const start = performance.now();
    const ended = server.ended.then(() => true);
    for (let isOver = false; !isOver; isOver = await Promise.race([ended, sleep(1, false)])) {
      for (let sent = 0; sent < 100; sent++) stranger.send("x", port);
    }
    const seconds = (performance.now() - start) / 1000;
    stranger.close();
    const { stdout } = await server.ended;
    const lines = stdout.match(/^Received from .*\.\r$/gm)?.length ?? 0;
    assert.equal(lines + leftOut(stdout), asked);
    assert.ok(lines <= 5000 * (seconds + 1), `${lines} lines in ${seconds} s`);
  },

  "a slow one costs no datagram, and what is not printed is counted": async (scripts) => {
    const { server, port } = await serverOnTerminal(scripts, ["--verbose", "--count", "3000"]);
    server.pauseOutput();
    const stranger = await Stranger.bind();
    const asked = 3000;
    for (let seq = 0; seq < asked; seq++) await stranger.ask("x".repeat(1000), port);
    stranger.close();
    server.resumeOutput();
    const { stdout } = await server.ended;
    const left = leftOut(stdout);
    const lines = stdout.match(/^(Received from|Answered) .*: (Hello, )?x{1000}!?\r$/gm)?.length;
    assert.ok(left > 1000, `${left} left out`);
    assert.equal(Number(lines) + left, 2 * asked);
    assert.match(stdout, /3000 received, 3000 sent\r\n$/);
  },
};

describeOnEveryRuntime("on a terminal", scenarios, quickRuntimes);
