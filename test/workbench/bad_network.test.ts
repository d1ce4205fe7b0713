import assert from "node:assert/strict";
import { join } from "node:path";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { tappedRows } from "../support/port_rows.ts";
import { Stranger } from "../support/script_socket.ts";
import type { TreeView } from "../support/tree_view.ts";
import { Vscode } from "../support/vscode.ts";
import type { Theme, Workbench } from "../support/workbench.ts";
import { cleanWindow, clearDatagrams } from "./clean_window.ts";
import { chooseInMenu } from "./context_menu.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const THEMES: readonly Theme[] = [
  "Light Modern",
  "Dark High Contrast",
  "Light High Contrast",
  "Dark Modern",
];
const WIDTHS = [250, 400] as const;

/** Networks of the user's own: one that can be used, and one that cannot. */
const OWN = { "Our ship": { delay: "5ms", drop: 100 }, "Wrong one": { drop: 500 } };

describe("a bad network on a port", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;
  let tree: TreeView;
  let stranger: Stranger;
  let port: number;

  before(async () => {
    vscode = await Vscode.start({ settings: { "udpWorkbench.networkPresets": OWN } });
    workbench = await vscode.openWorkbench({ viewport: { width: 1280, height: 900 } });
    tree = workbench.tree("Bound Ports");
    await workbench.openContainer("UDP");
  });

  beforeEach(async () => {
    stranger = await Stranger.bind();
    port = await freeUdpPort();
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
    await tree.waitForRows("the port", (rows) => tappedRows(rows).some((it) => it.level === 1));
  });

  afterEach(async () => {
    stranger.close();
    await workbench.runCommand("UDP: Stop All Rules");
    await cleanWindow(workbench);
  });

  after(() => vscode?.close());

  const server = () => `127.0.0.1:${port}`;
  const client = () => `127.0.0.1:${stranger.port}`;
  const status = () => workbench.page.locator('.statusbar-item[id$="udpWorkbench.badNetwork"]');
  const question = (on: string) => workbench.quickInput.shown(`Bad Network for ${on}`);

  async function openAt(line: string): Promise<void> {
    await chooseInMenu(workbench, "Bad Network...", () =>
      tree.row(line).first().click({ button: "right" }),
    );
    await question(line);
  }

  /** The badge of a line, as VS Code draws it: the text of a pseudo-element. */
  const badge = (line: string) =>
    tree
      .row(line)
      .first()
      .evaluate((row) =>
        Array.from(row.querySelectorAll(".monaco-icon-label, .monaco-icon-label *"))
          .map((part) => getComputedStyle(part, "::after").content)
          .find((content) => content.includes("≈")),
      );
  const isMarked = (line: string) => workbench.waitFor("the mark", () => badge(line));
  const isUnmarked = (line: string) =>
    workbench.waitFor(
      "no mark",
      () => badge(line),
      (content) => content === undefined,
    );

  async function picture(name: string): Promise<void> {
    for (const theme of THEMES) {
      await workbench.setTheme(theme);
      for (const width of WIDTHS) {
        await workbench.resizeSideBar(width);
        const file = `bad-network-${name}-${theme}-${width}.png`.toLowerCase().replaceAll(" ", "-");
        await workbench.screenshot(join(cacheFolder, "pictures", file));
      }
    }
  }

  it("is chosen in its menu, marks the port and what it does, and ends by a click on the mark", async () => {
    assert.equal(String(await stranger.ask("Ann", port)), "Hello, Ann!");
    assert.equal(await badge(server()), undefined);
    await openAt(server());
    await workbench.screenshot(join(cacheFolder, "pictures", "bad-network-menu.png"));
    await workbench.quickInput.type("in drop 100 seed 7");
    await workbench.quickInput.acceptLast();
    await isMarked(server());
    const [line] = tappedRows(await tree.rows());
    assert.match(line?.ariaLabel ?? "", /a bad network, by a rule/);
    await status().getByText(`Bad Network on ${server()}`).waitFor();
    const grid = await DatagramsGrid.in(workbench);
    await stranger.sent("Bob", port);
    const [, , dropped] = await grid.waitForRows(3);
    assert.equal(dropped?.Note, "dropped by a rule");
    await grid.select(2);
    assert.match(await grid.detailText(), /Dropped by a rule on .*: it had arrived there/);
    // A view says so as well, for as long as it is on, and what came of it.
    const view = workbench.tree("Bad Network");
    await workbench.waitFor(
      "what was dropped, beside its name",
      () => view.description(),
      (text) => text === `${server()} · 1 dropped by a rule`,
    );
    const lines = await view.waitForRows("what came of it", (rows) =>
      rows.some(({ description }) => description === "1 · 100.0 %"),
    );
    const [place, ...values] = lines.map(({ label, description }) => `${label} ${description}`);
    assert.match(place ?? "", new RegExp(`^${server()} udp_server\\.`));
    assert.deepEqual(
      values.map((text) => text.trim()),
      ["dropped 1 · 100.0 %", "in: what the port receives", "drop 100%", "seed 7", "Values..."],
    );
    await picture("dropped");
    // A click changes a value while the program runs.
    await view.row("drop").click();
    await workbench.quickInput.shown("Bad Network for");
    await workbench.quickInput.acceptLast("0.001");
    await view.waitForRows("the new value", (rows) =>
      rows.some(({ label, description }) => label === "drop" && description === "0.001%"),
    );
    assert.equal(String(await stranger.ask("Eve", port)), "Hello, Eve!");
    // What is on now is told, and can be stopped there.
    await openAt(server());
    const { items } = (await workbench.quickInput.state()) ?? assert.fail();
    assert.ok(items.includes("Stop This Rule"), items.join());
    await workbench.screenshot(join(cacheFolder, "pictures", "bad-network-menu-on.png"));
    await workbench.quickInput.dismiss();
    await status().click();
    await isUnmarked(server());
    await status().waitFor({ state: "hidden" });
    await view.pane.waitFor({ state: "detached" });
    assert.equal(String(await stranger.ask("Cleo", port)), "Hello, Cleo!");
  });

  it("is for the peer of a row, with values that are changed one by one", async () => {
    assert.equal(String(await stranger.ask("Ann", port)), "Hello, Ann!");
    const grid = await DatagramsGrid.in(workbench);
    await grid.waitForRows(2);
    await chooseInMenu(workbench, "Bad Network...", () => grid.row(0).click({ button: "right" }));
    await question(client());
    await workbench.quickInput.pick("Values...");
    await workbench.quickInput.shown("Choose a value");
    await workbench.quickInput.pick("both ways");
    await workbench.quickInput.shown("which way");
    await workbench.quickInput.pick("out: what the port sends");
    for (const [name, wrong, value] of [
      ["corrupt", "101", "100"],
      ["delay", "soon", "20"],
    ] as const) {
      await workbench.quickInput.shown("Choose a value");
      await workbench.quickInput.pick(name);
      await workbench.quickInput.shown(`: ${name}`);
      // It is told while one types, before any Enter.
      await workbench.quickInput.type(wrong);
      await workbench.quickInput.shown(`Not these: --${name} takes a number`);
      await workbench.quickInput.accept(value);
    }
    await workbench.quickInput.shown("Choose a value");
    await workbench.screenshot(join(cacheFolder, "pictures", "bad-network-values.png"));
    await workbench.quickInput.acceptLast();
    await isMarked(server());
    const rows = tappedRows(await tree.rows());
    assert.match(rows.find(({ label }) => label === client())?.ariaLabel ?? "", /by a rule/);
    const answer = await stranger.ask("Bob", port);
    assert.notEqual(String(answer), "Hello, Bob!");
    const corrupted = (await grid.waitForRows(4)).at(-1);
    assert.match(corrupted?.Note ?? "", /^corrupted, delayed (2\d|[3-9]\d|\d{3}) ms$/);
    await grid.select(3);
    await grid.frame.locator("#tab-hex").click();
    const changed = await grid.frame.evaluate(() =>
      [...(CSS.highlights.get("changed") ?? [])].map(String),
    );
    const at = answer.findIndex((byte, index) => byte !== Buffer.from("Hello, Bob!")[index]);
    assert.equal(changed[0], answer.subarray(at, at + 1).toString("hex"));
    assert.match(
      await grid.detailText(),
      new RegExp(`changed bit \\d of the byte at offset ${at}: \\w\\w became ${changed[0]}`),
    );
    await picture("corrupted");
    // Nobody else meets it.
    const other = await Stranger.bind();
    assert.equal(String(await other.ask("Dan", port)), "Hello, Dan!");
    other.close();
  });

  it("may be the user's own, and one that is wrong says what is wrong", async () => {
    await openAt(server());
    await workbench.quickInput.type("Wrong");
    await workbench.quickInput.acceptLast();
    const { message, buttons } = await workbench.notifications.showing("Wrong one");
    assert.match(message, /networkPresets: --drop takes a number with a unit \(%\), not '500%'\./);
    assert.deepEqual(buttons, ["Open Settings"]);
    await workbench.runCommand("Notifications: Clear All Notifications");
    await openAt(server());
    await workbench.quickInput.type("Our ship");
    await workbench.quickInput.acceptLast();
    await isMarked(server());
    await stranger.sent("Bob", port);
    const [dropped] = await (await DatagramsGrid.in(workbench)).waitForRows(1);
    assert.equal(dropped?.Note, "dropped by a rule");
    await openAt(server());
    await workbench.quickInput.pick("Stop This Rule");
    await isUnmarked(server());
    assert.equal(String(await stranger.ask("Ann", port)), "Hello, Ann!");
  });

  it("ends when the window is loaded anew, which shows none", async () => {
    await openAt(server());
    await workbench.quickInput.type("drop 100");
    await workbench.quickInput.acceptLast();
    await isMarked(server());
    await stranger.sent("Bob", port);
    await (await DatagramsGrid.in(workbench)).waitForRows(1);
    await workbench.reload();
    await workbench.openContainer("UDP");
    await tree.waitForRows("the port", (rows) => rows.some(({ label }) => label === server()));
    assert.equal(await badge(server()), undefined);
    assert.equal(await status().count(), 0);
    // Within ten seconds the program notices that nobody keeps its rules.
    await workbench.waitFor("an answer", async () => {
      await stranger.sent("Ann", port);
      return (await stranger.all()).length;
    });
    await clearDatagrams(workbench);
    assert.equal(await badge(server()), undefined);
  });
});
