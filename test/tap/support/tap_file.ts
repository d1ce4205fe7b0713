import { chmodSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../../..");

/** A tap built for the tests of one file, and fresh capture folders for it. */
export class TapUnderTest {
  readonly #folder: string;
  #captures = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Builds the tap as esbuild.config.mjs does, from the sources as they are now. */
  static async build(): Promise<TapUnderTest> {
    const tap = new TapUnderTest(await mkdtemp(join(tmpdir(), "udp-tap-")));
    await build({
      entryPoints: ["tap", "thread_tap", "control_server"].map((name) =>
        join(ROOT, `extension/tap/${name}.ts`),
      ),
      outdir: tap.#folder,
      outExtension: { ".js": ".cjs" },
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      logLevel: "warning",
    });
    return tap;
  }

  get path(): string {
    return join(this.#folder, "tap.cjs");
  }

  /** The path of a capture folder that is not there yet: the tap makes it. */
  newFolder(): string {
    return join(this.#folder, `captures ${++this.#captures}`);
  }

  /** Lets other users read it. */
  open(): void {
    chmodSync(this.#folder, 0o755);
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}
