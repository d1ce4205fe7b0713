import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";

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
  };
  const task = {
    ...{ type: "udp", program: "server", label: "evil", port },
    runOptions: { runOn: "folderOpen" },
  };
  const files = {
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
});
