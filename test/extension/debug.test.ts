import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { pythonWith } from "../support/pythons.ts";
import { payloadText } from "./registry_programs.ts";
import { activateWorkbench, until, untilAsked } from "./workbench_api.ts";

const ECHO = `
require("node:fs").writeFileSync(__dirname + "/options", String(process.env.NODE_OPTIONS));
const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (bytes, from) => {
  socket.send(bytes, from.port, from.address);
});
socket.bind(0, "127.0.0.1");
`;
const PYTHON_ECHO = `
import os, socket
with open(os.path.dirname(os.path.abspath(__file__)) + "/options", "w") as file:
    file.write(os.environ["PYTHONPATH"])
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("127.0.0.1", 0))
while True:
    payload, peer = here.recvfrom(1024)
    here.sendto(payload, peer)
`;

/** A program that answers each datagram with itself, and how VS Code debugs it. */
const ECHOES = {
  JavaScript: {
    file: "echo.cjs",
    text: ECHO,
    answering: "socket.send",
    config: { type: "node" },
    adapter: "pwa-node",
    // The debugger's own, the user's from the file, and ours.
    options: /bootloader.*--title=of-the-file.*tap\.cjs/s,
  },
  Python: {
    file: "echo.py",
    text: PYTHON_ECHO,
    answering: "here.sendto",
    config: { type: "debugpy", console: "internalConsole", subProcess: false },
    adapter: "debugpy",
    options: /python:.*of-the-file/s,
  },
} as const;
/** Debian's python3-debugpy, where that is installed. */
const debugpy = pythonWith("debugpy");

describe("Debug sessions", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let folder: string;
  const disposables: vscode.Disposable[] = [];

  before(async function () {
    if (!vscode.extensions.getExtension("ms-vscode.js-debug")) {
      if (process.env.CI) assert.fail("VS Code's debugger for JavaScript is not there");
      this.skip();
    }
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp debug "));
    for (const { file, text } of Object.values(ECHOES)) await writeFile(join(folder, file), text);
    const variables = "NODE_OPTIONS=--title=of-the-file\nPYTHONPATH=of-the-file\n";
    await writeFile(join(folder, "own.env"), variables);
  });

  beforeEach(() => vscode.commands.executeCommand("udpWorkbench.clear", {}));
  afterEach(async () => {
    await vscode.debug.stopDebugging();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    for (const disposable of disposables.splice(0)) disposable.dispose();
    await vscode.commands.executeCommand("udpWorkbench.toggleAutoAttach", { on: false });
    await until(api, "no port is bound", () => api.ports().length === 0);
  });
  after(() => folder && rm(folder, { recursive: true }));

  const start = async (more: object, { file }: { readonly file: string } = ECHOES.JavaScript) => {
    const program = join(folder, file);
    const config = { type: "node", request: "launch", name: "echo", program, cwd: folder };
    assert.ok(await vscode.debug.startDebugging(undefined, { ...config, ...more }));
  };

  for (const [language, echo] of Object.entries(ECHOES)) {
    it(`show what passes in ${language}, stop at a breakpoint in a message handler, and end the port with them`, async function () {
      if (language === "Python" && debugpy === undefined) {
        if (process.env.CI) assert.fail("debugpy, Python's debugger, is not installed");
        this.skip();
      }
      const line = echo.text.split("\n").findIndex((text) => text.includes(echo.answering));
      const uri = vscode.Uri.file(join(folder, echo.file));
      const place = new vscode.Location(uri, new vscode.Position(line, 0));
      vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place)]);
      const stopped = new Promise<vscode.DebugSession>((resolve) => {
        disposables.push(
          vscode.debug.registerDebugAdapterTrackerFactory(echo.adapter, {
            createDebugAdapterTracker: (session) => ({
              onDidSendMessage: ({ event }) => event === "stopped" && resolve(session),
            }),
          }),
        );
      });
      const envFile = join(folder, "own.env");
      await start({ ...echo.config, python: [debugpy], udpWorkbench: true, envFile }, echo);
      await until(api, "its port is there", () => api.ports().length === 1);
      assert.equal(api.ports()[0]?.program, echo.file);
      const socket = createSocket("udp4");
      try {
        socket.send("stop here", api.ports()[0]?.port ?? 0, "127.0.0.1");
        const session = await stopped;
        await untilAsked(api, "it is received", async () => (await api.datagrams()).length === 1);
        const answered = once(socket, "message");
        const { threads } = await session.customRequest("threads");
        await session.customRequest("continue", { threadId: threads[0].id });
        assert.equal(String((await answered)[0]), "stop here");
        // None of the tap's own.
        if (language === "Python") assert.equal(threads.length, 1);
      } finally {
        socket.close();
      }
      await untilAsked(api, "it is answered", async () => (await api.datagrams()).length === 2);
      assert.deepEqual((await api.datagrams()).map(payloadText), ["stop here", "stop here"]);
      assert.match(await readFile(join(folder, "options"), "utf8"), echo.options);
      await vscode.debug.stopDebugging();
      await until(api, "its port is gone", () => api.ports().length === 0);
    });
  }

  it("are watched with auto attach on, also in a terminal, where no secret is in what is typed", async () => {
    await vscode.commands.executeCommand("udpWorkbench.toggleAutoAttach", { on: true });
    await start({ console: "integratedTerminal", env: { NODE_OPTIONS: "--title=own" } });
    await until(api, "its port is there", () => api.ports().length === 1);
    const options = await readFile(join(folder, "options"), "utf8");
    assert.match(options, /bootloader.*--title=own.*tap\.cjs/s);
    for (const terminal of vscode.window.terminals) terminal.dispose();
  });

  for (const console of ["internalConsole", "integratedTerminal"]) {
    it(`are left alone where the configuration says so, in the ${console}`, async () => {
      await vscode.commands.executeCommand("udpWorkbench.toggleAutoAttach", { on: true });
      await rm(join(folder, "options"), { force: true });
      await start({ console, udpWorkbench: false });
      await untilAsked(api, "it runs, and has bound a port", async () =>
        (await api.otherSockets()).some(({ program }) => program === "echo.cjs"),
      );
      assert.deepEqual(api.ports(), []);
      const options = await readFile(join(folder, "options"), "utf8");
      assert.doesNotMatch(options, /tap\.cjs/);
      for (const terminal of vscode.window.terminals) terminal.dispose();
    });
  }
});
