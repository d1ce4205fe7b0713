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
api.postMessage({ type: "ready", filter: savedFilter(api) });
