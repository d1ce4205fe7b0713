import * as vscode from "vscode";
import { type Block, type RequestFile, type Span, targetsOf } from "../../../scripts/udp_run.ts";
import { parseHex } from "../../core/text/hex.ts";
import { hexdump } from "../../core/text/hexdump.ts";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { REQUEST_LANGUAGE } from "../base/ids.ts";
import { Store } from "../base/store.ts";
import { requireTrust } from "../base/trust.ts";
import type { TaskPlaces } from "../launch/udp_task.ts";
import { askConsent } from "../send/consent.ts";
import { resolveTarget } from "../send/target.ts";
import type { RequestDefinitions } from "./request_definitions.ts";
import { failureText, problemText } from "./request_problems.ts";
import { RequestResults } from "./request_results.ts";
import { type BlockFailure, type BlockResult, runRequestFile } from "./request_run.ts";
import { givenNames, isServe, rangeOf, requestsIn, requestsOf } from "./request_texts.ts";

/** Where request files are looked for. */
export const REQUEST_FILES = "**/*.udp";
const NO_REQUEST_FILES = "**/node_modules/**";
const MOST_FILES = 1000;

/** Runs blocks of a file, from the links above them. */
export const RUN_REQUESTS = "_udpWorkbench.runRequests";

/** The Test Explorer: a file is a suite, and a block a test. */
export class RequestTests implements vscode.Disposable {
  readonly #store = new Store();
  readonly #places: TaskPlaces;
  readonly #definitions: RequestDefinitions;
  readonly #controller: vscode.TestController;
  readonly #results: RequestResults;
  /** The line of a test's block, from 1 on. */
  readonly #lines = new WeakMap<vscode.TestItem, number>();

  constructor(places: TaskPlaces, definitions: RequestDefinitions) {
    this.#places = places;
    this.#definitions = definitions;
    this.#results = this.#store.add(new RequestResults());
    const title = vscode.l10n.t("UDP Requests");
    this.#controller = this.#store.add(vscode.tests.createTestController("udpWorkbench", title));
    this.#controller.resolveHandler = (item) => (item ? this.#read(item) : this.#find());
    this.#controller.createRunProfile(
      vscode.l10n.t("Run"),
      vscode.TestRunProfileKind.Run,
      (request, token) => this.#run(request, token),
      true,
      undefined,
      true,
    );
    const { workspace, commands } = vscode;
    const watcher = this.#store.add(workspace.createFileSystemWatcher(REQUEST_FILES));
    watcher.onDidCreate((uri) => this.#add(uri));
    watcher.onDidDelete((uri) => this.#controller.items.delete(uri.toString()));
    watcher.onDidChange((uri) => void this.#reread(uri));
    this.#store.add(workspace.onDidOpenTextDocument((document) => this.#open(document)));
    for (const document of workspace.textDocuments) this.#open(document);
    this.#store.add(
      commands.registerCommand(RUN_REQUESTS, (uri: vscode.Uri, from: number, to: number) =>
        this.#runLines(uri, from, to),
      ),
    );
    void this.#find();
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Shows the blocks of a text, which has changed. */
  show(document: vscode.TextDocument): void {
    const item = this.#controller.items.get(document.uri.toString());
    if (item) this.#showBlocks(item, requestsIn(document));
  }

  async #find(): Promise<void> {
    const found = await vscode.workspace.findFiles(REQUEST_FILES, NO_REQUEST_FILES, MOST_FILES);
    for (const uri of found) this.#add(uri);
  }

  #open(document: vscode.TextDocument): void {
    const { languageId, uri } = document;
    if (languageId !== REQUEST_LANGUAGE || uri.scheme !== "file") return;
    this.#showBlocks(this.#add(uri), requestsIn(document));
  }

  #add(uri: vscode.Uri): vscode.TestItem {
    const id = uri.toString();
    const known = this.#controller.items.get(id);
    if (known) return known;
    const label = printable(vscode.workspace.asRelativePath(uri), { limit: 300 });
    const item = this.#controller.createTestItem(id, label, uri);
    item.canResolveChildren = true;
    this.#controller.items.add(item);
    return item;
  }

  async #reread(uri: vscode.Uri): Promise<void> {
    const item = this.#controller.items.get(uri.toString());
    // One that nobody has looked into is read when somebody does.
    if (item && item.children.size > 0) await this.#read(item);
  }

  async #read(item: vscode.TestItem): Promise<void> {
    if (!item.uri) return;
    try {
      this.#showBlocks(item, await fileAt(item.uri));
    } catch (error) {
      item.error = error instanceof Error ? error.message : String(error);
    }
  }

  /** The tests that are there already stay: what came of them is shown with them. */
  #showBlocks(item: vscode.TestItem, { blocks }: RequestFile): void {
    const seen = new Map<string, number>();
    const tests = blocks
      .filter((block) => !isServe(block))
      .map(({ title, span }) => {
        const count = (seen.get(title) ?? 0) + 1;
        seen.set(title, count);
        const id = `${title}\n${count}`;
        const label = printable(title, { limit: 300 });
        const test = item.children.get(id) ?? this.#controller.createTestItem(id, label, item.uri);
        test.range = rangeOf(span);
        this.#lines.set(test, span.line);
        return test;
      });
    item.error = undefined;
    item.children.replace(tests);
  }

  /** From the links above blocks; tells how many of them passed, and how many did not. */
  async #runLines(uri: vscode.Uri, from: number, to: number) {
    const item = this.#add(uri);
    await saveChanges(uri);
    await this.#read(item);
    const tests = childrenOf(item).filter((test) => {
      const line = this.#lines.get(test) ?? 0;
      return line >= from && line <= to;
    });
    const request = new vscode.TestRunRequest(tests);
    const source = new vscode.CancellationTokenSource();
    this.#store.add(source);
    return this.#runOnce(request, source.token);
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    if (request.continuous !== true) return void (await this.#runOnce(request, token));
    // Until it is switched off: whatever of it is saved is run again.
    const saving = vscode.workspace.onDidSaveTextDocument(async ({ uri }) => {
      const item = this.#controller.items.get(uri.toString());
      if (!item || (request.include && !request.include.some((it) => fileOf(it) === item))) return;
      await this.#read(item);
      const include = request.include?.filter((it) => fileOf(it) === item) ?? [item];
      const again = new vscode.TestRunRequest(include, request.exclude, request.profile);
      await this.#runOnce(again, token);
    });
    token.onCancellationRequested(() => saving.dispose());
  }

  async #runOnce(request: vscode.TestRunRequest, token: vscode.CancellationToken) {
    if (!request.include) await this.#find();
    const run = this.#controller.createTestRun(request);
    const counts = { passed: 0, failed: 0 };
    try {
      for (const [item, tests] of await this.#chosenBy(request)) {
        if (token.isCancellationRequested || run.token.isCancellationRequested) break;
        await this.#runFile(run, token, item, tests, counts);
      }
    } finally {
      run.end();
    }
    return counts;
  }

  /** The tests, by file. */
  async #chosenBy({ include, exclude = [] }: vscode.TestRunRequest) {
    const all: vscode.TestItem[] = [];
    for (const [, item] of this.#controller.items) all.push(item);
    const chosen = new Map<vscode.TestItem, Set<vscode.TestItem>>();
    for (const item of include ?? all) {
      const file = fileOf(item);
      if (item === file && item.children.size === 0) await this.#read(item);
      const tests = chosen.get(file) ?? new Set();
      chosen.set(file, tests);
      for (const test of item === file ? childrenOf(item) : [item]) tests.add(test);
    }
    const leftOut = new Set(exclude);
    return Array.from(chosen, ([file, tests]) => {
      return [file, leftOut.has(file) ? [] : [...tests].filter((it) => !leftOut.has(it))] as const;
    });
  }

  async #runFile(
    run: vscode.TestRun,
    token: vscode.CancellationToken,
    item: vscode.TestItem,
    tests: readonly vscode.TestItem[],
    counts: { passed: number; failed: number },
  ): Promise<void> {
    const { uri } = item;
    if (!uri || tests.length === 0) return;
    const waiting = new Set(tests);
    for (const test of tests) run.enqueued(test);
    try {
      requireTrust();
      await saveChanges(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      const file = requestsIn(document);
      this.#showBlocks(item, file);
      const [problem] = [...file.problems, ...(await this.#definitions.problemsIn(document))];
      if (problem) throw new MistakeError(problemText(problem), document, problem);
      const report = new Report(run, document, file, this.#results, counts);
      // A block may have been renamed meanwhile, or be gone.
      const there = tests.filter(({ id }) => item.children.get(id));
      if (there.length === 0) {
        for (const test of waiting) run.skipped(test);
        return;
      }
      const lines = there.map((test) => this.#lines.get(test) ?? 0);
      const isWhole = there.length === item.children.size;
      const order = {
        file: uri,
        values: givenNames().values,
        ...(!isWhole && { lines }),
        allowed: await permitted(file, isWhole ? undefined : new Set(lines)),
      };
      const byLine = new Map(there.map((test, index) => [lines[index], test]));
      const ending = new vscode.CancellationTokenSource();
      for (const it of [token, run.token]) it.onCancellationRequested(() => ending.cancel());
      for (const test of there) run.started(test);
      const complaint = await runRequestFile(order, this.#places, ending.token, (result) => {
        const test = byLine.get(result.line);
        if (report.add(result, test ?? item) && test) waiting.delete(test);
      });
      if (complaint !== undefined) throw new HumanError(complaint);
      for (const test of waiting) run.skipped(test);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const message = new vscode.TestMessage(text);
      if (error instanceof MistakeError) message.location = error.location;
      for (const test of waiting) run.errored(test, message);
      counts.failed += waiting.size;
    }
  }
}

/** What is wrong with a file, so that nothing of it is run. */
class MistakeError extends HumanError {
  readonly location: vscode.Location;

  constructor(message: string, { uri }: vscode.TextDocument, span: Span) {
    super(message);
    this.location = new vscode.Location(uri, rangeOf(span));
  }
}

/** Tells what came of the blocks of one file. */
class Report {
  readonly #run: vscode.TestRun;
  readonly #document: vscode.TextDocument;
  /** Of the document, when it began. */
  readonly #version: number;
  readonly #blocks: ReadonlyMap<number, Block>;
  readonly #results: RequestResults;
  readonly #counts: { passed: number; failed: number };
  /** Of blocks that run more than once: how often they did, and what failed. */
  readonly #turns = new Map<number, { count: number; ms: number; failed?: BlockResult }>();

  constructor(
    run: vscode.TestRun,
    document: vscode.TextDocument,
    { blocks }: RequestFile,
    results: RequestResults,
    counts: { passed: number; failed: number },
  ) {
    this.#run = run;
    this.#document = document;
    this.#version = document.version;
    this.#blocks = new Map(blocks.map((block) => [block.span.line, block]));
    this.#results = results;
    this.#counts = counts;
  }

  /** @returns whether all is known of it */
  add(result: BlockResult, test: vscode.TestItem): boolean {
    const block = this.#blocks.get(result.line);
    this.#print(result, test);
    if (!block) return false;
    if (isServe(block)) {
      if (result.outcome === "failed") this.#run.errored(test, this.#messages(result));
      return false;
    }
    const turns = this.#turns.get(result.line) ?? { count: 0, ms: 0 };
    this.#turns.set(result.line, turns);
    turns.count++;
    turns.ms += result.ms;
    if (result.outcome === "failed") turns.failed ??= result;
    if (result.outcome !== "disabled" && turns.count < (block.directives.loop ?? 1)) return false;
    const told = { ...(turns.failed ?? result), ms: turns.ms };
    if (this.#document.version === this.#version) this.#results.show(this.#document, block, told);
    switch (told.outcome) {
      case "passed":
        this.#run.passed(test, told.ms);
        this.#counts.passed++;
        break;
      case "failed":
        this.#run.failed(test, this.#messages(told), told.ms);
        this.#counts.failed++;
        break;
      default:
        this.#run.skipped(test);
    }
    return true;
  }

  #messages({ failures }: BlockResult): vscode.TestMessage[] {
    return failures.map((failure) => {
      const message = messageOf(failure);
      const line = Math.min(failure.line, this.#document.lineCount) - 1;
      message.location = new vscode.Location(this.#document.uri, this.#document.lineAt(line).range);
      return message;
    });
  }

  #print({ title, outcome, ms, failures }: BlockResult, test: vscode.TestItem): void {
    const lines = [
      `${outcome} ${printable(title)} (${ms.toFixed(0)} ms)`,
      ...failures.map((failure) => `  ${failure.line}: ${failureText(failure)}`),
    ];
    this.#run.appendOutput(`${lines.join("\r\n")}\r\n`, undefined, test);
  }
}

function messageOf(failure: BlockFailure): vscode.TestMessage {
  const { expected, got } = failure;
  const text = failureText(failure);
  if (expected === undefined || got === undefined) return new vscode.TestMessage(text);
  const dump = (digits: string) => hexdump(parseHex(digits) ?? new Uint8Array());
  return vscode.TestMessage.diff(text, dump(expected), dump(got));
}

/** The file that a test is of; a file itself. */
function fileOf(item: vscode.TestItem): vscode.TestItem {
  return item.parent ?? item;
}

function childrenOf({ children }: vscode.TestItem): vscode.TestItem[] {
  return Array.from(children, ([, child]) => child);
}

async function fileAt(uri: vscode.Uri): Promise<RequestFile> {
  const open = vscode.workspace.textDocuments.find((it) => it.uri.toString() === uri.toString());
  if (open) return requestsIn(open);
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  return requestsOf(text, uri);
}

/** What is seen in the editor is what runs. */
async function saveChanges(uri: vscode.Uri): Promise<void> {
  const open = vscode.workspace.textDocuments.find((it) => it.uri.toString() === uri.toString());
  if (!open?.isDirty || (await open.save()) || !open.isDirty) return;
  const name = printable(vscode.workspace.asRelativePath(uri));
  throw new HumanError(
    vscode.l10n.t("Cannot run {0}: its changes could not be saved; save it first.", name),
  );
}

/** The addresses, besides this machine, that the person lets it send to; what they do not is told by the blocks. */
async function permitted(file: RequestFile, lines?: ReadonlySet<number>): Promise<string[]> {
  const allowed: string[] = [];
  for (const text of targetsOf(file, givenNames().values, lines)) {
    // What is no address is told by its block, too.
    const target = await resolveTarget(text).catch(() => undefined);
    if (target && target.reach !== "machine" && (await askConsent(target)))
      allowed.push(target.address);
  }
  return allowed;
}
