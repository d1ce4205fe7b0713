import * as vscode from "vscode";

/**
 * Commands whose code is loaded when the first of them is run: what a person may never use costs an activation nothing.
 *
 * @param load resolves to what registers each of the commands for good.
 */
export function registerOnDemand(
  commands: readonly string[],
  load: () => Promise<() => vscode.Disposable>,
): vscode.Disposable {
  let loaded: Promise<vscode.Disposable> | undefined;
  let isDisposed = false;
  const loadInstead = async (): Promise<vscode.Disposable> => {
    const register = await load();
    stubs.dispose();
    const registered = register();
    if (isDisposed) registered.dispose();
    return registered;
  };
  const stubs = vscode.Disposable.from(
    ...commands.map((command) =>
      vscode.commands.registerCommand(command, async (...parameters: unknown[]) => {
        loaded ??= loadInstead();
        await loaded;
        return vscode.commands.executeCommand(command, ...parameters);
      }),
    ),
  );
  return {
    dispose: () => {
      isDisposed = true;
      stubs.dispose();
      void loaded?.then((registered) => registered.dispose());
    },
  };
}
