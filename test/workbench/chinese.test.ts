import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "playwright-core";
import { cacheFolder, projectFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { Stranger } from "../support/script_socket.ts";
import { Vscode } from "../support/vscode.ts";
import type { Theme, Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

/** Contrast is that of the English window, of which all themes are looked at. */
const THEMES: readonly Theme[] = ["Light Modern", "Dark Modern"];
const WIDTHS = [250, 500] as const;

describe("a window in Chinese", function () {
  this.timeout(300_000);
  let vscode: Vscode;
  let workbench: Workbench;
  let stranger: Stranger;
  /** Our sentences in English that are others in Chinese. */
  let english: ReadonlySet<string>;

  before(async () => {
    const text = await readFile(
      join(projectFolder, "extension/l10n/bundle.l10n.zh-cn.json"),
      "utf8",
    );
    const words = Object.entries(JSON.parse(text) as Record<string, string>);
    english = new Set(words.flatMap(([key, own]) => (key === own ? [] : [key])));
    stranger = await Stranger.bind();
    vscode = await Vscode.start({ locale: "zh-cn" });
    workbench = await vscode.openWorkbench({ viewport: { width: 1280, height: 900 } });
    await workbench.openContainer("UDP");
  });

  after(async () => {
    stranger?.close();
    await vscode?.close();
  });

  const assertChinese = (texts: readonly string[], where: string) =>
    assert.deepEqual(
      texts.filter((text) => english.has(text)),
      [],
      `${where} is English`,
    );

  it("has its views in Chinese, which fit, narrow and wide, in light and dark", async () => {
    const port = await freeUdpPort();
    await runAnswering(workbench, "UDP: 启动服务器...", [undefined, String(port)]);
    await workbench.terminals.showing(`Bind UDP on ${port}...`);
    for (const name of ["Ann", "你好"]) await stranger.ask(name, port);
    const [line] = await workbench
      .tree("已绑定端口")
      .waitForRows("the port, with all that it said,", ([first]) =>
        /入 2/.test(first?.description ?? ""),
      );
    assert.equal(line?.label, `127.0.0.1:${port}`);
    assertChinese((line?.description ?? "").split(" · "), "the line of the port");
    const grid = await DatagramsGrid.in(workbench, "数据报");
    const [row] = await grid.waitForRows(4);
    assert.equal(row?.载荷, "Ann");
    assert.equal(row?.方向, "已接收");
    await grid.select(0);
    for (const theme of THEMES) {
      await workbench.setTheme(theme);
      for (const width of WIDTHS) {
        await workbench.resizeSideBar(width);
        await grid.waitUntilItFits();
        const file = `chinese-${theme}-${width}.png`.toLowerCase().replaceAll(" ", "-");
        await workbench.screenshot(join(cacheFolder, "pictures", file));
        assertChinese(await textsIn(grid.frame), `the page at ${width} px`);
      }
    }
  });

  it("says in Chinese what a bad network does", async () => {
    const [line] = await workbench
      .tree("已绑定端口")
      .waitForRows("the port", (rows) => rows.length > 0);
    const { label: port = "" } = line ?? {};
    await workbench.runCommand("UDP: 不良网络...");
    await workbench.quickInput.shown("要使其网络变差的端口");
    await workbench.quickInput.pick(port);
    await workbench.quickInput.shown(port);
    await workbench.quickInput.type("in drop 5 delay 1ms corrupt 1 duplicate 1");
    await workbench.quickInput.acceptLast();
    const view = workbench.tree("不良网络");
    const rows = await view.waitForRows("what it does", (all) => all.length > 5);
    const texts = rows.flatMap(({ label, description, ariaLabel }) => [
      ...[label, description],
      ...ariaLabel.split(": "),
    ]);
    assertChinese(texts, "the view of a bad network");
    assert.match(rows[1]?.label ?? "", /^\p{Script=Han}+$/u);
    await workbench.resizeSideBar(WIDTHS[0]);
    await workbench.screenshot(join(cacheFolder, "pictures", "chinese-bad-network.png"));
    await workbench.runCommand("UDP: 停止所有规则");
    await view.pane.waitFor({ state: "detached" });
  });

  it("asks in Chinese", async () => {
    for (const command of ["启动服务器...", "启动中继...", "发送数据报...", "不良网络..."]) {
      await workbench.runCommand(`UDP: ${command}`);
      const asked = await workbench.waitFor(
        `a question of ${command}`,
        () => workbench.quickInput.state(),
        (state) => state !== undefined && !state.value.startsWith(">"),
      );
      const { title = "", placeholder = "", message = "", items = [] } = asked ?? {};
      const [name = ""] = title.split(" (");
      assertChinese([name, placeholder, message, ...items], command);
      assert.match(`${title}${placeholder}${message}`, /\p{Script=Han}/u, command);
      await workbench.quickInput.dismiss();
    }
  });
});

/** All that is to be read in a page, or is told to a screen reader. */
function textsIn(frame: Frame): Promise<string[]> {
  return frame.evaluate(() => {
    const texts: string[] = [];
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) texts.push(nodes.currentNode.textContent?.trim() ?? "");
    for (const name of ["aria-label", "title", "placeholder"]) {
      for (const element of document.querySelectorAll(`[${name}]`))
        texts.push(element.getAttribute(name) ?? "");
    }
    return texts;
  });
}
