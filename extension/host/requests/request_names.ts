import * as vscode from "vscode";
import { type Mention, parseRequests } from "../../../scripts/udp_run.ts";
import { HumanError } from "../base/human_error.ts";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { problemText } from "./request_problems.ts";
import { rangeOf, requestsIn } from "./request_texts.ts";

/** Names of a request file: where they get their value, where they stand, and other ones for them. */
export function registerRequestNames(): vscode.Disposable {
  const { languages, Disposable } = vscode;
  return Disposable.from(
    languages.registerDefinitionProvider(REQUEST_LANGUAGE, {
      provideDefinition: (document, position) => places(document, position, true),
    }),
    languages.registerReferenceProvider(REQUEST_LANGUAGE, {
      provideReferences: (document, position) => places(document, position, false),
    }),
    languages.registerRenameProvider(REQUEST_LANGUAGE, { prepareRename, provideRenameEdits }),
  );
}

function mentionAt(document: vscode.TextDocument, position: vscode.Position): Mention | undefined {
  return requestsIn(document).mentions.find((it) => rangeOf(it).contains(position));
}

function mentionsOf(document: vscode.TextDocument, name: string): readonly Mention[] {
  return requestsIn(document).mentions.filter((it) => it.name === name);
}

function places(
  document: vscode.TextDocument,
  position: vscode.Position,
  isDefinition: boolean,
): vscode.Location[] {
  const name = mentionAt(document, position)?.name ?? "";
  return mentionsOf(document, name)
    .filter((it) => !isDefinition || it.isDefinition)
    .map((it) => new vscode.Location(document.uri, rangeOf(it)));
}

function prepareRename(document: vscode.TextDocument, position: vscode.Position): vscode.Range {
  const mention = mentionAt(document, position);
  if (mention) return rangeOf(mention);
  throw new HumanError(vscode.l10n.t("Only names can be renamed: @name and {0}.", "{{name}}"));
}

function provideRenameEdits(
  document: vscode.TextDocument,
  position: vscode.Position,
  to: string,
): vscode.WorkspaceEdit {
  const name = mentionAt(document, position)?.name ?? "";
  const [problem] = parseRequests(`@${to} = 1`).problems;
  if (problem) throw new HumanError(problemText(problem));
  if (to !== name && mentionsOf(document, to).length > 0) {
    throw new HumanError(
      vscode.l10n.t("Cannot rename {0} to {1}: there is a name {1} already.", name, to),
    );
  }
  const edit = new vscode.WorkspaceEdit();
  for (const it of mentionsOf(document, name)) edit.replace(document.uri, rangeOf(it), to);
  return edit;
}
