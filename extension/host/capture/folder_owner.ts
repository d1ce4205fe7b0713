import { writeFileSync } from "node:fs";
import { readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive, startOf } from "../system/processes.ts";

/** What a mark says; one of a folder that was given back says nothing. */
interface Owner {
  readonly pid: number;
  /** Tells two processes with the same id apart; "" where the system does not tell. */
  readonly start: string;
  readonly host: string;
}

/** How often an owner says that it is still there, to those who cannot see its process. */
const HEARTBEAT_MS = 60_000;
/** An owner on another machine, or in another container, is gone after so long without a word. */
const SILENCE_MS = 3 * HEARTBEAT_MS;
/** A mark is made first and written then. */
const WRITING_MS = 10_000;

/**
 * One extension host's hold on a folder: a file `owner.N` in it. Each owner makes the next number, which only one can,
 * and whoever finds that a higher one exists has lost. So that no two windows ever take over from the same dead one.
 */
export class FolderOwner {
  readonly #mark: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(mark: string) {
    this.#mark = mark;
    this.#heartbeat = setInterval(() => void touch(mark), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Undefined where another process that runs owns the folder. Throws what the file system throws. */
  static async take(folder: string): Promise<FolderOwner | undefined> {
    const owner: Owner = {
      pid: process.pid,
      start: await startOf(process.pid),
      host: hostname(),
    };
    for (;;) {
      const numbers = await markNumbers(folder);
      const newest = Math.max(0, ...numbers);
      if (newest > 0 && (await isOwned(markPath(folder, newest)))) return undefined;
      const mark = markPath(folder, newest + 1);
      try {
        await writeFile(mark, JSON.stringify(owner), { flag: "wx", mode: 0o600 });
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EEXIST") continue;
        throw error;
      }
      if (Math.max(...(await markNumbers(folder))) > newest + 1) {
        await rm(mark, { force: true });
        continue;
      }
      for (const number of numbers) await rm(markPath(folder, number), { force: true });
      return new FolderOwner(mark);
    }
  }

  /** True where a process that runs owns the folder; false where it cannot be read. */
  static async isTaken(folder: string): Promise<boolean> {
    const newest = Math.max(0, ...(await markNumbers(folder).catch(() => [])));
    return newest > 0 && isOwned(markPath(folder, newest));
  }

  /** When the folder was last owned, milliseconds since 1970, as far as anybody told. */
  static async lastUse(folder: string): Promise<number> {
    const newest = Math.max(0, ...(await markNumbers(folder)));
    const { mtimeMs } = await stat(newest === 0 ? folder : markPath(folder, newest));
    return mtimeMs;
  }

  /** Gives the folder back, at once: an extension host that ends has no time to wait for anything. */
  dispose(): void {
    clearInterval(this.#heartbeat);
    try {
      writeFileSync(this.#mark, "{}", { flag: "r+" });
    } catch {
      // The folder is gone, and the mark with it.
    }
  }
}

async function isOwned(mark: string): Promise<boolean> {
  const [text, age] = await Promise.all([
    readFile(mark, "utf8").catch(() => "{}"),
    stat(mark).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => Number.POSITIVE_INFINITY,
    ),
  ]);
  const owner = parse(text);
  if (owner === "unwritten") return age < WRITING_MS;
  if (!owner) return false;
  if (owner.host !== hostname()) return age < SILENCE_MS;
  return isAlive(owner.pid) && owner.start === (await startOf(owner.pid));
}

function parse(text: string): Owner | "unwritten" | undefined {
  if (text === "") return "unwritten";
  try {
    const { pid, start, host } = JSON.parse(text) as Partial<Record<string, unknown>>;
    if (typeof pid !== "number" || typeof start !== "string" || typeof host !== "string") return;
    return { pid, start, host };
  } catch {
    return undefined;
  }
}

async function markNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => /^owner\.(\d{1,9})$/.exec(name)?.[1] ?? []).map(Number);
}

function markPath(folder: string, number: number): string {
  return join(folder, `owner.${number}`);
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  // Whoever removed it wants the folder more than we do.
  await utimes(path, now, now).catch(() => {});
}
