import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { CommandTypes, UdpWorkbench } from "../../extension/api.ts";
import { lossyProgram } from "../support/lossy_program.ts";
import { waitUntil } from "../support/wait_until.ts";
import { activateWorkbench } from "./workbench_api.ts";

async function call<Id extends keyof CommandTypes>(
  command: Id,
  argument: CommandTypes[Id][0],
): Promise<CommandTypes[Id][1]> {
  return vscode.commands.executeCommand(command, argument);
}

describe("Who Loses What", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let folder: string;

  before(async function () {
    if (process.platform !== "linux") this.skip();
    api = await activateWorkbench();
    await call("udpWorkbench.clear", {});
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-losses-"));
  });

  after(async () => {
    await call("udpWorkbench.stopAll", {});
    if (folder) await rm(folder, { recursive: true });
  });

  it("tells of a program that takes too slowly what it lost, as the system counted it, and what would have held it", async () => {
    const file = join(folder, "lossy.cjs");
    await writeFile(file, lossyProgram(400));
    await call("udpWorkbench.runFile", { uri: file });
    const receiver = () => api.ports().find(({ received }) => received > 0);
    await waitUntil("the receiver", async () => receiver() !== undefined);
    const { port = 0 } = receiver() ?? {};
    const to = `127.0.0.1:${port}`;
    // What is on its way is not lost for a second.
    await waitUntil("losses", async () => {
      const { sent, arrived, lost } = await call("udpWorkbench.explainLosses", { to });
      return sent === 400 && lost > 0 && arrived + lost === sent;
    });
    const told = await call("udpWorkbench.explainLosses", { to });
    assert.equal(told.to, to);
    assert.equal(told.lostInReceiveBuffer, told.lost);
    assert.equal(
      told.bursts.reduce((sum, { lost }) => sum + lost, 0),
      told.lost,
    );
    const [conversation] = told.conversations;
    assert.equal(conversation?.lost, told.lost);
    assert.match(told.text, /^\d+ of 400 datagrams to 127\.0\.0\.1:\d+ were lost/);
    assert.match(told.text, /The system counted the same/);
    const [burst] = told.bursts;
    assert.ok((await api.datagrams()).some(({ id }) => id === burst?.id));
    // The same by a lost datagram, and where none is named.
    assert.equal((await call("udpWorkbench.explainLosses", { id: burst?.id ?? -1 })).to, to);
    assert.equal((await call("udpWorkbench.explainLosses", {})).to, to);
  });

  it("says where nothing can be known", async () => {
    await assert.rejects(
      call("udpWorkbench.explainLosses", { to: "192.0.2.1:9" }),
      /only what one watched program sends to another can be told/,
    );
  });
});
