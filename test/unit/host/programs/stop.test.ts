import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Capture } from "../../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../../extension/core/capture/file_sink.ts";
import type { LiveCapture } from "../../../../extension/host/capture/live_capture.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

/** Opens a file where one is named, or else binds a port; prints the port or 0, and stays. */
const PROGRAM = `
  const [path] = process.argv.slice(1);
  if (path) require("node:fs").openSync(path, "w");
  const socket = require("node:dgram").createSocket("udp4");
  if (path) console.log(0);
  else socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
  setInterval(() => {}, 1e9);
`;
const STARTED = 1_700_000_000_000;

describe("stopRecorded()", () => {
  let folder: string;
  let children: ChildProcess[];

  beforeEach(async function () {
    // Elsewhere the system does not tell which files a process has open.
    if (process.platform !== "linux") this.skip();
    standInForVscode();
    children = [];
    folder = await mkdtemp(join(tmpdir(), "udp-stop-"));
  });

  afterEach(async () => {
    for (const child of children ?? []) child.kill("SIGKILL");
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function start(path?: string): Promise<{ pid: number; port: number; child: ChildProcess }> {
    const child = spawn(process.execPath, ["-e", PROGRAM, ...(path ? [path] : [])], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const [line] = await once(child.stdout, "data");
    assert.ok(child.pid);
    return { pid: child.pid, port: Number(line), child };
  }

  /** Stops the program that a capture tells of, which has this process id and this port bound. */
  async function stop(pid: number, port: number): Promise<void> {
    const capture = new Capture();
    const writer = `${STARTED}-${pid}.0`;
    const sink = new FileSink({ capture, file: capture.addFile("a"), writer, clearedBefore: 0 });
    const application = `node 24.0.0, pid ${pid}, ppid 1: /app/server.js`;
    sink.section({ application, os: "", comments: [] });
    const description = `server.js, pid ${pid}, socket 1`;
    sink.interface({ id: 0, name: `127.0.0.1:${port}`, description, comments: [] });
    capture.commit();
    const [socket] = capture.sockets.open();
    assert.ok(socket);
    const live = { capture, scan: async () => {} } as unknown as LiveCapture;
    const { stopRecorded } = await import("../../../../extension/host/programs/stop.ts");
    await stopRecorded(live, socket.program);
  }

  it("ends the process that has a file of its writer open", async () => {
    // Its name is not known before its id is: the file of the shell that it was.
    const name = `${STARTED}-$$-000001.pcapng`;
    const words = ["-c", `exec "$0" -e "$1" "${join(folder, name)}"`, process.execPath, PROGRAM];
    const child = spawn("sh", words, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    await once(child.stdout, "data");
    assert.ok(child.pid);
    await Promise.all([once(child, "exit"), stop(child.pid, 9)]);
  });

  it("ends the process that holds its port, though it has no file: a tap without room", async () => {
    const { pid, port, child } = await start();
    await Promise.all([once(child, "exit"), stop(pid, port)]);
  });

  it("ends no process that only has its id: given out again, or in a container", async () => {
    const { pid: another, port } = await start();
    // It records, too, but as somebody else.
    const { pid, child } = await start(join(folder, `${STARTED}-${another}-000001.pcapng`));
    await assert.rejects(stop(pid, port), {
      name: "HumanError",
      message: new RegExp(`^Cannot stop server\\.js: nothing shows that process ${pid} is it`),
    });
    assert.deepEqual([child.exitCode, child.signalCode], [null, null]);
  });
});
