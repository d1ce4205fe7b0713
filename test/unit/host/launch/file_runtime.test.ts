import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TapPlaces } from "../../../../extension/host/launch/tap_environment.ts";
import { standInForVscode } from "../../support/vscode_stand_in.ts";

describe("the runtime of a TypeScript file", function () {
  if (process.platform === "win32") this.pending = true;
  let fileRuntime: typeof import("../../../../extension/host/launch/file_runtime.ts").fileRuntime;
  let stripsTypes: typeof import("../../../../extension/host/launch/runtime.ts").stripsTypes;
  let folder: string;
  const path = process.env.PATH;

  before(async () => {
    standInForVscode();
    ({ fileRuntime } = await import("../../../../extension/host/launch/file_runtime.ts"));
    ({ stripsTypes } = await import("../../../../extension/host/launch/runtime.ts"));
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "udp-workbench-runtime-"));
    process.env.PATH = folder;
  });

  afterEach(async () => {
    process.env.PATH = path;
    await rm(folder, { recursive: true });
  });

  /** A program on the PATH that says this, whatever it is asked. */
  async function program(name: string, says: string): Promise<string> {
    const executable = join(folder, name);
    await writeFile(executable, `#!/bin/sh\necho '${says}'\n`);
    await chmod(executable, 0o755);
    return executable;
  }

  const chosen = async () => {
    const { executable, typescript } = await fileRuntime(join(folder, "a.ts"), undefined, {
      tap: "tap.cjs",
    } as TapPlaces);
    return { executable, typescript };
  };

  it("is the Node.js on the PATH where that reads it, else tsx, else the editor's own Node.js", async () => {
    const old = { "v20.20.2": false, "v22.17.0": false, "v22.18.0": true, "v24.1.0": true };
    for (const [version, reads] of Object.entries(old)) {
      const node = await program("node", version);
      assert.deepEqual(
        await chosen(),
        { executable: reads ? node : process.execPath, typescript: true },
        version,
      );
    }
    await program("node", "v20.20.2");
    const tsx = await program("tsx", "");
    assert.deepEqual(await chosen(), { executable: tsx, typescript: true });
  });

  it("asks a Node.js that decides by itself whether it strips types, and one that cannot say does not", async () => {
    for (const [says, strips] of [
      ["strip", true],
      ["transform", true],
      ["false", false],
      ["undefined", false],
    ] as const) {
      assert.equal(await stripsTypes({ executable: await program("node", says), env: {} }), strips);
    }
    assert.equal(await stripsTypes({ executable: join(folder, "none"), env: {} }), false);
    assert.equal(await stripsTypes({ executable: process.execPath, env: {} }), true);
  });
});
