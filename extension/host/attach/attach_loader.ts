import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ATTACHED_MARK } from "./attached_mark.ts";

/**
 * Writes the module that auto attach preloads and returns its path. It is none of the extension's own files: those move
 * with every update, and a shell that is still open, or a tmux server, would then have a NODE_OPTIONS that keeps every
 * Node.js from starting. Its place stays, and what it leads to may be missing.
 *
 * @param storage a folder that outlives windows and updates.
 */
export async function writeAttachLoader(storage: string, tap: string): Promise<string> {
  // By this name of a folder, tools know what is not the program's own: to measure, to compile, to step into.
  const path = join(storage, "node_modules/udp-workbench/attach.cjs");
  await writeOnce(path, loaderSource(tap));
  return path;
}

/**
 * Writes the same for Python and returns the folder that PYTHONPATH has to name: a copy of the tap's `sitecustomize.py`,
 * which knows where the tap is. It does what Python expects of the one that it hides, also where the tap is gone.
 *
 * @param tap the folder of the tap for Python.
 */
export async function writePythonLoader(storage: string, tap: string): Promise<string> {
  const folder = join(storage, "python");
  const source = await readFile(join(tap, "sitecustomize.py"), "utf8");
  // A text of JSON is one of Python, too.
  const constants = { _TAP: JSON.stringify(tap), _MARK: JSON.stringify(ATTACHED_MARK) };
  const told = source.replace(
    /^(_TAP|_MARK) = None$/gm,
    (_line, name: keyof typeof constants) => `${name} = ${constants[name]}`,
  );
  await writeOnce(join(folder, "sitecustomize.py"), told);
  return folder;
}

/** Writes a file that other programs may be reading. */
async function writeOnce(path: string, source: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Another program may be reading it right now: it sees the old file or the new one, never half of one.
  if ((await readFile(path, "utf8").catch(() => "")) === source) return;
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, source, { mode: 0o600 });
  await rename(temporary, path);
}

/**
 * The module: loads the tap while its window has auto attach on. In old syntax, because it meets every Node.js that
 * there is, and with no word on either output. Deno reads NODE_OPTIONS as well, and would ask its user for permissions
 * that the program never needed.
 */
export function loaderSource(tap: string): string {
  return `// Auto attach of UDP Workbench: records the UDP datagrams of programs in VS Code's terminals.
"use strict";
try {
  delete require.cache[__filename];
  var isAllowed =
    typeof Deno === "undefined" ||
    ["env", "read", "write"].every(function (name) {
      return Deno.permissions.querySync({ name: name }).state === "granted";
    });
  var folder = isAllowed && process.env.UDP_TAP_DIR;
  if (folder && require("fs").existsSync(folder + "/${ATTACHED_MARK}")) require(${JSON.stringify(tap)});
} catch (error) {
  // Nobody to tell: better an unseen socket than a broken program.
}
`;
}

/** The option that preloads a module, as one word of NODE_OPTIONS: there, only quotes keep spaces, and \\ escapes. */
export function requireOption(path: string): string {
  return `--require "${path.replace(/["\\]/g, "\\$&")}"`;
}
