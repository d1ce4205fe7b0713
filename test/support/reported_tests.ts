// VS Code's server build runs this module inside its extension host, in place of the tests that vscode_cli.ts was asked
// for. It runs those, and reports to the command line: through files, written at once, because the window mixes what
// the tests print with its own log, and cannot tell tests that have passed from an extension host that has died.

import { appendFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { format } from "node:util";

/** Environment variable: the module that exports the `run()` to call. */
export const TESTS = "UDP_WORKBENCH_TESTS";
/** Environment variable: the file for what the tests print. It is there as soon as they start. */
export const OUTPUT = "UDP_WORKBENCH_TEST_OUTPUT";
/** Environment variable: the file for the verdict, "passed" or "failed". It is there as soon as they have ended. */
export const VERDICT = "UDP_WORKBENCH_TEST_VERDICT";

export async function run(): Promise<void> {
  const { [TESTS]: tests = "", [OUTPUT]: output = "", [VERDICT]: verdict = "" } = process.env;
  const print = (...parts: unknown[]) => appendFileSync(output, `${format(...parts)}\n`);
  appendFileSync(output, "");
  for (const name of ["log", "info", "warn", "error"]) {
    Object.defineProperty(console, name, { value: print }); // an assignment has no effect here
  }
  try {
    const module = createRequire(import.meta.url)(tests) as { run(): Promise<void> };
    await module.run();
    writeFileSync(verdict, "passed");
  } catch (error) {
    writeFileSync(verdict, "failed");
    throw error; // VS Code prints it
  }
}
