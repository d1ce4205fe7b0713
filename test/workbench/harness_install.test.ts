import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, installOnce } from "../support/cache_folder.ts";

describe("installOnce()", () => {
  const name = `test-${randomUUID()}`;
  const target = join(cacheFolder, name);

  afterEach(() => rm(target, { recursive: true, force: true }));

  it("fills a folder once", async () => {
    let times = 0;
    const fill = async (folder: string) => {
      times++;
      await writeFile(join(folder, "file"), "content");
    };
    assert.equal(await installOnce(name, fill), target);
    assert.equal(await installOnce(name, fill), target);
    assert.equal(times, 1);
    assert.equal(await readFile(join(target, "file"), "utf8"), "content");
  });

  it("leaves nothing of a failed attempt", async () => {
    let half = "";
    const fails = installOnce(name, async (folder) => {
      half = folder;
      await writeFile(join(folder, "file"), "half");
      throw new Error("no space");
    });
    await assert.rejects(fails, /no space/);
    assert.equal(existsSync(target), false);
    assert.equal(existsSync(half), false);
  });

  it("gives two that fill it at once the same, whole folder", async () => {
    const both = ["first", "second"].map((text) =>
      installOnce(name, async (folder) => {
        await writeFile(join(folder, "file"), text);
      }),
    );
    assert.deepEqual(await Promise.all(both), [target, target]);
    assert.match(await readFile(join(target, "file"), "utf8"), /^(first|second)$/);
    const left = await readdir(cacheFolder);
    assert.deepEqual(
      left.filter((entry) => entry.startsWith(`.installing-${process.pid}-`)),
      [],
    );
  });

  it("removes what an interrupted process has left, and not what a running one fills", async () => {
    const abandoned = join(cacheFolder, ".installing-999999999-abcdef"); // no system has that process
    const busy = join(cacheFolder, `.installing-${process.ppid}-abcdef`);
    await mkdir(abandoned, { recursive: true });
    await mkdir(busy);
    await installOnce(name, async () => {});
    assert.equal(existsSync(abandoned), false);
    assert.equal(existsSync(busy), true);
    await rm(busy, { recursive: true });
  });
});
