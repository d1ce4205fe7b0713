import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * VS Code calls this inside its extension host. It runs every suite of this folder, or the share of them that
 * UDP_TEST_SHARE names ("2/2" is each second one); it rejects when a test fails, and when there is none to run.
 */
export async function run(): Promise<void> {
  // Not as a module of CommonJS: Node.js 22 and 24 make different things of its default export then.
  const { default: Mocha } = await import("mocha");
  const mocha = new Mocha({ ui: "bdd", color: true, timeout: 60_000 });
  mocha.suite.emit("pre-require", globalThis, "", mocha);
  for (const name of suiteNames()) await import(`./${name}.test.ts`); // esbuild bundles all that match
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (mocha.suite.total() === 0) throw new Error("Cannot test: no test was found");
  if (failures > 0) throw new Error(`${failures} of ${mocha.suite.total()} tests failed`);
}

/** From the sources, not the bundle: a suite that was added but not bundled fails instead of being left out. */
function suiteNames(): string[] {
  const folder = join(__dirname, "../../test/extension"); // seen from dist/test/extension.cjs
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const [share, shares] = (process.env.UDP_TEST_SHARE ?? "1/1").split("/").map(Number) as [
    number,
    number,
  ];
  return files
    .flatMap((file) => /^(.*)\.test\.ts$/.exec(file.replaceAll("\\", "/"))?.[1] ?? [])
    .sort()
    .filter((_, index) => index % shares === share - 1);
}
