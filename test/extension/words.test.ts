import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { payloadText } from "./registry_programs.ts";
import { activateWorkbench, untilAsked } from "./workbench_api.ts";

/** What VS Code would put something else for, or run, in the command line of a task. */
const VARIABLES = [
  `\${env:HOME}`,
  `a$\${workspaceFolder}}\\`,
  `\${command:udpWorkbench.words}`,
  `\${input:what}`,
  `\${\${env:HOME}}\\\${env:HOME}`,
  `\${no such}`,
  `\${`,
];

describe("What commands are given", () => {
  let api: UdpWorkbench;
  let folder: string;
  let command: vscode.Disposable;
  let hasRun = false;

  before(async () => {
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp words "));
    command = vscode.commands.registerCommand("udpWorkbench.words", () => {
      hasRun = true;
      return "run";
    });
  });

  beforeEach(() => vscode.commands.executeCommand("udpWorkbench.clear", {}));

  after(async () => {
    command.dispose();
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
    await rm(folder, { recursive: true });
  });

  for (const [format, last] of [
    ["text", "\\n"],
    ["escape", "\n"],
  ] as const) {
    it(`arrives as it is written: a client's messages as ${format}`, async () => {
      const { port } = await vscode.commands.executeCommand<{ port: number }>(
        "udpWorkbench.startServer",
        { port: 0, reply: "echo" },
      );
      const escaped = (text: string) =>
        format === "escape" ? text.replaceAll("\\", "\\\\") : text;
      const { exitCode } = await vscode.commands.executeCommand<{ exitCode: number }>(
        "udpWorkbench.startClient",
        { port, format, messages: [...VARIABLES.map(escaped), `\${HOME}\\n`] },
      );
      assert.equal(exitCode, 0);
      let seen: string[] = [];
      await untilAsked(api, "all are received", async () => {
        const received = (await api.datagrams()).filter(
          ({ direction, local }) => direction === "in" && local.port === port,
        );
        seen = received.map(payloadText);
        return seen.length > VARIABLES.length;
      });
      assert.deepEqual(seen, [...VARIABLES, `\${HOME}${last}`]);
      assert.equal(hasRun, false);
    });
  }

  it("is refused where it would not arrive as it is written", async () => {
    const inside = join(folder, `\${command:udpWorkbench.words}`);
    const plain = join(folder, "plain.cjs");
    await mkdir(inside);
    for (const file of [plain, join(inside, "a.cjs")]) await writeFile(file, "");
    const refused = `\${env:HOME}`;
    for (const [name, argument, reason] of [
      ["startServer", { port: 0, reply: refused }, /option reply: .* VS Code replaces that/],
      ["startClient", { file: refused }, /option file: .* VS Code replaces that/],
      ["startClient", { format: "hex", messages: [refused] }, /option messages: .* VS Code/],
      ["runFile", { uri: plain, args: ["a", refused] }, /option args: .* VS Code replaces that/],
      ["runFile", { uri: join(inside, "a.cjs") }, /Cannot run .*: VS Code would replace/],
    ] as const) {
      await assert.rejects(
        Promise.resolve(vscode.commands.executeCommand(`udpWorkbench.${name}`, argument)),
        reason,
      );
    }
    assert.equal(hasRun, false);
  });
});
