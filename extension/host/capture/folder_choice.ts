import { randomUUID } from "node:crypto";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Memento } from "vscode";
import { FolderOwner } from "./folder_owner.ts";

const NAME_KEY = "captureFolder";
/** A window that reloads may find its folder still held by its own old extension host, which is just ending. */
const HANDOVER_MS = 3000;
/** A folder that was given up no longer ago may be the one of a window that reloads now. */
const JUST_GIVEN_UP_MS = 10_000;
const LOOK_EVERY_MS = 50;

export interface OwnedFolder {
  readonly path: string;
  readonly owner: FolderOwner;
}

/**
 * A capture folder that no other window has. The workspace remembers a name; two windows on it share that memory, so the
 * first takes NAME, the second NAME.2. A window that reloads, or whose extension host crashed, takes the one that was
 * given up last, which is its own. Throws what the file system throws.
 *
 * @param parent the folder that all capture folders lie in.
 */
export async function chooseFolder(parent: string, state: Memento): Promise<OwnedFolder> {
  const name = await folderName(state);
  await makePrivate(parent);
  for (let waited = 0; ; waited += LOOK_EVERY_MS) {
    const numbers = await numbersOf(parent, name);
    const folders = await latestFirst(numbers.map((number) => slot(parent, name, number)));
    const taken = await Promise.all(folders.map(({ path }) => FolderOwner.isTaken(path)));
    // One of the others may be our own old extension host: then an older folder is not ours, though nobody has it.
    const isWaiting = taken.includes(true) && waited < HANDOVER_MS;
    for (const { path, at } of folders) {
      if (isWaiting && Date.now() - at > JUST_GIVEN_UP_MS) continue;
      const owner = await FolderOwner.take(path);
      if (owner) return { path, owner };
    }
    if (isWaiting) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      continue;
    }
    const made = await makeNext(parent, name, Math.max(0, ...numbers) + 1);
    if (made) return made;
  }
}

/** Undefined when another window was quicker. */
async function makeNext(
  parent: string,
  name: string,
  number: number,
): Promise<OwnedFolder | undefined> {
  const path = slot(parent, name, number);
  await makePrivate(path);
  const owner = await FolderOwner.take(path);
  return owner && { path, owner };
}

async function folderName(state: Memento): Promise<string> {
  const known = state.get<string>(NAME_KEY);
  // It comes from storage that other things write to as well: only our own form is used in a path.
  if (known !== undefined && isFolderName(known)) return known;
  const name = randomUUID();
  await state.update(NAME_KEY, name);
  return name;
}

/** True for what {@link chooseFolder} may have made. */
export function isFolderName(name: string): boolean {
  return /^[0-9a-f-]{36}(\.\d{1,4})?$/.test(name);
}

function slot(parent: string, name: string, number: number): string {
  return join(parent, number === 1 ? name : `${name}.${number}`);
}

async function numbersOf(parent: string, name: string): Promise<number[]> {
  const names = (await readdir(parent)).filter(
    (other) => isFolderName(other) && other.split(".")[0] === name,
  );
  return names.map((other) => Number(other.split(".")[1] ?? 1));
}

/** Folders and when each was used last, milliseconds since 1970. */
async function latestFirst(paths: readonly string[]): Promise<{ path: string; at: number }[]> {
  const used = await Promise.all(
    // One that is swept away right now was used longest ago.
    paths.map(async (path) => ({ path, at: await FolderOwner.lastUse(path).catch(() => 0) })),
  );
  return used.sort((a, b) => b.at - a.at);
}

async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
}
