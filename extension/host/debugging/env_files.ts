import { readFile, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

/** A longer one holds no environment. */
const MOST_BYTES = 2 ** 20;

/** A file that is missing, or cannot be read, is the debugger's to complain of. */
export async function readEnvFiles(given: unknown, root = ""): Promise<Record<string, string>> {
  const found = {};
  for (const name of [given].flat()) {
    if (typeof name !== "string") continue;
    const path = isAbsolute(name) ? name : join(root, name);
    try {
      const stats = await stat(path);
      if (!stats.isFile() || stats.size > MOST_BYTES) continue;
      Object.assign(found, parseEnvFile(await readFile(path, "utf8")));
    } catch {
      // Not there, or not to be read.
    }
  }
  return found;
}

/** Variables of a file of `NAME=value` lines, as debuggers read them: the last one counts, quotes are taken off. */
export function parseEnvFile(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name, value = ""] =
      /^\s*(?:export\s+)?(NODE_OPTIONS|PYTHONPATH)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const [, , quoted] = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(value) ?? [];
    found[name] = quoted ?? value.replace(/\s+#.*$/, "").trim();
  }
  return found;
}
