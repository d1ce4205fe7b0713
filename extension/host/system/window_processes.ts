import * as vscode from "vscode";
import type { OperatingSystem } from "./operating_system.ts";

/** A shell, a package runner, a launcher: more steps than any of them together need. */
const MOST_ANCESTORS = 10;

/** Tells which processes run in the integrated terminals of this window. */
export class WindowProcesses implements vscode.Disposable {
  readonly #system: OperatingSystem;
  readonly #listeners: vscode.Disposable;
  readonly #pids = new Map<vscode.Terminal, number>();
  #revision = 0;

  constructor(system: OperatingSystem) {
    this.#system = system;
    this.#listeners = vscode.Disposable.from(
      vscode.window.onDidOpenTerminal(this.#follow),
      vscode.window.onDidCloseTerminal((terminal) => {
        if (this.#pids.delete(terminal)) this.#revision++;
      }),
    );
    vscode.window.terminals.forEach(this.#follow);
  }

  /** Another number when a terminal has got its process, or is gone: what was told before may be wrong now. */
  get revision(): number {
    return this.#revision;
  }

  /** True where a terminal's own process, or one that was started from it, has this id. */
  async has(pid: number): Promise<boolean> {
    const terminals = new Set(this.#pids.values());
    if (terminals.size === 0) return false;
    let ancestor: number | undefined = pid;
    for (let step = 0; step < MOST_ANCESTORS && ancestor !== undefined && ancestor > 1; step++) {
      if (terminals.has(ancestor)) return true;
      ancestor = (await this.#system.process(ancestor))?.ppid;
    }
    return false;
  }

  dispose(): void {
    this.#listeners.dispose();
  }

  /** Nobody may wait for this: a terminal whose program cannot be started never gets a process. */
  readonly #follow = (terminal: vscode.Terminal): void => {
    void terminal.processId.then((pid) => {
      if (pid === undefined || terminal.exitStatus !== undefined) return;
      this.#pids.set(terminal, pid);
      this.#revision++;
    });
  };
}
