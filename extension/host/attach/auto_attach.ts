import { rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import * as vscode from "vscode";
import { HumanError } from "../base/human_error.ts";
import { affects, setting } from "../base/settings.ts";
import { Store } from "../base/store.ts";
import { type TapPlaces, tapEnvironment } from "../launch/tap_environment.ts";
import { ATTACHED_MARK } from "./attached_mark.ts";

const STATE_KEY = "autoAttach";

export interface AutoAttachOptions extends TapPlaces {
  /** A folder that outlives windows and updates. */
  readonly storage: string;
  /** What is added to the environment of this window's terminals. */
  readonly environment: vscode.EnvironmentVariableCollection;
  /** The workspace's own memory. */
  readonly state: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

/**
 * Auto attach: while it is on, each Node.js, tsx, Bun or Python program that is started in one of this window's terminals has
 * the tap. The setting says how a workspace starts; the toggle overrules it, for this workspace, until the setting is
 * changed. So that neither writes into files that others share.
 */
export class AutoAttach implements vscode.Disposable {
  readonly #options: AutoAttachOptions;
  readonly #store = new Store();
  readonly #changed = this.#store.add(new vscode.EventEmitter<boolean>());
  /** Fires when auto attach went on or off. */
  readonly onDidChange = this.#changed.event;
  #isOn = false;
  #applying: Promise<void> = Promise.resolve();

  constructor(options: AutoAttachOptions) {
    this.#options = options;
    // Nothing is left in a window whose extension does not run, or is gone.
    options.environment.persistent = false;
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (affects(event, "autoAttach")) {
          void options.state.update(STATE_KEY, undefined).then(() => this.apply());
        } else if (affects(event, "captureQuota")) void this.apply();
      }),
    );
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.apply()));
  }

  /** True while programs in new terminals are tapped. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Turns it on or off for this workspace; resolves when new terminals have it so. */
  async turn(on: boolean): Promise<void> {
    if (on && !vscode.workspace.isTrusted) {
      throw new HumanError(
        vscode.l10n.t("Cannot turn auto attach on in Restricted Mode: trust this workspace first."),
      );
    }
    await this.#options.state.update(STATE_KEY, on === setting("autoAttach") ? undefined : on);
    await this.apply();
  }

  /** Makes the terminals' environment what setting, toggle and trust say. */
  apply(): Promise<void> {
    this.#applying = this.#applying
      .then(() => this.#apply())
      .catch((error: unknown) => this.#options.log.error(`Cannot attach: ${String(error)}`));
    return this.#applying;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #apply(): Promise<void> {
    const { state, environment, captureFolder } = this.#options;
    const on =
      vscode.workspace.isTrusted && (state.get<boolean>(STATE_KEY) ?? setting("autoAttach"));
    const mark = join(captureFolder, ATTACHED_MARK);
    if (on) {
      await writeFile(mark, "", { mode: 0o600 });
      await this.#fill();
    } else {
      environment.clear();
      // Terminals that are open keep their environment, as every process does: without the mark it does nothing.
      await rm(mark, { force: true });
    }
    if (on === this.#isOn) return;
    this.#isOn = on;
    this.#changed.fire(on);
  }

  async #fill(): Promise<void> {
    const { environment, storage, tap, pythonTap } = this.#options;
    const loaders = await import("./attach_loader.ts");
    const loader = await loaders.writeAttachLoader(storage, tap);
    const pythonLoader = await loaders.writePythonLoader(storage, pythonTap);
    environment.clear();
    environment.description = vscode.l10n.t(
      "Auto attach: UDP datagrams of Node.js, tsx, Bun and Python programs are shown in the UDP view.",
    );
    // Behind what the user has there, which stays.
    environment.append("NODE_OPTIONS", ` ${loaders.requireOption(loader)}`);
    // The same as --preload, one path without any quoting; Bun reads no NODE_OPTIONS.
    environment.replace("BUN_INSPECT_PRELOAD", loader);
    // What the loader takes away again is a colon where the user has nothing.
    environment.prepend("PYTHONPATH", `${pythonLoader}${delimiter}`);
    for (const [name, value] of Object.entries(tapEnvironment(this.#options))) {
      environment.replace(name, value);
    }
  }
}
