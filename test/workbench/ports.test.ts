import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { isOthers, openOthers, otherRows, tappedRows } from "../support/port_rows.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { TreeRow, TreeView } from "../support/tree_view.ts";
import type { Theme, Workbench } from "../support/workbench.ts";
import { cleanWindow } from "./clean_window.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const THEMES: readonly Theme[] = [
  "Dark Modern",
  "Light Modern",
  "Dark High Contrast",
  "Light High Contrast",
];

describe("Bound Ports", function () {
  this.timeout(300_000);
  let workbench: Workbench;
  let tree: TreeView;
  let port: number;
  let client: Socket;
  const processes: ChildProcess[] = [];

  before(open);

  beforeEach(async () => {
    port = await freeUdpPort();
    client = createSocket({ type: "udp4", sendBufferSize: 1 << 20 }).bind(0, "127.0.0.1");
    await once(client, "listening");
  });

  afterEach(async () => {
    client.close();
    for (const started of processes.splice(0)) started.kill("SIGKILL");
    await cleanWindow(workbench);
  });

  after(() => workbench?.close());

  async function open(): Promise<void> {
    const vscode = await sharedVscode();
    workbench = await vscode.openWorkbench({ viewport: { width: 1280, height: 1200 } });
    tree = workbench.tree("Bound Ports");
  }

  /** Starts a server that only listens, and returns its process id, which its line's tooltip tells. */
  async function startServer(reply = "none"): Promise<number> {
    await workbench.openContainer("UDP");
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port), reply]);
    await tree.waitForRows(`the port ${port}`, (rows) =>
      rows.some(({ label }) => label === `127.0.0.1:${port}`),
    );
    const tooltip = await tooltipOf(`127.0.0.1:${port}`);
    const pid = Number(/is bound by process (\d+)/.exec(tooltip)?.[1]);
    assert.ok(pid > 0, tooltip);
    return pid;
  }

  /** What is shown when the pointer rests on a line. */
  async function tooltipOf(label: string): Promise<string> {
    const hover = workbench.page.locator(".monaco-hover:visible, .workbench-hover:visible");
    return workbench.waitFor(
      `the tooltip of ${label}`,
      async () => {
        // A line that is drawn anew takes its tooltip away: as a person would, point at it again.
        await workbench.page.mouse.move(5, 5);
        await tree.row(label).hover();
        await hover.first().waitFor({ timeout: 5000 });
        return (await hover.allTextContents()).join("\n");
      },
      // Who has a socket is searched with a budget, which takes its time on a busy machine.
      // And another line may have come under the pointer, when one above it has gone.
      (text) =>
        text.includes(label) && text.includes("\n") && !text.includes("is being looked for"),
    );
  }

  function send(count: number): Promise<unknown> {
    // A thousand of them are more than a receive buffer of 4 MiB takes.
    const payload = new Uint8Array(8000);
    return Promise.all(
      Array.from(
        { length: count },
        () =>
          new Promise<void>((resolve, reject) => {
            client.send(payload, port, "127.0.0.1", (error) => (error ? reject(error) : resolve()));
          }),
      ),
    );
  }

  /** Runs a program that is not tapped, a file or its text, and binds a port: resolves with that port. */
  async function stranger(script: string): Promise<number> {
    const args = script.endsWith(".cjs") ? [script] : ["-e", script];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    processes.push(started);
    const [line] = (await once(createInterface(started.stdout), "line")) as [string];
    return Number(line);
  }

  const BIND = (address: string) =>
    `const s = require("dgram").createSocket("${address.includes(":") ? "udp6" : "udp4"}");
     s.bind(0, "${address}", () => console.log(s.address().port));`;

  it("shows what a busy program lost: received and lost are sent, to the last one", async () => {
    if (process.platform !== "linux") return;
    const pid = await startServer();
    process.kill(pid, "SIGSTOP");
    const sent = 1500;
    await send(sent);
    // First, where a narrow side bar cuts last.
    const isLossy = (row: TreeRow | undefined) => /^[\d,]+ lost · /.test(row?.description ?? "");
    await tree.waitForRows("a loss", ([first]) => isLossy(first));
    process.kill(pid, "SIGCONT");
    const [row] = await tree.waitForRows("received and lost as many as were sent", ([first]) => {
      const [, lost = "", received = ""] =
        /^([\d,]+) lost · ([\d,]+) in · 0 out · /.exec(first?.description ?? "") ?? [];
      const number = (text: string) => Number(text.replaceAll(",", ""));
      return number(received) > 0 && number(received) + number(lost) === sent;
    });
    assert.match(row?.ariaLabel ?? "", / lost/);
    // The number is seen whole where the side bar is narrow.
    await workbench.resizeSideBar(250);
    const description = tree.row(`127.0.0.1:${port}`).locator(".label-description");
    const isWhole = await description.evaluate((element) => {
      const text = element.firstChild;
      if (!text) return false;
      const range = document.createRange();
      range.setStart(text, 0);
      range.setEnd(text, (text.textContent ?? "").indexOf(" · "));
      const label = element.closest(".monaco-icon-label");
      return range.getBoundingClientRect().right <= (label?.getBoundingClientRect().right ?? 0);
    });
    assert.equal(isWhole, true);
    for (const theme of THEMES) {
      await workbench.setTheme(theme);
      for (const state of ["selected", "plain"]) {
        await (state === "selected"
          ? tree.row(`127.0.0.1:${port}`).click()
          : workbench.openContainer("UDP"));
        // By its shape as well: the selection of some themes takes all colours away.
        assert.equal(await tree.row(`127.0.0.1:${port}`).locator(".codicon-error").count(), 1);
        const name = `ports-lost-${theme}-${state}.png`.toLowerCase().replaceAll(" ", "-");
        await workbench.screenshot(join(cacheFolder, "pictures", name));
      }
    }
    await workbench.setTheme("Dark Modern");
    await workbench.resizeSideBar(300);
    const tooltip = await tooltipOf(`127.0.0.1:${port}`);
    assert.match(tooltip, /Received [\d,]+ · lost [\d,]+ in the receive buffer/);
    assert.match(tooltip, /larger buffer/);
    const grid = await DatagramsGrid.in(workbench);
    const filter = grid.frame.getByRole("combobox").first();
    const line = tree.row(`127.0.0.1:${port}`);
    const wasExpanded = await line.getAttribute("aria-expanded");
    for (const click of ["first", "second"]) {
      await filter.fill("");
      await filter.press("Enter");
      await line.locator(".label-name").click();
      await workbench.waitFor(
        `the filter after the ${click} click`,
        () => filter.inputValue(),
        (text) => text === `socket:127.0.0.1:${port}`,
      );
      assert.equal(await line.getAttribute("aria-expanded"), wasExpanded);
    }
  });

  it("keeps selection, focus and what is expanded under a flood, and leaves quiet lines alone", async () => {
    const quiet = port;
    await startServer();
    port = await freeUdpPort();
    await startServer();
    const flooded = `127.0.0.1:${port}`;
    await stranger(BIND("127.0.0.1"));
    await send(1);
    const rows = await tree.waitForRows("the peer and the others", (found) => {
      return found.length === 4 && found[2]?.level === 2;
    });
    const [first = "", , peer = ""] = rows.map(({ label }) => label);
    assert.equal(first, `127.0.0.1:${quiet}`);
    await openOthers(tree);
    /** What is expanded; the programs below the others come and go, and their number with them. */
    const expansion = async () => {
      const found = await tree.rows();
      const own = tappedRows(found).map(({ label, expanded }) => [label, expanded]);
      return [...own, ["others", found.find(isOthers)?.expanded]];
    };
    const before = await expansion();
    // The client is no tapped program: its socket has a line below the others, too.
    const line = tree.row(peer).first();
    await line.click();
    assert.equal(await line.getAttribute("aria-selected"), "true");
    await watchRows(tree);
    for (let round = 0; round < 20; round++) {
      await send(20);
      const received = `${1 + (round + 1) * 20} in `;
      await tree.waitForRows("what was sent", (found) =>
        found.some(({ label, description }) => label === peer && description.startsWith(received)),
      );
    }
    const changes = await changedRows(tree);
    assert.ok((changes.get(`drawn ${flooded}`) ?? 0) > 0, "the flooded port's line counts");
    assert.equal(changes.get(`drawn ${first}`), undefined, "the quiet port's line has not changed");
    for (const label of [first, flooded, peer]) {
      for (const change of ["added", "removed"]) {
        assert.equal(changes.get(`${change} ${label}`), undefined, `${change} ${label}`);
      }
    }
    assert.equal(await line.getAttribute("aria-selected"), "true");
    assert.deepEqual(await expansion(), before);
    assert.equal(
      await tree.pane.locator(".monaco-list:focus-within .monaco-list-row.focused").count(),
      1,
    );
  });

  it("comes to the front at a click on the number of bound ports in the status bar", async () => {
    await startServer();
    const status = workbench.page.locator('.statusbar-item[id$="udpWorkbench.bound"]');
    await workbench.waitFor("one port in the status bar", () => status.textContent(), isOne);
    await workbench.openContainer("Explorer");
    await tree.pane.waitFor({ state: "hidden" });
    await status.click();
    await tree.waitForRows("the port", ([first]) => first?.label === `127.0.0.1:${port}`);
    await tree.pane.waitFor({ state: "visible" });
    await workbench.runCommand("UDP: Stop All");
    await status.waitFor({ state: "hidden" });
  });

  it("narrows the grid to a port that was chosen before the grid was ever open", async () => {
    const header = workbench.tree("Datagrams").pane.locator(".pane-header");
    await workbench.openContainer("UDP");
    await header.click();
    await workbench.reload();
    tree = workbench.tree("Bound Ports");
    await startServer("echo");
    await send(1);
    const other = port;
    port = await freeUdpPort();
    await startServer();
    await send(1);
    await tree.row(`127.0.0.1:${other}`).click();
    await header.click();
    const grid = await DatagramsGrid.in(workbench);
    // What came and its answer, and nothing of the second server.
    await grid.waitForRows(2);
    const filter = grid.frame.getByRole("combobox").first();
    assert.equal(await filter.inputValue(), `socket:127.0.0.1:${other}`);
  });

  it("narrows the grid at each click on a line, however often the line is drawn anew", async () => {
    await startServer("echo");
    const talk = setInterval(() => client.send("Hi", port, "127.0.0.1"), 5);
    try {
      const label = `127.0.0.1:${port}`;
      const peer = `127.0.0.1:${client.address().port}`;
      await tree.waitForRows("the peer", (rows) => rows.some((row) => row.label === peer));
      const grid = await DatagramsGrid.in(workbench);
      const filter = grid.frame.getByRole("combobox").first();
      for (let click = 0; click < 30; click++) {
        const [line, text] =
          click % 2 === 0 ? [peer, `socket:${label} addr:${peer}`] : [label, `socket:${label}`];
        await tree.row(line).click();
        await workbench.waitFor(
          `the filter of click ${click}`,
          () => filter.inputValue(),
          (now) => now === text,
          { timeoutMs: 10_000 },
        );
      }
    } finally {
      clearInterval(talk);
    }
  });

  it("tells who has a port, and stops it or shows it", async () => {
    const foreign = await stranger(BIND("127.0.0.1"));
    port = foreign;
    await workbench.openContainer("UDP");
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(foreign)]);
    const sentence = `(process ${processes.at(-1)?.pid}) has it`;
    const { message, buttons } = await workbench.notifications.showing(sentence);
    assert.match(message, /^Cannot bind .* \(EADDRINUSE\); node \(process \d+\) has it$/);
    // It is not ours to stop.
    assert.match(buttons.join(), /^Show It,Use Port \d+$/);
    await workbench.notifications.click(sentence, "Show It");
    await workbench.waitFor(
      "its line to be selected",
      () => tree.row(`127.0.0.1:${foreign}`).getAttribute("aria-selected"),
      (selected) => selected === "true",
    );

    port = await freeUdpPort();
    const first = await startServer();
    await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
    const ours = `(process ${first}) has it`;
    await workbench.notifications.showing(ours);
    await workbench.notifications.click(ours, "Stop It and Try Again");
    await workbench.waitFor(
      "another program on the port",
      async () => {
        const tooltip = await tooltipOf(`127.0.0.1:${port}`);
        return /is bound by process (\d+)/.exec(tooltip)?.[1];
      },
      (pid) => pid !== undefined && Number(pid) !== first,
    );
  });

  it("looks right in every theme, narrow and wide", async () => {
    await startServer();
    await stranger(BIND("127.0.0.1"));
    await stranger(BIND("0.0.0.0"));
    await send(30);
    await openOthers(tree);
    await tree.waitForRows("the others", (rows) => otherRows(rows).length >= 2);
    for (const theme of THEMES) {
      await workbench.setTheme(theme);
      for (const width of [200, 300, 600]) {
        await workbench.resizeSideBar(width);
        const name = `ports-${theme}-${width}.png`.toLowerCase().replaceAll(" ", "-");
        await workbench.screenshot(join(cacheFolder, "pictures", name));
      }
    }
    await workbench.setTheme("Dark Modern");
  });

  describe("in a window that has not asked for other programs yet", () => {
    let shared: Workbench;

    beforeEach(async () => {
      shared = workbench;
      await open();
    });

    afterEach(async () => {
      await workbench.runCommand("UDP: Stop All");
      await workbench.close();
      workbench = shared;
      tree = workbench.tree("Bound Ports");
    });

    it("lists what other programs have bound, whatever they are called, and says what TCP has to do with it", async () => {
      const folder = await mkdtemp(join(tmpdir(), "udp-workbench-ports-"));
      const server = createServer();
      try {
        const script = join(folder, "$(bell) \n\u202e<img src=x>.cjs");
        await writeFile(script, BIND("0.0.0.0"));
        const bound = await stranger(script);
        server.listen(bound, "127.0.0.1");
        await once(server, "listening");
        await workbench.openContainer("UDP");
        // Where nothing of this window is bound there is no tree, but the way to it.
        await tree.pane.getByText("see what other programs have bound").click();
        const label = `0.0.0.0:${bound}`;
        const rows = await tree.waitForRows("the other programs", (found) =>
          found.some((row) => row.label === label && row.description !== ""),
        );
        const row = rows.find((found) => found.label === label);
        const pid = processes.at(-1)?.pid;
        assert.equal(row?.description, `\\x24(bell) \\n\\u{202e}<img src=x>.cjs (${pid})`);
        assert.match(row?.ariaLabel ?? "", /, open to the network$/);
        assert.equal(await tree.pane.locator(".monaco-list .codicon-bell").count(), 0);
        const tooltip = await tooltipOf(label);
        assert.match(tooltip, /^Open to the network: other machines can send to this port\./m);
        assert.ok(
          tooltip.includes(`A TCP server listens on 127.0.0.1:${bound}; that is no conflict`),
        );
        assert.match(tooltip, /VS Code does not forward UDP from there\./);
        processes.pop()?.kill("SIGKILL");
        await tree.waitForRows("no such line", (found) =>
          found.every((one) => one.label !== label),
        );
      } finally {
        server.close();
        await rm(folder, { recursive: true });
      }
    });

    it("offers to run a script with the tap that was started by hand without, and shows it then", async () => {
      if (process.platform !== "linux") return;
      const folder = await mkdtemp(join(tmpdir(), "udp-workbench-ports-"));
      const label = `127.0.0.1:${port}`;
      try {
        await writeFile(
          join(folder, "by_hand.cjs"),
          BIND("127.0.0.1").replace("bind(0", `bind(${port}`),
        );
        await workbench.openContainer("UDP");
        await workbench.terminals.open();
        const printed = new RegExp(`^${port}$`, "m");
        await workbench.terminals.run(`cd "${folder}" && node by_hand.cjs`, printed);
        await tree.waitForRows("what is not watched", ([first]) => {
          return first?.description === "1 not watched";
        });
        await openOthers(tree);
        await tree.waitForRows("the script", (rows) =>
          otherRows(rows).some(
            (row) =>
              row.label === label && /^by_hand\.cjs \(\d+\) · not watched$/.test(row.description),
          ),
        );
        await tree.clickAction("Turn Auto Attach On and Run Again", label);
        await tree.waitForRows("it among the watched", ([first]) => first?.label === label);
      } finally {
        await workbench.runCommand("UDP: Toggle Auto Attach");
        await rm(folder, { recursive: true });
      }
    });
  });
});

const isOne = (text: string | null) => text?.trim() === "1";

/**
 * Starts to note which rows about tapped programs are taken out of the page or drawn again. The rows below "Other
 * processes" come and go with the machine's sockets, one with a tapped program's peer as its label among them.
 */
async function watchRows(tree: TreeView): Promise<void> {
  await tree.pane.locator(".monaco-list-rows").evaluate((list) => {
    const changed: string[] = [];
    const labelOf = (row: Element) => row.querySelector(".label-name")?.textContent ?? "";
    const topOf = (row: Element | undefined) =>
      row instanceof HTMLElement ? Number.parseInt(row.style.top, 10) : Number.POSITIVE_INFINITY;
    const note = (change: string, node: Node | null) => {
      if (!(node instanceof Element)) return;
      const others = Array.from(list.children).find((row) => labelOf(row).startsWith("Other proc"));
      if (topOf(node) < topOf(others)) changed.push(`${change} ${labelOf(node)}`);
    };
    const observer = new MutationObserver((records) => {
      for (const { type, target, removedNodes, addedNodes } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        if (type === "childList" && target === list) {
          for (const node of removedNodes) note("removed", node);
          for (const node of addedNodes) note("added", node);
        } else note("drawn", element?.closest(".monaco-list-row") ?? null);
      }
    });
    observer.observe(list, { childList: true, subtree: true, characterData: true });
    Object.assign(list, { changed });
  });
}

/** What {@link watchRows} noted: how often each thing happened. */
async function changedRows(tree: TreeView): Promise<Map<string, number>> {
  const changed = await tree.pane
    .locator(".monaco-list-rows")
    .evaluate((list) => ("changed" in list ? (list.changed as string[]) : []));
  const counts = new Map<string, number>();
  for (const change of changed) counts.set(change, (counts.get(change) ?? 0) + 1);
  return counts;
}
