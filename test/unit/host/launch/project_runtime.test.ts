import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRuntime } from "../../../../extension/host/launch/project_runtime.ts";

const TSX = `node_modules/.bin/tsx${process.platform === "win32" ? ".cmd" : ""}`;

describe("projectRuntime()", () => {
  let root: string;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "udp-project-")));
  });

  afterEach(() => rm(root, { recursive: true }));

  async function add(...paths: string[]): Promise<void> {
    for (const path of paths) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), "");
    }
  }

  const runtimeOf = async (file: string, top = root) =>
    (await projectRuntime(join(root, file), top))?.runtime;

  for (const [sign, runtime] of [
    [TSX, "tsx"],
    ["deno.json", "deno"],
    ["deno.jsonc", "deno"],
    ["bun.lock", "bun"],
    ["bun.lockb", "bun"],
  ]) {
    it(`is ${runtime} where ${sign} lies in the folder or in one above`, async () => {
      await add(sign ?? "", "src/deep/server.ts");
      assert.equal(await runtimeOf("server.ts"), runtime);
      const found = await projectRuntime(join(root, "src/deep/server.ts"), root);
      assert.deepEqual(found, { runtime, sign: join(root, sign ?? "") });
    });
  }

  it("is undefined where nothing says", async () => {
    await add("package.json", "node_modules/.bin/other", "deno.lock");
    assert.equal(await runtimeOf("src/server.ts"), undefined);
  });

  it("never looks above the workspace folder", async () => {
    await add("deno.json", "work/src/server.ts");
    assert.equal(await runtimeOf("work/src/server.ts", join(root, "work")), undefined);
    assert.equal(await runtimeOf("work/src/server.ts"), "deno");
  });

  it("takes the nearest: a package of a monorepo can differ", async () => {
    await add(TSX, "packages/edge/deno.json", "packages/edge/src/a.ts", "packages/b/src/b.ts");
    assert.equal(await runtimeOf("packages/edge/src/a.ts"), "deno");
    assert.equal(await runtimeOf("packages/b/src/b.ts"), "tsx");
  });

  it("takes the project's tsx before a lock file beside it", async () => {
    await add("bun.lock", "deno.json", TSX);
    assert.equal(await runtimeOf("a.ts"), "tsx");
  });
});
