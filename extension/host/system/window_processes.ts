import * as vscode from "vscode";
import type { OperatingSystem } from "./operating_system.ts";

/** A shell, a package runner, a launcher: more steps than any of them together need. */
const MOST_ANCESTORS = 10;

/** Tells which processes run in the integrated terminals of this window. */
export class WindowProcesses implements vscode.Disposable {
  readonly #system: OperatingSystem;
  readonly #listeners: vscode.Disposable;
  #terminals: Promise<Set<number>> | undefined;

  constructor(system: OperatingSystem) {
    this.#system = system;
    const forget = () => {
      this.#terminals = undefined;
    };
    this.#listeners = vscode.Disposable.from(
      vscode.window.onDidOpenTerminal(forget),
      vscode.window.onDidCloseTerminal(forget),
    );
  }

  /** True where a terminal's own process, or one that was started from it, has this id. */
  async has(pid: number): Promise<boolean> {
    this.#terminals ??= terminalProcesses();
    const terminals = await this.#terminals;
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
}

async function terminalProcesses(): Promise<Set<number>> {
  const pids = await Promise.all(vscode.window.terminals.map(({ processId }) => processId));
  return new Set(pids.filter((pid) => pid !== undefined));
}
