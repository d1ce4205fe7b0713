import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { pythons } from "../support/pythons.ts";
import { captured, programs, REGISTRY_PROGRAMS, tools } from "./registry_programs.ts";
import { activateWorkbench, until, untilAsked } from "./workbench_api.ts";

/** Answers each datagram with itself; says on which port. */
const ECHO = `
const socket = require("dgram").createSocket("udp4");
socket.on("message", (payload, from) => socket.send(payload, from.port, from.address));
socket.bind(0, "127.0.0.1");
`;

const PYTHON_ECHO = `
import socket
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("127.0.0.1", 0))
while True:
    here.sendto(*here.recvfrom(1024))
`;

const toggle = (on: boolean) =>
  vscode.commands.executeCommand<{ on: boolean }>("udpWorkbench.toggleAutoAttach", { on });

describe("Auto attach", () => {
  let api: UdpWorkbench;
  let folder: string;
  let program: string;

  before(async () => {
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp attach "));
    program = join(folder, "echo.cjs");
    await writeFile(program, ECHO);
  });

  afterEach(async () => {
    await toggle(false);
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
    for (const terminal of vscode.window.terminals) terminal.dispose();
  });

  after(() => rm(folder, { recursive: true }));

  /** Opens a terminal and types a command line into it. */
  function type(commandLine: string): vscode.Terminal {
    const terminal = vscode.window.createTerminal({ cwd: folder });
    terminal.sendText(commandLine);
    return terminal;
  }

  /** The program answers a datagram, and both are shown as its own. */
  async function assertAnswersInSight(name: string): Promise<void> {
    await until(api, "the port is there", () => api.ports().length === 1);
    const [bound] = api.ports();
    assert.equal(bound?.program, name);
    const socket = createSocket("udp4");
    socket.send("by hand", bound.port, "127.0.0.1");
    const [answer] = (await once(socket, "message")) as [Buffer];
    socket.close();
    assert.equal(answer.toString(), "by hand");
    await until(api, "both datagrams are there", () => api.ports()[0]?.sent === 1);
    assert.equal(api.ports()[0]?.received, 1);
  }

  it("is off unless told, and says what it is after a toggle", async () => {
    assert.deepEqual(await toggle(false), { on: false });
    assert.deepEqual(await toggle(true), { on: true });
    const { on } = await vscode.commands.executeCommand<{ on: boolean }>(
      "udpWorkbench.toggleAutoAttach",
      {},
    );
    assert.equal(on, false);
    await assert.rejects(
      Promise.resolve(vscode.commands.executeCommand("udpWorkbench.toggleAutoAttach", { on: 1 })),
      /Cannot use the option on: it must be true or false/,
    );
  });

  it("shows what is started by hand in a terminal", async () => {
    await toggle(true);
    type(`node echo.cjs`);
    await assertAnswersInSight("echo.cjs");
  });

  it("shows what is started by hand in Python", async function () {
    const [python] = pythons;
    if (!python) this.skip();
    await writeFile(join(folder, "echo.py"), PYTHON_ECHO);
    await toggle(true);
    type(`"${python.command}" echo.py`);
    await assertAnswersInSight("echo.py");
  });

  it("shows the datagrams of programs that others' packages make", async function () {
    this.timeout(60_000);
    await vscode.commands.executeCommand("udpWorkbench.clear", {});
    await toggle(true);
    const names = Object.keys(REGISTRY_PROGRAMS);
    // One after the other, each only if the one before has ended well.
    type(names.map((name) => `"${tools}/node" "${join(programs, name)}"`).join(" && "));
    for (const name of names) await captured(api, REGISTRY_PROGRAMS[name] ?? []);
  });

  it("keeps the NODE_OPTIONS of a terminal, and leaves no trace when it is off", async () => {
    const before = await environmentOf("before.json");
    await toggle(true);
    const during = await environmentOf("during.json");
    assert.match(during.NODE_OPTIONS ?? "", /^--title=mine --require ".*attach\.cjs"$/);
    await toggle(false);
    const after = await environmentOf("after.json");
    const ours = (variables: Record<string, string>) =>
      Object.entries(variables).filter(([name, value]) =>
        /UDP_TAP|BUN_|NODE_OPTIONS|attach\.cjs/.test(`${name} ${value}`),
      );
    assert.deepEqual(ours(after), ours(before));
    assert.deepEqual(ours(before), [["NODE_OPTIONS", "--title=mine"]]);
  });

  /** The environment of a program in a new terminal of a user who has NODE_OPTIONS of their own. */
  async function environmentOf(name: string): Promise<Record<string, string>> {
    const path = join(folder, name);
    const terminal = vscode.window.createTerminal({
      cwd: folder,
      env: { NODE_OPTIONS: "--title=mine" },
    });
    const code = `fs.writeFileSync("part", JSON.stringify(process.env)); fs.renameSync("part", "${name}")`;
    terminal.sendText(`node -e '${code}'`);
    // VS Code's own watcher may begin to look only after the file was made.
    await untilAsked(api, `${name} is there`, async () => existsSync(path));
    return JSON.parse(await readFile(path, "utf8")) as Record<string, string>;
  }

  it("runs a program again that was started without", async () => {
    const terminal = type("node echo.cjs 'two words'");
    const shell = await terminal.processId;
    const pid = await childOf(shell ?? 0);
    assert.deepEqual(api.ports(), []);
    const { commandLine } = await vscode.commands.executeCommand<{ commandLine: string }>(
      "udpWorkbench.attachAndRunAgain",
      { pid },
    );
    assert.equal(commandLine, "node echo.cjs 'two words'");
    await until(api, "its port is there", () => api.ports().length === 1);
    assert.equal(api.ports()[0]?.program, "echo.cjs");
    assert.notEqual(api.ports()[0]?.pid, pid);
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });

  it("leaves terminals alone that were opened before, and offers to run again what was started there", async () => {
    const terminal = vscode.window.createTerminal({ cwd: folder });
    const shell = (await terminal.processId) ?? assert.fail("no shell");
    await toggle(true);
    terminal.sendText("node echo.cjs");
    const pid = await childOf(shell);
    // That it is not watched is said only when a tap would have told of its port by now.
    await untilAsked(api, "it is said that it is not watched", async () =>
      (await api.otherSockets()).some((other) => other.pid === pid && other.isUntappedScript),
    );
    assert.deepEqual(api.ports(), []);
    await vscode.commands.executeCommand("udpWorkbench.attachAndRunAgain", { pid });
    await until(api, "its port is there", () => api.ports().length === 1);
    assert.equal(api.ports()[0]?.program, "echo.cjs");
  });

  it("watches what is started in a terminal from the last time that it was on", async () => {
    await toggle(true);
    const terminal = vscode.window.createTerminal({ cwd: folder });
    const shell = (await terminal.processId) ?? assert.fail("no shell");
    await toggle(false);
    terminal.sendText("node echo.cjs");
    const pid = await childOf(shell);
    await untilAsked(api, "it is said that it is not watched", async () =>
      (await api.otherSockets()).some((other) => other.pid === pid && other.isUntappedScript),
    );
    assert.deepEqual(api.ports(), []);
    process.kill(pid, "SIGTERM");
    await toggle(true);
    terminal.sendText("node echo.cjs");
    await until(api, "its port is there", () => api.ports().length === 1);
  });

  it("says so when there is no such program", async () => {
    for (const [pid, reason] of [
      [process.pid, /in no terminal of this window/],
      [2 ** 30, /it has ended/],
      [-1, /a process id/],
    ] as const) {
      await assert.rejects(
        Promise.resolve(vscode.commands.executeCommand("udpWorkbench.attachAndRunAgain", { pid })),
        reason,
      );
    }
  });
});

/** The node that a shell started, as soon as it is there. */
async function childOf(shell: number): Promise<number> {
  for (;;) {
    const children = await readFile(`/proc/${shell}/task/${shell}/children`, "utf8");
    for (const pid of children.trim().split(" ")) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (command.includes("echo.cjs")) return Number(pid);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
