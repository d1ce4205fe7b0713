import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { payloadText } from "./registry_programs.ts";
import { activateWorkbench, until, untilAsked } from "./workbench_api.ts";

const ECHO = `
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (bytes, { port, address }) => socket.send(bytes, port, address));
socket.bind(0, "127.0.0.1");
`;

describe("Watch Program", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let folder: string;

  before(async function () {
    try {
      execFileSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" });
    } catch {
      if (process.env.CI && process.platform === "linux") assert.fail("strace cannot be run");
      this.skip();
    }
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp watched "));
    await writeFile(join(folder, "echo.cjs"), ECHO);
  });

  beforeEach(() => vscode.commands.executeCommand("udpWorkbench.clear", {}));
  afterEach(async () => {
    for (const terminal of vscode.window.terminals) terminal.dispose();
    await until(api, "no port is bound", () => api.ports().length === 0);
  });
  after(() => folder && rm(folder, { recursive: true }));

  const isGone = (pid: number) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };

  /** Asks the only bound port, and sees what passed there. */
  async function ask(text: string): Promise<void> {
    await until(api, "its port is there", () => api.ports().length === 1);
    const socket = createSocket("udp4");
    try {
      socket.send(text, api.ports()[0]?.port ?? 0, "127.0.0.1");
      const [answer] = (await once(socket, "message")) as [Buffer];
      assert.equal(String(answer), text);
    } finally {
      socket.close();
    }
    await untilAsked(api, "both are recorded", async () => (await api.datagrams()).length === 2);
    assert.deepEqual((await api.datagrams()).map(payloadText), [text, text]);
  }

  it("shows the port and the datagrams of a program that has no tap, until its terminal is closed", async () => {
    const { pid } = await vscode.commands.executeCommand<{ pid: number }>(
      "udpWorkbench.watchProgram",
      { command: "exec node echo.cjs", cwd: folder },
    );
    await ask("under strace");
    const [port] = api.ports();
    assert.equal(port?.program, "node");
    assert.deepEqual([port?.received, port?.sent, port?.notRecorded], [1, 1, 0]);
    const program = port?.pid ?? 0;
    assert.ok(program > 0 && program !== pid);
    for (const terminal of vscode.window.terminals) terminal.dispose();
    await until(api, "its port is gone", () => api.ports().length === 0);
    await untilAsked(api, "both processes have ended", async () => isGone(program) && isGone(pid));
  });

  it("stops a watched program as any other", async () => {
    const options = { command: process.env.SHELL ?? "/bin/sh", args: ["-c", "node echo.cjs"] };
    await vscode.commands.executeCommand("udpWorkbench.watchProgram", { ...options, cwd: folder });
    await until(api, "its port is there", () => api.ports().length === 1);
    const { port = 0 } = api.ports()[0] ?? {};
    await vscode.commands.executeCommand("udpWorkbench.stop", { port });
    await until(api, "its port is gone", () => api.ports().length === 0);
  });

  it("runs a program of a terminal again, watched", async () => {
    const terminal = vscode.window.createTerminal({ cwd: folder });
    terminal.sendText("node echo.cjs");
    let pid = 0;
    await untilAsked(api, "it is among the other processes", async () => {
      const other = (await api.otherSockets()).find(({ program }) => program === "echo.cjs");
      pid = other?.pid ?? 0;
      return pid > 0;
    });
    const { commandLine } = await vscode.commands.executeCommand<{ commandLine: string }>(
      "udpWorkbench.watchAgain",
      { pid },
    );
    assert.match(commandLine, /node echo\.cjs$/);
    assert.ok(isGone(pid));
    await ask("again");
  });

  it("refuses what VS Code would change in a command line, and starts nothing", async () => {
    const before = vscode.window.terminals.length;
    const given = { command: `echo \${env:HOME}` };
    await assert.rejects(
      Promise.resolve(vscode.commands.executeCommand("udpWorkbench.watchProgram", given)),
      /VS Code replaces that/,
    );
    assert.ok(vscode.window.terminals.length <= before);
  });
});
