import type { FromWebview } from "./protocol.ts";
import type { SavedState } from "./saved_state.ts";

/** What VS Code gives a webview, once: the way to the extension host, and a state that outlives the page. */
export interface VsCodeApi {
  postMessage(message: FromWebview): void;
  getState(): unknown;
  setState(state: SavedState): void;
}

declare global {
  function acquireVsCodeApi(): VsCodeApi;
}
