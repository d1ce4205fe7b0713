import { basename } from "node:path";
import * as vscode from "vscode";
import type { OpenedCapture } from "../../api.ts";
import type { OtherPacket, OtherPacketCounts } from "../../core/files/capture_sink.ts";
import { printable } from "../../core/text/printable.ts";
import { fileErrorText } from "../base/file_error_text.ts";
import { HumanError } from "../base/human_error.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "./capture_source.ts";
import { type LocalFile, localFile } from "./local_file.ts";
import { captureProblemText } from "./problem_text.ts";
import { SavedCapture } from "./saved_capture.ts";

/** How long the rest of a file waits for its first rows to be shown: longer than a page needs that is going to come. */
const FIRST_ROWS_MS = 1000;

/** A capture file that is open in an editor. */
export class CaptureDocument implements vscode.CustomDocument, CaptureSource {
  readonly uri: vscode.Uri;
  readonly evicted = 0;
  readonly isLive = false;
  readonly #file: SavedCapture;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #stop = new AbortController();
  /** Reading goes on: the first rows are shown, nobody waits for them, or it is to end. */
  shown = (): void => {};
  /** What was found, once the file has been read. */
  readonly summary: Promise<OpenedCapture>;
  progress: number | undefined = 0;
  remarks: string[] = [];

  readonly #local: LocalFile;
  readonly #onEnd: () => void;

  private constructor(uri: vscode.Uri, local: LocalFile, onEnd: () => void) {
    this.uri = uri;
    this.#local = local;
    this.#onEnd = onEnd;
    this.#file = new SavedCapture(local.path);
    this.summary = this.#read();
  }

  /** `onEnd` is called when it is closed. Throws a {@link HumanError} where the file's scheme cannot give it. */
  static async open(uri: vscode.Uri, onEnd: () => void): Promise<CaptureDocument> {
    try {
      return new CaptureDocument(uri, await localFile(uri), onEnd);
    } catch (error) {
      throw error instanceof HumanError ? error : unreadable(uri, error);
    }
  }

  get name(): string {
    return printable(basename(this.uri.path), { limit: 80 });
  }

  get capture() {
    return this.#file.capture;
  }

  payload(id: number, limit?: number): Promise<Uint8Array> {
    return this.#file.payload(id, limit);
  }

  /** Ends reading; what has been read stays. */
  cancel(): void {
    this.#stop.abort();
    this.shown();
  }

  dispose(): void {
    this.shown();
    this.#changed.dispose();
    void this.#file.close().finally(() => this.#local.remove());
    this.#onEnd();
  }

  async #read(): Promise<OpenedCapture> {
    // The page is made while the first rows are read. To read all of a large file at once would take the processor from
    // it: its rows would come later, and the rest no sooner.
    const firstShown = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, FIRST_ROWS_MS);
      this.shown = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    try {
      const summary = await this.#file.read({
        firstShown,
        signal: this.#stop.signal,
        onProgress: ({ read, total }) => {
          this.progress = total === 0 ? 1 : read / total;
          this.#changed.fire();
        },
      });
      const problems = summary.problems.map(captureProblemText);
      this.remarks = [...problems, ...otherPacketsText(summary.otherPackets)];
      return { ...summary, problems };
    } catch (error) {
      const told = unreadable(this.uri, error);
      this.remarks = [told.message];
      throw told;
    } finally {
      this.shown();
      this.progress = undefined;
      this.#changed.fire();
    }
  }
}

function unreadable(uri: vscode.Uri, error: unknown): HumanError {
  const name = printable(basename(uri.path));
  return new HumanError(vscode.l10n.t("Cannot read {0}: {1}.", name, fileErrorText(error)));
}

/** What else is in the file than datagrams, one sentence each. */
function otherPacketsText(counts: OtherPacketCounts): string[] {
  const texts: Record<OtherPacket, (count: number) => string> = {
    notUdp: (count) => vscode.l10n.t("{0} packets are not UDP.", numberText(count)),
    fragment: (count) =>
      vscode.l10n.t(
        "{0} packets are fragments of datagrams that are not all there.",
        numberText(count),
      ),
    cutShort: (count) =>
      vscode.l10n.t("{0} packets were cut inside their headers.", numberText(count)),
    malformed: (count) =>
      vscode.l10n.t("{0} packets have headers that contradict each other.", numberText(count)),
    tunnelled: (count) =>
      vscode.l10n.t(
        "{0} packets are in a tunnel or encrypted; what is inside is not shown.",
        numberText(count),
      ),
    unknownLinkType: (count) =>
      vscode.l10n.t("{0} packets are of a link type that cannot be read.", numberText(count)),
  };
  return (Object.keys(texts) as OtherPacket[])
    .filter((reason) => counts[reason] > 0)
    .map((reason) => texts[reason](counts[reason]));
}
