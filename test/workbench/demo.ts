// `npm run demo`: the first lesson in UDP, run as a person runs it in a real VS Code without a screen. Prints what the
// views show, leaves a picture, and ends with 1 when that is not the lesson. Nothing stays behind.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join, relative } from "node:path";
import { cacheFolder } from "../support/cache_folder.ts";
import type { GridRow } from "../support/grid.ts";
import { Vscode } from "../support/vscode.ts";
import { problemsOf, runLesson } from "./lesson.ts";
import { textTable } from "./text_table.ts";

const picture = join(cacheFolder, "demo.png");

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
  const vscode = await Vscode.start();
  try {
    const workbench = await vscode.openWorkbench();
    console.log(`VS Code is open after ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    const lesson = await runLesson(workbench);
    await workbench.screenshot(picture);
    const ports = lesson.ports.map(({ label, description, level }) => ({
      Address: `${"  ".repeat(level - 1)}${label}`,
      Description: description,
    }));
    console.log(`Bound Ports\n\n${textTable(ports)}\n`);
    const { length } = lesson.datagrams;
    const records = length + lesson.datagrams.filter(wasSeenTwice).length;
    console.log(`Datagrams: ${records} records in ${length} rows, as each was seen at both ends\n`);
    console.log(`${textTable(lesson.datagrams)}\n`);
    console.log(`Picture: ${relative(process.cwd(), picture)}`);
    const problems = problemsOf(lesson);
    if (problems.length > 0) throw new Error(`${problems.join(".\n")}.`);
  } finally {
    await vscode.close();
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
