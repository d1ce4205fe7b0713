import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Memento } from "vscode";
import { parseSegmentName } from "../../core/wire/tap_identity.ts";
import { chooseFolder, type OwnedFolder } from "./folder_choice.ts";
import type { FolderOwner } from "./folder_owner.ts";

const CLEARED_FILE = "cleared.json";

/** File name → bytes from the start that the user has cleared. */
export type ClearedMarks = Readonly<Record<string, number>>;

/**
 * The folder that this window's programs record into: this window's alone, private to the user, and the same again
 * after the window was reloaded.
 */
export class CaptureFolder {
  readonly path: string;
  readonly #owner: FolderOwner;

  private constructor({ path, owner }: OwnedFolder) {
    this.path = path;
    this.#owner = owner;
  }

  /** Takes a folder below `storage`, making it if need be; throws what the file system throws. */
  static async open(storage: string, state: Memento): Promise<CaptureFolder> {
    return new CaptureFolder(await chooseFolder(CaptureFolder.parentIn(storage), state));
  }

  /** The folder that all capture folders lie in. */
  static parentIn(storage: string): string {
    return join(storage, "captures");
  }

  /** Gives the folder back; what is in it stays. */
  dispose(): void {
    this.#owner.dispose();
  }

  /** Names of the capture files in it, oldest first (names start with the time). None where somebody removed it. */
  async segments(): Promise<string[]> {
    const names = await readdir(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    return names.filter(CaptureFolder.isSegment).sort();
  }

  static isSegment(name: string): boolean {
    return parseSegmentName(name) !== undefined;
  }

  /** What is the same for all segments of one writer, and for no other writer's. */
  static writerOf(name: string): string {
    const segment = parseSegmentName(name);
    return segment ? `${segment.startMs}-${segment.pid}.${segment.thread}` : name;
  }

  /** The process that writes a segment. */
  static pidOf(name: string): number | undefined {
    return parseSegmentName(name)?.pid;
  }

  /** True for what a capturing command wrote. */
  static isForeign(name: string): boolean {
    return parseSegmentName(name)?.thread === "command";
  }

  /** When the writer of a segment began, microseconds since 1970. */
  static startOf(name: string): number {
    return (parseSegmentName(name)?.startMs ?? 0) * 1000;
  }

  async clearedMarks(): Promise<ClearedMarks> {
    try {
      const marks: unknown = JSON.parse(await readFile(join(this.path, CLEARED_FILE), "utf8"));
      if (typeof marks !== "object" || marks === null) return {};
      return Object.fromEntries(
        Object.entries(marks).filter(
          (entry): entry is [string, number] => typeof entry[1] === "number",
        ),
      );
    } catch {
      return {}; // Nothing was cleared yet, or the file is unreadable: then everything is shown again.
    }
  }

  async setClearedMarks(marks: ClearedMarks): Promise<void> {
    const path = join(this.path, CLEARED_FILE);
    await writeFile(`${path}.new`, JSON.stringify(marks), { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.path, name), { force: true });
  }
}
