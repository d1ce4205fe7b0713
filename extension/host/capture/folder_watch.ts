import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { CaptureFolder } from "./capture_folder.ts";
import type { FolderCapture } from "./folder_capture.ts";
import { MARKS_FILE } from "./folder_marks.ts";

/** The system tells of new data at once; this is for what it misses, and notices programs that died. */
const LOOK_EVERY_MS = 500;
/** Several writes of a tap in a row are read together. */
const SETTLE_MS = 15;

/** Has a folder's capture look whenever something is written there, and now and then. */
export class FolderWatch {
  readonly #path: string;
  readonly #capture: FolderCapture;
  readonly #look: () => Promise<void>;
  readonly #log: { warn(text: string): void };
  #watcher: FSWatcher | undefined;
  /** The folder that is watched: another one may have its name by now. */
  #watched: number | undefined;
  #interval: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** Names that the system told since the last look at them. */
  #written = new Set<string>();

  /** @param look what is done every half second */
  constructor(
    path: string,
    capture: FolderCapture,
    look: () => Promise<void>,
    log: { warn(text: string): void },
  ) {
    this.#path = path;
    this.#capture = capture;
    this.#look = look;
    this.#log = log;
  }

  async start(): Promise<void> {
    this.#interval = setInterval(() => void this.#turn(), LOOK_EVERY_MS);
    await this.#watch();
  }

  dispose(): void {
    this.#watcher?.close();
    clearInterval(this.#interval);
    clearTimeout(this.#settling);
    this.#interval = undefined;
  }

  async #turn(): Promise<void> {
    // Where a look takes longer than the time between two, they do not queue.
    if (this.#isLooking) return;
    this.#isLooking = true;
    await this.#look();
    await this.#watch();
    this.#isLooking = false;
  }

  /** Watches the folder that is there now, if it is not watched yet. */
  async #watch(): Promise<void> {
    const found = await stat(this.#path).then(
      ({ ino }) => ino,
      () => undefined,
    );
    if (found === this.#watched || this.#interval === undefined) return;
    this.#watcher?.close();
    this.#watched = found;
    if (found === undefined) return;
    const fail = (error: unknown) =>
      this.#log.warn(`Cannot watch ${this.#path}: ${error}; looking every ${LOOK_EVERY_MS} ms`);
    try {
      this.#watcher = watch(this.#path, (_event, name) => this.#lookSoon(name));
      this.#watcher.on("error", fail);
    } catch (error) {
      fail(error);
    }
  }

  #lookSoon(name: string | null): void {
    if (name === null || !(CaptureFolder.isSegment(name) || name === MARKS_FILE)) return;
    this.#written.add(name);
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      const written = this.#written;
      this.#written = new Set();
      void this.#capture.lookAt(written);
    }, SETTLE_MS);
  }
}
