import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import type { UdpWorkbench } from "../../extension/api.ts";
import { pythons } from "../support/pythons.ts";
import { captured, payloadText, programs, REGISTRY_PROGRAMS, tools } from "./registry_programs.ts";
import { activateWorkbench } from "./workbench_api.ts";

const runFile = (argument: object) =>
  Promise.resolve(
    vscode.commands.executeCommand<{ pid: number }>("udpWorkbench.runFile", argument),
  );

/** Tells itself, in a datagram, what it runs on. In TypeScript that Node.js alone does not read. */
const FACTS = `
import { createSocket } from "node:dgram";
enum Name { facts }
const { bun, deno } = process.versions as Record<string, string | undefined>;
const isTsx = process.execArgv.some((word) => word.includes("tsx"));
const facts = {
  [Name[0]]: process.argv.slice(2),
  runtime: bun ? "bun" : deno ? "deno" : isTsx ? "tsx" : "node",
  cwd: deno ? "" : process.cwd(),
};
const socket = createSocket("udp4", () => socket.close());
socket.bind(0, "127.0.0.1", () => {
  socket.send(JSON.stringify(facts), socket.address().port, "127.0.0.1");
});
`;

/** The same in Python. */
const PYTHON_FACTS = `
import json, os, socket, sys
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("127.0.0.1", 0))
venv = os.path.basename(sys.prefix) if sys.prefix != sys.base_prefix else ""
facts = {"facts": sys.argv[1:], "venv": venv, "cwd": os.getcwd()}
here.sendto(json.dumps(facts).encode(), here.getsockname())
here.recv(1000)
`;

describe("Run File", function () {
  this.timeout(60_000);
  let api: UdpWorkbench;
  let folder: string;
  const ended = new Map<number, number | undefined>();
  const pids = new Map<vscode.TaskExecution, number>();
  let listeners: vscode.Disposable;
  const path = process.env.PATH;

  before(async () => {
    api = await activateWorkbench();
    // VS Code may have asked a login shell for the path, which knows nothing of the project's own tools.
    process.env.PATH = `${tools}${delimiter}${path}`;
    folder = await mkdtemp(join(tmpdir(), "udp run "));
    listeners = vscode.Disposable.from(
      vscode.tasks.onDidStartTaskProcess(({ execution, processId }) =>
        pids.set(execution, processId),
      ),
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        ended.set(pids.get(execution) ?? 0, exitCode);
      }),
    );
  });

  beforeEach(() => vscode.commands.executeCommand("udpWorkbench.clear", {}));

  after(async () => {
    process.env.PATH = path;
    listeners.dispose();
    await vscode.commands.executeCommand("udpWorkbench.stopAll");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await rm(folder, { recursive: true });
  });

  /** Resolves with the exit code of a program that was run. */
  async function exitCode(pid: number): Promise<number | undefined> {
    while (!ended.has(pid)) {
      await new Promise<void>((resolve) => {
        const listener = vscode.tasks.onDidEndTaskProcess(() => {
          listener.dispose();
          resolve();
        });
        if (ended.has(pid)) resolve();
      });
    }
    return ended.get(pid);
  }

  for (const [name, patterns] of Object.entries(REGISTRY_PROGRAMS)) {
    it(`shows the datagrams of ${name}, which ends as without us`, async () => {
      const { pid } = await runFile({ uri: vscode.Uri.file(join(programs, name)) });
      assert.equal(await exitCode(pid), 0);
      await captured(api, patterns);
    });
  }

  describe("in a project", () => {
    let root: string;

    beforeEach(async () => {
      root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? assert.fail("no workspace");
      await mkdir(join(root, "src"), { recursive: true });
      await writeFile(join(root, "src", "facts.ts"), FACTS);
    });

    afterEach(async () => {
      for (const name of ["src", "node_modules", "deno.json", "bun.lock", ".venv"]) {
        await rm(join(root, name), { recursive: true, force: true });
      }
    });

    /** Runs src/facts.ts and returns what it told itself. */
    async function facts(args: readonly string[]): Promise<unknown> {
      const { pid } = await runFile({ uri: join(root, "src", "facts.ts"), args });
      assert.equal(await exitCode(pid), 0);
      await captured(api, [/"facts":/]);
      const [datagram] = await api.datagrams();
      return JSON.parse(payloadText(datagram ?? assert.fail("no datagram")));
    }

    it("runs on the project's own tsx, in the workspace folder, with what it is given", async () => {
      const bin = join(root, "node_modules", ".bin");
      await mkdir(bin, { recursive: true });
      await symlink(await realpath(join(tools, "tsx")), join(bin, "tsx"));
      const args = ["two words", "--help", "$HOME"];
      assert.deepEqual(await facts(args), { facts: args, runtime: "tsx", cwd: root });
    });

    it("runs on Deno where there is a deno.json, and needs no more rights than untapped", async () => {
      await writeFile(join(root, "deno.json"), "{}");
      assert.deepEqual(await facts(["one"]), { facts: ["one"], runtime: "deno", cwd: "" });
    });

    it("runs on Bun where there is a bun.lock", async () => {
      await writeFile(join(root, "bun.lock"), "");
      assert.deepEqual(await facts([]), { facts: [], runtime: "bun", cwd: root });
    });

    it("runs Python on the PATH's, and on .venv where there is one", async function () {
      const [python] = pythons;
      if (!python) this.skip();
      const uri = join(root, "src", "facts.py");
      await writeFile(uri, PYTHON_FACTS);
      const tell = async (args: readonly string[]): Promise<unknown> => {
        await vscode.commands.executeCommand("udpWorkbench.clear", {});
        const { pid } = await runFile({ uri, args });
        assert.equal(await exitCode(pid), 0);
        await captured(api, [/"facts":/, /"facts":/]);
        const [datagram] = await api.datagrams();
        return JSON.parse(payloadText(datagram ?? assert.fail("no datagram")));
      };
      const args = ["two words", "$HOME"];
      assert.deepEqual(await tell(args), { facts: args, venv: "", cwd: root });
      await promisify(execFile)(python.command, [
        "-m",
        "venv",
        "--without-pip",
        join(root, ".venv"),
      ]);
      assert.deepEqual(await tell([]), { facts: [], venv: ".venv", cwd: root });
    });

    it("runs what is seen in the editor: changes are saved first", async () => {
      await writeFile(join(root, "bun.lock"), "");
      // In a browser it saves by itself, a second later.
      const files = vscode.workspace.getConfiguration("files");
      await files.update("autoSave", "off", vscode.ConfigurationTarget.Global);
      const uri = vscode.Uri.file(join(root, "src", "facts.ts"));
      // As plain text: what TypeScript wants to do before a save takes its time, and is not what is tested.
      const document = await vscode.languages.setTextDocumentLanguage(
        await vscode.workspace.openTextDocument(uri),
        "plaintext",
      );
      const editor = await vscode.window.showTextDocument(document);
      const all = new vscode.Range(0, 0, editor.document.lineCount, 0);
      await editor.edit((edit) => edit.replace(all, FACTS.replace("process.cwd()", '"edited"')));
      assert.equal(editor.document.isDirty, true);
      assert.deepEqual(await facts([]), { facts: [], runtime: "bun", cwd: "edited" });
      assert.equal(editor.document.isDirty, false);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      await files.update("autoSave", undefined, vscode.ConfigurationTarget.Global);
    });
  });

  it("says why it cannot run something, and starts nothing", async () => {
    const opened: string[] = [];
    const listener = vscode.window.onDidOpenTerminal(({ name }) => opened.push(name));
    const ruby = join(folder, "server.rb");
    await writeFile(ruby, "");
    await mkdir(join(folder, "folder.ts"));
    for (const [argument, reason] of [
      [{ uri: join(folder, "none.ts") }, /Cannot run .*none\.ts: there is no such file/],
      [{ uri: join(folder, "folder.ts") }, /Cannot run .*folder\.ts: there is no such file/],
      [
        { uri: ruby },
        /Cannot run .*server\.rb: it is no TypeScript, JavaScript, Python or request file/,
      ],
      [{ uri: vscode.Uri.parse("untitled:new.ts") }, /Cannot run .*new\.ts: it is not saved/],
      [{ uri: vscode.Uri.parse("https://example/a.ts") }, /Cannot run .*a\.ts: it is no Type/],
      [{ uri: "relative.ts" }, /Cannot use the option uri: it must be a file/],
      [{ uri: join(programs, "coap.mjs"), args: ["a\0b"] }, /Cannot use the option args/],
      [{ uri: join(programs, "coap.mjs"), args: "a" }, /Cannot use the option args/],
    ] as const) {
      await assert.rejects(runFile(argument), (error: Error) => {
        assert.match(error.message, reason);
        return true;
      });
    }
    listener.dispose();
    assert.deepEqual(opened, []);
  });
});
