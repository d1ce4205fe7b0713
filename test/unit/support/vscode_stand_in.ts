import { registerHooks } from "node:module";

/** The little of VS Code's API that following a capture folder and showing names takes; settings have their defaults. */
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
export class TreeItem {
  constructor(label) {
    this.label = label;
  }
}
export class ThemeIcon {}
export class ThemeColor {}
export const TreeItemCollapsibleState = {};
export const StatusBarAlignment = {};
export const ConfigurationTarget = { Workspace: 2 };
export const Disposable = { from: () => ({ dispose: () => {} }) };
/** Of the tests, whatever language the machine has. */
export const env = { language: "en" };
/** Id → what runs it, of the commands that are registered now. */
export const registered = new Map();
export const commands = {
  executeCommand: () => undefined,
  registerCommand: (id, run) => {
    registered.set(id, run);
    return { dispose: () => registered.delete(id) };
  },
};
export class Uri {
  constructor(scheme, path) {
    this.scheme = scheme;
    this.path = path;
  }
  static joinPath = (uri, ...names) => new Uri(uri.scheme, [uri.path, ...names].join("/"));
  static file = (path) => new Uri("file", path);
  static parse = (text) => new Uri(...text.split(/:(.*)/s));
}
/** What was shown in messages and the status bar, in the order of time. */
export const shown = [];
let chosen;
/** What a person presses in the next messages; undefined: nothing. */
export const choose = (label) => {
  chosen = label;
};
const show = (text, ...choices) => {
  shown.push(text, ...choices.filter((choice) => typeof choice === "string" && choice !== ""));
  return chosen;
};
/** The newest tree view with that id. */
export const treeViews = {};
export const window = {
  terminals: [],
  onDidOpenTerminal: () => ({ dispose: () => {} }),
  onDidCloseTerminal: () => ({ dispose: () => {} }),
  showErrorMessage: show,
  showWarningMessage: show,
  showInformationMessage: show,
  setStatusBarMessage: show,
  createTreeView: (id) => {
    treeViews[id] = { dispose: () => {} };
    return treeViews[id];
  },
  createStatusBarItem: () => {
    const item = { show: () => shown.push(item.text, item.tooltip), hide: () => {}, dispose: () => {} };
    return item;
  },
};
export const workspace = {
  isTrusted: true,
  getConfiguration: () => ({ get: (name, otherwise) => otherwise }),
  onDidChangeConfiguration: () => ({ dispose: () => {} }),
  onDidChangeWorkspaceFolders: () => ({ dispose: () => {} }),
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
