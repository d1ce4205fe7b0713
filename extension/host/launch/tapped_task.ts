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

/** A task that runs a program with the tap. */
export function tappedTask(program: TappedProgram, places: TapPlaces): vscode.Task {
  const { runtime, words, ...rest } = program;
  return programTask({
    ...rest,
    executable: runtime.executable,
    words: [...runtime.args, ...words],
    env: { ...runtime.env, ...tapEnvironment(places) },
  });
}

/** What a task of ours runs, whoever watches it. */
export interface ProgramOfTask extends Omit<TappedProgram, "runtime"> {
  readonly executable: string;
  readonly env: Record<string, string>;
}

/** A task in a terminal of its own that stays after the program has ended. */
export function programTask(program: ProgramOfTask): vscode.Task {
  const { definition, name, executable, words, cwd, env, isBackground } = program;
  const execution = new vscode.ProcessExecution(executable, [...words], { cwd, env });
  // Of no folder, whatever runs: a background task of a folder VS Code runs again when the window is reloaded, also where
  // its process has ended meanwhile. The terminal of one that still runs comes back either way.
  const task = new vscode.Task(definition, vscode.TaskScope.Global, name, "UDP", execution, [
    ...(program.problemMatchers ?? []),
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
