import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { StructDefinition } from "../../extension/api.ts";
import { activateWorkbench } from "./workbench_api.ts";

const COMMAND = "udpWorkbench.newDefinitionFromStruct";
const SOURCE = "struct sample { char kind; int value; };\n";

describe("New Definition from C Struct", function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    await activateWorkbench();
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-struct-"));
  });

  after(async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await rm(folder, { recursive: true });
  });

  it("gives a program the definition, and writes it where it says", async () => {
    const uri = vscode.Uri.file(join(folder, "sample.ksy"));
    const made = await vscode.commands.executeCommand<StructDefinition>(COMMAND, {
      ...{ source: SOURCE, platform: "cortex-m", endian: "be", uri: uri.toString() },
    });
    assert.deepEqual([made.id, made.struct, made.size], ["sample", "sample", 8]);
    assert.equal(await readFile(uri.fsPath, "utf8"), made.text);
    assert.match(made.text, /endian: be[\s\S]*id: value # offset 4/);
  });

  it("says where the C is wrong", async () => {
    const running = vscode.commands.executeCommand(COMMAND, { source: "struct s {\n  foo x;\n};" });
    await assert.rejects(Promise.resolve(running), /line 2, column 3: foo is no type/);
  });

  it("takes what is selected in the editor, and opens what it writes in another", async () => {
    const document = await vscode.workspace.openTextDocument({ content: SOURCE, language: "c" });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(0, 0, 1, 0);
    const opened = new Promise<vscode.TextEditor>((resolve) => {
      const listener = vscode.window.onDidChangeActiveTextEditor((active) => {
        if (!active || active.document === document) return;
        listener.dispose();
        resolve(active);
      });
    });
    let isDone = false;
    const running = Promise.resolve(vscode.commands.executeCommand(COMMAND)).finally(() => {
      isDone = true;
    });
    // The first answer of each question.
    while (!isDone) {
      await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await running;
    const { document: written } = await opened;
    assert.equal(written.languageId, "yaml");
    assert.match(written.getText(), /^# struct sample, ARM Cortex-M, little-endian: 8 bytes/);
  });
});
