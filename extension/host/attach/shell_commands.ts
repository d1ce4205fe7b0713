import * as vscode from "vscode";

/** What a person typed into a terminal, and where. */
export interface ShellCommand {
  readonly commandLine: string;
  readonly cwd: vscode.Uri | undefined;
}

/** Remembers which command runs in each terminal, as far as its shell tells VS Code. */
export class ShellCommands implements vscode.Disposable {
  readonly #running = new WeakMap<vscode.Terminal, vscode.TerminalShellExecution>();
  readonly #listeners = vscode.Disposable.from(
    vscode.window.onDidStartTerminalShellExecution(({ terminal, execution }) =>
      this.#running.set(terminal, execution),
    ),
    vscode.window.onDidEndTerminalShellExecution(({ terminal, execution }) => {
      if (this.#running.get(terminal) === execution) this.#running.delete(terminal);
    }),
  );

  /** What runs in the foreground of a terminal; undefined where its shell does not tell. */
  in(terminal: vscode.Terminal): ShellCommand | undefined {
    const execution = this.#running.get(terminal);
    const commandLine = execution?.commandLine.value.trim();
    return execution && commandLine ? { commandLine, cwd: execution.cwd } : undefined;
  }

  dispose(): void {
    this.#listeners.dispose();
  }
}
