import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { Runtime } from "./runtime.ts";
import { type TapPlaces, tapEnvironment } from "./tap_environment.ts";

/** What a task of ours runs. */
export interface TappedProgram {
  /** What VS Code tells tasks apart by. */
  readonly definition: vscode.TaskDefinition;
  /** Title of its terminal. */
  readonly name: string;
  readonly runtime: Runtime;
  /** The program's path and arguments. */
  readonly words: readonly string[];
  readonly cwd: string;
  /** True for a program that does not end by itself. */
  readonly isBackground: boolean;
  /** Names of contributed problem matchers. */
  readonly problemMatchers?: readonly string[];
}

/** A task that runs a program with the tap, in a terminal of its own that stays after the program has ended. */
export function tappedTask(program: TappedProgram, places: TapPlaces): vscode.Task {
  const { definition, name, runtime, words, cwd, isBackground, problemMatchers = [] } = program;
  const execution = new vscode.ProcessExecution(runtime.executable, [...runtime.args, ...words], {
    cwd,
    env: { ...runtime.env, ...tapEnvironment(places) },
  });
  // Of no folder, whatever runs: a background task of a folder VS Code runs again when the window is reloaded, also where
  // its process has ended meanwhile. The terminal of one that still runs comes back either way.
  const task = new vscode.Task(definition, vscode.TaskScope.Global, name, "UDP", execution, [
    ...problemMatchers,
  ]);
  task.isBackground = isBackground;
  task.presentationOptions = {
    reveal: vscode.TaskRevealKind.Always,
    panel: vscode.TaskPanelKind.New,
    echo: true,
    focus: false,
    showReuseMessage: false,
    clear: false,
    close: false,
  };
  return task;
}

/** A definition that no other run has: VS Code takes tasks with equal definitions for one. */
export function ownRun<T extends vscode.TaskDefinition>(definition: T): T & { run: string } {
  return { ...definition, run: randomUUID() };
}
