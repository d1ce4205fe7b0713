// `npm run demo`: the first lesson in UDP, run as a person runs it in a real VS Code without a screen. Prints what the
// views show, leaves a picture in light and in dark, and ends with 1 when that is not the lesson. Nothing stays behind.
// `npm run demo -- --save` writes the pictures to docs/images/, where the README has them from.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join, relative } from "node:path";
import { cacheFolder, projectFolder } from "../support/cache_folder.ts";
import type { GridRow } from "../support/grid.ts";
import { Vscode } from "../support/vscode.ts";
import type { Settings } from "../support/vscode_server.ts";
import type { Theme, Workbench } from "../support/workbench.ts";
import { DatagramsGrid } from "./datagrams_grid.ts";
import { problemsOf, runLesson } from "./lesson.ts";
import { textTable } from "./text_table.ts";

/** Pictures of the same window, by the theme that it has in them. */
const PICTURES: readonly (readonly [name: string, theme: Theme])[] = [
  ["lesson_light.png", "Light Modern"],
  ["lesson_dark.png", "Dark Modern"],
];
/** The panel's title, and five lines. */
const TERMINAL_HEIGHT = 150;
/** No title bar, which says that this is for development, and no command line over what it was answered. */
const PLAIN: Settings = {
  "terminal.integrated.stickyScroll.enabled": false,
  "window.commandCenter": false,
  "workbench.layoutControl.enabled": false,
};
const folder = process.argv.includes("--save") ? join(projectFolder, "docs/images") : cacheFolder;

try {
  await assertFree("it is taken; end the program that has it, then try again");
  await show();
  await assertFree("something was left running");
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function show(): Promise<void> {
  const started = performance.now();
  const vscode = await Vscode.start({ settings: PLAIN });
  try {
    const workbench = await vscode.openWorkbench();
    console.log(`VS Code is open after ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    const lesson = await runLesson(workbench);
    const ports = lesson.ports.map(({ label, description, level }) => ({
      Address: `${"  ".repeat(level - 1)}${label}`,
      Description: description,
    }));
    console.log(`Bound Ports\n\n${textTable(ports)}\n`);
    const { length } = lesson.datagrams;
    const records = length + lesson.datagrams.filter(wasSeenTwice).length;
    console.log(`Datagrams: ${records} records in ${length} rows, as each was seen at both ends\n`);
    console.log(`${textTable(lesson.datagrams)}\n`);
    await takePictures(workbench);
    const problems = problemsOf(lesson);
    if (problems.length > 0) throw new Error(`${problems.join(".\n")}.`);
  } finally {
    await vscode.close();
  }
}

/**
 * Beside the ports the wide grid, with a datagram of which both ends are known; of the terminal no more than what the client
 * was answered: the command line above that tells where this folder is, and says nothing to anybody else.
 */
async function takePictures(workbench: Workbench): Promise<void> {
  // VS Code's last word in the client's terminal: what comes after it has become lower moves the answers up.
  await workbench.terminals.showing("Press any key to close the terminal");
  await workbench.resize(1360, 780);
  await workbench.resizeSideBar(390);
  await workbench.resizePanel(TERMINAL_HEIGHT);
  await workbench.runCommand("UDP: Open Datagrams in Editor");
  const grid = await DatagramsGrid.in(workbench, "UDP Datagrams");
  await grid.waitForDelivered(6);
  await grid.select(1);
  for (const [name, theme] of PICTURES) {
    await workbench.setTheme(theme);
    const picture = join(folder, name);
    await workbench.screenshot(picture);
    console.log(`Picture: ${relative(process.cwd(), picture)}`);
  }
}

/** A row that says when its datagram arrived stands for two records: the sender's and the receiver's. */
function wasSeenTwice({ Note }: GridRow): boolean {
  return Note?.startsWith("delivered") === true;
}

/** The lesson's port has to be free before and after. */
async function assertFree(otherwise: string): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(9999, "127.0.0.1");
  try {
    await once(socket, "listening");
  } catch (error) {
    throw new Error(`Cannot bind 127.0.0.1:9999: ${otherwise}`, { cause: error });
  } finally {
    socket.close();
  }
}
