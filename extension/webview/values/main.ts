import "./values.css";
import { setLanguage } from "../parts/l10n.ts";
import { type ValuesApi, ValuesPage } from "./page.ts";
import type { ToValues } from "./protocol.ts";

// The page of values and plots. It says that it is ready, is told its language, and is then kept up to date.
const api = acquireVsCodeApi() as unknown as ValuesApi & { setState(state: unknown): void };
let page: ValuesPage | undefined;

window.addEventListener("message", ({ data }: MessageEvent<ToValues>) => {
  if (data.type === "hello") {
    setLanguage(data);
    api.setState({ isLive: data.isLive });
    page?.element.remove();
    page = new ValuesPage(api, data);
    document.body.append(page.element);
  } else {
    page?.receive(data);
  }
});
api.postMessage({ type: "ready" });
