import { join } from "node:path";
import { Vscode } from "../support/vscode.ts";
import type { Workbench } from "../support/workbench.ts";
import type { Comparison } from "./comparison.ts";
import { withFolder, writeServerCapture } from "./generated_capture.ts";
import { interleaved, sampleOf } from "./sample.ts";

const LARGE = { name: "large.pcapng", datagrams: 1_000_000 };
const SMALL = { name: "small.pcapng", datagrams: 10 };
const CLIENTS = 25;
const ROUNDS = 5;
const LONGEST_MS = 200;

declare global {
  interface Window {
    /** When Enter was pressed last, and when rows were first seen; milliseconds since 1970. */
    entered?: number;
    rowsSeen?: number;
  }
}

/**
 * How long somebody waits for the first rows of a large capture, from Enter in VS Code's *Go to File* on. A capture of
 * ten datagrams tells how much of it is VS Code's own, which makes the editor and loads its page.
 */
export function measureFirstRows(): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    for (const { name, datagrams } of [LARGE, SMALL]) {
      writeServerCapture(join(folder, name), datagrams, CLIENTS);
    }
    const vscode = await Vscode.start();
    try {
      const workbench = await vscode.openWorkbench({ folder });
      await workbench.page.context().addInitScript(watchFirstRows);
      // The script is in each page from the next one on, VS Code's own included.
      await workbench.reload();
      await timeToRows(workbench, SMALL.name);
      const { large, small } = await interleaved(ROUNDS, {
        large: () => timeToRows(workbench, LARGE.name),
        small: () => timeToRows(workbench, SMALL.name),
      });
      const line = { unit: "ms", better: "less" } as const;
      const what = (datagrams: number) =>
        `first rows of ${datagrams.toLocaleString("en")} datagrams in VS Code, from Enter on`;
      return [
        { ...line, what: what(LARGE.datagrams), ours: large },
        { ...line, what: what(SMALL.datagrams), ours: small },
        {
          ...line,
          what: "the large file's alone",
          ours: sampleOf([large.median - small.median]),
          goal: { value: LONGEST_MS },
        },
      ];
    } finally {
      await vscode.close();
    }
  });
}

/** Opens a file of the folder by its name, waits for its rows, and closes it. */
async function timeToRows(workbench: Workbench, name: string): Promise<number> {
  const { page, quickInput } = workbench;
  await page.keyboard.press("Control+p");
  await workbench.waitFor("Go to File", () => quickInput.state());
  await quickInput.type(name);
  await workbench.waitFor(
    `${name} as the first file`,
    async () => (await quickInput.state())?.items[0],
    (first) => first === name,
  );
  await page.keyboard.press("Enter");
  const entered = await page.evaluate(() => window.entered ?? 0);
  const frame = await workbench.webviews.inside(name);
  const seen = await workbench.waitFor("its rows", () => frame.evaluate(() => window.rowsSeen));
  // The next file finds an idle machine.
  await frame.locator(".progress").waitFor({ state: "hidden" });
  await workbench.runCommand("View: Close Editor");
  return (seen ?? 0) - entered;
}

/** Runs in each page before its scripts. */
function watchFirstRows(): void {
  const now = () => performance.timeOrigin + performance.now();
  window.addEventListener(
    "keydown",
    ({ key }) => {
      if (key === "Enter") window.entered = now();
    },
    { capture: true },
  );
  // VS Code writes its page into one that is there, which ends the frames that were asked for before, but no timer.
  const looking = setInterval(() => {
    if (!document.querySelector('.rows .row[aria-busy="false"]')) return;
    clearInterval(looking);
    // When the second of these frames begins, the first has been drawn.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        window.rowsSeen = now();
      }),
    );
  }, 4);
}
