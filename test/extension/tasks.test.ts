import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { payloadText } from "./registry_programs.ts";
import { activateWorkbench, datagramsOnce, until, untilAsked } from "./workbench_api.ts";

describe("tasks of type udp in tasks.json", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let root: string;

  before(async () => {
    api = await activateWorkbench();
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail("no workspace");
  });

  beforeEach(() => vscode.commands.executeCommand("udpWorkbench.clear", {}));

  afterEach(async () => {
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
    for (const name of [".vscode", "payload.bin"]) {
      await rm(join(root, name), { recursive: true, force: true });
    }
  });

  /** Writes tasks.json and returns its task with this label, once VS Code has read it. */
  async function taskOf(label: string, ...tasks: object[]): Promise<vscode.Task> {
    await mkdir(join(root, ".vscode"), { recursive: true });
    const text = JSON.stringify({ version: "2.0.0", tasks });
    await writeFile(join(root, ".vscode/tasks.json"), text);
    let found: vscode.Task | undefined;
    await untilAsked(api, `there is the task ${label}`, async () => {
      found = (await vscode.tasks.fetchTasks()).find(({ name }) => name === label);
      return found !== undefined;
    });
    return found ?? assert.fail();
  }

  /** Runs a task to its end. */
  async function run(task: vscode.Task): Promise<number | undefined> {
    const { name } = task;
    const ended = new Promise<number | undefined>((resolve) => {
      const listener = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution.task.name !== name) return;
        listener.dispose();
        resolve(exitCode);
      });
    });
    await vscode.tasks.executeTask(task);
    return ended;
  }

  it("run with their options, as the scripts have them", async () => {
    const server = await taskOf("server with options", {
      label: "server with options",
      type: "udp",
      program: "server",
      port: 0,
      reply: "{seq} {data}",
      count: 2,
      buffer: 100,
      "no-such-option": 1,
    });
    await vscode.tasks.executeTask(server);
    await until(api, "it is bound", () => api.ports().length === 1);
    const port = api.ports()[0]?.port;
    await writeFile(join(root, "payload.bin"), "from a file");
    const client = await taskOf("client with options", {
      label: "client with options",
      type: "udp",
      program: "client",
      port,
      file: "payload.bin",
      messages: ["t\\x77o"],
      format: "escape",
      // No request is sent twice while the server waits for a processor: it counts them.
      timeout: "40s",
      retries: 3,
    });
    assert.equal(await run(client), 0);
    await untilAsked(api, "both answers are there", async () => {
      const answers = (await api.datagrams()).filter(({ direction }) => direction === "in");
      const texts = answers.map(payloadText);
      return (
        texts.some((text) => /^\d from a file$/.test(text)) &&
        texts.some((text) => /^\d two$/.test(text))
      );
    });
    await until(api, "it has ended after two datagrams", () => api.ports().length === 0);
  });

  it("put a relay with its rules before a server, and it is waited for until it is bound", async () => {
    const { port } = await vscode.commands.executeCommand<{ port: number }>(
      "udpWorkbench.startServer",
      { port: 0 },
    );
    const between = await freeUdpPort();
    const relay = { program: "relay", to: `127.0.0.1:${port}`, listen: `127.0.0.1:${between}` };
    const client = await taskOf(
      "client of the relay",
      { label: "relay before", type: "udp", ...relay, delay: "up:50ms", "keep-order": true },
      {
        label: "client of the relay",
        type: "udp",
        program: "client",
        port: between,
        messages: ["late"],
        dependsOn: ["relay before"],
      },
    );
    assert.equal(await run(client), 0);
    await datagramsOnce(api, (all) => {
      const [came, passed] = [between, port].map(
        (at) => all.find((it) => it.local.port === at && payloadText(it) === "late")?.time,
      );
      return came !== undefined && passed !== undefined && passed - came >= 50_000;
    });
  });

  it("have variables, as all of tasks.json has", async () => {
    const { port } = await vscode.commands.executeCommand<{ port: number }>(
      "udpWorkbench.startServer",
      { port: 0 },
    );
    const client = await taskOf("client with a variable", {
      label: "client with a variable",
      type: "udp",
      program: "client",
      port,
      messages: [`in \${workspaceFolder}`],
    });
    assert.equal(await run(client), 0);
    await datagramsOnce(api, (all) => all.map(payloadText).includes(`in ${root}`));
  });

  it("let what depends on a server wait until it is bound", async () => {
    const port = await freeUdpPort();
    const client = await taskOf(
      "client after server",
      { label: "server before", type: "udp", program: "server", port },
      {
        label: "client after server",
        type: "udp",
        program: "client",
        port,
        messages: ["at once"],
        dependsOn: ["server before"],
      },
    );
    // One datagram, sent once: were the server not bound by then, the client would end with 1.
    assert.equal(await run(client), 0);
    await until(api, "its receipt is captured", () => api.ports()[0]?.received === 1);
  });

  it("let a launch configuration wait for its preLaunchTask", async () => {
    const port = await freeUdpPort();
    await taskOf("before launch", { label: "before launch", type: "udp", program: "server", port });
    const folder = vscode.workspace.workspaceFolders?.[0];
    let launching: vscode.Disposable | undefined;
    // Asked for when everything before the launch is done. The panel learns of the port a moment later.
    const wasBound = new Promise<boolean>((resolve) => {
      launching = vscode.debug.registerDebugAdapterTrackerFactory("*", {
        createDebugAdapterTracker: async () => {
          resolve(await isBound(port));
          return undefined;
        },
      });
    });
    const debug = vscode.workspace.getConfiguration("debug");
    try {
      // Errors that another test left in an editor are none of the server's.
      await debug.update("onTaskErrors", "debugAnyway", vscode.ConfigurationTarget.Global);
      await vscode.debug.startDebugging(folder, {
        type: "node",
        request: "launch",
        name: "after",
        program: join(root, "none.js"),
        preLaunchTask: "before launch",
        noDebug: true,
      });
      assert.equal(await wasBound, true);
    } finally {
      launching?.dispose();
      await debug.update("onTaskErrors", undefined, vscode.ConfigurationTarget.Global);
      await vscode.debug.stopDebugging();
    }
  });
});

async function isBound(port: number): Promise<boolean> {
  const socket = createSocket("udp4").bind(port, "127.0.0.1");
  try {
    await once(socket, "listening");
    return false;
  } catch {
    return true;
  } finally {
    socket.close();
  }
}
