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

  /** A program on the PATH that says this, and that as its version. */
  async function program(name: string, says: string, version = says): Promise<string> {
    const executable = join(folder, name);
    const answer = `case "$1" in --version) echo '${version}';; *) echo '${says}';; esac`;
    await writeFile(executable, `#!/bin/sh\n${answer}\n`);
    await chmod(executable, 0o755);
    return executable;
  }

  const chosen = async () => {
    const places = { tap: "tap.cjs" } as TapPlaces;
    return (await fileRuntime(join(folder, "a.ts"), undefined, places)).executable;
  };

  it("is the Node.js on the PATH where that reads it, else tsx, else the editor's own Node.js", async () => {
    for (const [version, says, reads] of [
      ["v20.20.2", "undefined", false],
      ["v22.17.0", "false", false],
      ["v22.18.0", "strip", true],
      ["v24.1.0", "strip", true],
    ] as const) {
      const node = await program("node", says, version);
      assert.equal(await chosen(), reads ? node : process.execPath, version);
    }
    await program("node", "undefined", "v20.20.2");
    assert.equal(await chosen(), process.execPath);
    const tsx = await program("tsx", "");
    assert.equal(await chosen(), tsx);
  });

  it("is not a Node.js that NODE_OPTIONS keeps from reading it, nor one that is too old for our tap", async () => {
    await program("node", "strip", "v18.20.0");
    assert.equal(await chosen(), process.execPath);
    await program("node", "false", "v24.1.0");
    const options = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = "--no-experimental-strip-types";
    try {
      await assert.rejects(chosen(), /nothing here reads TypeScript/);
      const tsx = await program("tsx", "");
      assert.equal(await chosen(), tsx);
    } finally {
      if (options === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = options;
    }
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
