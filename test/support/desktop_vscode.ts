import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/**
 * The desktop VS Code to test with: what the environment variable VSCODE_EXECUTABLE names, else the one whose `code` is
 * on the path. Undefined where there is none, or no screen to show it on.
 */
export function desktopExecutable(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.VSCODE_EXECUTABLE) return env.VSCODE_EXECUTABLE;
  const command = codeCommand(env);
  return command && executablesBeside(command).find(existsSync);
}

/** The `code` command, which opens a window; undefined where it is not on the path, or there is no screen. */
export function codeCommand(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const needsScreen = process.platform === "linux";
  if (needsScreen && !env.DISPLAY && !env.WAYLAND_DISPLAY) return undefined;
  const name = process.platform === "win32" ? "code.cmd" : "code";
  return (env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** `code` is a script beside the program, and only the program waits for the end of the tests. */
function executablesBeside(command: string): string[] {
  const folder = dirname(realpathSync(command));
  if (process.platform === "win32") return [join(folder, "../Code.exe")];
  if (process.platform === "darwin") {
    // Visual Studio Code.app/Contents/Resources/app/bin/code
    const programs = join(folder, "../../../MacOS");
    return ["Code", "Electron"].map((name) => join(programs, name));
  }
  return [join(folder, "../code")];
}
