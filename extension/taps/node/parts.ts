import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";

/**
 * Runs a part of the tap, which lies beside it in a file of its own, and returns what it exports. `globals`: what it finds by
 * these names, whatever the program has put in their place.
 */
export type LoadPart = (
  name: "thread_tap" | "control_server" | "socket_rules",
  globals?: object,
) => object;

// Taken now: a program may replace it. (Node 20.16, Deno and Bun have it.)
const { getBuiltinModule } = process;
const builtin = (name: string): object =>
  (getBuiltinModule as typeof getBuiltinModule | undefined)?.(name) ?? require(name);

/**
 * Not by `require`, which is the program's: its hooks would see the file, compile it, instrument it, and its cache would
 * keep it. And under a name like that of the runtime's own code: so debuggers step over it, coverage leaves it out, and
 * what prints stack traces knows it for none of the program's.
 */
export const loadPart: LoadPart = (name, globals = {}) => {
  const code = readFileSync(join(__dirname, `${name}.cjs`), "utf8");
  const module = { exports: {} };
  const names = ["module", "exports", "require", ...Object.keys(globals)];
  const run = compileFunction(code, names, { filename: `node:udp_workbench_${name}` });
  run(module, module.exports, builtin, ...Object.values(globals));
  return module.exports;
};
