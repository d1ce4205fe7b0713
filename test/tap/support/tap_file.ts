import { chmodSync, cpSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { endPrograms } from "./program.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** A tap built for the tests of a suite, and fresh capture folders for it. */
export class TapUnderTest {
  #folder = "";
  #captures = 0;

  private constructor() {}

  /** Called in a `describe`: it is there for its tests, and gone after them, as is what each of them has started. */
  static forSuite(): TapUnderTest {
    const tap = new TapUnderTest();
    before(() => tap.#build());
    afterEach(endPrograms);
    after(() => rm(tap.#folder, { recursive: true, force: true }));
    return tap;
  }

  /** Builds the tap as esbuild.config.mjs does, from the sources as they are now. */
  async #build(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), "udp-tap-"));
    await build({
      entryPoints: ["tap", "thread_tap", "control_server", "socket_rules"].map((name) =>
        join(ROOT, `extension/taps/node/${name}.ts`),
      ),
      outdir: dirname(this.path),
      outExtension: { ".js": ".cjs" },
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      logLevel: "warning",
      logOverride: { "empty-import-meta": "silent" },
    });
  }

  get path(): string {
    return join(this.#folder, "node_modules/udp-workbench/tap.cjs");
  }

  /** The path of a capture folder that is not there yet: the tap makes it. */
  newFolder(): string {
    return join(this.#folder, `captures ${++this.#captures}`);
  }

  /** As a program is started with it, with a capture folder of its own. */
  inNewFolder(): { readonly path: string; readonly folder: string } {
    return { path: this.path, folder: this.newFolder() };
  }

  /** The same with files of the tap of its own, which may be taken away. */
  copied(): { readonly path: string; readonly folder: string } {
    const folder = this.newFolder();
    const path = join(`${folder} tap`, "node_modules/udp-workbench/tap.cjs");
    cpSync(dirname(this.path), dirname(path), { recursive: true });
    return { path, folder };
  }

  /** Lets other users read it. */
  open(): void {
    chmodSync(this.#folder, 0o755);
  }
}
