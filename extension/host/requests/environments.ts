import * as vscode from "vscode";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { affects, setting } from "../base/settings.ts";
import { Store } from "../base/store.ts";
import type { GivenNames } from "./request_texts.ts";

/** Chooses an environment, from the status bar. */
const CHOOSE = "_udpWorkbench.chooseEnvironment";
const CURRENT = "requests.environment";

/** What stands for a variable of the process environment, where secrets are. */
const FROM_PROCESS = /^\$\{env:(\w+)\}$/;

/** Named sets of values for the names of request files, one of which is the current one of this workspace. */
export class Environments implements vscode.Disposable {
  readonly #store = new Store();
  readonly #state: vscode.Memento;
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly #item: vscode.StatusBarItem;
  readonly onDidChange = this.#changed.event;

  constructor(state: vscode.Memento) {
    this.#state = state;
    const { window, workspace, commands } = vscode;
    this.#item = this.#store.add(
      window.createStatusBarItem("udpWorkbench.environment", vscode.StatusBarAlignment.Right),
    );
    this.#item.name = vscode.l10n.t("Environment of Request Files");
    this.#item.command = CHOOSE;
    this.#store.add(commands.registerCommand(CHOOSE, () => this.#choose()));
    this.#store.add(window.onDidChangeActiveTextEditor(() => this.#show()));
    this.#store.add(
      workspace.onDidChangeConfiguration((event) => {
        if (affects(event, "environments")) this.#changes();
      }),
    );
    this.#show();
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The values of the current one. */
  get values(): GivenNames {
    const values = new Map<string, string>();
    const secrets = new Set<string>();
    for (const [name, value] of Object.entries(this.#sets.get(this.#current) ?? {})) {
      const text = typeof value === "number" ? String(value) : value;
      if (typeof text !== "string" || !/^[A-Za-z_]\w*$/.test(name)) continue;
      const [, variable] = FROM_PROCESS.exec(text) ?? [];
      const known = variable === undefined ? text : process.env[variable];
      if (known !== undefined) values.set(name, known);
      if (variable !== undefined) secrets.add(name);
    }
    return { values, secrets };
  }

  get #sets(): ReadonlyMap<string, object> {
    const sets = Object.entries(setting("environments"));
    return new Map(sets.filter((it): it is [string, object] => typeof it[1] === "object"));
  }

  get #current(): string {
    return this.#state.get<string>(CURRENT, "");
  }

  async #choose(): Promise<void> {
    const none = { label: vscode.l10n.t("None"), name: "" };
    const items = Array.from(this.#sets.keys(), (name) => ({ label: inert(name), name }));
    const picked = await vscode.window.showQuickPick([...items, none], {
      title: vscode.l10n.t("Environment of Request Files"),
    });
    if (!picked) return;
    await this.#state.update(CURRENT, picked.name);
    this.#changes();
  }

  #changes(): void {
    this.#show();
    this.#changed.fire();
  }

  /** Beside a request file, where there are any. */
  #show(): void {
    const isBeside = vscode.window.activeTextEditor?.document.languageId === REQUEST_LANGUAGE;
    if (isBeside && this.#sets.size > 0) this.#item.show();
    else this.#item.hide();
    const name = this.#sets.has(this.#current) ? this.#current : vscode.l10n.t("None");
    this.#item.text = vscode.l10n.t("UDP environment: {0}", inert(name));
    this.#item.tooltip = vscode.l10n.t("Environment of Request Files");
  }
}

function inert(name: string): string {
  return withoutIcons(printable(name, { limit: 80 }));
}
