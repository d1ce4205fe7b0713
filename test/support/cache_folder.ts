import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** The project's own folder: the extension under development. */
export const projectFolder = join(import.meta.dirname, "../..");

/** What is fetched once and kept, and the pictures of what went wrong. Git ignores it. */
export const cacheFolder = join(projectFolder, ".vscode-test");

const TEMPORARY = /^\.installing-(\d+)-/;

/**
 * The folder `.vscode-test/<name>`, filled by `fill` if it is not there yet. An interrupted `fill` leaves no
 * half-filled folder behind, and of two at the same time one wins: each works in a folder of its own, which gets
 * its name only when it is complete. So what is in it must not depend on its own path.
 */
export async function installOnce(
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const target = join(cacheFolder, name);
  if (existsSync(target)) return target;
  await mkdir(cacheFolder, { recursive: true });
  await removeAbandoned();
  const temporary = await mkdtemp(join(cacheFolder, `.installing-${process.pid}-`));
  try {
    await fill(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // else somebody else was quicker, and theirs is as good
  }
  return target;
}

/** Half-filled folders whose process is gone: nobody will finish them. */
async function removeAbandoned(): Promise<void> {
  for (const entry of await readdir(cacheFolder)) {
    const [, pid] = TEMPORARY.exec(entry) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(cacheFolder, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // there, but another user's
  }
}
