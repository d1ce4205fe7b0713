import * as vscode from "vscode";
import {
  type Block,
  parseRequests,
  type RequestFile,
  type Span,
} from "../../../scripts/udp_run.ts";

/** By document, and its version: several ask for the same text. */
let read = new WeakMap<vscode.TextDocument, { version: number; file: RequestFile }>();
let given: GivenNames = { values: new Map(), secrets: new Set() };

/** Values of names, instead of those of the files. */
export interface GivenNames {
  readonly values: ReadonlyMap<string, string>;
  /** Those whose values are for the runner, and for nobody to see. */
  readonly secrets: ReadonlySet<string>;
}

export function giveNames(names: GivenNames): void {
  given = names;
  read = new WeakMap();
}

export function givenNames(): GivenNames {
  return given;
}

/** What an open request file says. */
export function requestsIn(document: vscode.TextDocument): RequestFile {
  const { version } = document;
  const known = read.get(document);
  if (known?.version === version) return known.file;
  const file = requestsOf(document.getText(), document.uri, known?.file);
  read.set(document, { version, file });
  return file;
}

/** @param before what was read of an earlier version, which is used up */
export function requestsOf(
  text: string,
  { fsPath }: vscode.Uri,
  before?: RequestFile,
): RequestFile {
  return parseRequests(text, fsPath, given.values.keys(), before);
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
