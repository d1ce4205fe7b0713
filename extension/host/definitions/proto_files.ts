import * as vscode from "vscode";
import type { LoadedProto } from "../../core/protobuf/protobuf.ts";
import { savedText } from "./definition_files.ts";

/** A `.proto` that was read with what it imports. */
export interface FoundProto extends LoadedProto {
  /** What the names of its files are relative to. */
  readonly folder: vscode.Uri;
}

/** Reads a `.proto` from the first folder of the workspace that has such a file; undefined where none has. */
export async function findProto(file: string): Promise<FoundProto | undefined> {
  for (const { uri: folder } of vscode.workspace.workspaceFolders ?? []) {
    const text = await savedText(folder, file);
    if (text === undefined) continue;
    const { loadProto } = await import("../../core/protobuf/protobuf.ts");
    return { folder, ...(await loadProto(file, text, (path) => savedText(folder, path))) };
  }
  return undefined;
}
