import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { handedOver } from "../support/handed_over.ts";
import { activateWorkbench } from "./workbench_api.ts";

const manifest = JSON.parse(
  readFileSync(join(__dirname, "../../package.json"), "utf8"), // seen from dist/test/extension.cjs
) as { contributes: { commands: { command: string }[] } };

const HUGE = "x".repeat(1 << 20);
/** What no command takes as a whole. */
const NO_OBJECTS = [5, Number.NaN, true, "", "text", HUGE, [], [null], [{ port: 0 }], () => {}];
/** What no option below takes. */
const NO_VALUES = [null, -1.5, "\0", [[]], { toString: null }];

const datagram = { id: NO_VALUES };
const port = { port: [...NO_VALUES, HUGE], address: NO_VALUES, pid: NO_VALUES };

/** Command → its options, with what they cannot be. */
const WRONG: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  startServer: {
    port: [...NO_VALUES, HUGE],
    host: NO_VALUES.filter((value) => value !== -1.5).concat([5]),
    reply: NO_VALUES,
    count: NO_VALUES,
    json: NO_VALUES,
  },
  startRelay: { to: [...NO_VALUES, HUGE, ""], listen: NO_VALUES, drop: NO_VALUES, rate: NO_VALUES },
  startClient: { port: [...NO_VALUES, HUGE, 0], messages: [...NO_VALUES, HUGE], file: NO_VALUES },
  runFile: { uri: [...NO_VALUES, HUGE, `/${HUGE}`], args: [...NO_VALUES, HUGE] },
  toggleAutoAttach: { on: [...NO_VALUES, HUGE] },
  attachAndRunAgain: { pid: [...NO_VALUES, HUGE] },
  watchProgram: { command: [...NO_VALUES, HUGE, " "], args: NO_VALUES, cwd: [...NO_VALUES, "a"] },
  watchAgain: { pid: [...NO_VALUES, HUGE] },
  captureFromCommand: { command: [...NO_VALUES, HUGE, ""] },
  stopCaptures: { pid: [...NO_VALUES, HUGE] },
  stop: port,
  revealTerminal: port,
  explainSilence: { ...datagram, to: [...NO_VALUES, HUGE], pid: [...NO_VALUES, HUGE] },
  explainLosses: { ...datagram, to: [...NO_VALUES, HUGE] },
  closeSocket: { from: [...NO_VALUES, HUGE] },
  setRules: { socket: [...NO_VALUES, HUGE], rules: [...NO_VALUES, HUGE] },
  send: { to: [...NO_VALUES, HUGE, "127.0.0.1:0"] },
  reply: datagram,
  resend: datagram,
  editAndSend: datagram,
  replay: { to: [...NO_VALUES, HUGE] },
  openInWireshark: { datagrams: [...NO_VALUES, HUGE] },
  exportCapture: { uri: [undefined, ...NO_VALUES, HUGE, `/${HUGE}`] },
  openCapture: { uri: [undefined, ...NO_VALUES, HUGE] },
  follow: { ...datagram, layout: NO_VALUES },
  followAsText: { ...datagram, layout: NO_VALUES },
  describe: datagram,
  findCrc: datagram,
  compare: { ids: [...NO_VALUES, HUGE, [1], [1, 2, 3]], as: NO_VALUES },
  saveAsRequest: datagram,
  saveConversationAsRequests: datagram,
  saveConversationAsMock: datagram,
  saveRecordingAsTest: { datagrams: [...NO_VALUES, HUGE] },
  plot: { field: [undefined, ...NO_VALUES, HUGE, ""] },
  decodeAs: { ...datagram, decoder: NO_VALUES },
  showStatistics: {
    by: NO_VALUES,
    field: NO_VALUES,
    sequence: NO_VALUES,
    filter: [...NO_VALUES, "udp.port =="],
  },
  newDefinitionFromStruct: {
    source: [undefined, ...NO_VALUES, HUGE, "struct {"],
    platform: NO_VALUES,
    endian: NO_VALUES,
  },
};

/** A file that is not there, so that nothing is run; and what VS Code calls a tab with a page in it. */
const missing = vscode.Uri.file(join(tmpdir(), "udp-workbench-missing.ts"));
const panel = vscode.Uri.parse(
  "webview-panel:webview-panel/webview-udpWorkbench.datagramsEditor-1",
);

describe("Each command", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let listeners: vscode.Disposable;
  const started: string[] = [];
  const unhandled: string[] = [];
  const note = (reason: unknown) =>
    unhandled.push(reason instanceof Error ? String(reason.stack) : String(reason));

  before(async () => {
    api = await activateWorkbench();
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
    await vscode.commands.executeCommand("udpWorkbench.clear", {});
    // So that asking for a file is a quick input, which can be closed from here.
    await setting("files.simpleDialog.enable", true);
    process.on("unhandledRejection", note);
    listeners = vscode.Disposable.from(
      vscode.window.onDidOpenTerminal(({ name }) => started.push(name)),
      vscode.tasks.onDidStartTask(({ execution }) => started.push(execution.task.name)),
    );
  });

  afterEach(() => {
    assert.deepEqual(started.splice(0), [], "nothing was started");
    assert.deepEqual(unhandled.splice(0), [], "no promise was rejected behind the caller's back");
    assert.deepEqual(api.ports(), []);
  });

  after(async () => {
    listeners.dispose();
    process.off("unhandledRejection", note);
    await vscode.commands.executeCommand("udpWorkbench.resume");
    await vscode.commands.executeCommand("udpWorkbench.toggleAutoAttach", { on: false });
    await setting("files.simpleDialog.enable", undefined);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await vscode.commands.executeCommand("notifications.clearAll");
    await vscode.commands.executeCommand("workbench.view.explorer");
  });

  const setting = (name: string, value: unknown) =>
    vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);

  /** Runs a command and gives up whatever it asks for; resolves with its error's text, "" for none. */
  async function outcome(command: string, ...parameters: unknown[]): Promise<string> {
    let isSettled = false;
    const settled = Promise.resolve(vscode.commands.executeCommand(command, ...parameters))
      .then(
        () => "",
        (error: unknown) => (error instanceof Error ? error.message : `no error: ${error}`),
      )
      .finally(() => {
        isSettled = true;
      });
    while (!isSettled) {
      await Promise.race([settled, delay(25)]);
      if (!isSettled) await vscode.commands.executeCommand("workbench.action.closeQuickOpen");
    }
    return settled;
  }

  const commands = manifest.contributes.commands.map(({ command }) => command);

  it("is in the table below where it takes options, and none that there is not", () => {
    for (const name of Object.keys(WRONG)) assert.ok(commands.includes(`udpWorkbench.${name}`));
  });

  for (const command of commands) {
    it(`${command} can be run from the palette where there is nothing to act on`, async () => {
      assert.equal(await outcome(command), "");
      // What was left out comes as null where the window's process passes it on.
      assert.equal(await outcome(command, null), "");
    });

    it(`${command} takes nothing that VS Code hands it for options`, async () => {
      // What is nothing is in the test above.
      const given = Object.entries(handedOver(missing, panel)).filter(([, [first]]) => first);
      for (const [origin, parameters] of given) {
        assert.equal(await outcome(command, ...parameters), "", origin);
      }
    });

    it(`${command} refuses an option that it does not have`, async () => {
      const name = command.replace("udpWorkbench.", "");
      for (const option of Object.keys(WRONG[name] ?? {})) {
        const text = await outcome(command, { [option]: null, prot: 1 });
        assert.match(
          text,
          new RegExp(`^Cannot run ${command}: it has no option prot; .*${option}`),
        );
      }
    });

    it(`${command} says in a sentence what is wrong with an argument that it does not take`, async () => {
      const name = command.replace("udpWorkbench.", "");
      const told = [...NO_OBJECTS].map((argument) => [argument] as const);
      const wrong = Object.entries(WRONG[name] ?? {}).flatMap(([option, values]) =>
        values.map((value) => [{ [option]: value }] as const),
      );
      for (const [argument] of [...told, ...wrong]) {
        const text = await outcome(command, argument);
        const given = JSON.stringify(argument)?.slice(0, 80);
        assert.match(text, /^$|^(Cannot|Nothing) [^\n]{5,500}[^\s]$/, `given ${given}`);
        assert.doesNotMatch(text, /Cannot read properties|is not a function|undefined/, given);
      }
    });
  }
});
