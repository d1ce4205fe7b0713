import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { openPromise } from "yauzl";

/** The entry of the extension host and all that it imports when it starts, as paths in dist/. */
export function loadedAtOnce(entries: ReadonlyMap<string, Buffer>): string[] {
  const loaded = ["extension.js"];
  for (const name of loaded) {
    const source = entries.get(`extension/dist/host/${name}`)?.toString() ?? "";
    for (const [, imported] of source.matchAll(/\b(?:from|import)"\.\/([^"]+)"/g)) {
      if (imported && !loaded.includes(imported)) loaded.push(imported);
    }
  }
  assert.ok(loaded.length > 1, "no import was found");
  return loaded.map((name) => `host/${name}`);
}

/** The files of a .vsix: name → what is in it. */
export async function entriesOf(zip: string): Promise<Map<string, Buffer>> {
  const entries = new Map<string, Buffer>();
  const file = await openPromise(zip);
  try {
    for await (const entry of file.eachEntry()) {
      entries.set(entry.fileName, await buffer(await file.openReadStreamPromise(entry)));
    }
  } finally {
    file.close();
  }
  return entries;
}
