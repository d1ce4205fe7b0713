import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The file of {@link Marks} in a capture folder. */
export const MARKS_FILE = "marks.json";

/** What the windows on a capture folder tell each other, and themselves after a reload. */
export interface Marks {
  /** How often the user has cleared the capture. */
  readonly clears: number;
  /** Datagrams that were given up since the last time. */
  readonly evicted: number;
  /** File name → bytes from its start that the user has cleared. */
  readonly cleared: ReadonlyMap<string, number>;
}

export const NO_MARKS: Marks = { clears: 0, evicted: 0, cleared: new Map() };

/**
 * What two windows know between them: the larger mark wins. In whatever order windows merge, and however often, they come
 * to the same.
 */
export function mergeMarks(one: Marks, other: Marks): Marks {
  const later = one.clears >= other.clears ? one : other;
  const cleared = new Map(one.cleared);
  for (const [name, bytes] of other.cleared) {
    cleared.set(name, Math.max(bytes, cleared.get(name) ?? 0));
  }
  return {
    clears: later.clears,
    evicted: one.clears === other.clears ? Math.max(one.evicted, other.evicted) : later.evicted,
    cleared,
  };
}

/** Whether `one` knows all that `other` does. */
export function covers(one: Marks, other: Marks): boolean {
  return (
    (one.clears > other.clears || (one.clears === other.clears && one.evicted >= other.evicted)) &&
    [...other.cleared].every(([name, bytes]) => (one.cleared.get(name) ?? 0) >= bytes)
  );
}

/** The file that the marks are kept in. It is replaced as a whole; what another window wrote meanwhile is merged later. */
export class MarksFile {
  readonly #path: string;
  /** Tells whether somebody has replaced it since it was read. */
  #version = "";
  #marks = NO_MARKS;

  constructor(folder: string) {
    this.#path = join(folder, MARKS_FILE);
  }

  /** What it says now; where it is not there, or makes no sense, nothing. */
  async read(): Promise<Marks> {
    try {
      const { ino, mtimeMs, size } = await stat(this.#path);
      const version = `${ino} ${mtimeMs} ${size}`;
      if (version !== this.#version) {
        this.#marks = parseMarks(await readFile(this.#path, "utf8"));
        this.#version = version;
      }
    } catch {
      this.#version = "";
      this.#marks = NO_MARKS;
    }
    return this.#marks;
  }

  /** Throws what the file system throws. */
  async write({ clears, evicted, cleared }: Marks): Promise<void> {
    const written = `${this.#path}.${randomUUID()}`;
    const text = JSON.stringify({ clears, evicted, cleared: Object.fromEntries(cleared) });
    try {
      await writeFile(written, text, { flag: "wx", mode: 0o600 });
      await rename(written, this.#path);
    } catch (error) {
      await rm(written, { force: true }).catch(() => {});
      throw error;
    }
  }
}

function parseMarks(text: string): Marks {
  const { clears, evicted, cleared } = JSON.parse(text) as Partial<Record<string, unknown>>;
  if (!isCount(clears) || !isCount(evicted) || typeof cleared !== "object") return NO_MARKS;
  const entries = Object.entries(cleared ?? {}).filter((entry): entry is [string, number] =>
    isCount(entry[1]),
  );
  return { clears, evicted, cleared: new Map(entries) };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
