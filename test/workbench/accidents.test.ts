import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { processesWith } from "../bench/memory.ts";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { percentile } from "../support/percentile.ts";
import { tappedRows } from "../support/port_rows.ts";
import { Stranger } from "../support/script_socket.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { clearDatagrams } from "./clean_window.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { accounted, captureFolder, shown, startFlood } from "./flood.ts";
import { runAnswering } from "./questions.ts";

/** Packed, because VS Code does not start the extension host of a window again where an extension is developed. */
const vsix = join(projectFolder, "udp-workbench.vsix");
/** Until it is told to end: the accident takes as long as it takes. */
const LOAD = { rate: 2000, seconds: 1000 };

describe("an accident during a flood", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;

  before(async () => {
    vscode = await Vscode.start({ vsix });
    workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
  });
  after(() => vscode?.close());
  afterEach(async () => {
    await clearDatagrams(workbench);
  });

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

  it("shows each datagram once after the window was reloaded", () =>
    floodThrough(() => workbench.reload()));

  it("shows each datagram once after the extension host was killed", () =>
    floodThrough(async () => {
      const [host, ...others] = await extensionHosts(vscode);
      assert.ok(host !== undefined && others.length === 0);
      process.kill(host, "SIGKILL");
      await workbench.waitFor(
        "another extension host",
        () => extensionHosts(vscode),
        (now) => now.length === 1 && now[0] !== host,
        { timeoutMs: 60_000 },
      );
    }));
});

/** Sends back what it gets, and prints its port. */
const ECHO = `
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (data, { port, address }) => socket.send(data, port, address));
  socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
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
    const tap = ["--require", join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs")];
    const port = await startEcho(tap, { UDP_TAP_DIR: await captureFolder(vscode) });
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
