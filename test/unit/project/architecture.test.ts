import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";

const root = new URL("../../../", import.meta.url);

/** What esbuild.config.mjs builds to be shipped. */
const BUNDLES = ["extension", "tap", "sender", "webview"];

/** What esbuild tells of a bundle: input file → the files that it imports. */
interface Metafile {
  inputs: Record<string, { imports: { path: string; external?: boolean }[] }>;
}

/** Which layer may import which at run time; types are erased and cost nothing. */
const ARROWS: Record<string, string[]> = {
  "extension/extension.ts": ["extension/host"],
  "extension/host": ["extension/host", "extension/core"],
  "extension/taps": ["extension/taps", "extension/core"],
  "extension/processes": ["extension/processes"],
  "extension/core": ["extension/core"],
  "extension/webview": ["extension/webview", "extension/core"],
};

/** What else a layer may use: the editor, Node, or nothing. */
const EXTERNALS: Record<string, RegExp> = {
  "extension/extension.ts": /^(vscode|node:.+)$/,
  "extension/host": /^(vscode|node:.+)$/,
  "extension/taps": /^node:.+$/,
  "extension/processes": /^node:.+$/,
};

function layerOf(path: string): string {
  return path === "extension/extension.ts" ? path : path.split("/").slice(0, 2).join("/");
}

async function metafile(name: string): Promise<Metafile> {
  return JSON.parse(await readFile(new URL(`dist/${name}.meta.json`, root), "utf8")) as Metafile;
}

/** Run-time imports of the bundles, as [from, to] pairs. */
async function imports(): Promise<{ from: string; to: string; external: boolean }[]> {
  const found = [];
  for (const name of BUNDLES) {
    for (const [from, input] of Object.entries((await metafile(name)).inputs)) {
      for (const { path, external = false } of input.imports)
        found.push({ from, to: path, external });
    }
  }
  return found;
}

describe("architecture", () => {
  it("has only the arrows between its layers that the design allows", async () => {
    const all = await imports();
    assert.ok(all.length > 50);
    for (const { from, to, external } of all) {
      const layer = layerOf(from);
      if (external) assert.match(to, EXTERNALS[layer] ?? /^(?!)/, `${from} imports ${to}`);
      else assert.ok(ARROWS[layer]?.includes(layerOf(to)), `${from} imports ${to}`);
    }
  });

  it("ships nobody else's code: there is no licence to list, and no update to miss", async () => {
    for (const name of BUNDLES) {
      const foreign = Object.keys((await metafile(name)).inputs).filter((file) =>
        file.includes("node_modules"),
      );
      assert.deepEqual(foreign, []);
    }
    const { dependencies } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
    assert.equal(dependencies, undefined);
  });

  it("has no circle of imports", async () => {
    const edges = new Map<string, string[]>();
    for (const { from, to, external } of await imports()) {
      if (!external) edges.set(from, [...(edges.get(from) ?? []), to]);
    }
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      assert.ok(!path.includes(file), [...path, file].join(" → "));
      if (done.has(file)) return;
      for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of edges.keys()) visit(file, []);
  });

  it("keeps core/ and webview/ free of the editor and of Node even in types", async () => {
    for (const folder of ["core", "webview"]) {
      const url = new URL(`extension/${folder}/`, root);
      for (const name of await readdir(url, { recursive: true })) {
        if (!name.endsWith(".ts")) continue;
        const text = await readFile(new URL(name, url), "utf8");
        assert.doesNotMatch(text, /from "(vscode|node:[^"]*)"/, `${folder}/${name}`);
      }
    }
  });

  it("has scripts that import nothing but what every runtime has built in", async () => {
    const folder = new URL("scripts/", root);
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".ts"))) {
      const text = await readFile(new URL(name, folder), "utf8");
      const from = [...text.matchAll(/\b(?:from|import\(|require\()\s*"([^"]+)"/g)].map(
        ([, it]) => it,
      );
      assert.ok(from.length > 0);
      for (const module of from) assert.match(module ?? "", /^node:/, name);
    }
  });

  it("names files as the scripts are named, one idea each: none over 300 lines", async () => {
    const folder = new URL("extension/", root);
    for (const name of await readdir(folder, { recursive: true })) {
      if (!name.endsWith(".ts")) continue;
      assert.match(name, /^([a-z]+\/){0,3}[a-z0-9_]+(\.d)?\.ts$/);
      const lines = (await readFile(new URL(name, folder), "utf8")).split("\n").length;
      assert.ok(lines <= 300, `${name} has ${lines} lines`);
    }
  });
});
