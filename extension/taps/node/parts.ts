import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import { originals } from "./originals.ts";

/** Runs a part of the tap, which lies beside it in a file of its own, and returns what it exports. */
export type LoadPart = (name: "thread_tap" | "control_server" | "socket_rules") => object;

// Taken now: a program may replace it. (Node 20.16, Deno and Bun have it.)
const { getBuiltinModule } = process;
const builtin = (name: string): object =>
  (getBuiltinModule as typeof getBuiltinModule | undefined)?.(name) ?? require(name);

/** What a part finds by these names, whatever the program has put in their place by then. */
const GLOBALS = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
  performance: { now: originals.monotonicMs },
};

/**
 * Not by `require`, which is the program's: its hooks would see the file, compile it, instrument it, and its cache would
 * keep it. And under a name like that of the runtime's own code: so debuggers step over it, coverage leaves it out, and
 * what prints stack traces knows it for none of the program's.
 */
export const loadPart: LoadPart = (name) => {
  const code = readFileSync(join(__dirname, `${name}.cjs`), "utf8");
  const module = { exports: {} };
  const names = ["module", "exports", "require", ...Object.keys(GLOBALS)];
  const run = compileFunction(code, names, { filename: `node:udp_workbench_${name}` });
  run(module, module.exports, builtin, ...Object.values(GLOBALS));
  return module.exports;
};
