import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { waitUntil } from "../support/wait_until.ts";
import { captured, payloadText } from "./registry_programs.ts";
import { activateWorkbench } from "./workbench_api.ts";

const TEXT = (port: number) => `### Greets
SEND 127.0.0.1:${port}
"hello"
EXPECT 1
text == "hello!"

### Says something else
SEND 127.0.0.1:${port}
"bye"

### A device
SERVE 127.0.0.1:${port}
REPLY {{request}} "!"
`;

describe("Request files", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let folder: string;
  let document: vscode.TextDocument;
  let port: number;

  before(async () => {
    api = await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp-requests-"));
    port = await freeUdpPort();
    const path = join(folder, "device.udp");
    await writeFile(path, TEXT(port));
    document = await vscode.workspace.openTextDocument(path);
    await vscode.window.showTextDocument(document);
  });

  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await rm(folder, { recursive: true, force: true });
  });

  const lenses = async () =>
    (await vscode.commands.executeCommand<vscode.CodeLens[]>(
      "vscode.executeCodeLensProvider",
      document.uri,
    )) ?? [];

  it("have what runs their blocks above them, an outline, and folds", async () => {
    assert.equal(document.languageId, "udp");
    const shown = await waitUntil("the lenses", lenses, ({ length }) => length > 0);
    assert.deepEqual(
      shown.map(({ range, command }) => `${range.start.line}: ${command?.title}`).sort(),
      ["0: Run", "0: Run All", "10: Serve", "6: Run"],
    );
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      "vscode.executeDocumentSymbolProvider",
      document.uri,
    );
    assert.deepEqual(
      symbols.map(({ name, range }) => `${name} ${range.start.line}-${range.end.line}`),
      ["Greets 0-4", "Says something else 6-8", "A device 10-12"],
    );
  });

  it("say what is wrong while one types, and not when it is right again", async () => {
    const problems = () => vscode.languages.getDiagnostics(document.uri);
    assert.deepEqual(problems(), []);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(1, 0, 1, 4), "SENT");
    await vscode.workspace.applyEdit(edit);
    const told = await waitUntil("the problem", problems, ({ length }) => length > 0);
    assert.match(told[0]?.message ?? "", /^A block says SEND, EXPECT, SERVE or REPLAY, not SENT/);
    assert.deepEqual(told[0]?.range, new vscode.Range(1, 0, 1, 4));
    await vscode.commands.executeCommand("undo");
    await waitUntil("no problem", problems, ({ length }) => length === 0);
  });

  it("run one block, with what serves, from its lens: its datagrams are rows", async () => {
    const [run] = (await waitUntil("the lenses", lenses, ({ length }) => length > 0)).filter(
      ({ range, command }) => range.start.line === 0 && command?.title === "Run",
    );
    const { command = "", arguments: args = [] } = run?.command ?? {};
    await vscode.commands.executeCommand(command, ...args);
    await captured(api, [/^hello$/, /^hello!$/]);
    const own = (await api.datagrams()).filter((it) => /^(hello|bye)/.test(payloadText(it)));
    assert.deepEqual(own.map((it) => `${it.direction} ${payloadText(it)}`).sort(), [
      "in hello",
      "in hello!",
      "out hello",
      "out hello!",
    ]);
  });
});
