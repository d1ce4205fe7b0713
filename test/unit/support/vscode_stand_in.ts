import { registerHooks } from "node:module";

/** The little of VS Code's API that following a capture folder takes; settings have their defaults. */
const API = `
export class EventEmitter {
  #listeners = new Set();
  event = (listener) => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(value) {
    for (const listener of this.#listeners) listener(value);
  }
  dispose() {
    this.#listeners.clear();
  }
}
export const l10n = {
  t: (text, ...values) => text.replace(/\\{(\\d)\\}/g, (_, index) => values[index]),
};
export const workspace = {
  getConfiguration: () => ({ get: (name, otherwise) => otherwise }),
};
`;

/** Lets what is imported from now on have `vscode`, which is there in an extension host alone. */
export function standInForVscode(): void {
  const url = `data:text/javascript,${encodeURIComponent(API)}`;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "vscode" ? { url, shortCircuit: true } : next(specifier, context),
  });
}
