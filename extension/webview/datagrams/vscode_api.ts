import type { FromWebview } from "./protocol.ts";

/** What VS Code gives a webview, once: the way to the extension host, and a state that outlives the page. */
export interface VsCodeApi {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  /** Anything that is plain data; it comes back as it was. */
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}
