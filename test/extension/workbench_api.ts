import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import type { Datagram, UdpWorkbench } from "../../extension/api.ts";

/** How long the slowest machine may take for what normally takes milliseconds: less than a test of mocha may. */
const PATIENCE_MS = 50_000;
/** What can be asked can also change without an event of ours: a program has ended, a file is there. */
const LOOK_AGAIN_MS = 250;

/** The extension's API, as another extension gets it. */
export async function activateWorkbench(): Promise<UdpWorkbench> {
  const extension = vscode.extensions.getExtension<UdpWorkbench>("udp-workbench.udp-workbench");
  if (!extension) throw new Error("UDP Workbench is not installed in this VS Code");
  return extension.activate();
}

/** Resolves when `condition` holds, looking again at every change of the capture; names `what` when it never does. */
export function until(api: UdpWorkbench, what: string, condition: () => boolean): Promise<void> {
  return untilAsked(
    api,
    () => what,
    async () => condition(),
  );
}

/** {@link until} for a condition that has to ask; `what` may say what was there instead. */
export async function untilAsked(
  api: UdpWorkbench,
  what: string | (() => string),
  condition: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  let tellChange = () => {};
  let changed = Promise.resolve();
  const listener = api.onDidCapture(() => tellChange());
  try {
    for (;;) {
      // From before it is asked: what changes meanwhile is not waited for again.
      changed = new Promise((resolve) => {
        tellChange = resolve;
      });
      if (await condition()) return;
      if (performance.now() > end) {
        const text = typeof what === "string" ? what : what();
        throw new Error(`Waited ${PATIENCE_MS} ms in vain until ${text}`);
      }
      await Promise.race([changed, delay(LOOK_AGAIN_MS)]);
    }
  } finally {
    listener.dispose();
  }
}

/** As many datagrams as there are in the table. */
export async function datagramCount(api: UdpWorkbench): Promise<number> {
  return (await api.datagrams()).length;
}

/** All datagrams of the table, once there are as many: what a program has sent is captured a moment later. */
export async function datagramsOnce(
  api: UdpWorkbench,
  isThere: number | ((datagrams: readonly Datagram[]) => boolean),
): Promise<Datagram[]> {
  let seen: Datagram[] = [];
  const what = () =>
    `${typeof isThere === "number" ? isThere : "the"} datagrams are there; there are ${JSON.stringify(
      seen.map(({ direction, payload }) => [direction, Buffer.from(payload).toString("latin1")]),
    ).slice(0, 2000)}`;
  await untilAsked(api, what, async () => {
    seen = await api.datagrams();
    return typeof isThere === "number" ? seen.length === isThere : isThere(seen);
  });
  return seen;
}
