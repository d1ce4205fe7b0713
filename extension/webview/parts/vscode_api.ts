/** What VS Code gives a webview, once: the way to the extension host, and a state that outlives the page. */
export interface VsCodeApi<Message> {
  postMessage(message: Message): void;
  getState(): unknown;
  /** Anything that is plain data; it comes back as it was. */
  setState(state: unknown): void;
}

declare global {
  function acquireVsCodeApi<Message>(): VsCodeApi<Message>;
}
