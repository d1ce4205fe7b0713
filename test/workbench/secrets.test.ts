import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Stranger } from "../support/script_socket.ts";
import { Vscode } from "../support/vscode.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const EXPORTED = { pcapng: "all.pcapng", "JSON Lines": "all.jsonl", CSV: "all.csv" };
/** No process has its id: it is a file that a program of before has left. */
const LEFT = "1700000000000-4194305-000001.pcapng";

describe("the token by which a window reaches its programs", function () {
  this.timeout(180_000);
  let vscode: Vscode;
  let workbench: Workbench;
  let stranger: Stranger;

  before(async function () {
    if (process.platform !== "linux") this.skip();
    // VS Code's logs say all they can; auto attach puts the token into the environment of terminals, too.
    const settings = { "udpWorkbench.autoAttach": true };
    vscode = await Vscode.start({ settings, env: { VSCODE_LOG_LEVEL: "trace" } });
    workbench = await vscode.openWorkbench();
    stranger = await Stranger.bind();
  });
  after(async () => {
    stranger?.close();
    await vscode?.close();
  });

  it("is on no command line, and in no log, capture or export: in one file that only this user can read", async () => {
    const root = dirname(vscode.server.emptyFolder);
    const port = await freeUdpPort();
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    await runAnswering(workbench, "UDP: Start Client...", [undefined, String(port)]);
    const grid = await DatagramsGrid.in(workbench);
    await grid.waitForRows(6);
    const control = (await filesIn(root)).find((path) => path.endsWith("/control.json"));
    assert.ok(control);
    const { token } = JSON.parse(await readFile(control, "utf8"));
    assert.match(token, /^[0-9a-f]{64}$/);

    // It is used: for a socket of the server, and for one of a process that the extension has for this.
    await send(`127.0.0.1:${port}`, 1);
    await send("A new socket", 2);
    await grid.waitForRows(8);
    for (const [format, name] of Object.entries(EXPORTED)) await exportAs(format, join(root, name));
    // The extension's log has something to say.
    await writeFile(join(dirname(control), LEFT), "no capture");
    const files = await workbench.waitFor(
      "a line in the log of the extension",
      () => filesIn(root),
      (found) => found.some((path) => /\/logs\/.*UDP Workbench\.log$/.test(path)),
    );

    // The programs that run have it: what is looked for could be there.
    assert.ok((await processesWhose("environ", token)).length >= 2, "no program has the token");
    assert.deepEqual(await processesWhose("cmdline", token), []);
    const telling = [];
    for (const path of files) {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      if (bytes.includes(token)) telling.push(path);
    }
    assert.deepEqual(telling, [control]);
    for (const name of Object.values(EXPORTED)) assert.ok(files.includes(join(root, name)), name);
  });

  /** Sends a datagram to a stranger, from a socket with this name in the list. */
  async function send(from: string, nth: number): Promise<void> {
    const { quickInput } = workbench;
    const to = `127.0.0.1:${stranger.port}`;
    await workbench.runCommand("UDP: Send Datagram...");
    await quickInput.shown("Address or name and port");
    await quickInput.type(to);
    await quickInput.pick(to);
    await quickInput.shown("Socket to send from");
    await quickInput.accept(from);
    await quickInput.shown("Payload as text");
    await quickInput.acceptLast("x");
    await waitUntil("the datagram", () => stranger.received.length === nth);
  }

  async function exportAs(format: string, path: string): Promise<void> {
    await workbench.runCommand("UDP: Export Capture...");
    await workbench.quickInput.shown("Format of the file");
    await workbench.quickInput.pick(format);
    await workbench.quickInput.acceptPath(path);
    await workbench.notifications.showing(`datagrams to ${path}`);
  }
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** The processes of this machine whose command line or environment holds a text. */
async function processesWhose(file: "cmdline" | "environ", text: string): Promise<string[]> {
  const found = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    // Another user's, or it has ended.
    const bytes = await readFile(`/proc/${pid}/${file}`).catch(() => Buffer.alloc(0));
    if (bytes.includes(text)) found.push(pid);
  }
  return found;
}
