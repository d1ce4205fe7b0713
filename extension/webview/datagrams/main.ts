import "./datagrams.css";
import { Page } from "./page.ts";
import type { ToWebview } from "./protocol.ts";
import { StateKeeper, savedFilter } from "./saved_state.ts";
import { Words } from "./words.ts";

// The page of the Datagrams view. It says that it is ready, is told its words, and is then kept up to date.
const api = acquireVsCodeApi();
let page: Page | undefined;

window.addEventListener("message", ({ data }: MessageEvent<ToWebview>) => {
  if (data.type === "hello") {
    const { strings, language, captureId } = data;
    page?.element.remove();
    page = new Page(new Words(strings, language), api, new StateKeeper(api, captureId));
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
