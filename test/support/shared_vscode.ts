import { Vscode } from "./vscode.ts";

let starting: Promise<Vscode> | undefined;

/** The VS Code that the suites of one mocha run share: started for the first that asks, closed after the last. */
export function sharedVscode(): Promise<Vscode> {
  starting ??= Vscode.start();
  return starting;
}

afterEach(async function keepPictures() {
  if (this.currentTest?.state === "failed") {
    await (await starting)?.keepPictures(this.currentTest.fullTitle());
  }
});

after(async function closeShared() {
  this.timeout(120_000);
  await (await starting)?.close();
});
