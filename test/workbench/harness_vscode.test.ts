import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import { Vscode } from "../support/vscode.ts";
import { isAlive, STUBBORN } from "./stubborn_program.ts";

describe("Vscode", function vscode() {
  this.timeout(300_000);

  it("leaves nothing behind, not even a program that refuses to end with its terminal", async () => {
    const vscode = await Vscode.start();
    const { port, emptyFolder } = vscode.server;
    try {
      const program = join(emptyFolder, "stubborn.cjs");
      await writeFile(program, STUBBORN);
      const workbench = await vscode.openWorkbench();
      await workbench.terminals.open();
      const text = await workbench.terminals.run(
        `"${process.execPath}" "${program}"`,
        /^stubborn \d+$/m,
      );
      const pid = Number(/^stubborn (\d+)$/m.exec(text)?.[1]);
      assert.equal(isAlive(pid), true);
      await vscode.close();
      assert.equal(isAlive(pid), false);
    } finally {
      await vscode.close();
    }
    assert.equal(existsSync(emptyFolder), false);
    await assert.rejects(once(connect(port, "127.0.0.1"), "connect"), /ECONNREFUSED/);
  });

  it("opens no window for whoever has not its token", async () => {
    const { server } = await sharedVscode();
    const address = new URL(server.pageUrl());
    assert.equal((await fetch(address, { redirect: "manual" })).status, 302); // with a cookie
    address.searchParams.set("tkn", "guessed");
    assert.equal((await fetch(address, { redirect: "manual" })).status, 403);
  });

  it("leaves a picture of the window in which something did not come", async () => {
    const workbench = await (await sharedVscode()).openWorkbench();
    const waiting = workbench.waitFor(
      "pigs to fly",
      () => "none",
      () => false,
      { timeoutMs: 1 },
    );
    const message = await waiting.catch(String);
    const [, picture] =
      /vain for pigs to fly; last seen: 'none'; picture: (.*\.png)$/.exec(message) ?? [];
    assert.ok(picture, message);
    assert.equal(existsSync(join(projectFolder, picture)), true);
    await rm(join(projectFolder, picture));
    await workbench.close();
  });

  it("ends the programs of a window's terminals when the window is closed", async () => {
    const vscode = await sharedVscode();
    const program = join(vscode.server.emptyFolder, "stubborn.cjs");
    await writeFile(program, STUBBORN);
    const workbench = await vscode.openWorkbench();
    await workbench.terminals.open();
    const text = await workbench.terminals.run(
      `"${process.execPath}" "${program}"`,
      /^stubborn \d+$/m,
    );
    await workbench.close();
    assert.equal(isAlive(Number(/^stubborn (\d+)$/m.exec(text)?.[1])), false);
  });
});
