import * as vscode from "vscode";
import { type CaptureCommand, CommandCapture } from "./command_capture.ts";

const CTRL_C = "\x03";

/** The terminal of a capturing command: what it complains of, how it ends, and Ctrl+C to stop it. */
export class CaptureTerminal implements vscode.Pseudoterminal {
  readonly #wrote = new vscode.EventEmitter<string>();
  readonly #closed = new vscode.EventEmitter<void>();
  readonly onDidWrite = this.#wrote.event;
  readonly onDidClose = this.#closed.event;
  /** What came before the terminal was shown. */
  #pending: string[] | undefined = [];
  #capture: CommandCapture | undefined;
  #hasEnded = false;

  /** Starts a command and opens its terminal; throws a HumanError where there is no such program. */
  static async start(
    command: CaptureCommand,
    folder: string,
    name: string,
  ): Promise<CommandCapture> {
    const pty = new CaptureTerminal();
    const capture = await CommandCapture.start(command, folder, (line) => pty.#print(line));
    pty.#capture = capture;
    pty.#print(vscode.l10n.t("Capturing; Ctrl+C or closing this terminal ends it."));
    const terminal = vscode.window.createTerminal({
      name,
      pty,
      iconPath: new vscode.ThemeIcon("record"),
    });
    terminal.show(true);
    void capture.ended.then((summary) => {
      pty.#print(summary);
      pty.#print(vscode.l10n.t("Press any key to close this terminal."));
      pty.#hasEnded = true;
    });
    return capture;
  }

  open(): void {
    for (const line of this.#pending ?? []) this.#wrote.fire(`${line}\r\n`);
    this.#pending = undefined;
  }

  handleInput(data: string): void {
    if (this.#hasEnded) this.#closed.fire();
    else if (data.includes(CTRL_C)) this.#capture?.stop();
  }

  close(): void {
    this.#capture?.stop();
  }

  #print(line: string): void {
    if (this.#pending) this.#pending.push(line);
    else this.#wrote.fire(`${line}\r\n`);
  }
}
