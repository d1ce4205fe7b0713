import * as vscode from "vscode";

const SCHEME = "udp-conversation";

/** URI → its text, while it is open. */
const texts = new Map<string, string>();
let opened = 0;

/** Conversations, and other pages of text, as read-only documents. */
export function registerConversationDocuments(): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      provideTextDocumentContent: (uri) => texts.get(uri.toString()),
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => texts.delete(uri.toString())),
  );
}

/**
 * A read-only document with a text as it is now: another one with the same title is a document of its own. `kind` stands in its
 * name, `hex`.
 */
export function readOnlyDocument(title: string, kind: string, text: string): vscode.Uri {
  const uri = vscode.Uri.from({
    scheme: SCHEME,
    path: `/${title.replaceAll("/", " ")}.${kind}.txt`,
    query: String(opened++),
  });
  texts.set(uri.toString(), text);
  return uri;
}

/** Shows a text in an editor. */
export async function showReadOnly(title: string, kind: string, text: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(readOnlyDocument(title, kind, text));
  await vscode.window.showTextDocument(document, { preview: true });
}
