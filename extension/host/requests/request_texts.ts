import * as vscode from "vscode";
import {
  type Block,
  parseRequests,
  type RequestFile,
  type Span,
} from "../../../scripts/udp_run.ts";

/** By document, and its version: several ask for the same text. */
const read = new WeakMap<vscode.TextDocument, { version: number; file: RequestFile }>();

/** What an open request file says. */
export function requestsIn(document: vscode.TextDocument): RequestFile {
  const { version } = document;
  const known = read.get(document);
  if (known?.version === version) return known.file;
  const file = parseRequests(document.getText(), document.uri.fsPath);
  read.set(document, { version, file });
  return file;
}

/** Whether it answers, while the others ask. */
export function isServe({ steps }: Block): boolean {
  return steps.some(({ kind }) => kind === "serve");
}

/** Lines and columns of a request file count from 1. */
export function rangeOf({ line, column, end }: Span): vscode.Range {
  return new vscode.Range(line - 1, column - 1, line - 1, end - 1);
}

/** Text as it is, in a hover. None of its lines may begin with backticks, which would end it. */
export function verbatim(value: string): { readonly language: string; readonly value: string } {
  return { language: "text", value };
}
