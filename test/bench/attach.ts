import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireOption, writeAttachLoader } from "../../extension/host/attach/attach_loader.ts";
import { ATTACHED_MARK } from "../../extension/host/attach/attached_mark.ts";
import { projectFolder } from "../support/cache_folder.ts";
import type { Comparison } from "./comparison.ts";
import { emptyProgram } from "./empty_program.ts";
import { interleaved } from "./sample.ts";

const ROUNDS = 100;

/** What auto attach costs a program that has nothing to do with UDP: an empty one, from its start to its end. */
export async function measureAttach(): Promise<Comparison[]> {
  const folder = await mkdtemp(join(tmpdir(), "udp-workbench-attach-"));
  try {
    const captures = join(folder, "captures");
    await mkdir(captures);
    await writeFile(join(captures, ATTACHED_MARK), "");
    const loader = await writeAttachLoader(
      folder,
      join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs"),
    );
    const { NODE_OPTIONS: _options, UDP_TAP_DIR: _folder, ...bare } = process.env;
    const attached = { ...bare, NODE_OPTIONS: requireOption(loader), UDP_TAP_DIR: captures };
    const samples = await interleaved(ROUNDS, {
      attached: () => emptyProgram(attached),
      bare: () => emptyProgram(bare),
    });
    return [
      {
        what: "an empty Node.js program with auto attach on",
        unit: "ms",
        ours: samples.attached,
        peer: { name: "the same with it off", sample: samples.bare },
        better: "less",
        // What repeated runs of the very same program differ by.
        goal: { ratio: 0.95 },
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}
