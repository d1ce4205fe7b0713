import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A file of this name in the capture folder says that its window has auto attach on. */
export const ATTACHED_MARK = "attached";

/**
 * Writes the module that auto attach preloads and returns its path. It is none of the extension's own files: those move
 * with every update, and a shell that is still open, or a tmux server, would then have a NODE_OPTIONS that keeps every
 * Node.js from starting. Its place stays, and what it leads to may be missing.
 *
 * @param storage a folder that outlives windows and updates.
 */
export async function writeAttachLoader(storage: string, tap: string): Promise<string> {
  // By this name of a folder, tools know what is not the program's own: to measure, to compile, to step into.
  const folder = join(storage, "node_modules/udp-workbench");
  const path = join(folder, "attach.cjs");
  const source = loaderSource(tap);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Another program may be reading it right now: it sees the old file or the new one, never half of one.
  if ((await readFile(path, "utf8").catch(() => "")) === source) return path;
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, source, { mode: 0o600 });
  await rename(temporary, path);
  return path;
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
