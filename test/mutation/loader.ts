/** Preloaded into a test run: the file that the environment variable MUTANT names is loaded with its change. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Mutant } from "./mutants.ts";
import { mutated } from "./mutated.ts";

const mutant = JSON.parse(process.env.MUTANT ?? "") as Mutant;
const target = pathToFileURL(mutant.file).href;

registerHooks({
  load(url, context, nextLoad) {
    if (url !== target) return nextLoad(url, context);
    const source = mutated(readFileSync(fileURLToPath(url), "utf8"), mutant);
    return { format: "module-typescript", source, shortCircuit: true };
  },
});
