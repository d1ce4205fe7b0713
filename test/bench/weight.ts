import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectFolder } from "../support/cache_folder.ts";
import { entriesOf, loadedAtOnce } from "../support/packed_extension.ts";
import { Vscode } from "../support/vscode.ts";
import type { Comparison } from "./comparison.ts";
import type { Effort } from "./effort.ts";
import { emptyProgram } from "./empty_program.ts";
import { withFolder } from "./generated_capture.ts";
import { sampleOf } from "./sample.ts";

const ACTIVATIONS = 5;
const LOADS = 50;
const MOST_TAP_MS = 3;
const MOST_BUNDLE_KIB = 150;
const MOST_VSIX_KIB = 500;
/** CSS pixels: rows that are out of sight are not there. */
const TALL = { width: 1280, height: 2400 };
const VSIX = join(projectFolder, "udp-workbench.vsix");

/** What the extension weighs where nobody uses it: its files, its activation, and the tap in a program without UDP. */
export async function measureWeight({ rounds }: Effort): Promise<Comparison[]> {
  return [
    await tapLoad(rounds ?? LOADS),
    ...(await sizes()),
    await activation(rounds ?? ACTIVATIONS),
  ];
}

/** Differences of neighbours: what else the machine does meanwhile hits both of them. */
function tapLoad(rounds: number): Promise<Comparison> {
  return withFolder(async (folder) => {
    const [captures, nothing] = [join(folder, "captures"), join(folder, "nothing.cjs")];
    await mkdir(captures);
    await writeFile(nothing, "");
    const { NODE_OPTIONS: _options, ...bare } = process.env;
    const env = { ...bare, UDP_TAP_DIR: captures };
    const tap = join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs");
    const differences: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const tapped = await emptyProgram(env, ["--require", tap]);
      differences.push(tapped - (await emptyProgram(env, ["--require", nothing])));
    }
    return {
      what: "load the tap in a program without UDP, on top of an empty preload",
      unit: "ms",
      ours: sampleOf(differences),
      better: "less",
      goal: { value: MOST_TAP_MS },
    };
  });
}

/** Of what `npm run package` has made; not measured where it has not run. */
async function sizes(): Promise<Comparison[]> {
  const line = { unit: "KiB", better: "less" } as const;
  const [read, packed] = existsSync(VSIX) ? await packedSizes() : [];
  const kib = (bytes: number | undefined) =>
    bytes === undefined ? undefined : sampleOf([bytes / 1024]);
  return [
    {
      ...line,
      what: "what an activation reads",
      ours: kib(read),
      goal: { value: MOST_BUNDLE_KIB },
    },
    { ...line, what: "the .vsix", ours: kib(packed), goal: { value: MOST_VSIX_KIB } },
  ];
}

async function packedSizes(): Promise<[read: number, packed: number]> {
  const entries = await entriesOf(VSIX);
  const read = loadedAtOnce(entries).map((name) => entries.get(`extension/dist/${name}`)?.length);
  return [read.reduce<number>((sum, bytes = 0) => sum + bytes, 0), (await stat(VSIX)).size];
}

/** What VS Code itself says of it under *Running Extensions*, in a new extension host each time. */
async function activation(rounds: number): Promise<Comparison> {
  const times: number[] = [];
  const vscode = await Vscode.start(existsSync(VSIX) ? { vsix: VSIX } : {});
  try {
    for (let round = 0; round < rounds; round++) {
      const workbench = await vscode.openWorkbench({ viewport: TALL });
      await workbench.runCommand("Developer: Show Running Extensions");
      const row = workbench.page.locator(".runtime-extensions-editor .extension", {
        hasText: /udp.workbench/i, // its name, or its id where it is under development
      });
      const text = await workbench.waitFor(
        "the activation time of UDP Workbench",
        () => row.locator(".activation-time").textContent(),
        (found) => /\d+ms/.test(found ?? ""),
      );
      times.push(Number(/(\d+)ms/.exec(text ?? "")?.[1]));
      await workbench.close();
    }
  } finally {
    await vscode.close();
  }
  return { what: "activate the extension", unit: "ms", ours: sampleOf(times), better: "less" };
}
