import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { CommandTypes, UdpWorkbench } from "../../extension/api.ts";
import { Stranger } from "../support/script_socket.ts";
import { waitUntil } from "../support/wait_until.ts";
import { activateWorkbench } from "./workbench_api.ts";

async function call<Id extends keyof CommandTypes>(
  command: Id,
  argument: CommandTypes[Id][0],
): Promise<CommandTypes[Id][1]> {
  return vscode.commands.executeCommand(command, argument);
}

describe("A bad network on a port", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let port: number;
  let socket: string;
  let stranger: Stranger;

  before(async () => {
    api = await activateWorkbench();
  });

  beforeEach(async () => {
    await call("udpWorkbench.clear", {});
    ({ port } = await call("udpWorkbench.startServer", { port: 0 }));
    socket = `127.0.0.1:${port}`;
    stranger = await Stranger.bind();
  });

  afterEach(async () => {
    stranger.close();
    await call("udpWorkbench.stopAllRules", {});
    await call("udpWorkbench.stopAll", {});
  });

  const commentOf = async (text: string) =>
    (await api.datagrams()).find(({ payload }) => Buffer.from(payload).toString() === text)
      ?.comment;

  async function isDropped(text: string): Promise<void> {
    await stranger.sent(text, port);
    await waitUntil(`${text} is dropped`, async () => (await commentOf(text)) !== undefined);
    assert.equal(await commentOf(text), "dropped by a rule (drop)");
  }

  it("is there for as long as the window wants it, and its datagrams are told as dropped by it", async () => {
    assert.equal(String(await stranger.ask("Ann", port)), "Hello, Ann!");
    const rules = [{ direction: "in", drop: 100, seed: 7 }] as const;
    const applied = await call("udpWorkbench.setRules", { socket, rules });
    assert.deepEqual(applied, { socket, rules });
    await isDropped("Bob");
    // Longer than a program waits for a word from the window.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    await isDropped("Cleo");
    assert.deepEqual(await call("udpWorkbench.stopAllRules", {}), { stopped: 1 });
    assert.equal(String(await stranger.ask("Dan", port)), "Hello, Dan!");
    assert.equal(stranger.received.length, 2);
    assert.deepEqual(await call("udpWorkbench.stopAllRules", {}), { stopped: 0 });
  });

  it("ends where no rules are given, and is none of what is no rule", async () => {
    const rules = [{ direction: "in", drop: 100 }] as const;
    await call("udpWorkbench.setRules", { socket, rules });
    for (const [wrong, sentence] of [
      [[{ direction: "in", drop: 101 }], /A rule's drop is a number from 0 to 100, not 101/],
      [[{ drop: 1 }], /A rule's direction is in or out/],
      ["drop", /a list of 16 at most/],
    ] as const) {
      const argument = { socket, rules: wrong } as never;
      await assert.rejects(call("udpWorkbench.setRules", argument), sentence);
    }
    await isDropped("Bob");
    await call("udpWorkbench.setRules", { socket, rules: [] });
    assert.equal(String(await stranger.ask("Ann", port)), "Hello, Ann!");
  });
});
