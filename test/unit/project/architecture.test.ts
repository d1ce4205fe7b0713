import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { posix } from "node:path";

const root = new URL("../../../", import.meta.url);

/** What esbuild.config.mjs builds to be shipped. */
const BUNDLES = ["extension", "tap", "strace", "sender", "decoder", "webview"];

/** What esbuild tells of a bundle: input file → the files that it imports. */
interface Metafile {
  inputs: Record<string, { imports: { path: string; external?: boolean }[] }>;
}

/** Which place where code runs may import which at run time; types are erased and cost nothing. */
const ARROWS: Record<string, string[]> = {
  "extension/extension.ts": ["extension/host", "extension/command_table.ts"],
  "extension/command_table.ts": ["extension/host"],
  "extension/host": [
    ...["extension/host", "extension/core"],
    ...["scripts/udp_relay.ts", "scripts/udp_run.ts"],
  ],
  "extension/taps": ["extension/taps", "extension/core", "scripts/udp_relay.ts"],
  "extension/processes": ["extension/processes", "extension/core", "scripts/udp_run.ts"],
  "extension/core": ["extension/core"],
  "extension/webview": ["extension/webview", "extension/core"],
};

/** What else it may use: the editor, Node, or nothing. */
const EXTERNALS: Record<string, RegExp> = {
  "extension/extension.ts": /^(vscode|node:.+)$/,
  "extension/host": /^(vscode|node:.+)$/,
  "extension/taps": /^node:.+$/,
  "extension/processes": /^node:.+$/,
  "scripts/udp_relay.ts": /^node:.+$/,
  "scripts/udp_run.ts": /^node:.+$/,
};

/** Which file may use which library. */
const LIBRARIES: Readonly<Record<string, string>> = {
  "extension/core/kaitai/yaml_file.ts": "yaml",
};

/**
 * The rooms: which folder may import which, types too. A room stands below those that it may use, so that none can use
 * each other.
 */
const ROOMS: Record<string, Record<string, string>> = {
  core: {
    text: "",
    wire: "text",
    regexp: "text",
    files: "text wire",
    decode: "text wire",
    system: "wire",
    strace: "wire",
    kaitai: "decode payload text",
    cstruct: "",
    payload: "text",
    protobuf: "decode payload text",
    capture: "files wire",
    silence: "capture files system wire",
    losses: "capture files wire",
    filter: "capture decode files regexp text wire",
    statistics: "capture text wire",
    export: "capture decode files text wire",
    series: "decode text",
  },
  host: {
    base: "",
    system: "base",
    debugging: "attach launch",
    watching: "attach base launch ports system",
    control: "base system",
    capture: "base control system",
    words: "base capture",
    definitions: "base capture words",
    filter: "base capture definitions words",
    conversation: "base capture filter words",
    launch: "base capture control system",
    attach: "base launch ports system",
    ports: "base capture system words",
    datagrams: "base capture conversation definitions filter ports words",
    export: "base capture datagrams definitions system words",
    send: "base capture control datagrams definitions launch ports system words",
    silence: "base capture conversation datagrams ports send system",
    losses: "base capture conversation datagrams ports send words",
    rules: "base capture datagrams launch ports send words",
    statistics: "base capture datagrams definitions filter",
    values: "base capture datagrams definitions filter",
    requests: "base capture conversation datagrams launch send words",
    programs: "api_view.ts base capture datagrams export launch ports system",
    // The one file that stands in no room: the extension as other extensions see it.
    "api_view.ts": "capture ports words",
  },
  webview: { parts: "", datagrams: "parts", statistics: "parts", values: "parts" },
};

/** What the walls between the places let through: rooms of the pure core, by who may use them. */
const CORE_FOR: Record<string, string> = {
  taps: "files wire text strace system",
  webview: "text decode",
};

function layerOf(path: string): string {
  return path.split("/").slice(0, 2).join("/");
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

/** Imports as they are written in the sources of `extension/<place>`, types too. Paths from `extension/` on. */
async function writtenImports(place: string): Promise<{ from: string; to: string }[]> {
  const folder = new URL(`extension/${place}/`, root);
  const found = [];
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith(".ts")) continue;
    const text = await readFile(new URL(name, folder), "utf8");
    const from = posix.join(place, name.replaceAll("\\", "/"));
    for (const [, path = ""] of text.matchAll(/(?:from|import\(|^import)\s*"(\.[^"]+)"/gm)) {
      found.push({ from, to: posix.join(posix.dirname(from), path) });
    }
  }
  return found;
}

const roomOf = (path: string): string => path.split("/")[1] ?? "";

/** Of Python's standard library, with the C modules below it, as much as is used. */
const PYTHON_LIBRARY = new Set(
  [
    "_signal",
    "_socket",
    "_thread",
    "atexit",
    "collections",
    "errno",
    "hashlib",
    "heapq",
    "hmac",
    "importlib",
    "itertools",
  ].concat(
    [
      "json",
      "math",
      "operator",
      "os",
      "re",
      "select",
      "selectors",
      "stat",
      "struct",
      "sys",
      "time",
    ],
    ["weakref"],
    // The program's own, which the tap hides.
    ["sitecustomize"],
  ),
);

describe("architecture", () => {
  it("has only the arrows between its layers that the design allows", async () => {
    const all = await imports();
    assert.ok(all.length > 50);
    for (const { from, to, external } of all) {
      // Libraries are used at one place each, and use what they like of themselves.
      if (from.startsWith("node_modules/")) continue;
      if (to.startsWith("node_modules/")) {
        assert.ok(to.startsWith(`node_modules/${LIBRARIES[from]}/`), `${from} imports ${to}`);
        continue;
      }
      const layer = layerOf(from);
      if (external) assert.match(to, EXTERNALS[layer] ?? /^(?!)/, `${from} imports ${to}`);
      else assert.ok(ARROWS[layer]?.includes(layerOf(to)), `${from} imports ${to}`);
    }
  });

  for (const [place, rooms] of Object.entries(ROOMS)) {
    it(`has in ${place}/ only the rooms and the arrows between them that are named here`, async () => {
      const all = (await writtenImports(place)).filter(({ to }) => to.startsWith(`${place}/`));
      assert.ok(all.length > 20);
      for (const { from, to } of all) {
        const [room, used] = [roomOf(from), roomOf(to)];
        assert.ok(Object.hasOwn(rooms, room), `${from} stands in a room that is not named`);
        const allowed = rooms[room]?.split(" ") ?? [];
        assert.ok(room === used || allowed.includes(used), `${from} imports ${to}`);
      }
    });

    it(`has in ${place}/ no two rooms that use each other, not even by way of others`, () => {
      const visit = (room: string, path: readonly string[]): void => {
        assert.ok(!path.includes(room), [...path, room].join(" → "));
        for (const next of rooms[room]?.split(" ").filter(Boolean) ?? []) {
          assert.ok(Object.hasOwn(rooms, next), `${next} is no room of ${place}/`);
          visit(next, [...path, room]);
        }
      };
      for (const room of Object.keys(rooms)) visit(room, []);
    });
  }

  for (const [place, rooms] of Object.entries(CORE_FOR)) {
    it(`lets ${place}/ use no other rooms of the core than ${rooms}`, async () => {
      for (const { from, to } of await writtenImports(place)) {
        if (!to.startsWith("core/")) continue;
        assert.ok(rooms.split(" ").includes(roomOf(to)), `${from} imports ${to}`);
      }
    });
  }

  it("ships of others' code what is named as a dependency, with its licence, and no other", async () => {
    const shipped = new Set<string>();
    for (const name of BUNDLES) {
      for (const file of Object.keys((await metafile(name)).inputs)) {
        const [, owner] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
        if (owner === undefined) continue;
        // The extension alone: what runs in other people's programs, and in pages, is ours.
        assert.equal(name, "extension", file);
        shipped.add(owner);
      }
    }
    const text = await readFile(new URL("package.json", root), "utf8");
    const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
    assert.deepEqual([...shipped].sort(), Object.keys(dependencies).sort());
    const notices = await readFile(new URL("THIRD_PARTY_LICENSES.md", root), "utf8");
    for (const [name, version] of Object.entries(dependencies)) {
      const folder = new URL(`node_modules/${name}/`, root);
      const manifest = await readFile(new URL("package.json", folder), "utf8");
      const { license, version: installed } = JSON.parse(manifest) as Record<string, string>;
      assert.equal(installed, version);
      assert.match(license ?? "", /^(ISC|MIT|BSD-[23]-Clause|Apache-2\.0)$/);
      assert.ok(notices.includes(`## ${name} ${version} (${license})`), name);
      const whole = await readFile(new URL("LICENSE", folder), "utf8");
      assert.ok(notices.includes(whole.trim()), `the licence of ${name}`);
    }
  });

  it("has no circle of imports", async () => {
    const edges = new Map<string, string[]>();
    for (const { from, to, external } of await imports()) {
      if (external || from.startsWith("node_modules/")) continue;
      edges.set(from, [...(edges.get(from) ?? []), to]);
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
      const from = [...text.matchAll(/\b(?:from\s|import\(|require\()\s*"([^"]+)"/g)].map(
        ([, it]) => it,
      );
      assert.ok(from.length > 0);
      for (const module of from) assert.match(module ?? "", /^node:/, name);
    }
  });

  it("has a tap for Python that imports nothing but itself and what Python brings along", async () => {
    const folder = new URL("extension/taps/python/", root);
    for (const name of await readdir(folder, { recursive: true })) {
      if (!name.endsWith(".py")) continue;
      const text = await readFile(new URL(name, folder), "utf8");
      for (const [, module = ""] of text.matchAll(
        /^ *(?:from|import) (\S+?)(?:\.[a-z]+)*(?: import .*| *#.*)?$/gm,
      )) {
        if (module.startsWith(".") || module === "") continue;
        assert.ok(PYTHON_LIBRARY.has(module), `${name} imports ${module}`);
      }
    }
  });

  it("names files as the scripts are named", async () => {
    const folder = new URL("extension/", root);
    for (const name of await readdir(folder, { recursive: true })) {
      if (name.endsWith(".ts")) assert.match(name, /^([a-z]+\/){0,3}[a-z0-9_]+(\.d)?\.ts$/);
    }
  });
});
