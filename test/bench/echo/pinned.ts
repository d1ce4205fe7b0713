import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** Which of two cores: the server has one of its own, and whoever asks it the other. */
export type Core = "server" | "load";

let canPin: boolean | undefined;

/** The same command on one core, where `taskset` is installed and there are two (Linux); otherwise as it is. */
export function pinned(core: Core, command: Command): Command {
  canPin ??= availableParallelism() > 1 && hasTaskset();
  return canPin ? ["taskset", "-c", core === "server" ? "0" : "1", ...command] : command;
}

function hasTaskset(): boolean {
  try {
    execFileSync("taskset", ["-c", "0,1", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
