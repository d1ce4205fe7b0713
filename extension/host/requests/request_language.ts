import * as vscode from "vscode";
import {
  type Block,
  parseRequests,
  type RequestFile,
  type Span,
} from "../../../scripts/udp_run.ts";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { Store } from "../base/store.ts";

/** What an editor shows of a request file: what is wrong while one types, its blocks, and what runs them. */
export class RequestLanguage implements vscode.Disposable {
  readonly #store = new Store();
  readonly #problems = this.#store.add(
    vscode.languages.createDiagnosticCollection(REQUEST_LANGUAGE),
  );
  /** By document, and its version: several ask for the same text. */
  readonly #read = new WeakMap<vscode.TextDocument, { version: number; file: RequestFile }>();

  constructor() {
    const lenses = { provideCodeLenses: (document: vscode.TextDocument) => this.#lenses(document) };
    const symbols = {
      provideDocumentSymbols: (document: vscode.TextDocument) => this.#symbols(document),
    };
    const folds = {
      provideFoldingRanges: (document: vscode.TextDocument) => this.#folds(document),
    };
    const { languages, workspace } = vscode;
    this.#store.add(languages.registerCodeLensProvider(REQUEST_LANGUAGE, lenses));
    this.#store.add(languages.registerDocumentSymbolProvider(REQUEST_LANGUAGE, symbols));
    this.#store.add(languages.registerFoldingRangeProvider(REQUEST_LANGUAGE, folds));
    this.#store.add(workspace.onDidOpenTextDocument((document) => this.#check(document)));
    this.#store.add(workspace.onDidChangeTextDocument(({ document }) => this.#check(document)));
    this.#store.add(workspace.onDidCloseTextDocument(({ uri }) => this.#problems.delete(uri)));
    for (const document of workspace.textDocuments) this.#check(document);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #check(document: vscode.TextDocument): void {
    if (document.languageId !== REQUEST_LANGUAGE) return;
    const { problems } = this.#fileOf(document);
    this.#problems.set(
      document.uri,
      problems.map(({ message, ...span }) => new vscode.Diagnostic(rangeOf(span), message)),
    );
  }

  #fileOf(document: vscode.TextDocument): RequestFile {
    const { version } = document;
    const known = this.#read.get(document);
    if (known?.version === version) return known.file;
    const file = parseRequests(document.getText(), document.uri.fsPath);
    this.#read.set(document, { version, file });
    return file;
  }

  #lenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const { blocks } = this.#fileOf(document);
    const { uri } = document;
    const run = (title: string, span: Span, args: readonly string[]) =>
      new vscode.CodeLens(rangeOf(span), {
        title,
        command: "udpWorkbench.runFile",
        arguments: [{ uri: uri.toString(), args }],
      });
    const asking = blocks.filter((block) => !isServe(block));
    const [first] = blocks;
    const all = first && asking.length > 1 ? [run(vscode.l10n.t("Run All"), first.span, [])] : [];
    const each = blocks.map((block) => {
      const title = isServe(block) ? vscode.l10n.t("Serve") : vscode.l10n.t("Run");
      return run(title, block.span, ["--line", String(block.span.line)]);
    });
    return [...all, ...each];
  }

  #symbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
    return this.#fileOf(document).blocks.map((block) => {
      const kind = isServe(block) ? vscode.SymbolKind.Interface : vscode.SymbolKind.Function;
      const { span, title } = block;
      const whole = rangeOf(span).union(document.lineAt(block.lastLine - 1).range);
      return new vscode.DocumentSymbol(title, "", kind, whole, rangeOf(span));
    });
  }

  #folds(document: vscode.TextDocument): vscode.FoldingRange[] {
    return this.#fileOf(document).blocks.map(
      ({ span, lastLine }) => new vscode.FoldingRange(span.line - 1, lastLine - 1),
    );
  }
}

function isServe({ steps }: Block): boolean {
  return steps.some(({ kind }) => kind === "serve");
}

/** Lines and columns of a request file count from 1. */
function rangeOf({ line, column, end }: Span): vscode.Range {
  return new vscode.Range(line - 1, column - 1, line - 1, end - 1);
}
