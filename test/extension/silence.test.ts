import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { CommandTypes, ExplainedSilence, SilenceOptions } from "../../extension/api.ts";
import { Stranger } from "../support/script_socket.ts";
import { waitUntil } from "../support/wait_until.ts";
import { activateWorkbench } from "./workbench_api.ts";

async function call<Id extends keyof CommandTypes>(
  command: Id,
  argument: CommandTypes[Id][0],
): Promise<CommandTypes[Id][1]> {
  return vscode.commands.executeCommand(command, argument);
}

const explain = (options: SilenceOptions) => call("udpWorkbench.explainSilence", options);
const found = ({ checks }: ExplainedSilence, check: string) =>
  checks.find((one) => one.check === check)?.found;

describe("Explain Silence", function () {
  this.timeout(60_000);
  let to: string;
  let port: number;
  let stranger: Stranger;

  before(async () => {
    const api = await activateWorkbench();
    await call("udpWorkbench.clear", {});
    assert.deepEqual(api.ports(), []);
    ({ port } = await call("udpWorkbench.startServer", { port: 0 }));
    to = `127.0.0.1:${port}`;
    stranger = await Stranger.bind();
  });

  after(async () => {
    stranger?.close();
    await call("udpWorkbench.stopAll", {});
  });

  it("tells what each check found at a bound port, as a program reads it", async () => {
    const quiet = await explain({ to, from: `127.0.0.1:${stranger.port}` });
    assert.deepEqual([quiet.to, quiet.from], [to, `127.0.0.1:${stranger.port}`]);
    assert.equal(found(quiet, "arrives"), "unknown");
    assert.equal(found(quiet, "bound"), "ruledOut");
    assert.match(quiet.next, /\.$/);
    await stranger.ask("Ann", port);
    await waitUntil("it arrives", async () => found(await explain({ to }), "arrives") === "cause");
  });

  it("names a rule of this window before all else", async () => {
    await call("udpWorkbench.setRules", { socket: to, rules: [{ direction: "in", drop: 100 }] });
    await stranger.sent("Bob", port);
    await waitUntil("the rule is named", async () => {
      const { checks, next } = await explain({ to });
      return checks[0]?.check === "rule" && next === "Run UDP: Stop All Rules.";
    });
    await call("udpWorkbench.stopAllRules", {});
  });

  it("sends one empty datagram where that is permitted, and says that the port is refused", async () => {
    const free = await Stranger.bind();
    const nobody = `127.0.0.1:${free.port}`;
    free.close();
    assert.equal(found(await explain({ to: nobody }), "refused"), "unknown");
    assert.equal(found(await explain({ to: nobody, probe: true }), "refused"), "cause");
    // Another machine only where it is said that this is meant.
    await assert.rejects(explain({ to: "192.0.2.1:9", probe: true }), /confirmed: true/);
  });
});
