import { afterAllTests } from "./root_hooks.ts";
import { Vscode } from "./vscode.ts";

let starting: Promise<Vscode> | undefined;

/**
 * The VS Code that the suites of one process share: started for the first that asks, closed after the last. Each suite
 * opens windows of its own in it, and closes them.
 */
export function sharedVscode(): Promise<Vscode> {
  if (!starting) {
    const started = Vscode.start();
    starting = started;
    afterAllTests(async () => (await started).close());
  }
  return starting;
}
