import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { setContextKey } from "../base/context_key.ts";
import { Views } from "../base/ids.ts";
import type { LiveCapture } from "../capture/live_capture.ts";

/** Shows how many ports are bound, while any is; and tells `when` clauses what there is to act on. */
export function followBoundPorts(live: LiveCapture): vscode.Disposable {
  const item = vscode.window.createStatusBarItem(
    "udpWorkbench.bound",
    vscode.StatusBarAlignment.Left,
  );
  item.name = vscode.l10n.t("Bound UDP Ports");
  item.command = `${Views.ports}.focus`;
  let shown: string | undefined;
  const update = () => {
    const names = boundSockets(live.capture).map(({ name }) =>
      withoutIcons(printable(name, { limit: 80 })),
    );
    const state = names.join();
    if (state === shown) return;
    shown = state;
    item.text = `$(broadcast) ${names.length}`;
    item.tooltip = vscode.l10n.t("UDP ports bound: {0}", names.join(", "));
    item.accessibilityInformation = { label: item.tooltip };
    if (names.length > 0) item.show();
    else item.hide();
    setContextKey("udpWorkbench.bound", names.length > 0);
  };
  update();
  return vscode.Disposable.from(item, live.onDidChange(update));
}
