import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ControlPlace } from "../../extension/host/control/control_place.ts";
import { processesWith } from "../bench/memory.ts";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { percentile } from "../support/percentile.ts";
import { tappedRows } from "../support/port_rows.ts";
import { pythons } from "../support/pythons.ts";
import { Stranger } from "../support/script_socket.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { cleanWindow } from "./clean_window.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { accounted, captureFolder, shown, startFlood } from "./flood.ts";
import { runAnswering } from "./questions.ts";

/** Packed, because VS Code does not start the extension host of a window again where an extension is developed. */
const vsix = join(projectFolder, "udp-workbench.vsix");
/** Until it is told to end: the accident takes as long as it takes. */
const LOAD = { rate: 2000, seconds: 1000 };

describe("an accident", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;

  before(async () => {
    vscode = await Vscode.start({ vsix });
    workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
  });
  after(() => vscode?.close());
  afterEach(() => cleanWindow(workbench));

  /** Floods, lets an accident happen in the midst of it, and says what is accounted for after it. */
  async function floodThrough(accident: () => Promise<void>): Promise<void> {
    await workbench.webviews.inside("Datagrams");
    const { program, ended } = await startFlood(vscode, LOAD);
    await accounted(workbench, 1000);
    await accident();
    const { rows: before } = await shown(await workbench.webviews.inside("Datagrams"));
    await accounted(workbench, before + 1000);
    program.kill("SIGINT");
    const { sent } = await ended;
    const { rows, notRecorded, evicted } = await accounted(workbench, sent);
    assert.deepEqual([rows + notRecorded, evicted], [sent, 0]);
  }

  /** Resolves when VS Code has started another one. */
  async function killExtensionHost(): Promise<void> {
    const [host, ...others] = await extensionHosts(vscode);
    assert.ok(host !== undefined && others.length === 0);
    process.kill(host, "SIGKILL");
    await workbench.waitFor(
      "another extension host",
      () => extensionHosts(vscode),
      (now) => now.length === 1 && now[0] !== host,
      { timeoutMs: 60_000 },
    );
  }

  it("during a flood shows each datagram once after the window was reloaded", () =>
    floodThrough(() => workbench.reload()));

  it("during a flood shows each datagram once after the extension host was killed", () =>
    floodThrough(killExtensionHost));

  it("that kills the extension host ends each bad network, and what the window said of them", async () => {
    const programs = await BadPrograms.start(vscode, workbench);
    try {
      await workbench.tree("Bad Network").pane.waitFor();
      await killExtensionHost();
      await programs.answerAgain(workbench);
      // The new extension host knows of none, and neither do the views.
      await workbench.tree("Bad Network").pane.waitFor({ state: "detached" });
      assert.equal(await workbench.page.getByText(/^Bad Network on /).count(), 0);
    } finally {
      programs.end();
    }
  });
});

/** Watched programs, one for each tap, that send back what they get, and whose network a window has made bad. */
class BadPrograms {
  readonly #stranger: Stranger;
  readonly #programs: ChildProcess[] = [];
  readonly #ports: number[] = [];

  private constructor(stranger: Stranger) {
    this.#stranger = stranger;
  }

  /** They are no children of the window's: what ends that does not end them. */
  static async start(vscode: Vscode, workbench: Workbench): Promise<BadPrograms> {
    const programs = new BadPrograms(await Stranger.bind());
    try {
      await programs.#startAll(vscode, workbench);
      return programs;
    } catch (error) {
      programs.end();
      throw error;
    }
  }

  async #startAll(vscode: Vscode, workbench: Workbench): Promise<void> {
    // The extension runs, and has a folder for what programs say.
    await workbench.webviews.inside("Datagrams");
    const folder = await captureFolder(vscode);
    const control = (await ControlPlace.open(folder)) ?? assert.fail("no place for control");
    const env = { ...control.environment, UDP_TAP_DIR: folder };
    await this.#start(process.execPath, [...TAP, "-e", ECHO], env);
    const [python] = pythons;
    const PYTHONPATH = join(projectFolder, "dist/python");
    if (python) await this.#start(python.command, ["-c", PYTHON_ECHO], { ...env, PYTHONPATH });
    for (const port of this.#ports) await this.#makeBad(workbench, port);
  }

  async #start(
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<void> {
    const program = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#programs.push(program);
    const [line] = await once(program.stdout, "data");
    this.#ports.push(Number(line));
  }

  async #makeBad(workbench: Workbench, port: number): Promise<void> {
    const name = `127.0.0.1:${port}`;
    await workbench
      .tree("Bound Ports")
      .waitForRows("the program", (rows) => rows.some(({ label }) => label === name));
    assert.equal(String(await this.#stranger.ask("before", port)), "before");
    await workbench.runCommand("UDP: Bad Network...");
    await workbench.quickInput.shown("Port to make the network bad for");
    await workbench.quickInput.pick(name);
    await workbench.quickInput.shown(`Bad Network for ${name}`);
    await workbench.quickInput.type("in drop 100");
    await workbench.quickInput.acceptLast();
    const view = workbench.tree("Bad Network");
    await workbench.waitFor(
      "where it is bad",
      () => view.description(),
      (text) => text.includes(name),
    );
    const dropped = `dropped at ${port}`;
    await this.#stranger.sent(dropped, port);
    const grid = await workbench.webviews.grid("Datagrams");
    await workbench.waitFor(dropped, async () =>
      (await grid.rows()).some(
        ({ Payload, Note }) => Payload === dropped && Note === "dropped by a rule",
      ),
    );
  }

  /** Resolves when all of them answer; how soon they have to is told in test/tap/rules.test.ts, by their own clocks. */
  async answerAgain(workbench: Workbench): Promise<void> {
    const heard = (port: number) =>
      this.#stranger.received.filter(({ peer }) => peer.port === port).map(({ data }) => `${data}`);
    for (const port of this.#ports) {
      await workbench.waitFor(`an answer from ${port}`, async () => {
        await this.#stranger.sent("again", port);
        return heard(port).includes("again");
      });
      assert.deepEqual(new Set(heard(port)), new Set(["before", "again"]));
    }
  }

  end(): void {
    for (const program of this.#programs) program.kill();
    this.#stranger.close();
  }
}

/** The flags by which Node.js loads the tap. */
const TAP = ["--require", join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs")];

/** Sends back what it gets, and prints its port. */
const ECHO = `
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (data, { port, address }) => socket.send(data, port, address));
  socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
`;
const PYTHON_ECHO = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    s.sendto(*s.recvfrom(1024))
`;

describe("a VS Code server that is killed", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  const programs: ChildProcess[] = [];
  /** Rejects when one of them has ended. */
  let ended: Promise<unknown> = new Promise(() => {});
  let stranger: Stranger | undefined;

  before(async () => {
    vscode = await Vscode.start({ vsix });
  });
  after(async () => {
    for (const program of programs) program.kill();
    stranger?.close();
    await vscode?.close();
  });

  /** Starts an echo server with these flags of Node.js; resolves with its port. */
  async function startEcho(flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
    const program = spawn(process.execPath, [...flags, "-e", ECHO], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    programs.push(program);
    const exited = once(program, "exit").then(() => assert.fail("a program has ended"));
    ended = Promise.race([ended, exited]);
    ended.catch(() => {}); // in the end, all of them do
    const [line] = await once(program.stdout, "data");
    return Number(line);
  }

  it("leaves a watched program as it was, and a new window has all that came meanwhile", async () => {
    const window = await vscode.openWorkbench();
    await window.openContainer("UDP");
    await DatagramsGrid.in(window);
    const port = await startEcho(TAP, { UDP_TAP_DIR: await captureFolder(vscode) });
    const twin = await startEcho([]);
    const asking = await Stranger.bind();
    stranger = asking;
    let asked = 0;
    const ask = async (to: number): Promise<number> => {
      const start = performance.now();
      await Promise.race([asking.ask(String(asked), to), ended]);
      return performance.now() - start;
    };
    /**
     * How many times as long as those of its unwatched twin so many answers take, in the median. Asked by turns: a
     * machine that is slow for a while is slow for both.
     */
    const slowness = async (count: number): Promise<number> => {
      const watched: number[] = [];
      const unwatched: number[] = [];
      for (const first = asked; asked < first + count; asked++) {
        watched.push(await ask(port));
        unwatched.push(await ask(twin));
      }
      return percentile(watched, 50) / percentile(unwatched, 50);
    };

    const before = await slowness(1000);
    await accounted(window, 2 * asked);
    const [, during] = await Promise.all([vscode.server.kill(), slowness(3000)]);
    const without = await slowness(3000);
    await vscode.server.startAgain();
    const again = await vscode.openWorkbench({ beside: window });
    await window.close();
    await slowness(1000);

    await again.openContainer("UDP");
    const { rows, notRecorded, evicted } = await accounted(again, 2 * asked);
    assert.deepEqual([rows + notRecorded, evicted], [2 * asked, 0]);
    await again
      .tree("Bound Ports")
      .waitForRows("the program that goes on", (all) =>
        tappedRows(all).some(({ label }) => label === `127.0.0.1:${port}`),
      );
    const slowest = Math.max(during, without);
    assert.ok(slowest < 2 * before, `${slowest} times its twin, where it was ${before} times`);
    await again.close();
  });

  it("takes every bad network with it", async () => {
    const { emptyFolder: folder } = vscode.server;
    const window = await vscode.openWorkbench({ folder });
    await window.openContainer("UDP");
    const bad = await BadPrograms.start(vscode, window);
    try {
      await vscode.server.kill();
      await bad.answerAgain(window);
      await vscode.server.startAgain();
    } finally {
      bad.end();
    }
  });
});

describe("a place for captures that cannot be used", function () {
  this.timeout(300_000);

  it("is told in the Datagrams view, with what to do; what programs say is in another place, and seen", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "uwb-t"));
    const vscode = await Vscode.start({ env: { TMPDIR: temporary } });
    try {
      const storage = join(dirname(vscode.server.emptyFolder), "data/data/User/globalStorage");
      const captures = join(storage, "udp-workbench.udp-workbench/captures");
      await mkdir(dirname(captures), { recursive: true });
      // Where even root can make no folder.
      await writeFile(captures, "");
      const workbench = await vscode.openWorkbench();
      await workbench.openContainer("UDP");
      const port = await freeUdpPort();
      await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
      await workbench.terminals.showing(`Bind UDP on ${port}...`);
      await runAnswering(workbench, "UDP: Start Client...", [undefined, String(port)]);
      const grid = await DatagramsGrid.in(workbench);
      await grid.waitForRows(6);
      const remark = await grid.frame.locator(".remarks li").textContent();
      assert.match(remark ?? "", /^Cannot keep datagrams in .*captures: \w+\. They are in /);
      assert.match(
        remark ?? "",
        /make room on its disk, or make it writable for you alone, and reload the window\.$/,
      );
      assert.ok((await stat(captures)).isFile());

      await workbench.reload();
      await workbench.openContainer("UDP");
      await (await DatagramsGrid.in(workbench)).waitForRows(6);
    } finally {
      await vscode.close();
      await rm(temporary, { recursive: true });
    }
  });
});

/** The extension hosts of a server. */
function extensionHosts({ server }: Vscode): Promise<number[]> {
  return processesWith("--type=extensionHost", dirname(server.emptyFolder));
}
