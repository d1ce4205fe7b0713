import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, watch, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { PcapngReader } from "../../extension/core/files/pcapng/reader.ts";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { dueTimes, timedCapture } from "../support/replay_timing.ts";
import { Stranger } from "../support/script_socket.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import { waitUntil } from "../support/wait_until.ts";
import type { Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { runAnswering } from "./questions.ts";

const FORMATS = ["pcapng", "JSON Lines", "CSV"] as const;
type Format = (typeof FORMATS)[number];

/** What is written beside the file until it is whole, with the process that writes. */
const PARTIAL = /^.*\.(\d+)\.[0-9a-f]+\.part$/;

describe("Export Capture, as a person does it", function () {
  this.timeout(180_000);
  let workbench: Workbench;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-export-"));
    workbench = await (await sharedVscode()).openWorkbench({
      viewport: { width: 1280, height: 1000 },
    });
  });

  after(async () => {
    await workbench?.runCommand("UDP: Stop All");
    await workbench?.close();
    await rm(folder, { recursive: true });
  });

  /** Chooses with the keys the item with this label in the list that asks for `prompt`. */
  async function choose(prompt: string, label: string): Promise<void> {
    const { quickInput } = workbench;
    const { items } = await quickInput.shown(prompt);
    const steps = items.indexOf(label);
    assert.ok(steps >= 0, `${label} is not among ${items}`);
    // In the box: as the palette goes, VS Code may give the focus back to the grid, later than to this list.
    await quickInput.press(...new Array<string>(steps).fill("ArrowDown"));
    await quickInput.accept();
  }

  /** Exports from the palette to a file, with the keyboard alone, up to its name. */
  async function exportByKeys(
    scope: string | undefined,
    format: Format,
    path: string,
    of = "this window's datagrams",
  ) {
    const { quickInput, page } = workbench;
    await page.keyboard.press("F1");
    await quickInput.shown("Type the name of a command");
    await page.keyboard.insertText("UDP: Export Capture...");
    await workbench.waitFor("the command in the palette", async () =>
      (await quickInput.state())?.items[0]?.includes("Export Capture"),
    );
    await quickInput.accept();
    await quickInput.shown(`Export Capture: ${of}`);
    if (scope) await choose("What to export", scope);
    await choose("Format of the file", format);
    await workbench.quickInput.acceptPath(path);
  }

  describe("of what a server has heard", () => {
    const HOSTILE = ["=1+1", "+Ann", "@Eva"];
    let port: number;
    let stranger: Stranger;
    let grid: DatagramsGrid;

    before(async () => {
      port = await freeUdpPort();
      await runAnswering(workbench, "UDP: Start Server...", [undefined, String(port)]);
      const name = `127.0.0.1:${port}`;
      await workbench
        .tree("Bound Ports")
        .waitForRows(name, (rows) => rows.some(({ label }) => label === name));
      grid = await DatagramsGrid.in(workbench);
      stranger = await Stranger.bind();
      for (const word of HOSTILE) await stranger.ask(word, port);
      await grid.waitForRows(6);
      await grid.frame.getByRole("combobox").fill("dir:in");
      await grid.waitForRows(3);
      await grid.select(1);
    });

    after(() => stranger?.close());

    const scopes = {
      "All datagrams": HOSTILE.flatMap((word) => [word, `Hello, ${word}!`]),
      "What passes the filter": HOSTILE,
      "What is selected": ["+Ann"],
    };
    for (const [scope, expected] of Object.entries(scopes)) {
      for (const format of FORMATS) {
        it(`writes as ${format}: ${scope}`, async () => {
          const path = join(folder, `${scope}.${extension(format)}`);
          await exportByKeys(scope, format, path);
          const { length } = expected;
          const count = length === 1 ? "1 datagram" : `${length} datagrams`;
          await workbench.notifications.showing(`Exported ${count} to ${path}.`);
          assert.deepEqual(payloadsIn(await readFile(path), format), expected);
        });
      }
    }
  });

  describe("of a large capture", () => {
    const DATAGRAMS = 100_000;
    const TITLE = "Exporting 100,000 datagrams";

    before(async () => {
      const path = join(folder, "large.pcapng");
      await writeFile(path, timedCapture(dueTimes(DATAGRAMS, 1000)));
      await workbench.runCommand("UDP: Open Capture...");
      await workbench.quickInput.acceptPath(path);
      const grid = await DatagramsGrid.in(workbench, "large.pcapng");
      await grid.waitForRows(DATAGRAMS);
    });

    it("is ended by a click: the file of that name is as it was, and nothing half is left", async function () {
      if (process.platform === "win32") this.skip(); // where no process can be stopped for a while
      const path = join(folder, "kept.jsonl");
      await writeFile(path, "what was there before");
      const before = await readdir(folder);
      const begun = exportBegun(path);
      await exportByKeys(undefined, "JSON Lines", path, "large.pcapng");
      const host = await begun;
      try {
        await workbench.notifications.showing(TITLE);
        await workbench.screenshot(join(cacheFolder, "pictures/export-progress.png"));
        await workbench.notifications.click(TITLE, "Cancel");
      } finally {
        process.kill(host, "SIGCONT");
      }
      await waitUntil(
        "nothing but what was there",
        () => readdir(folder),
        (names) => isDeepStrictEqual(names, before),
      );
      assert.equal(await readFile(path, "utf8"), "what was there before");
    });

    it("writes all of them where it is not ended", async () => {
      const path = join(folder, "kept.jsonl");
      await exportByKeys(undefined, "JSON Lines", path, "large.pcapng");
      await workbench.notifications.showing(`Exported 100,000 datagrams to ${path}.`, {
        timeoutMs: 60_000,
      });
      const lines = (await readFile(path, "utf8")).split("\n");
      assert.equal(lines.length, DATAGRAMS + 1);
      assert.equal(JSON.parse(lines.at(-2) ?? "").frame["frame.number"], String(DATAGRAMS));
    });

    /**
     * Holds the extension host when it has begun to write beside this file, for it may be done before a person could click.
     * Resolves with its process, which is to be continued.
     */
    async function exportBegun(path: string): Promise<number> {
      for await (const { filename } of watch(folder)) {
        const [name, pid] = PARTIAL.exec(filename ?? "") ?? [];
        if (name === undefined || !name.startsWith(basename(path))) continue;
        // By then it has told the window, and is far from done.
        if ((await stat(join(folder, name))).size < 2 ** 20) continue;
        const host = Number(pid);
        process.kill(host, "SIGSTOP");
        return host;
      }
      throw new Error("unreachable: a folder is watched until the loop is left");
    }
  });
});

function extension(format: Format): string {
  return { pcapng: "pcapng", "JSON Lines": "jsonl", CSV: "csv" }[format];
}

/** The payloads in a file as text, in their order. */
function payloadsIn(bytes: Buffer, format: Format): string[] {
  switch (format) {
    case "pcapng": {
      const payloads: string[] = [];
      const reader = new PcapngReader({
        section: () => {},
        interface: () => {},
        statistics: () => {},
        otherPacket: () => assert.fail("another packet"),
        datagram: ({ bytes: packet, payload, capturedLength }) => {
          payloads.push(Buffer.from(packet.slice(payload, payload + capturedLength)).toString());
        },
      });
      assert.equal(reader.read(bytes, 0), bytes.length);
      return payloads;
    }
    case "JSON Lines":
      return bytes
        .toString()
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).udp["udp.payload"].replaceAll(":", ""))
        .map((hex) => Buffer.from(hex, "hex").toString());
    case "CSV":
      return bytes
        .toString()
        .trimEnd()
        .split("\r\n")
        .slice(1)
        .map((line) => {
          const [, text = "", hex = ""] =
            /,([^,"]*|"[^"]*"),0x([0-9a-f]+)(,[^,]*){3}$/.exec(line) ?? [];
          assert.doesNotMatch(text, /^"?[=+@-]/, "a spreadsheet takes that for a formula");
          return Buffer.from(hex, "hex").toString();
        });
  }
}
