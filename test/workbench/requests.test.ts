import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../support/cache_folder.ts";
import { freeUdpPort } from "../support/free_udp_port.ts";
import { SENSOR_KSY } from "../support/sensor_sample.ts";
import { sharedVscode } from "../support/shared_vscode.ts";
import type { Theme, Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";

const TEXT = (port: number) => `# Anything behind a hash is a comment.
@device = 127.0.0.1:${port}

### Reads the temperature
# @timeout 20s
SEND {{device}}
hex 40 01 {{seq u16be}} b4 "temp\\n" {{crc16/modbus}}

EXPECT 1 within 20s
length == 8
bytes startsWith hex 60 45
sensor.temp > -40
@temp = sensor.temp

### Reads the voltage
SEND {{device}}
"get volt"

EXPECT 1 within 20s
bytes == "no such thing: watt\\n"

### Nothing answers a wrong command
SEND {{device}}
"frobnicate"
EXPECT 0 within 50ms

### A device to test against
SERVE {{device}}
WHEN bytes startsWith hex 40 01
REPLY hex 60 45 {{request[2..4]}} 00 fa {{crc16/modbus}}
WHEN text matches /^get (\\w+)/
REPLY "no such thing: {{1}}\\n" after 20ms
`;

describe("a request file in the editor", function () {
  this.timeout(300_000);
  let folder: string;
  let workbench: Workbench;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-request-file-"));
    await writeFile(join(folder, "device.udp"), TEXT(await freeUdpPort()));
    await writeFile(join(folder, "sensor.ksy"), SENSOR_KSY);
    workbench = await (await sharedVscode()).openWorkbench({ folder });
    await workbench.openContainer("Explorer");
    const file = workbench.page.locator(".explorer-folders-view .monaco-list-row");
    await file.filter({ hasText: "device.udp" }).dblclick();
  });

  after(async () => {
    await workbench?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What stands beside lines, which VS Code draws by its style alone. */
  const remarks = () =>
    workbench.page
      .locator(".view-lines span")
      .evaluateAll((spans) =>
        spans
          .map((span) => getComputedStyle(span, "::after").content)
          .filter((text) => text !== "none" && text !== "normal"),
      );

  const untilRemarked = (...patterns: RegExp[]) =>
    workbench.waitFor(`${patterns.join()} beside the lines`, remarks, (all) =>
      patterns.every((pattern) => all.some((text) => pattern.test(text))),
    );

  it("runs a block with the link above it: what came stands beside its lines, and is shown as any datagram is", async () => {
    const lens = workbench.page.locator(".codelens-decoration a");
    await lens.getByText("Run", { exact: true }).first().click();
    await untilRemarked(/passed in \d+ ms/, /sent 40 01 00 01 b4/, /got 60 45 00 01/, /250/);
    await workbench.openContainer("UDP");
    const grid = await DatagramsGrid.in(workbench);
    await grid.waitForRows(2);
  });

  it("has each block as a test of the Test Explorer: what differs is told at its line", async () => {
    await workbench.openContainer("Testing");
    await workbench.runCommand("Test: Run All Tests");
    const rows = () =>
      workbench.page
        .locator(".test-explorer .monaco-list-row")
        .evaluateAll((all) => all.map((row) => row.ariaLabel ?? ""));
    await workbench.waitFor("what came of the file", rows, (all) =>
      all.some((label) => /^device\.udp \(Failed\)/.test(label)),
    );
    const file = workbench.page.locator(".test-explorer .monaco-list-row").first();
    if ((await file.getAttribute("aria-expanded")) !== "true") {
      await file.locator(".monaco-tl-twistie").click();
    }
    await workbench.waitFor("what came of each block", rows, (all) =>
      [
        /^Reads the temperature \(Passed\)/,
        /^Reads the voltage \(Failed\)/,
        /^Nothing answers a wrong command \(Passed\)/,
      ].every((pattern) => all.some((label) => pattern.test(label))),
    );
    await workbench.page
      .getByText(/expected bytes == /)
      .first()
      .waitFor();
    // Below it are lines that are not drawn.
    await workbench.runCommand("View: Hide Panel");
    await untilRemarked(/failed in \d+ ms/, /silence, as expected/);
  });

  for (const theme of ["Light Modern", "Dark Modern", "Dark High Contrast"] satisfies Theme[]) {
    it(`looks right in ${theme}`, async () => {
      await workbench.setTheme(theme);
      await workbench.page.locator(".codelens-decoration a").first().waitFor();
      await workbench.page.screenshot({
        path: join(cacheFolder, "pictures", `requests-${theme}.png`),
      });
    });
  }
});
