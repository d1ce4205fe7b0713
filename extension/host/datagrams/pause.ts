import * as vscode from "vscode";
import { Commands, ContextKeys } from "../base/ids.ts";
import type { DatagramsPage } from "./datagrams_page.ts";

/** Holds the rows of the live capture in all grids of the window at once: who pauses one means what it shows. */
export class Pause {
  readonly #pages = new Set<DatagramsPage>();
  #isOn = false;

  /** The page is held, and goes on, with the others until what is returned is disposed. */
  include(page: DatagramsPage): vscode.Disposable {
    this.#pages.add(page);
    page.setPaused(this.#isOn);
    return { dispose: () => this.#pages.delete(page) };
  }

  /** Registers the commands that hold the rows and let them go on. */
  register(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.commands.registerCommand(Commands.pause, () => this.#set(true)),
      vscode.commands.registerCommand(Commands.resume, () => this.#set(false)),
    );
  }

  #set(isOn: boolean): void {
    this.#isOn = isOn;
    for (const page of this.#pages) page.setPaused(isOn);
    void vscode.commands.executeCommand("setContext", ContextKeys.paused, isOn);
  }
}
