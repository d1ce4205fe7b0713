import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/**
 * Runs one of the bench's own programs in a process of its own, where nothing has been compiled by an earlier round, and
 * returns what it printed.
 */
export async function measuredApart<Found>(
  program: "opening" | "searching" | "filtering" | "sockets/busy_window" | "following",
  ...args: readonly string[]
): Promise<Found & { readonly milliseconds: number }> {
  const path = fileURLToPath(new URL(`${program}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", path, ...args]);
  return JSON.parse(stdout) as Found & { readonly milliseconds: number };
}
