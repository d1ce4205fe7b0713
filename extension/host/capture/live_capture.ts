import { isDeepStrictEqual } from "node:util";
import * as vscode from "vscode";
import { Capture } from "../../core/capture/capture.ts";
import { setting } from "../base/settings.ts";
import type { CaptureFolder } from "./capture_folder.ts";
import type { CaptureSource } from "./capture_source.ts";
import { FolderCapture } from "./folder_capture.ts";
import { folderObstacle } from "./folder_obstacle.ts";
import { FolderWatch } from "./folder_watch.ts";

const MIB = 2 ** 20;
/** Files that are named one by one; of more it is said how many there are. */
const MOST_TROUBLES = 5;

/** The capture of this window's workspace as the views show it: what its folder holds, and what is to be said of that. */
export class LiveCapture implements CaptureSource, vscode.Disposable {
  readonly capture = new Capture();
  readonly isLive = true;
  readonly progress = undefined;
  readonly #folder: CaptureFolder;
  readonly #log: vscode.LogOutputChannel;
  readonly #content: FolderCapture;
  readonly #watch: FolderWatch;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires after datagrams, sockets or their states have changed. */
  readonly onDidChange = this.#changed.event;
  readonly #remark: string | undefined;
  /** Why programs cannot record now. */
  #obstacle: string | undefined;
  /** What is not shown of which files. */
  #troubles: readonly string[] = [];
  /** The remarks that the log has. */
  #told: ReadonlySet<string>;

  /** @param remark What is to be said of the folder as long as the window is open. */
  constructor(folder: CaptureFolder, log: vscode.LogOutputChannel, remark?: string) {
    this.#folder = folder;
    this.#log = log;
    this.#remark = remark;
    this.#content = new FolderCapture({
      folder,
      capture: this.capture,
      quota: () => setting("captureQuota") * MIB,
      onChange: () => this.#changed.fire(),
      log,
    });
    this.#told = new Set(this.remarks);
    this.#watch = new FolderWatch(folder.path, this.#content, () => this.scan(), log);
  }

  get name(): string {
    return vscode.l10n.t("this window's datagrams");
  }

  get remarks(): string[] {
    const ofFolder = [this.#remark, this.#obstacle].filter((remark) => remark !== undefined);
    return [...ofFolder, ...this.#troubles];
  }

  /** Reads what is there, then follows. Resolves when everything that was there has been read. */
  async start(): Promise<void> {
    await this.scan();
    await this.#watch.start();
  }

  /** Takes in everything that is in the folder now. */
  async scan(): Promise<void> {
    await this.#content.look();
    await this.#noticeObstacle();
    await this.#noticeTroubles();
    const remarks = this.remarks;
    for (const remark of remarks) if (!this.#told.has(remark)) this.#log.warn(remark);
    this.#told = new Set(remarks);
  }

  payload(id: number, limit?: number): Promise<Uint8Array> {
    return this.#content.payload(id, limit);
  }

  get evicted(): number {
    return this.#content.evicted;
  }

  /** Takes all datagrams out of the table, in all windows, and removes the files of programs that have ended. */
  async clear(): Promise<void> {
    await this.#content.clear();
    await this.#noticeTroubles();
  }

  /** A live capture is never read to its end. */
  cancel(): void {}

  dispose(): void {
    this.#watch.dispose();
    this.#content.dispose();
    this.#changed.dispose();
  }

  /** The programs have nobody to complain to, and a folder that nothing is written to looks like silence. */
  async #noticeObstacle(): Promise<void> {
    const { path } = this.#folder;
    const found = await folderObstacle(path);
    const obstacle = found && (await import("./obstacle_text.ts")).obstacleText(found, path);
    if (obstacle === this.#obstacle) return;
    this.#obstacle = obstacle;
    this.capture.touch();
    this.#changed.fire();
  }

  async #noticeTroubles(): Promise<void> {
    const { troubled } = this.#content;
    if (troubled.size === 0 && this.#troubles.length === 0) return;
    const { segmentTroubleText } = await import("./segment_trouble_text.ts");
    const troubles = [...troubled]
      .slice(0, MOST_TROUBLES)
      .map(([segment, trouble]) => segmentTroubleText(segment, trouble));
    const more = troubled.size - troubles.length;
    if (more > 0) {
      troubles.push(vscode.l10n.t("{0} more capture files cannot be shown as a whole.", more));
    }
    if (isDeepStrictEqual(troubles, this.#troubles)) return;
    this.#troubles = troubles;
    this.capture.touch();
    this.#changed.fire();
  }
}
