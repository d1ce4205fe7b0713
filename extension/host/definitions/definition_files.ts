import { inflateSync } from "node:zlib";
import * as vscode from "vscode";
import type { LoadedDefinition } from "../../core/kaitai/kaitai.ts";
import { isWithin } from "./definition_paths.ts";

/** Largest file of a definition: what is longer is refused. */
const MOST_BYTES = 2 * 1024 * 1024;

/** A definition, and the folder that the names of its files are relative to. */
export interface FoundDefinition extends LoadedDefinition {
  readonly folder: vscode.Uri;
}

/** Reads a definition from the first folder of the workspace that has such a file; undefined where none has. */
export async function findDefinition(file: string): Promise<FoundDefinition | undefined> {
  for (const { uri: folder } of vscode.workspace.workspaceFolders ?? []) {
    const text = await savedText(folder, file);
    if (text !== undefined) return load(folder, file, text, savedText);
  }
  return undefined;
}

/** Reads a definition as it stands in its editor, and what it imports as that stands in editors, saved or not. */
export async function openDefinition(document: vscode.TextDocument): Promise<FoundDefinition> {
  const { folder, file } = fileOf(document);
  return load(folder, file, document.getText(), async (from, path) => {
    const wanted = String(vscode.Uri.joinPath(from, path));
    const open = vscode.workspace.textDocuments.find((one) => String(one.uri) === wanted);
    return isWithin(path) && open ? open.getText() : savedText(from, path);
  });
}

/** How a document is named as a definition: within its folder of the workspace, or within its own where it is in none. */
export function fileOf({ uri }: vscode.TextDocument): {
  readonly folder: vscode.Uri;
  readonly file: string;
} {
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri ?? vscode.Uri.joinPath(uri, "..");
  return { folder, file: uri.path.slice(folder.path.length).replace(/^\/+/, "") };
}

async function load(
  folder: vscode.Uri,
  file: string,
  text: string,
  textOf: (folder: vscode.Uri, path: string) => Promise<string | undefined>,
): Promise<FoundDefinition> {
  const { loadDefinition } = await import("../../core/kaitai/kaitai.ts");
  const read = (path: string) => textOf(folder, path.replace(/^\//, ""));
  return { folder, ...(await loadDefinition(file, text, { read, inflate })) };
}

/** Text of a file of the workspace as it was last saved; undefined where there is none, or it is too long. */
export async function savedText(folder: vscode.Uri, path: string): Promise<string | undefined> {
  if (!isWithin(path)) return undefined;
  const uri = vscode.Uri.joinPath(folder, path);
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > MOST_BYTES) return undefined;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}

function inflate(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(bytes, { maxOutputLength: limit }));
  } catch {
    return undefined;
  }
}
