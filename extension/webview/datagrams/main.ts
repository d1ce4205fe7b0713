import "./datagrams.css";
import { setLanguage } from "../parts/l10n.ts";
import { Page } from "./page.ts";
import type { ToWebview } from "./protocol.ts";
import { StateKeeper, savedFilter } from "./saved_state.ts";
import type { VsCodeApi } from "./vscode_api.ts";

// The page of the Datagrams view. It says that it is ready, is told its language, and is then kept up to date.
const api: VsCodeApi = acquireVsCodeApi();
let page: Page | undefined;

window.addEventListener("message", ({ data }: MessageEvent<ToWebview>) => {
  if (data.type === "hello") {
    setLanguage(data);
    page?.element.remove();
    page = new Page(api, new StateKeeper(api, data.captureId), data.isLive);
    document.body.append(page.element);
  } else {
    page?.receive(data);
  }
});
window.addEventListener("keydown", (event) => page?.keyPressed(event));
// Before anything comes of it: the menu of a row that was selected long ago is about that row, too.
for (const event of ["keydown", "pointerdown"]) {
  window.addEventListener(event, () => api.postMessage({ type: "used" }), { capture: true });
}
api.postMessage({ type: "ready", filter: savedFilter(api) });
