import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { openOthers, otherRows, tappedRows } from "../support/port_rows.ts";
import { Stranger } from "../support/script_socket.ts";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import { clearDatagrams } from "./clean_window.ts";
import { chooseInMenu, chooseInMenuByKeys } from "./context_menu.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

/** An entry of a menu, of a title bar or of the line of a tree, as package.json has it. */
interface Entry {
  readonly command: string;
  readonly when: string;
  readonly group: string;
  /** The title of the entry that it lies below. */
  readonly submenu?: string;
}

/** The same, where it may be another menu. */
interface RawEntry extends Partial<Omit<Entry, "submenu">> {
  readonly submenu?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: Readonly<Record<string, readonly RawEntry[]>>;
    readonly submenus: readonly { readonly id: string; readonly label: string }[];
  };
}

const read = (name: string) => JSON.parse(readFileSync(join(projectFolder, name), "utf8"));
const manifest = read("package.json") as Manifest;
const texts = read("package.nls.json") as Record<string, string>;

const translated = (text: string) => texts[text.replaceAll("%", "")] ?? text;
const TITLES = new Map(
  manifest.contributes.commands.map(({ command, title }) => [command, translated(title)]),
);

/** All commands of a menu, also those below others. */
function entries(menu: string): Entry[] {
  return (manifest.contributes.menus[menu] ?? []).flatMap((entry) => {
    const { command, when = "", group = "" } = entry;
    if (command !== undefined) return [{ command, when, group }];
    const { id, label } =
      manifest.contributes.submenus.find(({ id }) => id === entry.submenu) ??
      assert.fail(`there is no submenu ${entry.submenu}`);
    return entries(id).map((below) => ({ ...below, submenu: translated(label) }));
  });
}

/** How VS Code may hand over what was chosen: by mouse each entry, by keyboard one of each menu, where all get the same. */
function ways(index: number): readonly Way[] {
  return index === 0 ? WAYS : ["mouse"];
}
const titleOf = (command: string) => TITLES.get(command) ?? assert.fail(command);
const short = (command: string) => command.replace("udpWorkbench.", "");
const isIcon = ({ group }: Entry) => /^(navigation|inline)/.test(group);

/** The ids of the views, in conditions, and their names. */
const VIEWS = [
  ["udpWorkbench.ports", "Bound Ports"],
  ["udpWorkbench.badNetwork", "Bad Network"],
  ["udpWorkbench.datagrams", "Datagrams"],
] as const;

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

/** Binds a port as somebody's own program does. */
const BY_HAND = (port: number) =>
  `require("dgram").createSocket("udp4").on("message", () => {}).bind(${port}, "127.0.0.1");`;

describe("every entry of every menu does what it says, by mouse and by keyboard:", function () {
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
    await writeFile(join(vscode.server.emptyFolder, "app.cjs"), "");
    workbench = await vscode.openWorkbench({ viewport: { width: 1500, height: 1400 } });
    await workbench.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
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

  // Below another program's port it is a peer, and stays there for as long as that one is bound.
  const isBound = async () =>
    tappedRows(await ports().rows()).some(({ level, label }) => level === 1 && label === server());

  /** A server, and what it heard and said. */
  async function someDatagrams(): Promise<void> {
    // Where it rests on a title, what that says comes to stand over the lines below.
    await workbench.page.mouse.move(900, 300);
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
      // Below the others is a line of it, too.
      const hasPeer = tappedRows(await ports().rows()).some(({ label }) => label === peer());
      if (hasPeer && (await rowCount()) >= 2) return true;
      // A clear of the test before may come late, and take the first of them.
      await stranger.ask("Ann", port);
      return false;
    });
  }

  /** The line of the server's port in the view that is there while its network is bad. */
  async function badNetwork(): Promise<Locator> {
    await workbench.runCommand("UDP: Bad Network...");
    await workbench.quickInput.shown("Port to make the network bad for");
    await workbench.quickInput.pick(server());
    await workbench.quickInput.shown(`Bad Network for ${server()}`);
    await workbench.quickInput.type("delay 1ms");
    await workbench.quickInput.acceptLast();
    const tree = workbench.tree("Bad Network");
    await tree.waitForRows("the port", (rows) => rows.some(({ label }) => label === server()));
    return tree.row(server());
  }

  /** A question that begins with this. */
  const asks = (text: string): Effect => ({
    seen: async () => {
      await workbench.quickInput.shown(text);
      await workbench.quickInput.dismiss();
    },
  });

  const copies: Effect = {
    before: () => workbench.page.evaluate(() => navigator.clipboard.writeText("nothing copied")),
    seen: () =>
      until("something on the clipboard", async () => {
        const copied = await workbench.page.evaluate(() => navigator.clipboard.readText());
        return copied !== "nothing copied";
      }),
  };

  const isGone: Effect = {
    seen: async () => {
      await until("no server", async () => !(await isBound()) && (await canBind(port)));
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
    reply: asks("Reply to"),
    editAndSend: asks("Send to"),
    replay: asks("What to replay"),
    exportCapture: asks("Export Capture"),
    openCapture: asks("Open Capture"),
    decodeAs: asks("What is said on port"),
    findCrc: asks("What the datagram ends in"),
    explainSilence: {
      seen: () => workbench.page.locator(".tab.active").getByText("Why nothing arrives").waitFor(),
      after: () => workbench.runCommand("View: Close All Editors"),
    },
    explainLosses: {
      // Whom the server talks with is not watched, unless another entry has sent something before.
      seen: () =>
        until("what was lost, or that nothing is known of it", async () => {
          const told = workbench.page.locator(".tab.active").getByText("Losses of");
          if ((await told.count()) > 0) return true;
          const news = await workbench.notifications.all();
          return news.some(({ message }) => message.includes("Nothing is known to be lost"));
        }),
      after: async () => {
        await workbench.runCommand("Notifications: Clear All Notifications");
        await workbench.runCommand("View: Close All Editors");
      },
    },
    stop: isGone,
    stopAll: isGone,
    closeSocket: isGone,
    setRules: { ...asks("Bad Network"), after: () => workbench.runCommand("UDP: Stop All Rules") },
    stopAllRules: {
      before: () => badNetwork(),
      seen: () => until("no bad network", async () => (await pane("Bad Network").count()) === 0),
    },
    pause: { seen: isOffered(resume), after: runs(resume, pause) },
    resume: { before: runs(pause, resume), seen: isOffered(pause) },
    clear: { seen: () => until("an empty grid", async () => (await rowCount()) <= 0) },
    openInEditor: {
      seen: () => DatagramsGrid.in(workbench, "UDP Datagrams"),
      after: () => workbench.runCommand("View: Close All Editors"),
    },
    compare: {
      before: async () => {
        await grid.row(0).click();
        await grid.row(1).click({ modifiers: ["Shift"] });
      },
      seen: () => workbench.page.locator(".tab.active").getByText("Row 1 and row 2").waitFor(),
      after: async () => {
        await workbench.runCommand("View: Close All Editors");
        await grid.row(0).click();
      },
    },
    showStatistics: {
      // The table counts what the grid shows, and a click on its line narrows the grid to that.
      seen: async () => {
        const page = await workbench.webviews.inside("UDP Statistics");
        await page.locator("tbody tr").first().click();
        await until("a filter", async () => (await filter().inputValue()).includes("addr:"));
        const counted = Number(await page.locator("tbody td").first().textContent());
        assert.ok(counted >= 1, `${counted}`);
      },
      after: async () => {
        await workbench.runCommand("View: Close All Editors");
        await filter().fill("");
        await filter().press("Enter");
        await until("all rows", async () => (await rowCount()) >= 2);
      },
    },
    showValues: {
      seen: () => workbench.webviews.inside("UDP Values"),
      after: () => workbench.runCommand("View: Close All Editors"),
    },
    plot: asks("A field, as filters call it"),
    toggleAutoAttach: {
      before: async () => {
        newsBefore = await attachNews();
      },
      // What the turn before told stays for a while: one says on, the other off.
      seen: () =>
        workbench.waitFor(
          "other news in the status bar",
          attachNews,
          (news) => news !== "" && news !== newsBefore,
        ),
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
      seen: async () => {
        await until("a file in Wireshark", () => existsSync(join(folder, "shown.pcapng")));
        const news = /Wireshark opens [\d,]+ records of: this window's datagrams/;
        await workbench.page.locator(".statusbar").getByText(news).first().waitFor();
      },
    },
    follow: {
      seen: () => until("a filter", async () => (await filter().inputValue()).includes("addr:")),
      after: async () => {
        await filter().fill("");
        await filter().press("Enter");
        await until("all rows", async () => (await rowCount()) >= 2);
      },
    },
    followAsText: {
      seen: () => workbench.page.locator(".tab.active").getByText("⇄").waitFor(),
      after: () => workbench.runCommand("View: Close All Editors"),
    },
    ...Object.fromEntries(
      [
        ...["saveAsRequest", "saveConversationAsRequests", "saveConversationAsMock"],
        "saveRecordingAsTest",
      ].map((command) => [
        command,
        {
          // A new editor has the name of its first line.
          seen: () =>
            workbench.page
              .locator(".tab.active")
              .getByText(/Untitled|@device|###/)
              .first()
              .waitFor(),
          after: () => workbench.runCommand("View: Revert and Close Editor"),
        },
      ]),
    ),
    resend: {
      before: async () => {
        rowsBefore = await rowCount();
      },
      // The server answers what is sent to it again.
      seen: () => until("more rows", async () => (await rowCount()) > rowsBefore),
    },
    revealTerminal: {
      before: () => workbench.runCommand("View: Hide Panel"),
      seen: () => workbench.page.locator(".part.panel .terminal-wrapper.active").waitFor(),
    },
    runFile: {
      before: async () => {
        word = `run ${words++}`;
        await writeFile(
          join(vscode.server.emptyFolder, "app.cjs"),
          `console.log(${JSON.stringify(word)})`,
        );
      },
      seen: () => workbench.terminals.showing(word),
    },
    attachAndRunAgain: {
      seen: () =>
        ports().waitForRows("the program, watched", (rows) =>
          tappedRows(rows).some(({ label }) => label === byHand),
        ),
      after: async () => {
        await workbench.runCommand("UDP: Stop All");
        await isGone.seen();
        await workbench.runCommand("UDP: Toggle Auto Attach");
      },
    },
    ...Object.fromEntries(
      [...TITLES.keys()]
        .filter((command) => command.includes(".copyAs"))
        .map((command) => [short(command), copies]),
    ),
  };
  let rowsBefore = 0;
  let newsBefore = "";
  let word = "";
  let words = 1;
  /** What somebody started by hand, as its line says. */
  let byHand = "";

  const attachNews = async () => {
    const news = workbench.page.locator(".statusbar").getByText(/UDP auto attach is (on|off)/);
    return (await news.allTextContents()).join();
  };

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

  async function chooseIn(
    { command, submenu }: Entry,
    way: Way,
    open: () => Promise<void>,
  ): Promise<void> {
    const title = titleOf(command);
    if (way === "mouse") await chooseInMenu(workbench, title, open, submenu);
    else await chooseInMenuByKeys(workbench, title, open);
  }

  it("is in a menu that is looked at here", () => {
    assert.deepEqual(Object.keys(manifest.contributes.menus).sort(), [
      // What is in the palette is run by test/extension/commands.test.ts, all of it.
      "commandPalette",
      "editor/title",
      "editor/title/run",
      "explorer/context",
      "udpWorkbench.copyAs",
      "udpWorkbench.saveAs",
      "view/item/context",
      "view/title",
      "webview/context",
    ]);
  });

  describe("where nothing is bound,", () => {
    const link = (text: string) => ports().pane.locator("a").filter({ hasText: text });

    it("there are the links that are clicked here", () => {
      const links = [...(texts.welcome ?? "").matchAll(/\[([^\]]+)\]\(command:/g)];
      assert.deepEqual(
        links.map(([, text]) => text),
        ["Start Server", "start a client", "see what other programs have bound"],
      );
    });

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
      const view = VIEWS.find(([id]) => entry.when.includes(id))?.[1] ?? assert.fail(entry.when);
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

  describe("of a line of a tree,", () => {
    /** The line that the entry is about. */
    async function lineOf({ when }: Entry): Promise<Locator> {
      if (when.includes("untappedScript")) {
        const free = await freeUdpPort();
        byHand = `127.0.0.1:${free}`;
        await writeFile(join(folder, "by_hand.cjs"), BY_HAND(free));
        await workbench.terminals.open();
        await workbench.terminals.type(`node '${join(folder, "by_hand.cjs")}'\n`);
        if (otherRows(await ports().rows()).length === 0) await openOthers(ports());
        await ports().waitForRows("what is not watched", (rows) =>
          rows.some(
            ({ label, description }) => label === byHand && description.includes("not watched"),
          ),
        );
        return ports().row(byHand);
      }
      if (when.includes("badNetwork")) return badNetwork();
      return ports()
        .row(when.includes("peer") ? peer() : server())
        .first();
    }

    for (const [index, entry] of entries("view/item/context").entries()) {
      // Of a program that is no script, under strace: test/extension/watch_program.test.ts has the command.
      if (short(entry.command) === "watchAgain") continue;
      for (const way of ways(index)) {
        it(`${isIcon(entry) ? "button" : "menu"}: ${short(entry.command)}, by ${way}`, async () => {
          await someDatagrams();
          const line = await lineOf(entry);
          await works(entry, async () => {
            if (!isIcon(entry)) {
              return chooseIn(entry, way, () => line.click({ button: "right" }));
            }
            await line.hover();
            const button = line.locator(`.action-label[aria-label^="${titleOf(entry.command)}"]`);
            await press(button, way);
          });
        });
      }
    }
  });

  describe("of a row,", () => {
    // The first is then one of the server that runs.
    before(() => clearDatagrams(workbench));

    for (const [index, entry] of entries("webview/context").entries()) {
      for (const way of ways(index)) {
        it(`${short(entry.command)}, by ${way}`, async () => {
          await someDatagrams();
          await works(entry, async () => {
            await chooseIn(entry, way, () => grid.row(0).click({ button: "right" }));
          });
        });
      }
    }
  });

  describe("in the title of an editor,", () => {
    const actions = () => workbench.page.locator(".editor-group-container.active .editor-actions");

    for (const [index, entry] of entries("editor/title").entries()) {
      for (const way of ways(index)) {
        it(`${short(entry.command)}, by ${way}`, async () => {
          await someDatagrams();
          await workbench.runCommand("UDP: Open Datagrams in Editor");
          await DatagramsGrid.in(workbench, "UDP Datagrams");
          await works(entry, () => {
            const title = titleOf(entry.command);
            return press(actions().locator(`.action-label[aria-label^="${title}"]`), way);
          });
          await workbench.runCommand("View: Close All Editors");
        });
      }
    }

    for (const way of WAYS) {
      it(`runFile, by ${way}`, async () => {
        await workbench.runCommand("Go to File...");
        await workbench.quickInput.type("app.cjs");
        await workbench.quickInput.pick("app.cjs");
        const [entry] = entries("editor/title/run");
        assert.ok(entry && entries("editor/title/run").length === 1);
        await works(entry, () =>
          press(actions().locator(`.action-label[aria-label^="${titleOf(entry.command)}"]`), way),
        );
        await workbench.runCommand("View: Close All Editors");
      });
    }
  });

  describe("of the notification that a port is taken,", () => {
    /** A program of the user's that wants the server's port. */
    async function runWithTakenPort(): Promise<string> {
      await someDatagrams();
      const source = `require("dgram").createSocket("udp4").bind(${port}, "127.0.0.1");`;
      await writeFile(join(vscode.server.emptyFolder, "app.cjs"), source);
      await workbench.runCommand("Go to File...");
      await workbench.quickInput.type("app.cjs");
      await workbench.quickInput.pick("app.cjs");
      await workbench.runCommand("UDP: Run File");
      const { message, buttons } = await workbench.notifications.showing("EADDRINUSE");
      assert.match(message, new RegExp(`^Cannot bind ${server()}: .*\\(EADDRINUSE\\); udp_server`));
      assert.deepEqual(buttons, ["Stop It and Try Again", "Show It"]);
      return message;
    }

    afterEach(() => workbench.runCommand("View: Close All Editors"));

    it("Show It", async () => {
      const message = await runWithTakenPort();
      await workbench.runCommand("View: Hide Panel");
      await workbench.notifications.click(message, "Show It");
      await workbench.page.locator(".part.panel .terminal-wrapper.active").waitFor();
    });

    it("Stop It and Try Again", async () => {
      const message = await runWithTakenPort();
      await workbench.notifications.click(message, "Stop It and Try Again");
      await ports().waitForRows("the program on that port", (rows) =>
        tappedRows(rows).some(
          ({ label, description }) => label === server() && description.includes("app.cjs"),
        ),
      );
      await workbench.runCommand("UDP: Stop All");
      await isGone.seen();
    });
  });

  describe("in the explorer,", () => {
    for (const entry of entries("explorer/context")) {
      for (const way of WAYS) {
        it(`${short(entry.command)}, by ${way}`, async () => {
          await workbench.openContainer("Explorer");
          await works(entry, async () => {
            const files = workbench.page.locator(".explorer-folders-view .monaco-list-row");
            const file = files.getByText("app.cjs");
            await chooseIn(entry, way, () => file.click({ button: "right" }));
          });
        });
      }
    }
  });

  describe("what would be regretted:", () => {
    it("programs that run, or have ended, are left alone when auto attach is turned on and off", async () => {
      await someDatagrams();
      const ended = port;
      await workbench.runCommand("UDP: Stop All");
      await isGone.seen();
      await someDatagrams();
      const heard = async () => {
        await stranger.ask("Ann", port);
        return until("its count", async () => {
          const row = tappedRows(await ports().rows()).find(({ label }) => label === server());
          return Number(/^(\d+) in/.exec(row?.description ?? "")?.[1] ?? 0);
        });
      };
      const before = Number(await heard());
      for (let turn = 0; turn < 2; turn++) {
        await EFFECTS.toggleAutoAttach?.before?.();
        await workbench.runCommand("UDP: Toggle Auto Attach");
        await EFFECTS.toggleAutoAttach?.seen();
      }
      await until("one more than before", async () => Number(await heard()) > before);
      const bound = tappedRows(await ports().rows()).map(({ label }) => label);
      assert.ok(!bound.includes(`127.0.0.1:${ended}`), bound.join());
      assert.ok(await canBind(ended));
    });

    it("a reply from a socket that has ended is offered a new one before it is written", async () => {
      await someDatagrams();
      await workbench.runCommand("UDP: Stop All");
      await isGone.seen();
      await chooseIn({ command: "udpWorkbench.reply", when: "", group: "" }, "mouse", () =>
        grid.row(0).click({ button: "right" }),
      );
      const { message } = await workbench.notifications.showing("has ended");
      await workbench.notifications.click(message, "Send from a New Socket");
      await EFFECTS.reply?.seen();
    });

    it("many datagrams are cleared only after a question, which names their number", async () => {
      await someDatagrams();
      while ((await rowCount()) < 100) await stranger.ask("Ann", port);
      const dialog = workbench.page.locator(".monaco-dialog-box");
      for (const button of ["Cancel", "Clear"]) {
        const rows = await rowCount();
        await workbench.runCommand("UDP: Clear Datagrams");
        await dialog.getByText(/^Clear 1\d\d datagrams\?$/).waitFor();
        await dialog.getByRole("button", { name: button, exact: true }).click();
        if (button === "Cancel") assert.ok((await rowCount()) >= rows);
      }
      await EFFECTS.clear?.seen();
    });
  });
});

/** Whether nobody has a port any more. */
async function canBind(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    socket.bind(port, "127.0.0.1");
    await once(socket, "listening");
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
