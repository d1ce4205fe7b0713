import * as vscode from "vscode";
import { leftToRight, printable } from "../../core/text/printable.ts";
import { numberText } from "../base/number_text.ts";
import { Store } from "../base/store.ts";
import { Throttle } from "../base/throttle.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { definitionSentence, misfitSentence } from "../words/problem_text.ts";
import { type FoundDefinition, openDefinition } from "./definition_files.ts";
import { isDefinition, isProto } from "./definition_paths.ts";
import type { Definitions } from "./definitions.ts";
import { FitCheck, type RowMisfit } from "./fit_check.ts";
import { protoSentence } from "./proto_decoder.ts";
import type { FoundProto } from "./proto_files.ts";
import { settingsDiagnostics } from "./settings_diagnostics.ts";
import { SHOW_ROW } from "./show_row.ts";

const SOURCE = "udp";
/** Files that may hold the setting. */
const SETTINGS = /[/\\]settings\.json$|\.code-workspace$/;
/** Looked at again no more often than this while somebody types, or datagrams come. */
const UPDATE_MS = 300;

/** A capture whose rows are looked at. */
export interface CheckedCapture {
  readonly source: CaptureSource;
  /** What a link to a row of it names it by; undefined: this window's. */
  readonly captureId?: string;
}

/** All that are there now: that of this window first. */
export interface CheckedCaptures {
  all(): readonly CheckedCapture[];
  readonly onDidChange: vscode.Event<void>;
}

/**
 * What is wrong with definitions, where it is written: what cannot be read of a `.ksy` file that is open or in use, saved or
 * not; at a field, the rows that do not fit it; and in settings.json, entries of `udpWorkbench.definitions` that are none.
 */
export class DefinitionDiagnostics implements vscode.Disposable {
  readonly #captures: CheckedCaptures;
  readonly #definitions: Definitions;
  readonly #store = new Store();
  readonly #collection = this.#store.add(vscode.languages.createDiagnosticCollection(SOURCE));
  readonly #update = this.#store.add(new Throttle(UPDATE_MS, () => void this.#showAll()));
  /** Only while a definition is open: rows are read for nobody else. */
  readonly #fits = new Map<CaptureSource, FitCheck>();
  #shown = 0;

  constructor(captures: CheckedCaptures, definitions: Definitions) {
    this.#captures = captures;
    this.#definitions = definitions;
    const { workspace } = vscode;
    const changed = ({ fileName }: { readonly fileName: string }) => {
      if (isDefinition({ fileName }) || SETTINGS.test(fileName)) this.#update.trigger();
    };
    for (const listening of [
      definitions.onDidChange(this.#update.trigger),
      captures.onDidChange(this.#update.trigger),
      workspace.onDidOpenTextDocument(changed),
      workspace.onDidCloseTextDocument(changed),
      workspace.onDidChangeTextDocument(({ document }) => changed(document)),
    ]) {
      this.#store.add(listening);
    }
    this.#update.trigger();
  }

  dispose(): void {
    for (const fit of this.#fits.values()) fit.dispose();
    this.#store.dispose();
  }

  #checkRows(isOpen: boolean): void {
    const sources = new Set(isOpen ? this.#captures.all().map(({ source }) => source) : []);
    for (const [source, fit] of this.#fits) {
      if (sources.has(source)) continue;
      fit.dispose();
      this.#fits.delete(source);
    }
    for (const source of sources) {
      if (this.#fits.has(source)) continue;
      const fit = new FitCheck(source, this.#definitions);
      fit.onDidChange(this.#update.trigger);
      this.#fits.set(source, fit);
    }
  }

  async #showAll(): Promise<void> {
    const turn = ++this.#shown;
    const open = vscode.workspace.textDocuments.filter(isDefinition);
    this.#checkRows(open.length > 0);
    const found = new Map<string, [vscode.Uri, vscode.Diagnostic[]]>();
    const add = (uri: vscode.Uri, diagnostic: vscode.Diagnostic): void => {
      const known = found.get(String(uri)) ?? [uri, []];
      // Files that several import have their problems once.
      const isNew = !known[1].some(
        ({ range, message }) => message === diagnostic.message && range.isEqual(diagnostic.range),
      );
      if (isNew) known[1].push(diagnostic);
      found.set(String(uri), known);
    };
    const openFiles = await Promise.all(open.map(openDefinition));
    const used = new Set(this.#definitions.setting.uses.map(({ file }) => file));
    for (const file of used) {
      if (isProto(file)) {
        for (const [uri, diagnostic] of protoProblemsOf(await this.#definitions.loadProto(file))) {
          add(uri, diagnostic);
        }
        continue;
      }
      const loaded = await this.#definitions.load(file);
      if (!loaded) continue;
      const uri = vscode.Uri.joinPath(loaded.folder, file);
      if (!open.some((one) => String(one.uri) === String(uri))) openFiles.push(loaded);
      const misfits = this.#captures.all().flatMap((one) => this.#misfits(one, file, loaded));
      for (const [place, diagnostic] of misfits) {
        // What is being written is elsewhere than in the file that the rows are read by.
        const isWritten = open.some((one) => one.isDirty && String(one.uri) === String(place));
        if (!isWritten) add(place, diagnostic);
      }
    }
    for (const definition of openFiles) {
      for (const [uri, diagnostic] of problemsOf(definition)) add(uri, diagnostic);
    }
    for (const [uri, diagnostic] of await settingsDiagnostics(this.#definitions.setting.problems)) {
      add(uri, diagnostic);
    }
    if (turn !== this.#shown || this.#store.isDisposed) return;
    this.#collection.clear();
    for (const [uri, diagnostics] of found.values()) this.#collection.set(uri, diagnostics);
  }

  /** One for each field that rows do not fit: the first of these, and how many there are. */
  #misfits(
    { source, captureId }: CheckedCapture,
    file: string,
    loaded: FoundDefinition,
  ): [vscode.Uri, vscode.Diagnostic][] {
    const fit = this.#fits.get(source);
    const byPlace = new Map<string, RowMisfit[]>();
    for (const one of fit?.misfits ?? []) {
      if (one.file !== file) continue;
      const { place, code } = one.misfit;
      const key = `${place?.file} ${place?.path} ${code}`;
      const others = byPlace.get(key);
      if (others) others.push(one);
      else byPlace.set(key, [one]);
    }
    const { rows } = fit?.countOf(file) ?? { rows: 0 };
    return [...byPlace.values()].flatMap((misfits) => {
      const [first] = misfits;
      if (!first) return [];
      const { place } = first.misfit;
      const position = place && loaded.positionOf(place);
      const range = rangeOf(position ?? { line: 1, column: 1, length: 0 });
      const where = captureId === undefined ? undefined : source.name;
      const message = misfitMessage(where, first, misfits.length, rows);
      const diagnostic = new vscode.Diagnostic(range, message);
      diagnostic.source = SOURCE;
      const link = JSON.stringify([first.id, ...(captureId === undefined ? [] : [captureId])]);
      const target = vscode.Uri.parse(`command:${SHOW_ROW}?${encodeURIComponent(link)}`);
      diagnostic.code = { value: vscode.l10n.t("Go to Row {0}", numberText(first.row)), target };
      return [[vscode.Uri.joinPath(loaded.folder, place?.file ?? file), diagnostic]];
    });
  }
}

function misfitMessage(
  capture: string | undefined,
  { row, misfit }: RowMisfit,
  count: number,
  rows: number,
): string {
  const why = misfitSentence(misfit);
  const sentence =
    capture === undefined
      ? vscode.l10n.t("row {0}: {1}", numberText(row), why)
      : vscode.l10n.t("{0}, row {1}: {2}", capture, numberText(row), why);
  const of =
    count === 1
      ? vscode.l10n.t("Only this one of {0} rows.", numberText(rows))
      : vscode.l10n.t("{0} of {1} rows do not fit here.", numberText(count), numberText(rows));
  return leftToRight(`${sentence}\n${of}`);
}

function* problemsOf({
  folder,
  problems,
}: FoundDefinition): Generator<[vscode.Uri, vscode.Diagnostic]> {
  for (const problem of problems) {
    const severity =
      problem.severity === "error"
        ? vscode.DiagnosticSeverity.Error
        : vscode.DiagnosticSeverity.Warning;
    const message = leftToRight(printable(definitionSentence(problem), { limit: 1000 }));
    const diagnostic = new vscode.Diagnostic(rangeOf(problem), message, severity);
    diagnostic.source = SOURCE;
    yield [vscode.Uri.joinPath(folder, problem.file), diagnostic];
  }
}

function* protoProblemsOf(
  found: FoundProto | undefined,
): Generator<[vscode.Uri, vscode.Diagnostic]> {
  if (!found?.problem) return;
  const { folder, problem } = found;
  const message = leftToRight(printable(protoSentence(problem), { limit: 1000 }));
  const diagnostic = new vscode.Diagnostic(rangeOf({ ...problem, length: 1 }), message);
  diagnostic.source = SOURCE;
  yield [vscode.Uri.joinPath(folder, problem.file), diagnostic];
}

/** On one line; VS Code ends it where that does. */
function rangeOf(place: { line: number; column: number; length: number }): vscode.Range {
  const { line, column, length } = place;
  return new vscode.Range(line - 1, column - 1, line - 1, column - 1 + Math.max(1, length));
}
