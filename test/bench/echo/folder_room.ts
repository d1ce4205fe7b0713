import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

const KEPT_SEGMENTS = 4;
const EVERY_MS = 20;

/**
 * Deletes the oldest segments of a capture folder with one program in it, as the extension does for its quota, until the
 * function that it returns is called. Without it a load of large datagrams fills the folder, and the tap rests.
 */
export function keepRoom(folder: string): () => Promise<void> {
  let isOver = false;
  const keeping = (async () => {
    while (!isOver) {
      await removeOldest(folder);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  })();
  return () => {
    isOver = true;
    return keeping;
  };
}

async function removeOldest(folder: string): Promise<void> {
  // Their names end with padded numbers.
  const names = (await readdir(folder)).sort();
  for (const name of names.slice(0, -KEPT_SEGMENTS)) await rm(join(folder, name));
}
