import * as vscode from "vscode";
import { completeDefinition, type DefinitionCompletions } from "../../core/kaitai/completion.ts";
import type { Place } from "../../core/kaitai/definition.ts";
import { type DocumentedKey, KEY_DOCS } from "../../core/kaitai/keys.ts";
import { type OutlineItem, outlineOf } from "../../core/kaitai/outline.ts";
import { leftToRight } from "../../core/text/printable.ts";
import type { FieldValue } from "./field_values.ts";

const SELECTOR: vscode.DocumentSelector = { pattern: "**/*.ksy" };

/** Completion, hovers and outline of definitions. */
export function registerDefinitionLanguage(
  valuesAt: (document: vscode.TextDocument, line: number) => Promise<readonly FieldValue[]>,
): vscode.Disposable {
  const provideHover = (document: vscode.TextDocument, position: vscode.Position) =>
    keyHover(document, position) ?? valueHover(document, position, valuesAt);
  const { languages, Disposable } = vscode;
  return Disposable.from(
    languages.registerCompletionItemProvider(SELECTOR, { provideCompletionItems }, " ", ":"),
    languages.registerHoverProvider(SELECTOR, { provideHover }),
    languages.registerDocumentSymbolProvider(SELECTOR, { provideDocumentSymbols }),
  );
}

function provideCompletionItems(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.CompletionItem[] {
  const { from, items } = completeDefinition(document.getText(), document.offsetAt(position));
  const range = new vscode.Range(document.positionAt(from), position);
  return items.map(({ text, kind }) => {
    const item = new vscode.CompletionItem(text, itemKind(kind));
    item.range = range;
    // A name may have a sign in it that ends a word elsewhere.
    item.filterText = text;
    if (kind !== "key") return item;
    item.insertText = `${text}: `;
    const words = keyText(text);
    if (words !== undefined) item.documentation = words;
    return item;
  });
}

function itemKind(kind: DefinitionCompletions["items"][number]["kind"]): vscode.CompletionItemKind {
  const { CompletionItemKind } = vscode;
  switch (kind) {
    case "key":
      return CompletionItemKind.Property;
    case "type":
      return CompletionItemKind.Struct;
    case "enum":
      return CompletionItemKind.Enum;
    case "field":
      return CompletionItemKind.Field;
    default:
      return CompletionItemKind.Value;
  }
}

/** What a key is for. */
function keyHover(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.Hover | undefined {
  const range = document.getWordRangeAtPosition(position, /[a-z][a-z-]*(?=\s*:(\s|$))/);
  const words = range && keyText(document.getText(range));
  return words === undefined ? undefined : new vscode.Hover(words, range);
}

/** What a field that is named here says in rows. */
async function valueHover(
  document: vscode.TextDocument,
  position: vscode.Position,
  valuesAt: (document: vscode.TextDocument, line: number) => Promise<readonly FieldValue[]>,
): Promise<vscode.Hover | undefined> {
  const range = document.getWordRangeAtPosition(position, /[a-z][a-z0-9_]*/);
  const values = range ? await valuesAt(document, position.line + 1) : [];
  if (values.length === 0) return undefined;
  // What comes out of payloads is printable, in one line each, behind the name of a field: nothing in it ends the block.
  const lines = values.map(({ path, text, start, end, isSelected }) => {
    const bytes = start === end ? "" : `  [${start}..${end}]`;
    return `${isSelected ? "▸ " : "  "}${path}: ${text === "" ? "{ }" : text}${bytes}`;
  });
  const told = { language: "text", value: leftToRight(lines.join("\n")) };
  return new vscode.Hover([vscode.l10n.t("In the rows that this definition reads:"), told], range);
}

function keyText(key: string): string | undefined {
  if (!Object.hasOwn(KEY_DOCS, key)) return undefined;
  const known = key as DocumentedKey;
  return vscode.l10n.t(KEY_DOCS[known]);
}

function provideDocumentSymbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
  const rangeOf = ({ from, to }: Place) =>
    new vscode.Range(document.positionAt(from), document.positionAt(to));
  const symbol = ({ name, detail, kind, place, namePlace, items }: OutlineItem) => {
    const made = new vscode.DocumentSymbol(
      name === "" ? "-" : name,
      detail,
      symbolKind(kind),
      rangeOf(place),
      rangeOf(namePlace),
    );
    made.children = items.map(symbol);
    return made;
  };
  return (outlineOf(document.getText()) ?? []).map(symbol);
}

function symbolKind(kind: OutlineItem["kind"]): vscode.SymbolKind {
  const { SymbolKind } = vscode;
  switch (kind) {
    case "type":
      return SymbolKind.Struct;
    case "param":
      return SymbolKind.Variable;
    case "field":
      return SymbolKind.Field;
    case "instance":
      return SymbolKind.Property;
    default:
      return SymbolKind.Enum;
  }
}
