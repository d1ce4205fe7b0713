import * as vscode from "vscode";
import type { OpenedCapture } from "../../api.ts";
import { CAPTURE_EDITOR } from "../base/ids.ts";
import type { CaptureDocument } from "../capture/capture_document.ts";
import type { PageContext } from "./datagrams_page.ts";
import { showGridInEditor } from "./show_grid.ts";

/** Opens saved captures, read-only, with the same grid as the live one. */
export class SavedCaptureEditor
  implements vscode.CustomReadonlyEditorProvider<CaptureDocument>, vscode.Disposable
{
  readonly #context: PageContext;
  /** URI → the document, while it is open. */
  readonly #documents = new Map<string, Promise<CaptureDocument>>();
  readonly #registration: vscode.Disposable;

  constructor(context: PageContext) {
    this.#context = context;
    this.#registration = vscode.window.registerCustomEditorProvider(CAPTURE_EDITOR, this);
  }

  openCustomDocument(uri: vscode.Uri): Promise<CaptureDocument> {
    const key = uri.toString();
    const opening = openDocument(uri, () => {
      if (this.#documents.get(key) === opening) this.#documents.delete(key);
    });
    this.#documents.set(key, opening);
    opening
      .then(({ summary }) => summary)
      .catch((error: unknown) => this.#context.log.error(String(error)));
    return opening;
  }

  resolveCustomEditor(document: CaptureDocument, panel: vscode.WebviewPanel): Promise<void> {
    return showGridInEditor(document, panel, this.#context);
  }

  /** Shows a file in an editor; resolves with what was found when it has been read. */
  async open(uri: vscode.Uri): Promise<OpenedCapture> {
    await vscode.commands.executeCommand("vscode.openWith", uri, CAPTURE_EDITOR);
    const document = await this.#documents.get(uri.toString());
    if (!document)
      throw new RangeError(`Cannot open ${uri.toString()}: VS Code made no editor for it`);
    return document.summary;
  }

  dispose(): void {
    this.#registration.dispose();
  }
}

/** Its code is loaded with the first file. */
async function openDocument(uri: vscode.Uri, onEnd: () => void): Promise<CaptureDocument> {
  const { CaptureDocument } = await import("../capture/capture_document.ts");
  return CaptureDocument.open(uri, onEnd);
}
