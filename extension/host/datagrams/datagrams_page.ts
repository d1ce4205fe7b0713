import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { ConversationEnds } from "../../core/capture/captured_conversation.ts";
import { RowList } from "../../core/capture/row_list.ts";
import type { FromWebview, ToWebview } from "../../webview/datagrams/protocol.ts";
import { Commands } from "../base/ids.ts";
import { Throttle } from "../base/throttle.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { PageConversation } from "../conversation/page_conversation.ts";
import { filterAnswer } from "../filter/filter_answer.ts";
import { RowFilter } from "../filter/row_filter.ts";
import type { DecodeChoices } from "./decode_choices.ts";
import { datagramDetail } from "./detail_answer.ts";
import { runDetailCommand } from "./detail_commands.ts";
import { countOverTime } from "./overview.ts";
import { parsePageMessage } from "./page_message.ts";
import { PageSelection } from "./page_selection.ts";
import { idsIn, rowAnswer, rowsAnswer } from "./rows_answer.ts";

/** At most 20 times a second: faster is not seen, and costs the terminal and the editor their turns. */
const PUSH_MS = 50;

/** Where the page is shown: a view in the side bar or an editor. */
export interface PagePlace {
  readonly webview: vscode.Webview;
  readonly visible: boolean;
}

/** What the pages of a window share. */
export interface PageContext {
  /** The folder with datagrams.js and datagrams.css. */
  readonly root: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly decodeChoices: DecodeChoices;
}

/**
 * One grid of datagrams, wherever it is shown: keeps the webview told of its capture, and answers what it asks.
 * The page holds nothing but the rows that it shows.
 */
export class DatagramsPage implements vscode.Disposable {
  /** The page that a person used last: commands of the menu and the palette act on its selection. */
  static lastUsed: DatagramsPage | undefined;
  static readonly #all = new Set<DatagramsPage>();
  readonly source: CaptureSource;
  readonly selection: PageSelection;
  /** Row ids start anew with every extension host: the page must not take an old selection for one of ours. */
  readonly captureId = randomUUID();
  readonly #rows: RowList;
  readonly #filter: RowFilter;
  readonly #conversation: PageConversation;
  readonly #place: PagePlace;
  readonly #context: PageContext;
  readonly #disposables: vscode.Disposable[];
  readonly #push = new Throttle(PUSH_MS, () => this.#pushCapture());
  /** False until the page has said that it listens. */
  #ready = false;
  #paused = false;
  /** The text of the filter that applies: a page that comes back is to show it. Undefined until one was chosen. */
  #filterText: string | undefined;
  #counting = new AbortController();
  /** A page that has just been made has to be told of all rows. */
  #isNew = true;

  constructor(source: CaptureSource, place: PagePlace, context: PageContext) {
    DatagramsPage.#all.add(this);
    this.source = source;
    this.selection = new PageSelection(source.capture);
    this.#rows = new RowList(source.capture);
    this.#filter = new RowFilter(source, this.#rows, this.refresh);
    this.#conversation = new PageConversation(source, {
      changed: (fromTime) => {
        this.#rows.invalidate(fromTime);
        this.refresh();
      },
      tell: (conversation) => void this.#post({ type: "conversation", conversation }),
    });
    this.#place = place;
    this.#context = context;
    this.#disposables = [
      this.#push,
      this.#rows,
      this.#filter,
      this.#conversation,
      source.onDidChange(() => {
        this.#filter.update();
        this.refresh();
      }),
      context.decodeChoices.onDidChange(() => {
        const { activeId } = this.selection;
        if (activeId !== undefined) void this.#postDetail(activeId);
      }),
      place.webview.onDidReceiveMessage((received: unknown) => {
        const message = parsePageMessage(received);
        if (message) this.#answer(message).catch(this.#cannotAnswer);
        else this.#cannotAnswer("the message is none that it sends");
      }),
    ];
  }

  /** The page that a capture's id stands for; undefined where it was closed. */
  static byCaptureId(captureId: string): DatagramsPage | undefined {
    return [...DatagramsPage.#all].find((page) => page.captureId === captureId);
  }

  /** Tells the page what has changed, soon. */
  readonly refresh = (): void => {
    this.#push.trigger();
  };

  get paused(): boolean {
    return this.#paused;
  }

  /** Shows only what passes a filter; the page is told the text, and what is wrong with it. */
  async setFilter(text: string): Promise<void> {
    const { compileFilter } = await import("../../core/filter/compiler.ts");
    const compiled = compileFilter(text);
    const problem = "problem" in compiled ? compiled.problem : undefined;
    if ("filter" in compiled) {
      this.#filter.apply(compiled.filter);
      this.#filterText = text;
      this.#conversation.filterChanged(text);
    }
    await this.#post(filterAnswer(text, problem, this.#filter.filter));
    this.refresh();
  }

  /** Narrows the grid to a conversation; what it comes to shows above it, and each request says when it was answered. */
  async follow(ends: ConversationEnds): Promise<void> {
    await this.setFilter(await this.#conversation.follow(ends));
  }

  get isFiltered(): boolean {
    return this.#filter.filter !== undefined;
  }

  /** Rows that the grid has now. */
  get rowCount(): number {
    return this.#rows.length;
  }

  /** Ids of the rows that pass the filter, in their order, when all has been searched. */
  async filteredIds(): Promise<number[]> {
    await this.#filter.searched();
    return Array.from({ length: this.#rows.length }, (_, row) => this.#rows.idAt(row));
  }

  /** Holds the rows as they are, or goes on with all that came meanwhile. Recording goes on either way. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#filter.setPaused(paused);
    this.refresh();
  }

  dispose(): void {
    DatagramsPage.#all.delete(this);
    if (DatagramsPage.lastUsed === this) DatagramsPage.lastUsed = undefined;
    for (const disposable of this.#disposables) disposable.dispose();
  }

  readonly #cannotAnswer = (reason: unknown): void => {
    this.#context.log.error(`Cannot answer the datagrams grid: ${String(reason)}`);
  };

  async #answer(message: FromWebview): Promise<void> {
    switch (message.type) {
      case "ready":
        await this.#begin(message.filter);
        return;
      case "askRows":
        await this.#postRows(message.first, message.count);
        return;
      case "used":
        DatagramsPage.lastUsed = this;
        return;
      case "select":
        this.selection.activate(message.id);
        await this.#postDetail(message.id);
        return;
      case "locate":
        await this.#post({
          type: "located",
          id: message.id,
          position: this.#rows.rowOf(message.id),
        });
        return;
      case "askOverview":
        await this.#postOverview(message.steps);
        return;
      case "selection":
        this.selection.select(idsIn(this.#rows, message.runs));
        DatagramsPage.lastUsed = this;
        return;
      case "cancel":
        this.source.cancel();
        this.#filter.cancel();
        return;
      case "filter":
        DatagramsPage.lastUsed = this;
        await this.setFilter(message.text);
        return;
      case "complete":
        await this.#postCompletions(message.request, message.text, message.caret);
        return;
      case "command":
        DatagramsPage.lastUsed = this;
        await runDetailCommand(message.command, { id: message.id, captureId: this.captureId });
        return;
      case "copySelection":
        await vscode.commands.executeCommand(Commands.copyAsText);
        return;
      case "copy":
        await vscode.env.clipboard.writeText(message.text);
        return;
      case "conversation":
        if (message.action === "close") await this.setFilter("");
        else await this.#conversation.openText(message.action === "hex" ? "hex" : "utf-8");
        return;
    }
  }

  /** A page was made. After a reload of the window it knows the filter, and we don't. */
  async #begin(filterOfPage = ""): Promise<void> {
    this.#ready = false;
    await this.#post({
      type: "hello",
      texts: vscode.l10n.bundle ?? {},
      language: vscode.env.language,
      captureId: this.captureId,
    });
    // Before the rows: others than these are not to be seen even for a moment.
    this.#filterText ??= filterOfPage;
    if (this.#filterText !== "") await this.setFilter(this.#filterText);
    this.#conversation.tell();
    this.#ready = true;
    this.#isNew = true;
    this.#pushCapture();
  }

  #pushCapture(): void {
    if (!this.#ready || !this.#place.visible) return;
    const { capture } = this.source;
    const total = this.#rows.length;
    const firstChanged = this.#rows.takeFirstChanged();
    const removedFromFront = this.#rows.takeRemovedFromFront();
    void this.#post({
      type: "capture",
      total,
      firstChanged: this.#isNew ? 0 : firstChanged,
      notRecorded: capture.notRecorded,
      paused: this.#paused,
      unfiltered: this.#rows.unfiltered,
      removedFromFront: this.#isNew ? 0 : removedFromFront,
      evicted: this.source.evicted,
      start: capture.length > 0 ? capture.time(capture.idAt(0)) : 0,
      progress: this.source.progress ?? this.#filter.progress,
      remarks: this.source.remarks,
    });
    this.#isNew = false;
  }

  async #postRows(first: number, count: number): Promise<void> {
    const rows = await rowsAnswer(this.source, this.#rows, first, count, this.#conversation);
    await this.#post({ type: "rows", first, rows });
    this.source.shown?.();
  }

  async #postDetail(id: number): Promise<void> {
    const { source } = this;
    const rowOf = () => rowAnswer(source, this.#rows, id, this.#conversation.noteOf(id));
    const detail = await datagramDetail(source, this.#context.decodeChoices, id, rowOf);
    await this.#post({ type: "detail", id, detail });
  }

  async #postCompletions(request: number, text: string, caret: number): Promise<void> {
    const { filterCompletions } = await import("../filter/filter_completions.ts");
    const items = filterCompletions(this.source.capture, text, caret);
    await this.#post({ type: "completions", request, items });
  }

  async #postOverview(steps: number): Promise<void> {
    this.#counting.abort();
    this.#counting = new AbortController();
    const { signal } = this.#counting;
    const overview = await countOverTime(
      this.source.capture,
      this.#filter.rowsOfAllTimes,
      steps,
      signal,
    );
    if (overview) await this.#post({ type: "overview", overview });
  }

  async #post(message: ToWebview): Promise<void> {
    await this.#place.webview.postMessage(message);
  }
}
