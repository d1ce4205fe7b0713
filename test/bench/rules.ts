import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { projectFolder } from "../support/cache_folder.ts";
import type { Comparison } from "./comparison.ts";
import { compiled } from "./echo/compiled.ts";
import { tappedServer } from "./echo/echo_servers.ts";
import { loading } from "./echo/loading.ts";
import { serversInTurns } from "./echo/servers_in_turns.ts";
import type { Effort } from "./effort.ts";
import { withFolder } from "./generated_capture.ts";

const ROUNDS = 15;
const SECONDS = 2;
const WITHOUT = "a tap that knows no rules";
const TAP = join(projectFolder, "extension/taps/node");

/** Where the tap looks whether rules are on, and what stands there in one that knows none. */
const LOOKS: readonly (readonly [here: string, there: string])[] = [
  ["observer?.rules &&", "false &&"],
  ["observer.rules &&", "false &&"],
  ["const { rules } = observer;", ""],
  ["if (!rules) return leave(", "return leave("],
];

/**
 * What a watched server pays for rules while none is on: the tap beside the same one without a line of them. Both are
 * built here and now. What cannot be measured is less than that tap differs from itself, which stands below.
 */
export function measureRules({
  rounds = ROUNDS,
  seconds = SECONDS,
}: Effort): Promise<Comparison[]> {
  return withFolder(async (folder) => {
    const generator = await compiled("load_generator", folder);
    const load = async (name: string, plugins: Plugin[]) => {
      const tap = await builtTap(join(folder, name), plugins);
      const server = tappedServer("Node 24", join(folder, name), tap);
      return loading(server, generator, { folder, seconds });
    };
    const samples = await serversInTurns(rounds, {
      without: await load("without", [withoutRules]),
      with: await load("with", []),
      again: await load("again", [withoutRules]),
    });
    const { without, again } = samples;
    const rate = {
      unit: "replies/s",
      better: "more",
      peer: { name: WITHOUT, sample: without?.rate },
    } as const;
    const cost = {
      unit: "µs",
      better: "less",
      peer: { name: WITHOUT, sample: without?.cost },
    } as const;
    return [
      {
        ...rate,
        what: "a server whose tap has no rule on",
        ours: samples.with?.rate,
        goal: { ratio: 0.98 },
      },
      { ...rate, what: `${WITHOUT}, once more`, ours: again?.rate },
      { ...cost, what: "no rule on: processor time for a reply", ours: samples.with?.cost },
      { ...cost, what: `${WITHOUT}, once more: processor time`, ours: again?.cost },
    ];
  });
}

/** The path of `tap.cjs`, built as esbuild.config.mjs builds it. */
async function builtTap(folder: string, plugins: Plugin[]): Promise<string> {
  const outdir = join(folder, "node_modules/udp-workbench");
  await build({
    entryPoints: ["tap", "thread_tap", "control_server", "socket_rules"].map((name) =>
      join(TAP, `${name}.ts`),
    ),
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "warning",
    logOverride: { "empty-import-meta": "silent" },
    plugins,
  });
  return join(outdir, "tap.cjs");
}

const withoutRules: Plugin = {
  name: "without rules",
  setup(building) {
    building.onLoad({ filter: /taps.node.tap_socket\.ts$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [here, there] of LOOKS) {
        if (!contents.includes(here)) throw new Error(`Cannot compare: no "${here}" in ${path}`);
        contents = contents.replaceAll(here, there);
      }
      if (contents.includes(".rules &&")) throw new Error(`Cannot compare: ${path} asks for rules`);
      return { contents, loader: "ts" };
    });
    building.onLoad({ filter: /taps.node.rules\.ts$/ }, () => ({
      contents: "export class SwitchedRules { set() {} keep() { return false; } }",
      loader: "ts",
    }));
  },
};
