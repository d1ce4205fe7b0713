import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { bootCapture, SENSOR_KSY, SENSOR_SAMPLE } from "../support/sensor_sample.ts";
import { waitUntil } from "../support/wait_until.ts";
import { captured, payloadText } from "./registry_programs.ts";
import { activateWorkbench } from "./workbench_api.ts";

const TEXT = (port: number) => `@device = 127.0.0.1:${port}
@greeting = "hello"

### Greets
SEND {{device}}
{{greeting}}
EXPECT 1 within 20s
text == "hello!"

### Says something else
SEND {{device}}
hex 62 79 65

### Expects something else
SEND {{device}}
"wrong"
EXPECT 1 within 20s
text == "right"

### A device
SERVE {{device}}
REPLY {{request}} "!"
`;

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    const bound = once(socket, "listening");
    socket.bind(port, "127.0.0.1");
    await bound;
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

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

  const lenses = () =>
    waitUntil(
      "the lenses",
      async () =>
        (await vscode.commands.executeCommand<vscode.CodeLens[]>(
          "vscode.executeCodeLensProvider",
          document.uri,
        )) ?? [],
      ({ length }) => length > 0,
    );

  /** Follows the link with this title above the block at a line, counted from 0. */
  const follow = async (line: number, title: string) => {
    const lens = (await lenses()).find(
      ({ range, command }) => range.start.line === line && command?.title === title,
    );
    assert.ok(lens?.command, `${title} above line ${line}`);
    const { command, arguments: args = [] } = lens.command;
    return vscode.commands.executeCommand(command, ...args);
  };

  const at = (text: string) => document.positionAt(document.getText().indexOf(text));

  it("have what runs their blocks above them, an outline, and folds", async () => {
    assert.equal(document.languageId, "udp");
    assert.deepEqual(
      (await lenses()).map(({ range, command }) => `${range.start.line}: ${command?.title}`).sort(),
      [
        ...["13: Run", "13: Run All", "13: Run to Here", "19: Serve", "3: Run", "3: Run All"],
        ...["9: Run", "9: Run All", "9: Run to Here"],
      ].sort(),
    );
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      "vscode.executeDocumentSymbolProvider",
      document.uri,
    );
    assert.deepEqual(
      symbols.map(({ name, range }) => `${name} ${range.start.line}-${range.end.line}`),
      [
        ...["Greets 3-7", "Says something else 9-11", "Expects something else 13-17"],
        "A device 19-21",
      ],
    );
  });

  it("say what is wrong while one types, and not when it is right again", async () => {
    const problems = () => vscode.languages.getDiagnostics(document.uri);
    assert.deepEqual(problems(), []);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(4, 0, 4, 4), "SENT");
    await vscode.workspace.applyEdit(edit);
    const told = await waitUntil("the problem", problems, ({ length }) => length > 0);
    assert.match(told[0]?.message ?? "", /^A block says SEND, EXPECT, SERVE or REPLAY, not SENT/);
    assert.deepEqual(told[0]?.range, new vscode.Range(4, 0, 4, 4));
    await vscode.commands.executeCommand("undo");
    await waitUntil("no problem", problems, ({ length }) => length === 0);
  });

  it("run one block, with what serves, from its lens: its datagrams are rows", async () => {
    assert.deepEqual(await follow(3, "Run"), { passed: 1, failed: 0 });
    await captured(api, [/^hello$/, /^hello!$/]);
    const own = (await api.datagrams()).filter((it) => /^(hello|bye)/.test(payloadText(it)));
    assert.deepEqual(own.map((it) => `${it.direction} ${payloadText(it)}`).sort(), [
      "in hello",
      "in hello!",
      "out hello",
      "out hello!",
    ]);
  });

  it("run all blocks up to one, or all of them: what failed is counted", async () => {
    assert.deepEqual(await follow(9, "Run to Here"), { passed: 2, failed: 0 });
    assert.deepEqual(await follow(9, "Run All"), { passed: 2, failed: 1 });
    await captured(api, [/^bye$/, /^wrong!$/]);
  });

  it("are written from what was recorded: of these datagrams what was asked, and what came for it", async () => {
    const all = (await api.datagrams()).filter((it) => /^(hello!?|bye)$/.test(payloadText(it)));
    const ids = all.map(({ id }) => id);
    const saved = await vscode.commands.executeCommand<{ requests: number; text: string }>(
      "udpWorkbench.saveRecordingAsTest",
      { datagrams: ids },
    );
    assert.match(saved.text, /^@device = 127\.0\.0\.1:\d+\n/);
    assert.match(saved.text, /SEND \{\{device\}\}\n"hello"\n\nEXPECT 1\nbytes == "hello!"\n/);
    assert.match(saved.text, /SEND \{\{device_2\}\}\n"hello"/);
    assert.doesNotMatch(saved.text, /wrong/);
    await assert.rejects(
      async () =>
        vscode.commands.executeCommand("udpWorkbench.saveRecordingAsTest", { datagrams: [] }),
      /Cannot save a test/,
    );
  });

  it("tell the value of a name, the bytes of what is sent, and what a word is for", async () => {
    const hover = async (text: string) => {
      const [found] = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        document.uri,
        at(text).translate(0, 1),
      );
      return ((found?.contents ?? []) as vscode.MarkdownString[])
        .map(({ value }) => value)
        .join("\n");
    };
    assert.match(await hover("greeting}}"), /greeting = "hello"/);
    assert.match(await hover("62 79"), /3 bytes[\s\S]*0000 {2}62 79 65 .* bye/);
    assert.match(await hover("EXPECT"), /How many answers/);
  });

  it("rename a name wherever it stands, and lead to where it gets its value", async () => {
    const place = at("device}}");
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      "vscode.executeDocumentRenameProvider",
      document.uri,
      place,
      "target",
    );
    const lines = edit.get(document.uri).map(({ range, newText }) => {
      return `${range.start.line}:${range.start.character} ${newText}`;
    });
    assert.deepEqual(lines.sort(), [
      ...["0:1 target", "10:7 target", "14:7 target", "20:8 target", "4:7 target"],
    ]);
    const [definition] = await vscode.commands.executeCommand<vscode.Location[]>(
      "vscode.executeDefinitionProvider",
      document.uri,
      place,
    );
    assert.deepEqual(definition?.range, new vscode.Range(0, 1, 0, 7));
    await assert.rejects(
      async () =>
        vscode.commands.executeCommand(
          "vscode.executeDocumentRenameProvider",
          document.uri,
          place,
          "seq",
        ),
      /seq has a meaning of its own/,
    );
  });

  it("complete what can stand there, with the ports that are bound", async () => {
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      document.uri,
      at("{{greeting}}").translate(0, 2),
    );
    const labels = items.map(({ label }) => (typeof label === "string" ? label : label.label));
    assert.ok(labels.includes("greeting") && labels.includes("crc16/modbus"), labels.join(" "));
  });

  it("are put into the usual form", async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(4, 4), "   ");
    await vscode.workspace.applyEdit(edit);
    const edits = await vscode.commands.executeCommand<vscode.TextEdit[]>(
      "vscode.executeFormatDocumentProvider",
      document.uri,
      { tabSize: 2, insertSpaces: true },
    );
    assert.ok(edits.length > 0);
    const whole = new vscode.WorkspaceEdit();
    whole.set(document.uri, edits);
    await vscode.workspace.applyEdit(whole);
    assert.equal(document.getText(), TEXT(port));
  });

  it("serve from the link above a block, until its other link is followed", async () => {
    const served = await freeUdpPort();
    const path = join(folder, "serves.udp");
    await writeFile(path, `### Serves\nSERVE 127.0.0.1:${served}\nREPLY "yes"\n`);
    const serving = await vscode.workspace.openTextDocument(path);
    await vscode.window.showTextDocument(serving);
    const lens = (title: string) =>
      waitUntil(
        `the link ${title}`,
        async () => {
          const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
            "vscode.executeCodeLensProvider",
            serving.uri,
          );
          return all?.find(({ command }) => command?.title === title)?.command;
        },
        (command) => command !== undefined,
      );
    const press = async (title: string) => {
      const { command = "", arguments: args = [] } = (await lens(title)) ?? {};
      await vscode.commands.executeCommand(command, ...args);
    };
    await press("Serve");
    await lens("Stop Serving");
    await waitUntil("that it serves", async () => !(await isFree(served)), Boolean);
    await press("Stop Serving");
    await lens("Serve");
    await waitUntil("that the port is free", () => isFree(served), Boolean);
  });

  it("know definitions beside them: fields are compared, completed, and told where they are not there", async () => {
    const port = await freeUdpPort();
    await writeFile(join(folder, "sensor.ksy"), SENSOR_KSY);
    await writeFile(join(folder, "boot.pcapng"), bootCapture());
    const path = join(folder, "sample.udp");
    await writeFile(path, SENSOR_SAMPLE.replaceAll("5683", `${port}`).replace("200ms", "20s"));
    document = await vscode.workspace.openTextDocument(path);
    await vscode.window.showTextDocument(document);
    // The sample as it stands.
    assert.deepEqual(await follow(3, "Run All"), { passed: 3, failed: 0 });
    const problems = () => vscode.languages.getDiagnostics(document.uri);
    assert.deepEqual(problems(), []);
    const edit = new vscode.WorkspaceEdit();
    const place = at("sensor.temp");
    edit.replace(document.uri, new vscode.Range(place, place.translate(0, 11)), "sensor.tmp");
    await vscode.workspace.applyEdit(edit);
    const [told] = await waitUntil("the problem", problems, ({ length }) => length > 0);
    assert.equal(told?.message, "sensor has no field tmp: there are magic, seq, temp, crc");
    assert.deepEqual(told?.range, new vscode.Range(place, place.translate(0, 10)));
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      document.uri,
      place.translate(0, 10),
    );
    const labels = items.map(({ label }) => (typeof label === "string" ? label : label.label));
    assert.ok(labels.includes("sensor.temp"), labels.join(" "));
    await vscode.commands.executeCommand("workbench.action.files.revert");
  });
});
