import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import type { OtherSocket, UdpWorkbench } from "../../extension/api.ts";
import { activateWorkbench, until, untilAsked } from "./workbench_api.ts";

/** Works so long for each datagram that a small receive buffer must overflow. */
const BUSY = `
const socket = require("dgram").createSocket({ type: "udp4", recvBufferSize: 4096 });
socket.on("message", () => {
  const end = process.hrtime.bigint() + 1_000_000n;
  while (process.hrtime.bigint() < end);
});
socket.bind(0, "127.0.0.1");
`;

const BIND = `
const host = process.argv[2];
const socket = require("dgram").createSocket(host.includes(":") ? "udp6" : "udp4");
socket.bind(0, host, () => console.log(socket.address().port));
`;

describe("Sockets of the machine", () => {
  let api: UdpWorkbench;
  let folder: string;
  const processes: ChildProcess[] = [];
  const sockets: Socket[] = [];

  before(async () => {
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-ports-"));
    await writeFile(join(folder, "busy.cjs"), BUSY);
    await writeFile(join(folder, "bind.cjs"), BIND);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    for (const process of processes.splice(0)) {
      if (process.exitCode !== null || process.signalCode !== null) continue;
      process.kill("SIGKILL");
      await once(process, "exit");
    }
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
    for (const terminal of vscode.window.terminals) terminal.dispose();
  });

  after(() => rm(folder, { recursive: true }));

  async function bound(address: string): Promise<Socket> {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    sockets.push(socket);
    socket.bind(0, address);
    await once(socket, "listening");
    return socket;
  }

  /** Starts a program that no tap is in; resolves with its process id and port. */
  async function stranger(address: string): Promise<{ pid: number; port: number }> {
    const started = spawn("node", [join(folder, "bind.cjs"), address], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    processes.push(started);
    const [line] = (await once(createInterface(started.stdout), "line")) as [string];
    return { pid: started.pid ?? 0, port: Number(line) };
  }

  /** Each family, and each address, has ports of its own: others may have bound the same number there. */
  const of = (found: readonly OtherSocket[], process: number, wanted: number) =>
    found.find(({ pid, port }) => pid === process && port === wanted);

  it("are listed with their processes, in both families, and gone when they are closed", async () => {
    const one = await stranger("127.0.0.1");
    const two = await stranger("::1");
    const own = (await bound("0.0.0.0")).address().port;
    const found = await api.otherSockets();
    for (const [{ pid, port }, address] of [
      [one, "127.0.0.1"],
      [two, "::1"],
    ] as const) {
      const socket = of(found, pid, port);
      assert.equal(socket?.address, address);
      assert.equal(socket.program, "bind.cjs");
      assert.equal(socket.peer, undefined);
      assert.equal(socket.isUntappedScript, false, "it runs in no terminal of this window");
    }
    assert.equal(of(found, process.pid, own)?.address, "0.0.0.0");
    processes[0]?.kill("SIGKILL");
    if (processes[0]) await once(processes[0], "exit");
    assert.equal(of(await api.otherSockets(), one.pid, one.port), undefined);
  });

  it("tell of their other ends, of what waits, and of what was lost", async function () {
    if (process.platform !== "linux") this.skip();
    const silent = await stranger("127.0.0.1");
    const client = await bound("127.0.0.1");
    client.connect(silent.port, "127.0.0.1");
    await once(client, "connect");
    process.kill(silent.pid, "SIGSTOP");
    const payload = new Uint8Array(60_000);
    for (let sent = 0; sent < 100; sent++) {
      await new Promise((resolve) => client.send(payload, resolve));
    }
    const found = await api.otherSockets();
    const receiver = of(found, silent.pid, silent.port);
    assert.ok((receiver?.receiveQueue ?? 0) > payload.length);
    assert.ok((receiver?.lostInReceiveBuffer ?? 0) > 0);
    assert.deepEqual(of(found, process.pid, client.address().port)?.peer, {
      address: "127.0.0.1",
      port: silent.port,
    });
    process.kill(silent.pid, "SIGCONT");
  });

  it("of tapped programs are not among them", async () => {
    const { pid, port } = await vscode.commands.executeCommand<{ pid: number; port: number }>(
      "udpWorkbench.startServer",
      { port: 0 },
    );
    assert.equal(of(await api.otherSockets(), pid, port), undefined);
    assert.equal(
      api.ports().find((one) => one.port === port)?.lostInReceiveBuffer,
      process.platform === "linux" ? 0 : undefined,
    );
  });

  it("are asked for only while their view is visible", async function () {
    if (process.platform !== "linux") this.skip();
    this.timeout(60_000);
    const lost = () => api.ports()[0]?.lostInReceiveBuffer;
    await vscode.commands.executeCommand("workbench.view.explorer");
    await vscode.commands.executeCommand("udpWorkbench.startServer", { port: 0 });
    // That nothing comes can only be seen by waiting: more than two looks long.
    await delay(2500);
    assert.equal(lost(), undefined, "the view is hidden, so nobody has asked");
    await vscode.commands.executeCommand("udpWorkbench.ports.focus");
    await until(api, "the system has told", () => lost() === 0);
    await vscode.commands.executeCommand("workbench.view.explorer");
  });

  it("say what a busy program lost: with what it received, that is what was sent", async function () {
    if (process.platform !== "linux") this.skip();
    this.timeout(60_000);
    await vscode.commands.executeCommand("udpWorkbench.runFile", {
      uri: vscode.Uri.file(join(folder, "busy.cjs")),
    });
    await until(api, "the port is there", () => api.ports().length === 1);
    const [{ port } = { port: 0 }] = api.ports();
    const client = await bound("127.0.0.1");
    const sent = 2000;
    const sendings = Array.from(
      { length: sent },
      (_, number) =>
        new Promise<void>((resolve, reject) => {
          client.send(`${number}`, port, "127.0.0.1", (error) =>
            error ? reject(error) : resolve(),
          );
        }),
    );
    await Promise.all(sendings);
    await api.otherSockets();
    const lost = () => api.ports()[0]?.lostInReceiveBuffer ?? 0;
    assert.ok(lost() > 0);
    await until(api, "all are accounted for", () => {
      const [server] = api.ports();
      return server !== undefined && server.received + lost() === sent;
    });
    await api.otherSockets();
    assert.equal((api.ports()[0]?.received ?? 0) + lost(), sent);
  });

  it("are listed beside a terminal whose program cannot be started", async () => {
    // VS Code never tells its process, nor that it will have none.
    vscode.window.createTerminal({ shellPath: join(folder, "no-such-shell") });
    const { pid, port } = await stranger("127.0.0.1");
    assert.ok(of(await api.otherSockets(), pid, port));
    await assert.rejects(
      Promise.resolve(vscode.commands.executeCommand("udpWorkbench.attachAndRunAgain", { pid })),
      /it runs in no terminal of this window/,
    );
    await vscode.commands.executeCommand("udpWorkbench.toggleAutoAttach", { on: false });
  });

  it("say of a script that was started by hand that it is not tapped", async function () {
    if (process.platform !== "linux") this.skip();
    this.timeout(60_000);
    await vscode.commands.executeCommand("udpWorkbench.toggleAutoAttach", { on: false });
    const terminal = vscode.window.createTerminal({ cwd: folder });
    terminal.sendText("node bind.cjs 127.0.0.1");
    let found: OtherSocket | undefined;
    await untilAsked(api, "a script is not watched", async () => {
      found = (await api.otherSockets()).find(({ isUntappedScript }) => isUntappedScript);
      return found !== undefined;
    });
    assert.equal(found?.program, "bind.cjs");
    assert.equal(found.address, "127.0.0.1");
    assert.ok(found.pid);
  });
});
