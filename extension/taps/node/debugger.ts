import type * as Inspector from "node:inspector";

/** What starts a program with a debugger: its own options, or VS Code's preloaded file, which opens the port later. */
const SIGNS = /--inspect|inspectorIpc|js-debug.*bootloader/;

/**
 * Whether a debugger may hold the program at any moment: then no timer comes. Asked for each write, so a program without any
 * sign of a debugger at its start is never one; to know of one that comes later would load the inspector into each program.
 */
export function debuggerCheck(): () => boolean {
  // Deno would ask a person for the environment, and Bun's debugger is another one.
  if ("Deno" in globalThis || "Bun" in globalThis) return () => false;
  const { NODE_OPTIONS = "", VSCODE_INSPECTOR_OPTIONS = "" } = process.env;
  const words = [...process.execArgv, NODE_OPTIONS, VSCODE_INSPECTOR_OPTIONS].join(" ");
  if (!SIGNS.test(words)) return () => false;
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };
  const inspector = getBuiltinModule?.("node:inspector") as typeof Inspector | undefined;
  return () => inspector?.url() !== undefined;
}
