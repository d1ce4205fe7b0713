import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** An interpreter of Python that is installed here. */
export interface Python {
  /** `Python 3.11`. */
  readonly name: string;
  readonly command: string;
}

const ASK = "import sys; print('%d.%d' % sys.version_info[:2])";

/**
 * One of each version from 3.8 on, the one that `python3` starts first; what pyenv has installed is found, too. None
 * where there is no Python: tests are skipped then, but for CI, which has to have one.
 */
export const pythons: readonly Python[] = find();

/** PyPy, which is another program than Python and has its own sockets; undefined where there is none. */
export const pypy: Python | undefined = findPyPy();

/** One of them, or of the system, that has a module: `debugpy`. Undefined where none has. */
export function pythonWith(module: string): string | undefined {
  return [...pythons.map(({ command }) => command), "/usr/bin/python3"].find((command) => {
    return spawnSync(command, ["-c", `import ${module}`]).status === 0;
  });
}

function find(): readonly Python[] {
  const found = new Map<string, Python>();
  const minors = Array.from({ length: 12 }, (_, at) => `python3.${at + 8}`);
  for (const command of ["python3", ...minors, ...ofPyenv()]) {
    const version = versionOf(command);
    if (version === undefined || Number(version.split(".")[1]) < 8 || found.has(version)) continue;
    found.set(version, { name: `Python ${version}`, command });
  }
  return [...found.values()];
}

function findPyPy(): Python | undefined {
  const version = versionOf("pypy3");
  return version === undefined ? undefined : { name: `PyPy ${version}`, command: "pypy3" };
}

function versionOf(command: string): string | undefined {
  try {
    const stdio = ["ignore", "pipe", "ignore"] as const;
    return execFileSync(command, ["-I", "-c", ASK], { encoding: "utf8", stdio: [...stdio] }).trim();
  } catch {
    return undefined;
  }
}

function ofPyenv(): readonly string[] {
  const folder = join(homedir(), ".pyenv/versions");
  try {
    return readdirSync(folder)
      .filter((version) => /^3\.\d+\.\d+$/.test(version))
      .map((version) => join(folder, version, "bin/python3"));
  } catch {
    return [];
  }
}
