import { basename } from "node:path";
import * as vscode from "vscode";
import type { OtherPacket, OtherPacketCounts } from "../../core/files/capture_sink.ts";
import { printable } from "../../core/text/printable.ts";
import { checkFile } from "../base/checks.ts";
import { fileErrorText } from "../base/file_error_text.ts";
import { registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { CAPTURE_EDITOR, Commands } from "../base/ids.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { captureProblemText } from "../capture/problem_text.ts";
import { SavedCapture } from "../capture/saved_capture.ts";
import { showDatagramsHtml } from "./datagrams_html.ts";
import { DatagramsPage, type PageContext } from "./datagrams_page.ts";
import { tieToEditor } from "./page_in_editor.ts";

/** How long the rest of a file waits for its first rows to be shown: longer than a page needs that is going to come. */
const FIRST_ROWS_MS = 1000;

/** What *Open Capture* takes: a Uri, its text, or an absolute path. */
interface CaptureFile {
  readonly uri: vscode.Uri | string;
}

/** What *Open Capture* returns. */
interface OpenedCapture {
  readonly datagrams: number;
  readonly otherPackets: OtherPacketCounts;
  /** One sentence for each thing that kept us from reading all of the file, in the editor's language. */
  readonly problems: readonly string[];
}

/** A capture file that is open in an editor. */
class CaptureDocument implements vscode.CustomDocument, CaptureSource {
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

  constructor(uri: vscode.Uri) {
    this.uri = uri;
    this.#file = new SavedCapture(uri.fsPath);
    this.summary = this.#read();
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
    void this.#file.close();
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
      const message = vscode.l10n.t(
        "Cannot read {0}: {1}.",
        printable(basename(this.uri.fsPath)),
        fileErrorText(error),
      );
      this.remarks = [message];
      throw new HumanError(message);
    } finally {
      this.shown();
      this.progress = undefined;
      this.#changed.fire();
    }
  }
}

/** Opens saved captures, read-only, with the same grid as the live one. */
export class SavedCaptureEditor implements vscode.CustomReadonlyEditorProvider<CaptureDocument> {
  readonly #context: PageContext;
  /** URI → the document, while it is open. */
  readonly #documents = new Map<string, CaptureDocument>();

  constructor(context: PageContext) {
    this.#context = context;
  }

  register(): vscode.Disposable {
    return vscode.Disposable.from(
      vscode.window.registerCustomEditorProvider(CAPTURE_EDITOR, this),
      registerGuarded(
        Commands.openCapture,
        (argument?: CaptureFile) => this.#open(argument),
        this.#context.log,
      ),
    );
  }

  openCustomDocument(uri: vscode.Uri): CaptureDocument {
    const document = new CaptureDocument(uri);
    this.#documents.set(uri.toString(), document);
    document.summary.catch((error) => this.#context.log.error(String(error)));
    return document;
  }

  resolveCustomEditor(document: CaptureDocument, panel: vscode.WebviewPanel): void {
    const page = new DatagramsPage(document, panel, this.#context);
    tieToEditor(page, panel);
    showDatagramsHtml(panel.webview, this.#context.root);
  }

  async #open(argument: CaptureFile | undefined): Promise<OpenedCapture | undefined> {
    const uri = argument ? checkFile("uri", argument.uri) : await askCaptureFile();
    if (!uri) return undefined;
    await vscode.commands.executeCommand("vscode.openWith", uri, CAPTURE_EDITOR);
    return this.#documents.get(uri.toString())?.summary;
  }
}

async function askCaptureFile(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: vscode.l10n.t("Open Capture"),
    filters: { [vscode.l10n.t("Captures")]: ["pcapng", "pcap", "cap", "gz"] },
  });
  return picked?.[0];
}

/** What else is in the file than datagrams, one sentence each. */
function otherPacketsText(counts: OtherPacketCounts): string[] {
  const texts: Record<OtherPacket, (count: number) => string> = {
    notUdp: (count) => vscode.l10n.t("{0} packets are not UDP.", numberText(count)),
    fragment: (count) =>
      vscode.l10n.t("{0} packets are fragments of datagrams.", numberText(count)),
    cutShort: (count) =>
      vscode.l10n.t("{0} packets were cut inside their headers.", numberText(count)),
    malformed: (count) =>
      vscode.l10n.t("{0} packets have headers that contradict each other.", numberText(count)),
    tunnelled: (count) =>
      vscode.l10n.t("{0} packets are tunnelled; what is inside is not shown.", numberText(count)),
    unknownLinkType: (count) =>
      vscode.l10n.t("{0} packets are of a link type that cannot be read.", numberText(count)),
  };
  return (Object.keys(texts) as OtherPacket[])
    .filter((reason) => counts[reason] > 0)
    .map((reason) => texts[reason](counts[reason]));
}
