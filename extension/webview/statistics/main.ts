import "./statistics.css";
import { setLanguage } from "../parts/l10n.ts";
import type { VsCodeApi } from "../parts/vscode_api.ts";
import { Page } from "./page.ts";
import type { FromWebview, ToWebview } from "./protocol.ts";
import { readState } from "./saved_state.ts";

// The page of the statistics. It says that it is ready, is told its language, and is then kept up to date.
const api: VsCodeApi<FromWebview> = acquireVsCodeApi();
const { question } = readState(api.getState());
let page: Page | undefined;

window.addEventListener("message", ({ data }: MessageEvent<ToWebview>) => {
  if (data.type === "hello") {
    setLanguage(data);
    page?.element.remove();
    page = new Page(api, data.question, data.isLive);
    document.body.append(page.element);
  } else {
    page?.receive(data);
  }
});
api.postMessage({ type: "ready", ...(question && { question }) });
