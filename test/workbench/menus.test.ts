import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Stranger } from "../support/script_socket.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { chooseInMenu, chooseInMenuByKeys } from "./context_menu.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

/** An entry of a title bar or of its "..." menu, as package.json has it. */
interface Entry {
  readonly command: string;
  readonly when: string;
  readonly group: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: Readonly<Record<string, readonly Entry[]>>;
  };
}

const read = (name: string) => JSON.parse(readFileSync(join(projectFolder, name), "utf8"));
const manifest = read("package.json") as Manifest;
const texts = read("package.nls.json") as Record<string, string>;

const TITLES = new Map(
  manifest.contributes.commands.map(({ command, title }) => [
    command,
    texts[title.replaceAll("%", "")] ?? title,
  ]),
);
const titleOf = (command: string) => TITLES.get(command) ?? assert.fail(command);
const short = (command: string) => command.replace("udpWorkbench.", "");
const isIcon = ({ group }: Entry) => group.startsWith("navigation");

/** How a person chooses: VS Code hands commands another argument for each. */
const WAYS = ["mouse", "keyboard"] as const;
type Way = (typeof WAYS)[number];

/** What is to be seen of a command, and what it takes before and after. */
interface Effect {
  readonly before?: () => Promise<unknown>;
  readonly seen: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

/** A capture of nothing that never ends: the head of a pcap file, and the id of the process that wrote it. */
const ENDLESS = `echo $$ > pid
cat head.pcap
exec sleep 1000
`;
const PCAP_HEAD = Uint32Array.of(0xa1b2c3d4, 0x0004_0002, 0, 0, 0x0004_0000, 101);

describe("every entry in the title of a view does what it says, by mouse and by keyboard:", function () {
  this.timeout(180_000);
  let vscode: Vscode;
  let workbench: Workbench;
  let folder: string;
  let port: number;
  let stranger: Stranger;
  let grid: DatagramsGrid;
  /** Whether there is a server on that port. */
  let isStarted = false;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-menus-"));
    const wireshark = join(folder, "wireshark");
    await writeFile(wireshark, `#!/bin/sh\ncp "$2" '${folder}/shown.pcapng'\n`);
    await chmod(wireshark, 0o755);
    await writeFile(join(folder, "endless.sh"), ENDLESS);
    await writeFile(join(folder, "head.pcap"), PCAP_HEAD);
    vscode = await Vscode.start({ settings: { "udpWorkbench.wiresharkPath": wireshark } });
    workbench = await vscode.openWorkbench({ viewport: { width: 1500, height: 1400 } });
    await workbench.openContainer("UDP");
    stranger = await Stranger.bind();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    await workbench.page.keyboard.press("Escape");
    await workbench.quickInput.dismiss();
  });

  after(async () => {
    stranger?.close();
    await vscode?.close();
    await rm(folder, { recursive: true });
  });

  const server = () => `127.0.0.1:${port}`;
  const peer = () => `127.0.0.1:${stranger.port}`;
  const ports = () => workbench.tree("Bound Ports");
  const pane = (title: string) => workbench.tree(title).pane;
  const filter = () => grid.frame.getByRole("combobox");
  /** Without the head. */
  const rowCount = async () =>
    Number(await grid.frame.locator("[role=grid]").getAttribute("aria-rowcount")) - 1;
  const until = (what: string, probe: () => unknown) => workbench.waitFor(what, probe);

  const isBound = async () => (await ports().rows()).some(({ label }) => label === server());

  /** A server, and what it heard and said. */
  async function someDatagrams(): Promise<void> {
    await workbench.openContainer("UDP");
    if (!isStarted) {
      port = await freeUdpPort();
      await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
      await until(`${server()} in the tree`, isBound);
      isStarted = true;
    }
    grid = await DatagramsGrid.in(workbench);
    if ((await filter().inputValue()) !== "") await filter().fill("");
    await until("datagrams in the grid", async () => {
      const hasPeer = (await ports().rows()).some(({ label }) => label === peer());
      if (hasPeer && (await rowCount()) >= 2) return true;
      // A clear of the test before may come late, and take the first of them.
      await stranger.ask("Ann", port);
      return false;
    });
  }

  /** A question that begins with this. */
  const asks = (text: string): Effect => ({
    seen: async () => {
      await workbench.quickInput.shown(text);
      await workbench.quickInput.dismiss();
    },
  });

  const isGone: Effect = {
    seen: async () => {
      await until("no server", async () => !(await isBound()));
      isStarted = false;
    },
  };

  const titleButton = (view: string, command: string) =>
    pane(view).locator(`.pane-header .action-label[aria-label^="${titleOf(command)}"]`);

  /** One of the two buttons that hold the rows and let them go on is there at a time. */
  const isOffered = (command: string) => () =>
    until(titleOf(command), () => titleButton("Datagrams", command).count());
  const runs = (command: string, offered: string) => async () => {
    await workbench.runCommand(`UDP: ${titleOf(command)}`);
    await isOffered(offered)();
  };
  const [pause, resume] = ["udpWorkbench.pause", "udpWorkbench.resume"] as const;

  const EFFECTS: Readonly<Record<string, Effect>> = {
    startServer: asks("Start UDP Server"),
    startClient: asks("Start UDP Client"),
    startRelay: asks("Start UDP Relay"),
    captureFromCommand: asks("Capture from Command"),
    send: asks("Send Datagram"),
    replay: asks("What to replay"),
    exportCapture: asks("Export Capture"),
    openCapture: asks("Open Capture"),
    stopAll: isGone,
    pause: { seen: isOffered(resume), after: runs(resume, pause) },
    resume: { before: runs(pause, resume), seen: isOffered(pause) },
    clear: { seen: () => until("an empty grid", async () => (await rowCount()) <= 0) },
    openInEditor: {
      seen: () => DatagramsGrid.in(workbench, "UDP Datagrams"),
      after: () => workbench.runCommand("View: Close All Editors"),
    },
    toggleAutoAttach: {
      before: () =>
        until("no news in the status bar", async () => (await attachNews().count()) === 0),
      seen: () => attachNews().waitFor(),
    },
    stopCaptures: {
      before: async () => {
        await rm(join(folder, "pid"), { force: true });
        await workbench.runCommand("UDP: Capture from Command...");
        await workbench.quickInput.acceptLast(`cd '${folder}' && exec sh endless.sh`);
        await until("the capture", () => existsSync(join(folder, "pid")));
        // The menu has the entry when the palette has it.
        await workbench.quickInput.openPalette();
        await workbench.quickInput.type(">UDP: Stop Captures");
        await until("Stop Captures in the palette", async () =>
          (await workbench.quickInput.state())?.items.includes("UDP: Stop Captures"),
        );
        await workbench.quickInput.dismiss();
      },
      seen: async () => {
        const pid = Number(await readFile(join(folder, "pid"), "utf8"));
        await until("the end of the capture", () => !isAlive(pid));
      },
    },
    openInWireshark: {
      before: () => rm(join(folder, "shown.pcapng"), { force: true }),
      seen: () => until("a file in Wireshark", () => existsSync(join(folder, "shown.pcapng"))),
    },
  };

  const attachNews = () =>
    workbench.page.locator(".statusbar").getByText(/UDP auto attach is (on|off)/);

  /** Chooses an entry, and sees what comes of it. */
  async function works({ command }: Entry, choose: () => Promise<void>): Promise<void> {
    const effect = EFFECTS[short(command)] ?? assert.fail(`no effect of ${command} is known`);
    await effect.before?.();
    await choose();
    await effect.seen();
    await effect.after?.();
  }

  async function press(button: Locator, way: Way): Promise<void> {
    await button.waitFor({ state: "attached" });
    if (way === "mouse") await button.click();
    else {
      // VS Code may draw a title bar anew, and give the focus to the first of its buttons.
      await until("the focus", async () => {
        await button.focus();
        return button.evaluate((element) => element.contains(document.activeElement));
      });
      await workbench.page.keyboard.press("Enter");
    }
  }

  async function chooseIn(entry: Entry, way: Way, open: () => Promise<void>): Promise<void> {
    const title = titleOf(entry.command);
    if (way === "mouse") {
      await open();
      await chooseInMenu(workbench, title);
    } else await chooseInMenuByKeys(workbench, title, open);
  }

  const entries = (menu: string) => manifest.contributes.menus[menu] ?? [];

  describe("where nothing is bound,", () => {
    const link = (text: string) => ports().pane.locator("a").filter({ hasText: text });
    for (const way of WAYS) {
      it(`Start Server, by ${way}`, async () => {
        await press(link("Start Server"), way);
        await EFFECTS.startServer?.seen();
      });

      it(`start a client, by ${way}`, async () => {
        await press(link("start a client"), way);
        await EFFECTS.startClient?.seen();
      });
    }

    it("see what other programs have bound", async () => {
      await press(link("see what other programs have bound"), "keyboard");
      await ports().waitForRows("the other programs", (rows) =>
        rows.some(({ label }) => label.startsWith("Other processes")),
      );
    });
  });

  describe("in the title of a view,", () => {
    for (const entry of entries("view/title")) {
      const view = entry.when.includes("udpWorkbench.ports") ? "Bound Ports" : "Datagrams";
      // The icons of a title bar have a focus of their own; what a key hands over is the same in the menu.
      for (const way of isIcon(entry) ? (["mouse"] as const) : WAYS) {
        it(`${view}: ${short(entry.command)}, by ${way}`, async () => {
          await someDatagrams();
          // A line that is selected is not what the buttons of the whole view are about.
          if (view === "Bound Ports") await ports().row(server()).click();
          await works(entry, async () => {
            await pane(view).locator(".pane-header").hover();
            if (isIcon(entry)) return press(titleButton(view, entry.command), way);
            const more = pane(view).getByRole("button", { name: "More Actions..." });
            await chooseIn(entry, way, () => press(more, way));
          });
          if (view === "Bound Ports") await filter().fill("");
        });
      }
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
