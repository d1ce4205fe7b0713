import type { GridRow } from "../support/grid.ts";
import { tappedRows } from "../support/port_rows.ts";
import type { TreeRow } from "../support/tree_view.ts";
import type { Workbench } from "../support/workbench.ts";
import { runAnswering } from "./questions.ts";

/** What the window shows when the lesson has run. */
export interface Lesson {
  readonly ports: readonly TreeRow[];
  readonly datagrams: readonly GridRow[];
}

const SERVER = "127.0.0.1:9999";
const NAMES = ["Michael", "Tracy", "Sarah"];

/**
 * Runs the first lesson in UDP as a person does: *Start Server...* and *Start Client...* from the palette, Enter for
 * each question. Waits until the terminals and the views show the end of it.
 */
export async function runLesson(workbench: Workbench): Promise<Lesson> {
  await workbench.openContainer("UDP");
  await runAnswering(workbench, "UDP: Start Server...");
  await workbench.terminals.showing("Bind UDP on 9999...");
  await runAnswering(workbench, "UDP: Start Client...");
  await workbench.terminals.showing(NAMES.map((name) => `Hello, ${name}!`).join("\n"));
  const grid = await workbench.webviews.grid("Datagrams");
  return {
    // Each datagram is seen at both ends; a row is one datagram, and says so when both ends agree.
    datagrams: await grid.waitForRows(
      "three requests and three answers, all delivered,",
      (rows) => rows.length === 6 && rows.every(({ Note }) => Note?.startsWith("delivered")),
    ),
    ports: tappedRows(
      await workbench
        .tree("Bound Ports")
        .waitForRows("the server and its peer, with all that they said,", (rows) => {
          const tapped = tappedRows(rows);
          return tapped.length === 2 && tapped.every(saidAll);
        }),
    ),
  };
}

/** What is wrong with what the window shows, one sentence each; nothing where it is the lesson. */
export function problemsOf({ ports, datagrams }: Lesson): string[] {
  const [server, peer] = ports;
  const problems: string[] = [];
  if (server?.label !== SERVER) problems.push(`Bound Ports should begin with ${SERVER}`);
  if (!/^127\.0\.0\.1:\d+$/.test(peer?.label ?? "") || peer?.level !== 2) {
    problems.push(`Bound Ports should show the client below the server, not "${peer?.label}"`);
  }
  for (const [i, expected] of expectedRows(peer?.label ?? "").entries()) {
    const shown = datagrams[i] ?? {};
    for (const [column, text] of Object.entries(expected)) {
      if (shown[column] === text) continue;
      problems.push(`Datagram ${i + 1} should have "${text}" as ${column}, not "${shown[column]}"`);
    }
  }
  return problems;
}

function saidAll({ description }: TreeRow): boolean {
  return /^3 in · 3 out(?!\d)/.test(description);
}

function expectedRows(peer: string): GridRow[] {
  const row = (Direction: string, Payload: string) => ({
    Direction,
    Local: SERVER,
    Peer: peer,
    Length: `${Payload.length} bytes`,
    Payload,
  });
  return NAMES.flatMap((name) => [row("received", name), row("sent", `Hello, ${name}!`)]);
}
