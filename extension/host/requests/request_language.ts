import * as vscode from "vscode";
import type { Block, Span } from "../../../scripts/udp_run.ts";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import type { RequestDefinitions } from "./request_definitions.ts";
import { problemText } from "./request_problems.ts";
import { RUN_REQUESTS } from "./request_tests.ts";
import { isServe, rangeOf, requestsIn } from "./request_texts.ts";
import { type ServingBlocks, STOP_SERVING } from "./serving_blocks.ts";

/** What is typed is read when nothing has been for so long: a long file takes longer than a key. */
const PAUSE_MS = 200;

/** What an editor shows of a request file: what is wrong while one types, its blocks, and what runs them. */
export class RequestLanguage implements vscode.Disposable {
  readonly #store = new Store();
  readonly #onRead: (document: vscode.TextDocument) => void;
  readonly #definitions: RequestDefinitions;
  readonly #problems = this.#store.add(
    vscode.languages.createDiagnosticCollection(REQUEST_LANGUAGE),
  );
  readonly #changed = new Map<vscode.TextDocument, NodeJS.Timeout>();

  /** @param onRead is told of a text that has changed */
  constructor(
    definitions: RequestDefinitions,
    serving: ServingBlocks,
    onRead: (document: vscode.TextDocument) => void,
  ) {
    this.#definitions = definitions;
    this.#onRead = onRead;
    const relensed = this.#store.add(new vscode.EventEmitter<void>());
    const lenses = {
      onDidChangeCodeLenses: relensed.event,
      provideCodeLenses: (document: vscode.TextDocument) => lensesOf(document, serving),
    };
    const symbols = {
      provideDocumentSymbols: (document: vscode.TextDocument) => symbolsOf(document),
    };
    const folds = {
      provideFoldingRanges: (document: vscode.TextDocument) => foldsOf(document),
    };
    const { languages, workspace } = vscode;
    this.#store.add(languages.registerCodeLensProvider(REQUEST_LANGUAGE, lenses));
    this.#store.add(languages.registerDocumentSymbolProvider(REQUEST_LANGUAGE, symbols));
    this.#store.add(languages.registerFoldingRangeProvider(REQUEST_LANGUAGE, folds));
    this.#store.add(workspace.onDidGrantWorkspaceTrust(() => relensed.fire()));
    this.#store.add(serving.onDidChange(() => relensed.fire()));
    this.#store.add(definitions.onDidChange(() => this.checkAll()));
    this.#store.add(workspace.onDidOpenTextDocument((document) => void this.#check(document)));
    this.#store.add(workspace.onDidChangeTextDocument(({ document }) => this.#changes(document)));
    this.#store.add(workspace.onDidCloseTextDocument((document) => this.#forget(document)));
    this.checkAll();
  }

  /** What is wrong may be another now, although no text has changed. */
  checkAll(): void {
    for (const document of vscode.workspace.textDocuments) void this.#check(document);
  }

  dispose(): void {
    for (const timer of this.#changed.values()) clearTimeout(timer);
    this.#store.dispose();
  }

  #changes(document: vscode.TextDocument): void {
    if (document.languageId !== REQUEST_LANGUAGE) return;
    clearTimeout(this.#changed.get(document));
    const read = () => {
      this.#changed.delete(document);
      void this.#check(document);
      this.#onRead(document);
    };
    this.#changed.set(document, setTimeout(read, PAUSE_MS));
  }

  async #check(document: vscode.TextDocument): Promise<void> {
    if (document.languageId !== REQUEST_LANGUAGE) return;
    const { version } = document;
    const { problems, uses } = requestsIn(document);
    const misused = uses.length > 0 ? await this.#definitions.problemsIn(document) : [];
    if (document.isClosed || document.version !== version) return;
    this.#problems.set(
      document.uri,
      [...problems, ...misused].map((it) => new vscode.Diagnostic(rangeOf(it), problemText(it))),
    );
  }

  #forget(document: vscode.TextDocument): void {
    clearTimeout(this.#changed.get(document));
    this.#changed.delete(document);
    this.#problems.delete(document.uri);
  }
}

/** What runs blocks of a file. Where the workspace is not trusted, nothing does. */
function lensesOf(document: vscode.TextDocument, serving: ServingBlocks): vscode.CodeLens[] {
  const { uri } = document;
  if (!vscode.workspace.isTrusted || uri.scheme !== "file") return [];
  const { blocks } = requestsIn(document);
  const run = (title: string, span: Span, from: number, to: number) =>
    new vscode.CodeLens(rangeOf(span), {
      title,
      command: RUN_REQUESTS,
      arguments: [uri, from, to],
    });
  const serve = (block: Block) => {
    const { span } = block;
    const start = {
      title: vscode.l10n.t("Serve"),
      command: "udpWorkbench.runFile",
      arguments: [{ uri: uri.toString(), args: ["--line", String(span.line)] }],
    };
    const stop = {
      title: vscode.l10n.t("Stop Serving"),
      command: STOP_SERVING,
      arguments: [uri, span.line],
    };
    const isServing = serving.isServing(document, block);
    return new vscode.CodeLens(rangeOf(span), isServing ? stop : start);
  };
  const asking = blocks.filter((block) => !isServe(block));
  return [
    ...blocks.filter(isServe).map(serve),
    ...asking.flatMap(({ span }, index) => [
      run(vscode.l10n.t("Run"), span, span.line, span.line),
      ...(index > 0 ? [run(vscode.l10n.t("Run to Here"), span, 1, span.line)] : []),
      ...(asking.length > 1 ? [run(vscode.l10n.t("Run All"), span, 1, document.lineCount)] : []),
    ]),
  ];
}

function symbolsOf(document: vscode.TextDocument): vscode.DocumentSymbol[] {
  return requestsIn(document).blocks.map((block) => {
    const kind = isServe(block) ? vscode.SymbolKind.Interface : vscode.SymbolKind.Function;
    const { span, title } = block;
    const whole = rangeOf(span).union(document.lineAt(block.lastLine - 1).range);
    return new vscode.DocumentSymbol(title, "", kind, whole, rangeOf(span));
  });
}

function foldsOf(document: vscode.TextDocument): vscode.FoldingRange[] {
  return requestsIn(document).blocks.map(
    ({ span, lastLine }) => new vscode.FoldingRange(span.line - 1, lastLine - 1),
  );
}
