import * as vscode from "vscode";
import type { OpenedCapture } from "../../api.ts";
import { CAPTURE_EDITOR } from "../base/ids.ts";
import { CaptureDocument } from "../capture/capture_document.ts";
import { showDatagramsHtml } from "./datagrams_html.ts";
import { DatagramsPage, type PageContext } from "./datagrams_page.ts";
import { tieToEditor } from "./page_in_editor.ts";

/** Opens saved captures, read-only, with the same grid as the live one. */
export class SavedCaptureEditor
  implements vscode.CustomReadonlyEditorProvider<CaptureDocument>, vscode.Disposable
{
  readonly #context: PageContext;
  /** URI → the document, while it is open. */
  readonly #documents = new Map<string, CaptureDocument>();
  readonly #registration: vscode.Disposable;

  constructor(context: PageContext) {
    this.#context = context;
    this.#registration = vscode.window.registerCustomEditorProvider(CAPTURE_EDITOR, this);
  }

  openCustomDocument(uri: vscode.Uri): CaptureDocument {
    const key = uri.toString();
    const document = new CaptureDocument(uri, () => {
      if (this.#documents.get(key) === document) this.#documents.delete(key);
    });
    this.#documents.set(key, document);
    document.summary.catch((error) => this.#context.log.error(String(error)));
    return document;
  }

  resolveCustomEditor(document: CaptureDocument, panel: vscode.WebviewPanel): void {
    const page = new DatagramsPage(document, panel, this.#context);
    tieToEditor(page, panel);
    showDatagramsHtml(panel.webview, this.#context.extensionUri);
  }

  /** Shows a file in an editor; resolves with what was found when it has been read. */
  async open(uri: vscode.Uri): Promise<OpenedCapture> {
    await vscode.commands.executeCommand("vscode.openWith", uri, CAPTURE_EDITOR);
    const document = this.#documents.get(uri.toString());
    if (!document)
      throw new RangeError(`Cannot open ${uri.toString()}: VS Code made no editor for it`);
    return document.summary;
  }

  dispose(): void {
    this.#registration.dispose();
  }
}
