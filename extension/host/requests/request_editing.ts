import * as vscode from "vscode";
import {
  type Block,
  type Context,
  type Definitions,
  describe,
  eachKnown,
  payloadOf,
  type Step,
} from "../../../scripts/udp_run.ts";
import { hexdump } from "../../core/text/hexdump.ts";
import { printable } from "../../core/text/printable.ts";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { numberText } from "../base/number_text.ts";
import {
  completeRequest,
  type RequestProposal,
  type RequestSurroundings,
} from "./request_completion.ts";
import type { RequestDefinitions } from "./request_definitions.ts";
import { formatRequests } from "./request_format.ts";
import { importRequests } from "./request_import.ts";
import { givenNames, rangeOf, requestsIn, verbatim } from "./request_texts.ts";
import { type DocumentedWord, WORD_DOCS } from "./request_words.ts";

const PLAIN = "text/plain";
const PASTE_KIND = vscode.DocumentDropOrPasteEditKind.Text.append("udp", "requests");
/** More is no text that somebody has copied to send it. */
const MOST_PASTED = 2 ** 20;

/**
 * Completion, hovers, formatting and pasting of request files.
 *
 * @param ends addresses that datagrams may go to
 */
export function registerRequestEditing(
  definitions: RequestDefinitions,
  ends: () => readonly string[],
): vscode.Disposable {
  const { languages, Disposable } = vscode;
  return Disposable.from(
    languages.registerCompletionItemProvider(
      REQUEST_LANGUAGE,
      {
        provideCompletionItems: async (document, position) => {
          const fields = (await definitions.of(document))?.fieldNames ?? [];
          return complete(document, position, { ends: ends(), fields });
        },
      },
      ..."@{. ",
    ),
    languages.registerHoverProvider(REQUEST_LANGUAGE, {
      provideHover: async (document, position) =>
        provideHover(document, position, await definitions.of(document)),
    }),
    languages.registerDocumentFormattingEditProvider(REQUEST_LANGUAGE, {
      provideDocumentFormattingEdits,
    }),
    languages.registerDocumentPasteEditProvider(
      REQUEST_LANGUAGE,
      { provideDocumentPasteEdits },
      { providedPasteEditKinds: [PASTE_KIND], pasteMimeTypes: [PLAIN] },
    ),
  );
}

function complete(
  document: vscode.TextDocument,
  position: vscode.Position,
  surroundings: RequestSurroundings,
): vscode.CompletionItem[] {
  const before = document.lineAt(position).text.slice(0, position.character);
  const file = requestsIn(document);
  const above = stepAbove(document, position.line);
  const { from, proposals } = completeRequest(before, above?.kind, file, surroundings);
  const range = new vscode.Range(position.line, from, position.line, position.character);
  return proposals.map(({ text, kind }) => {
    const item = new vscode.CompletionItem(text, itemKind(kind));
    item.range = range;
    item.filterText = text;
    // What the file's own definitions have comes first.
    item.sortText = `${kind === "path" && text.includes(".") ? 0 : 1}${text}`;
    const words = wordText(text.replace(/\[.*/, ""));
    if (words !== undefined) item.documentation = words;
    return item;
  });
}

function itemKind(kind: RequestProposal["kind"]): vscode.CompletionItemKind {
  const { CompletionItemKind } = vscode;
  return {
    keyword: CompletionItemKind.Keyword,
    directive: CompletionItemKind.Property,
    name: CompletionItemKind.Variable,
    address: CompletionItemKind.Reference,
    path: CompletionItemKind.Field,
    operator: CompletionItemKind.Operator,
    value: CompletionItemKind.Value,
  }[kind];
}

function wordText(word: string): string | undefined {
  if (!Object.hasOwn(WORD_DOCS, word)) return undefined;
  const known = word as DocumentedWord;
  return vscode.l10n.t(WORD_DOCS[known]);
}

type Asking = Exclude<Step, { readonly kind: "name" }>;

/** The step that a line belongs to: the last above it, in its block. */
function stepAbove(document: vscode.TextDocument, index: number): Asking | undefined {
  const block = requestsIn(document).blocks.findLast(({ span }) => span.line <= index + 1);
  return block?.steps.findLast(
    (step): step is Asking => step.kind !== "name" && step.line <= index,
  );
}

/** What a name stands for, what a word is for, or the bytes of what is sent. */
function provideHover(
  document: vscode.TextDocument,
  position: vscode.Position,
  definitions: Definitions | undefined,
): vscode.Hover | undefined {
  const file = requestsIn(document);
  const mention = file.mentions.find((it) => rangeOf(it).contains(position));
  if (mention) {
    const isSecret = givenNames().secrets.has(mention.name);
    const text = isSecret
      ? vscode.l10n.t("a variable of the process environment")
      : (knownValueOf(document, mention.name, definitions) ??
        vscode.l10n.t("a value of an answer"));
    return new vscode.Hover(verbatim(`${mention.name} = ${text}`), rangeOf(mention));
  }
  const range = document.getWordRangeAtPosition(position, /@?\w+/);
  const words = range && wordText(document.getText(range));
  if (range && words !== undefined) return new vscode.Hover(words, range);
  const bytes = bytesAt(document, position.line, definitions);
  if (!bytes) return undefined;
  const count = vscode.l10n.t("{0} bytes", numberText(bytes.length));
  return new vscode.Hover([count, verbatim(hexdump(bytes.subarray(0, 512)))]);
}

function shownNames(): ReadonlyMap<string, string> {
  const { values, secrets } = givenNames();
  return new Map(Array.from(values).filter(([name]) => !secrets.has(name)));
}

function knownValueOf(
  document: vscode.TextDocument,
  name: string,
  definitions: Definitions | undefined,
): string | undefined {
  let value: string | undefined;
  const look = (_block: Block, _step: Step, { names }: Context) => {
    const known = names.get(name);
    if (known !== undefined) value ??= describe(known);
  };
  eachKnown(requestsIn(document), shownNames(), look, definitions);
  return value === undefined ? undefined : printable(value, { limit: 500 });
}

/** The bytes of what the line is a part of: what is sent, or what an answer is compared with. */
function bytesAt(
  document: vscode.TextDocument,
  index: number,
  definitions: Definitions | undefined,
): Uint8Array | undefined {
  const step = stepAbove(document, index);
  let bytes: Uint8Array | undefined;
  const look = (_block: Block, it: Step, context: Context) => {
    if (it === step) bytes = bytesOf(step, index + 1, context);
  };
  eachKnown(requestsIn(document), shownNames(), look, definitions);
  return bytes;
}

function bytesOf(step: Asking, line: number, context: Context): Uint8Array | undefined {
  if (step.kind === "send") return payloadOf(step.payload, context);
  const check = step.kind === "expect" ? step.checks.find((it) => it.line === line) : undefined;
  return check?.of.name === "bytes" ? payloadOf(check.value, context) : undefined;
}

/** What was written for other tools becomes requests; it can be had as it was, as with any paste. */
async function provideDocumentPasteEdits(
  _document: vscode.TextDocument,
  _ranges: readonly vscode.Range[],
  data: vscode.DataTransfer,
): Promise<vscode.DocumentPasteEdit[]> {
  const text = (await data.get(PLAIN)?.asString()) ?? "";
  const requests = text.length > MOST_PASTED ? undefined : importRequests(text);
  if (requests === undefined) return [];
  const title = vscode.l10n.t("Insert as Requests");
  return [new vscode.DocumentPasteEdit(requests, title, PASTE_KIND)];
}

function provideDocumentFormattingEdits(document: vscode.TextDocument): vscode.TextEdit[] {
  const text = document.getText();
  const formatted = formatRequests(text);
  if (formatted === text) return [];
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
  return [vscode.TextEdit.replace(whole, formatted)];
}
