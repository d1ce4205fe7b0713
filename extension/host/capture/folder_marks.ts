import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The file of {@link Marks} in a capture folder. */
export const MARKS_FILE = "marks.json";

/** What the windows on a capture folder tell each other, and themselves after a reload. */
export interface Marks {
  /** How often the user has cleared the capture. */
  readonly clears: number;
  /** Datagrams that a window has seen go since the last time, whoever removed their files. */
  readonly evicted: number;
  /** Window → datagrams since the last time that went with files which this window has removed, and no other. */
  readonly removed: ReadonlyMap<string, number>;
  /** File name → bytes from its start that the user has cleared; also of files that are gone, which may be there again. */
  readonly cleared: ReadonlyMap<string, number>;
}

export const NO_MARKS: Marks = { clears: 0, evicted: 0, removed: new Map(), cleared: new Map() };

/** Windows whose figures are kept; one that is reloaded is another one. */
const MOST_WINDOWS = 1000;

/**
 * Datagrams that had to go. Two windows may remove files at once that the other one has not read: what each of them removed
 * adds up. What somebody else has removed each of them sees go, so that this counts once.
 */
export function evictedOf({ evicted, removed }: Marks): number {
  let sum = 0;
  for (const datagrams of removed.values()) sum += datagrams;
  return Math.max(evicted, sum);
}

/**
 * What two windows know between them: the larger mark wins. In whatever order windows merge, and however often, they come
 * to the same.
 */
export function mergeMarks(one: Marks, other: Marks): Marks {
  const { clears, evicted, removed } = one.clears >= other.clears ? one : other;
  const isSame = one.clears === other.clears;
  return {
    clears,
    evicted: isSame ? Math.max(one.evicted, other.evicted) : evicted,
    removed: isSame ? largest(one.removed, other.removed) : removed,
    cleared: largest(one.cleared, other.cleared),
  };
}

function largest(
  one: ReadonlyMap<string, number>,
  other: ReadonlyMap<string, number>,
): Map<string, number> {
  const all = new Map(one);
  for (const [key, value] of other) all.set(key, Math.max(value, all.get(key) ?? 0));
  return all;
}

function isCovered(own: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean {
  return [...other].every(([key, value]) => (own.get(key) ?? 0) >= value);
}

/** Whether `one` knows all that `other` does. */
export function covers(one: Marks, other: Marks): boolean {
  return (
    (one.clears > other.clears ||
      (one.clears === other.clears &&
        one.evicted >= other.evicted &&
        isCovered(one.removed, other.removed))) &&
    isCovered(one.cleared, other.cleared)
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
  async write({ clears, evicted, removed, cleared }: Marks): Promise<void> {
    const written = `${this.#path}.${randomUUID()}`;
    const text = JSON.stringify({
      clears,
      evicted,
      removed: Object.fromEntries(removed),
      cleared: Object.fromEntries(cleared),
    });
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
  const { clears, evicted, removed, cleared } = JSON.parse(text) as Partial<
    Record<string, unknown>
  >;
  if (!isCount(clears) || !isCount(evicted) || typeof cleared !== "object") return NO_MARKS;
  return {
    clears,
    evicted,
    removed: new Map(counts(removed).slice(0, MOST_WINDOWS)),
    cleared: new Map(counts(cleared)),
  };
}

function counts(value: unknown): [string, number][] {
  const entries = typeof value === "object" ? Object.entries(value ?? {}) : [];
  return entries.filter((entry): entry is [string, number] => isCount(entry[1]));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
