import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "corpus");

/** An input that was once too much for a target. */
export interface CorpusEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function corpusOf(target: string): CorpusEntry[] {
  const folder = folderOf(target);
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** Keeps an input for all later runs: the corpus grows with each fault that was found. */
export function keep(target: string, bytes: Uint8Array): void {
  const name = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  writeFileSync(join(folderOf(target), `${name}.bin`), bytes);
}

function folderOf(target: string): string {
  return join(FOLDER, target.replaceAll(" ", "_"));
}
