import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { openOthers, tappedRows } from "../support/port_rows.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { chooseInMenu } from "./context_menu.ts";
import { runAnswering } from "./questions.ts";

/** Where there is no tsx. */
const PATH = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((path) => !["tsx", "tsx.cmd"].some((name) => existsSync(join(path, name))))
  .join(delimiter);

/**
 * An extension by which no Node.js reads TypeScript that another one asks: VS Code hands the extension host no NODE_OPTIONS,
 * and the Node.js of every VS Code that npm has reads it by itself.
 */
async function withoutTypescript(folder: string): Promise<string> {
  const path = join(folder, "without-typescript");
  await mkdir(path);
  const manifest = {
    ...{ name: "without-typescript", publisher: "test", version: "0.0.1" },
    ...{ engines: { vscode: "^1.101.0" }, main: "./main.cjs", activationEvents: ["*"] },
  };
  await writeFile(join(path, "package.json"), JSON.stringify(manifest));
  const set = 'process.env.NODE_OPTIONS = "--no-experimental-strip-types";';
  await writeFile(join(path, "main.cjs"), `exports.activate = () => { ${set} };`);
  return path;
}

// Others are pressed where their commands are tested; test/unit/project/notifications.test.ts looks whether all are.
describe("a button of a notification does what it says:", function () {
  this.timeout(180_000);
  let folder: string;
  let vscode: Vscode;
  let workbench: Workbench;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-buttons-"));
    vscode = await Vscode.start({
      settings: { "udpWorkbench.wiresharkPath": join(folder, "nowhere") },
      env: { PATH },
      extensions: [await withoutTypescript(folder)],
    });
    workbench = await vscode.openWorkbench();
    await workbench.openContainer("UDP");
  });

  after(async () => {
    await vscode?.close();
    await rm(folder, { recursive: true });
  });

  const ports = () => workbench.tree("Bound Ports");
  const dialog = () => workbench.page.locator(".monaco-dialog-box");

  it("Open Settings", async () => {
    await workbench.runCommand("UDP: Open in Wireshark");
    const { message } = await workbench.notifications.showing("there is no such program");
    await workbench.notifications.click(message, "Open Settings");
    const settings = workbench.page.locator(".settings-editor");
    await settings.getByText("Wireshark Path").waitFor();
    await workbench.runCommand("View: Close All Editors");
  });

  it("Add tsx in a Terminal, which types the command and leaves it to the person to run it", async () => {
    const file = join(vscode.server.emptyFolder, "typed.ts");
    await writeFile(file, "const greeting: string = 'hi';\nconsole.log(greeting);\n");
    await workbench.runCommand("Go to File...");
    await workbench.quickInput.type("typed.ts");
    await workbench.quickInput.pick("typed.ts");
    await workbench.page
      .locator(".editor-instance .view-line", { hasText: "greeting" })
      .first()
      .waitFor();
    await workbench.runCommand("UDP: Run File");
    const { message } = await workbench.notifications.showing("nothing here reads TypeScript");
    await workbench.notifications.click(message, "Add tsx in a Terminal");
    await workbench.terminals.showing("npm install --save-dev tsx");
    assert.ok(!existsSync(join(vscode.server.emptyFolder, "package.json")));
    await workbench.terminals.endAll();
    await workbench.runCommand("View: Close All Editors");
  });

  it("Use Any Free Port", async () => {
    const last = createSocket("udp4");
    last.bind(0xffff, "127.0.0.1");
    try {
      await once(last, "listening");
      await runAnswering(workbench, "UDP: Start Server...", [undefined, "65535"]);
      const { message, buttons } = await workbench.notifications.showing("(EADDRINUSE)");
      assert.ok(buttons.includes("Use Any Free Port"), buttons.join());
      await workbench.notifications.click(message, "Use Any Free Port");
      await ports().waitForRows("a port of the system's choice", (rows) =>
        tappedRows(rows).some(({ level, label }) => level === 1 && !label.endsWith(":65535")),
      );
      await workbench.runCommand("UDP: Stop All");
    } finally {
      last.close();
    }
  });

  it("Run Again, of what is to be watched", async function () {
    try {
      execFileSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" });
      execFileSync("perl", ["-e", "1"]);
    } catch {
      this.skip();
    }
    const port = await freeUdpPort();
    const name = `127.0.0.1:${port}`;
    await workbench.terminals.open();
    const socket = `IO::Socket::INET->new(Proto => "udp", LocalAddr => "${name}")`;
    await workbench.terminals.type(`perl -MIO::Socket::INET -e 'my $s = ${socket}; sleep 600'\n`);
    await openOthers(ports());
    await ports().waitForRows("the program in the terminal", (rows) =>
      rows.some(({ label }) => label === name),
    );
    const line = ports().row(name);
    await chooseInMenu(workbench, "Run Again, Watched...", () => line.click({ button: "right" }));
    await dialog()
      .getByText(/^End perl .* and run it again, watched\?$/)
      .waitFor();
    await dialog().getByRole("button", { name: "Run Again", exact: true }).click();
    await ports().waitForRows("the program, watched", (rows) =>
      tappedRows(rows).some(({ label }) => label === name),
    );
    await workbench.terminals.endAll();
  });

  it("Send, to where others may listen", async function () {
    const own = Object.values(networkInterfaces()).flat();
    const hasIpv6 = own.some((one) => one?.family === "IPv6" && !one.internal);
    if (process.platform !== "linux" || !hasIpv6) this.skip();
    // Interface-local (RFC 4291 section 2.7): the system lets none of it out.
    const group = "[ff01::4d4e]:9";
    const chooseGroup = async () => {
      await workbench.runCommand("UDP: Send Datagram...");
      await workbench.quickInput.shown("Address or name and port");
      await workbench.quickInput.type(group);
      await workbench.quickInput.pick(group);
    };
    const asked = async () => {
      await chooseGroup();
      return workbench.waitFor(
        "the next question",
        async () => {
          const { message = "", placeholder = "" } = (await workbench.quickInput.state()) ?? {};
          return `${message} ${placeholder}`;
        },
        (question) => /Payload as text|Socket to send from/.test(question),
      );
    };
    // Where something is bound still that was started before, it is asked what to send from.
    await workbench.waitFor("no socket to send from", async () => {
      const isAlone = (await asked()).includes("Payload");
      if (!isAlone) await workbench.quickInput.dismiss();
      return isAlone;
    });
    await workbench.quickInput.accept("one");
    await dialog().getByText(`Send to ${group}?`).waitFor();
    await dialog().getByRole("button", { name: "Send", exact: true }).click();
    await dialog().waitFor({ state: "detached" });
    // What it went out from can send another one.
    await workbench.waitFor("the socket that has sent it", async () => {
      const isThere = (await asked()).includes("Socket");
      await workbench.quickInput.dismiss();
      return isThere;
    });
  });
});
