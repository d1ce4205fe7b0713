import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

const root = new URL("../../../", import.meta.url);

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
}

async function json<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(new URL(path, root), "utf8")) as T;
}

describe("the lockfile", () => {
  let packages: [path: string, locked: Locked][];
  let manifest: {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
    allowScripts: Record<string, boolean>;
  };

  before(async () => {
    const lock = await json<{ packages: Record<string, Locked> }>("package-lock.json");
    packages = Object.entries(lock.packages).filter(([path]) => path !== "");
    manifest = await json("package.json");
    assert.ok(packages.length > 100);
  });

  it("has the versions that package.json names, none of them a range", () => {
    const locked = Object.fromEntries(packages.map(([path, { version }]) => [path, version]));
    for (const [name, version] of Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
    })) {
      // DuckDB tells with each release which build of it is meant.
      assert.match(version, /^\d+\.\d+\.\d+(-r\.\d+)?$/, name);
      assert.equal(locked[`node_modules/${name}`], version, name);
    }
  });

  it("has the hash of each package, all of them from a registry", () => {
    for (const [path, { resolved, integrity, link }] of packages) {
      // Where the lockfile names no place, npm asks the registry that is set; a git address has no such path.
      if (resolved !== undefined) assert.match(resolved, /^https:\/\/.+\/-\/[^/]+\.tgz$/, path);
      assert.notEqual(link, true, path);
      // Also of programs built for another system, which whoever locked them has not installed.
      assert.match(integrity ?? "", /^sha512-[\w+/]{86}==$/, path);
    }
  });

  it("has nothing that is installed with the extension but its dependencies", () => {
    const bundled = Object.keys(manifest.dependencies).map((name) => `node_modules/${name}`);
    const installed = packages.filter(([, { dev, devOptional }]) => !dev && !devOptional);
    assert.deepEqual(
      installed.map(([path]) => path),
      bundled,
    );
  });

  it("lets no package run a script at its installation that does not need one", () => {
    for (const name of Object.keys(manifest.allowScripts)) {
      const [, locked] = packages.find(([path]) => path === `node_modules/${name}`) ?? [];
      assert.ok(locked?.hasInstallScript, name);
    }
  });
});
