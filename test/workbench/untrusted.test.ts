import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeServerCapture } from "../bench/generated_capture.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";

/** What is typed, what is offered for it, and what is not: the same letters, but it starts something. */
const OFFERED = [
  ["St", "Stop All", ["Start Server...", "Start Client..."]],
  ["R", "Replay...", ["Run File"]],
  ["C", "Clear Datagrams", ["Capture from Command..."]],
] as const;

/** A workspace that was downloaded, and wants to run something as soon as it is looked at. */
async function writeHostileWorkspace(folder: string, port: number): Promise<void> {
  await mkdir(join(folder, ".vscode"), { recursive: true });
  const settings = {
    "udpWorkbench.autoAttach": true,
    "udpWorkbench.runtime": "node",
    "udpWorkbench.runtimePath": join(folder, "evil"),
    "task.allowAutomaticTasks": "on",
    // A file outside would be read, and a type that is code be run, if anything was.
    "udpWorkbench.definitions": [
      { file: "../outside.ksy" },
      { file: "protocol.ksy", when: "_io.size > 0" },
    ],
  };
  const task = {
    ...{ type: "udp", program: "server", label: "evil", port },
    runOptions: { runOn: "folderOpen" },
  };
  const definition = "meta: {id: protocol}\nseq: [{id: first_byte, type: u1}]\n";
  writeServerCapture(join(folder, "saved.pcapng"), 3, 1);
  const files = {
    "protocol.ksy": definition,
    "evil.udp": `### Reaches out\nSEND 127.0.0.1:${port}\n"evil"\n`,
    "wrong.udp": "### Reaches out\nSENT\n",
    ".vscode/settings.json": JSON.stringify(settings),
    ".vscode/tasks.json": JSON.stringify({ version: "2.0.0", tasks: [task] }),
    evil: `#!/bin/sh\ntouch '${join(folder, "evil ran")}'\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o755 });
  }
}

describe("a workspace that is not trusted", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;
  let port: number;

  before(async () => {
    vscode = await Vscode.start({
      settings: {
        "security.workspace.trust.enabled": true,
        "security.workspace.trust.startupPrompt": "never",
        "security.workspace.trust.banner": "never",
      },
    });
    port = await freeUdpPort();
    await writeHostileWorkspace(vscode.server.emptyFolder, port);
    workbench = await vscode.openWorkbench();
  });

  after(() => vscode?.close());

  it("is offered nothing that starts something", async () => {
    const { quickInput } = workbench;
    for (const [typed, harmless, refused] of OFFERED) {
      await quickInput.openPalette();
      await quickInput.type(`>UDP: ${typed}`);
      const items = await workbench.waitFor(
        `"${harmless}" in the palette`,
        async (): Promise<readonly string[]> => (await quickInput.state())?.items ?? [],
        (found) => found.includes(`UDP: ${harmless}`),
      );
      for (const title of refused) assert.ok(!items.includes(`UDP: ${title}`), title);
      await quickInput.dismiss();
    }
    await workbench.openContainer("UDP");
    await workbench.tree("Bound Ports").pane.getByText("Restricted Mode").waitFor();
  });

  it("has nothing started by itself, and its executable not at all", async () => {
    const bound = createSocket("udp4").bind(port, "127.0.0.1");
    await once(bound, "listening");
    bound.close();
    assert.ok(!existsSync(join(vscode.server.emptyFolder, "evil ran")));
    assert.equal(await workbench.page.locator(".terminal-wrapper").count(), 0);
  });

  it("has its request files read, and none of them run", async () => {
    const heard: Buffer[] = [];
    const bound = createSocket("udp4", (data) => heard.push(data)).bind(port, "127.0.0.1");
    await once(bound, "listening");
    try {
      const open = async (name: string) => {
        await workbench.runCommand("Go to File...");
        await workbench.quickInput.type(name);
        await workbench.quickInput.pick(name);
        await workbench.page.locator(`.editor-instance[aria-label*="${name}"]`).waitFor();
      };
      await open("wrong.udp");
      await workbench.page.locator(".squiggly-error").first().waitFor();
      await open("evil.udp");
      await workbench.openContainer("Testing");
      await workbench.runCommand("Test: Run All Tests");
      // VS Code asks by itself before a test runs.
      const dialog = workbench.page.locator(".monaco-dialog-box");
      await dialog.getByText("Running tests may execute code").waitFor();
      await dialog.getByRole("button", { name: "Cancel" }).click();
      await dialog.waitFor({ state: "detached" });
      assert.equal(await workbench.page.locator(".codelens-decoration a").count(), 0);
      assert.deepEqual(heard, []);
    } finally {
      bound.close();
    }
  });

  it("has its definitions read, which are data, and nothing else of it", async () => {
    await workbench.runCommand("Go to File...");
    await workbench.quickInput.type("saved.pcapng");
    await workbench.quickInput.pick("saved.pcapng");
    const grid = await DatagramsGrid.in(workbench, "saved.pcapng");
    await grid.waitForRows(3);
    await grid.select(0);
    await grid.frame.getByRole("tab", { name: "protocol" }).click();
    await grid.frame.getByRole("treeitem", { name: /^first_byte/ }).waitFor();
    assert.ok(!existsSync(join(vscode.server.emptyFolder, "evil ran")));
    assert.equal(await workbench.page.locator(".terminal-wrapper").count(), 0);
  });
});
