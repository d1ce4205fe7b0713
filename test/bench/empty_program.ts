import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Says what it has cost when there is nothing more to do, in microseconds. */
const EMPTY = `process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  require("fs").writeSync(1, String(user + system));
})`;

/**
 * Runs a Node.js program that does nothing: milliseconds of processor time from its start to its end. The clock on the
 * wall also tells what else the machine does. `args` stand before the program, such as a preload.
 */
export async function emptyProgram(
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [...args, "-e", EMPTY], { env });
  return Number(stdout) / 1000;
}
