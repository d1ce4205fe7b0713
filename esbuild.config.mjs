// Builds what ships, and with --tests what runs inside VS Code. `--watch` rebuilds on change, `--production` minifies.
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";

const { values: flags } = parseArgs({
  options: {
    watch: { type: "boolean", default: false },
    production: { type: "boolean", default: false },
    tests: { type: "boolean", default: false },
  },
});

/** @type {esbuild.BuildOptions} */
const common = {
  bundle: true,
  metafile: true,
  minify: flags.production,
  sourcemap: !flags.production,
  sourcesContent: false,
  logLevel: "info",
  legalComments: "none",
  // Scripts that are a part of something else find that they are not the program: there is none of it.
  logOverride: { "empty-import-meta": "silent" },
};

const ENTRY = "extension/extension.ts";
/** A program, of which the extension has most as well. */
const RUNNER = "extension/processes/runner/udp_run.ts";
/** Loaded on demand, but soon after each activation: by themselves, without what others need. */
const SOON = ["folder_sweep", "followed_segment"].map((name) =>
  resolve(`extension/host/capture/${name}.ts`),
);

/**
 * What is loaded on demand finds the rest of the extension loaded. Told so, esbuild keeps that rest in one file, instead of one
 * for each set of parts that share something: an activation reads 3 % less, and opens two files, not forty.
 *
 * @param {{ readonly pieces: readonly string[], readonly parts: readonly string[] }} small what is loaded with the first of those
 * parts: pieces that they share, and parts that are one file
 * @returns {esbuild.Plugin}
 */
const onDemand = ({ pieces, parts }) => ({
  name: "on demand",
  setup(build) {
    const namespace = "on-demand";
    const together = "small_parts";
    const imported = (/** @type {string} */ path) => `import ${JSON.stringify(resolve(path))};`;
    const passedOn = (/** @type {string} */ path) => `export * from ${JSON.stringify(path)};`;
    build.onResolve({ filter: /^\./ }, async ({ kind, path, resolveDir, importer }) => {
      if (kind !== "dynamic-import" || importer === resolve(RUNNER)) return undefined;
      const found = await build.resolve(path, { kind: "import-statement", resolveDir });
      return { ...found, namespace, ...(parts.includes(found.path) && { path: together }) };
    });
    build.onLoad({ filter: /./, namespace }, ({ path }) => {
      const before = SOON.includes(path) ? [ENTRY] : [ENTRY, ...pieces];
      const those = path === together ? parts : [path];
      return {
        contents: [...before.map(imported), ...those.map(passedOn)].join("\n"),
        resolveDir: import.meta.dirname,
      };
    });
  },
});

/** In bytes. */
const SMALL = 14_000;

/**
 * The small files that are loaded on demand, or that several of those share, and that need nothing else but each other and what
 * an activation loads: a hundred files would take 40 KiB more of the packed extension than two do.
 *
 * @param {esbuild.Metafile} metafile of a build in which each is a file of its own
 * @returns {{ readonly pieces: readonly string[], readonly parts: readonly string[] }} their sources
 */
function smallFiles({ outputs }) {
  const importsOf = (/** @type {string} */ path) =>
    (outputs[path]?.imports ?? []).filter(({ kind }) => kind === "import-statement");
  /** @param {string} path */
  const loadedWith = (path, loaded = new Set([path])) => {
    for (const { path: next, external } of importsOf(path)) {
      if (external || loaded.has(next)) continue;
      loaded.add(next);
      loadedWith(next, loaded);
    }
    return loaded;
  };
  const at = (/** @type {string} */ entry) =>
    Object.keys(outputs).find((path) => outputs[path]?.entryPoint === entry) ?? "";
  const [first, runner] = [loadedWith(at(ENTRY)), loadedWith(at(RUNNER))];
  const isPiece = (/** @type {string} */ path) => {
    const { bytes = 0, entryPoint } = outputs[path] ?? {};
    return bytes < SMALL && entryPoint === undefined && !first.has(path) && !runner.has(path);
  };
  const needsNoOther = (/** @type {string} */ path) =>
    [...loadedWith(path)].every((it) => it === path || first.has(it) || isPiece(it));
  const pieces = Object.keys(outputs)
    .filter((path) => isPiece(path) && needsNoOther(path))
    .flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}))
    .filter((path) => path.startsWith("extension/"));
  const small = Object.values(outputs).filter(({ bytes }) => bytes < SMALL);
  const names = small.flatMap(({ exports }) => exports);
  const isOnly = (/** @type {string} */ name) => names.indexOf(name) === names.lastIndexOf(name);
  const parts = Object.entries(outputs).flatMap(([path, { bytes, entryPoint = "", exports }]) => {
    const [, source] = /^on-demand:(.*)$/.exec(entryPoint) ?? [];
    const isPart = source !== undefined && bytes < SMALL && needsNoOther(path);
    // They are found by the names of what they export.
    return isPart && !SOON.includes(source) && exports.every(isOnly) ? [source] : [];
  });
  return { pieces: pieces.sort(), parts: parts.sort() };
}

/** @type {Record<string, esbuild.BuildOptions>} */
const bundles = {
  // The extension host: Node 22 in VS Code 1.101, the oldest one that we name in package.json.
  // What is imported on demand becomes a file of its own. Modules of JavaScript, which VS Code takes since 1.100.
  // The runner of request files is a program; most of it is read by the extension, too, and is there once.
  extension: {
    entryPoints: [ENTRY, RUNNER],
    entryNames: "[name]",
    outdir: "dist/host",
    platform: "node",
    format: "esm",
    splitting: true,
    chunkNames: "[name]_[hash]",
    target: "node22",
    external: ["vscode"],
    // Its modules of JavaScript: those for Node.js are CommonJS, which asks for `require`, and cannot be shaken.
    alias: { yaml: join(import.meta.dirname, "node_modules/yaml/browser/index.js") },
    // The architecture test reads from what is built for tests who imports whom.
    plugins: flags.production ? [onDemand({ pieces: [], parts: [] })] : [],
  },
  // Preloaded into other people's programs: CommonJS, because --require takes nothing else, and old syntax.
  tap: {
    entryPoints: ["tap", "thread_tap", "control_server", "socket_rules"].map(
      (name) => `extension/taps/node/${name}.ts`,
    ),
    // By this name of a folder, tools know what is not the program's own: to measure, to compile, to step into.
    outdir: "dist/node_modules/udp-workbench",
    outExtension: { ".js": ".cjs" },
    platform: "node",
    format: "cjs",
    target: "node20",
  },
  // Records what strace tells of a program, on the Node.js of the extension host.
  strace: {
    entryPoints: ["extension/taps/strace/strace_tap.ts"],
    outfile: "dist/strace_tap.cjs",
    platform: "node",
    format: "cjs",
    target: "node22",
  },
  // Sends datagrams for the extension, as a process of its own, on the Node.js of the extension host.
  sender: {
    entryPoints: ["extension/processes/sender/udp_sender.ts"],
    outfile: "dist/udp_sender.cjs",
    platform: "node",
    format: "cjs",
    target: "node22",
  },
  // Runs decoders of other extensions, in a thread of the extension host.
  decoder: {
    entryPoints: ["extension/processes/decoder/decoder_thread.ts"],
    outfile: "dist/decoder_thread.cjs",
    platform: "node",
    format: "cjs",
    target: "node22",
  },
  // The scripts without their types, for a runtime that cannot read TypeScript (Node before 22.18).
  scripts: {
    entryPoints: ["server", "client", "relay"].map((name) => `scripts/udp_${name}.ts`),
    outdir: "dist/scripts",
    outExtension: { ".js": ".mjs" },
    bundle: false,
    // Names and lines stay: a stack trace has them, and the sources are beside it.
    minify: false,
    minifyWhitespace: flags.production,
    minifySyntax: flags.production,
    lineLimit: 160,
    sourcemap: false,
    format: "esm",
    target: "node20",
  },
  webview: {
    entryPoints: {
      datagrams: "extension/webview/datagrams/main.ts",
      statistics: "extension/webview/statistics/main.ts",
      values: "extension/webview/values/main.ts",
    },
    outdir: "dist/webview",
    platform: "browser",
    format: "iife",
    target: "chrome128",
    loader: { ".ttf": "file" },
  },
  ...(flags.tests && {
    tests: {
      entryPoints: ["test/extension/run.ts"],
      outfile: "dist/test/extension.cjs",
      platform: "node",
      format: "cjs",
      target: "node22",
      minify: false,
      external: ["vscode", "mocha"],
    },
  }),
};

if (flags.production && bundles.extension) {
  const { metafile } = await esbuild.build({ ...common, ...bundles.extension, write: false });
  bundles.extension.plugins = [onDemand(smallFiles(metafile))];
}
await rm("dist", { recursive: true, force: true });
await mkdir("dist", { recursive: true });
// Preloaded into programs in Python, which reads its sources as they are.
await cp("extension/taps/python", "dist/python", {
  recursive: true,
  filter: (path) => !path.includes("__pycache__"),
});
/** @type {esbuild.BuildContext[]} */
const contexts = [];
for (const [name, options] of Object.entries(bundles)) {
  const context = await esbuild.context({ ...common, ...options });
  contexts.push(context);
  const { metafile } = await context.rebuild();
  // The architecture test reads which file ended up in which bundle.
  if (metafile) await writeFile(`dist/${name}.meta.json`, JSON.stringify(metafile));
}
// All have been built once before anyone is told that the watch has begun: F5 waits for that.
await Promise.all(contexts.map((context) => (flags.watch ? context.watch() : context.dispose())));
