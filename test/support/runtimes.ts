import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { pythons } from "./pythons.ts";

/** A JavaScript runtime, and how a program is started on it. */
export interface Runtime {
  readonly name: string;
  /** Undefined where the machine has none; the name says so then. */
  readonly command: string | undefined;
  /** Arguments before the program's path. */
  bare(): readonly string[];
  /** The same with the tap, which records into `folder`. */
  tapped(tap: string, folder: string): readonly string[];
  /** What is to be in the environment for the tap to be loaded; nothing where that is missing. */
  readonly environment?: NodeJS.ProcessEnv;
  /** How the files of its programs end; `.mjs` where that is missing. */
  readonly suffix?: ".py";
}

const ROOT = join(import.meta.dirname, "../..");
const MODULES = join(ROOT, "node_modules");
const TSX = join(MODULES, "tsx/dist/cli.mjs");
const TAP_VARIABLES =
  "UDP_TAP_DIR,UDP_TAP_QUOTA,UDP_TAP_SEGMENT,UDP_TAP_SNAPLEN,UDP_TAP_CONTROL,UDP_TAP_TOKEN";

/** The folder that PYTHONPATH has to name. */
export const PYTHON_TAP = join(ROOT, "extension/taps/python");

const node24 = installed("node");
const node20 = nodeOnPath(20);

/** All that the tap has to work on. */
export const runtimes: readonly Runtime[] = [
  node("Node 24", node24, []),
  node("Node 20", node20, []),
  node("tsx on Node 24", node24, [TSX]),
  node("tsx on Node 20", node20, [TSX]),
  {
    name: named("Deno", installed("deno")),
    command: installed("deno"),
    bare: () => ["run", "--no-prompt", "--no-config", "--allow-net"],
    tapped: (tap, folder) => [
      "run",
      "--no-prompt",
      "--no-config",
      "--allow-net",
      `--allow-env=${TAP_VARIABLES}`,
      `--allow-read=${[folder, ...["thread_tap.cjs", "control_server.cjs", "socket_rules.cjs"].map((name) => join(dirname(tap), name))].join()}`,
      `--allow-write=${folder}`,
      "--preload",
      tap,
    ],
  },
  {
    name: named("Bun", installed("bun")),
    command: installed("bun"),
    bare: () => [],
    tapped: (tap) => ["--preload", tap],
  },
];

/** The same for Python, from 3.8 on. */
export const pythonRuntimes: readonly Runtime[] = pythons.map(({ name, command }) => ({
  name,
  command,
  suffix: ".py",
  bare: () => [],
  tapped: () => [],
  environment: { PYTHONPATH: PYTHON_TAP },
}));

/** A suite of the same tests on each of these; what this machine does not have is skipped, and named so. */
export function describeOn(some: readonly Runtime[], tests: (runtime: Runtime) => void): void {
  for (const runtime of some) {
    describe(`on ${runtime.name}`, () => {
      before(function () {
        if (runtime.command === undefined) this.skip();
      });
      tests(runtime);
    });
  }
}

/** The one that tests of the tap alone use. */
export const defaultRuntime: Runtime = node("Node 24", node24, []);

function node(name: string, command: string | undefined, before: readonly string[]): Runtime {
  return {
    name: named(name, command),
    command,
    bare: () => before,
    tapped: (tap) => [...before, "--require", tap],
  };
}

function named(name: string, command: string | undefined): string {
  return command === undefined ? `${name} (not on this machine: NOT TESTED)` : name;
}

function installed(name: string): string | undefined {
  const path = join(MODULES, ".bin", name);
  return existsSync(path) ? path : undefined;
}

/** A Node of this major version that is not the one that the project installs. */
function nodeOnPath(major: number): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, process.platform === "win32" ? "node.exe" : "node");
    if (folder.includes("node_modules") || !existsSync(path)) continue;
    const version = execFileSync(path, ["--version"], { encoding: "utf8" });
    if (version.startsWith(`v${major}.`)) return path;
  }
  return undefined;
}
