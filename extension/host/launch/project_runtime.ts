import { access } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The runtime that a project has chosen for its programs, and the file that says so. */
export interface ProjectRuntime {
  readonly runtime: "tsx" | "deno" | "bun";
  /** Absolute path; for tsx, the program itself. */
  readonly sign: string;
}

/** The first that is there counts: tsx was installed to run programs, a lock file only tells who installed. */
const SIGNS: readonly (readonly [name: string, runtime: ProjectRuntime["runtime"]])[] = [
  [join("node_modules", ".bin", process.platform === "win32" ? "tsx.cmd" : "tsx"), "tsx"],
  ["deno.json", "deno"],
  ["deno.jsonc", "deno"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
];

/**
 * What the project around `file` runs on. Folders are looked at from the file's own upwards to `root`, never above it;
 * the nearest sign counts, so that a package of a monorepo can differ from the rest. Undefined where there is none.
 *
 * @param root absolute path of the workspace folder that `file` lies in.
 */
export async function projectRuntime(
  file: string,
  root: string,
): Promise<ProjectRuntime | undefined> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    for (const [name, runtime] of SIGNS) {
      const sign = join(folder, name);
      if (await exists(sign)) return { runtime, sign };
    }
    if (folder === root || folder === dirname(folder)) return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
