import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { activateWorkbench, datagramsOnce, untilAsked } from "./workbench_api.ts";

interface Summary {
  datagrams: number;
  otherPackets: Record<string, number>;
  problems: string[];
}

const suite = join(__dirname, "../../test/data/pcapng-suite");

describe("Open Capture", () => {
  let api: UdpWorkbench;
  let folder: string;

  before(async () => {
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-open-"));
  });

  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await rm(folder, { recursive: true });
  });

  const open = (path: string) =>
    vscode.commands.executeCommand<Summary>("udpWorkbench.openCapture", {
      uri: vscode.Uri.file(path),
    });

  it("opens what Export Capture wrote, plain and packed", async () => {
    await vscode.commands.executeCommand("udpWorkbench.clear", {});
    const server = await vscode.commands.executeCommand<{ port: number }>(
      "udpWorkbench.startServer",
      { port: 0 },
    );
    await vscode.commands.executeCommand("udpWorkbench.startClient", { port: server.port });
    await datagramsOnce(api, 12);
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
    const path = join(folder, "lesson.pcapng");
    await vscode.commands.executeCommand("udpWorkbench.exportCapture", {
      uri: vscode.Uri.file(path),
    });
    const summary = await open(path);
    assert.equal(summary.datagrams, 12);
    assert.deepEqual(summary.problems, []);
    const shown = () => vscode.window.tabGroups.activeTabGroup.activeTab?.label;
    // The extension host is told of tabs after the command has done its work.
    await untilAsked(
      api,
      () => `lesson.pcapng is in front, where ${shown()} is`,
      async () => shown() === "lesson.pcapng",
    );
    await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
    assert.equal((await open(`${path}.gz`)).datagrams, 12);
  });

  it("opens what other programs wrote", async () => {
    const { datagrams, problems } = await open(join(suite, "test001_le.pcapng"));
    assert.equal(datagrams, 4);
    assert.deepEqual(problems, []);
  });

  it("keeps what stands before a fault, and says where it is", async () => {
    const whole = await readFile(join(folder, "lesson.pcapng"));
    const path = join(folder, "cut.pcapng");
    // In the midst of the last datagram, behind which stands what became of the sockets.
    await writeFile(path, whole.subarray(0, whole.lastIndexOf("Hello, Sarah!") + 5));
    const summary = await open(path);
    assert.equal(summary.datagrams, 11);
    assert.equal(summary.problems.length, 1);
    assert.match(
      summary.problems[0] ?? "",
      /^Cannot read the last \d+ bytes of the capture, from byte \d+ on/,
    );
  });

  it("says so where there is no such file", async () => {
    await assert.rejects(Promise.resolve(open(join(folder, "none.pcapng"))));
  });
});
