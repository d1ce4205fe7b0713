import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { ConversationEnds } from "../../core/capture/captured_conversation.ts";
import { RowList } from "../../core/capture/row_list.ts";
import type { Filter } from "../../core/filter/compiler.ts";
import type { DecodedFieldNames } from "../../core/filter/decoded_fields.ts";
import type { FromWebview, ToWebview } from "../../webview/datagrams/protocol.ts";
import type { CommandId } from "../base/command.ts";
import type { Place } from "../base/place.ts";
import { Store } from "../base/store.ts";
import { Throttle } from "../base/throttle.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { PageConversation } from "../conversation/page_conversation.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import type { FieldSample } from "../filter/field_sample.ts";
import { filterAnswer } from "../filter/filter_answer.ts";
import { RowFilter } from "../filter/row_filter.ts";
import { missingText } from "../words/missing_text.ts";
import type { Grids } from "./grids.ts";
import { OverviewCounter } from "./overview.ts";
import { answerPage } from "./page_answers.ts";
import { parsePageMessage } from "./page_message.ts";
import { PageSelection } from "./page_selection.ts";

/** At most 20 times a second: faster is not seen, and costs the terminal and the editor their turns. */
const PUSH_MS = 50;

/** Where the page is shown: a view in the side bar or an editor. */
export interface PagePlace {
  readonly webview: vscode.Webview;
  readonly visible: boolean;
}

/** What the pages of a window share. */
export interface PageContext {
  /** The folder of the extension. */
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  /** What reads payloads: loaded when it is first needed. */
  readonly decoders: () => Promise<PayloadDecoders>;
  readonly grids: Grids;
  /** Runs a command for the person who has pressed a button. */
  readonly runAt: (command: CommandId, place: Place) => Promise<void>;
}

/**
 * One grid of datagrams, wherever it is shown: keeps the webview told of its capture; what it asks is answered in
 * page_answers.ts. The page holds nothing but the rows that it shows.
 */
export class DatagramsPage implements vscode.Disposable {
  readonly source: CaptureSource;
  readonly context: PageContext;
  readonly decoders: PayloadDecoders;
  readonly selection: PageSelection;
  readonly rows: RowList;
  readonly conversation: PageConversation;
  readonly overview = new OverviewCounter();
  /** Row ids start anew with every extension host: the page must not take an old selection for one of ours. */
  readonly captureId = randomUUID();
  /** Fields that are columns, as filters call them. */
  fieldColumns: readonly string[] = [];
  readonly #filter: RowFilter;
  readonly #place: PagePlace;
  readonly #store = new Store();
  readonly #push = this.#store.add(new Throttle(PUSH_MS, () => this.#pushCapture()));
  /** False until the page has said that it listens, and again while it is hidden: VS Code throws it away then. */
  #ready = false;
  #paused = false;
  /** The text of the filter that applies: a page that comes back is to show it. Undefined until one was chosen. */
  #filterText: string | undefined;
  /** The one that was typed last, be it wrong. */
  #typedFilter = "";
  #sample: FieldSample | undefined;
  /** A page that has just been made has to be told of all rows. */
  #isNew = true;
  /** All rows have to be told anew, where they are. */
  #areRowsOutdated = false;
  /**
   * The datagram whose row the page is to show, until it has selected one: a page may listen, or seem to, just when VS Code
   * throws it away, and the next one has to be told.
   */
  #toShow: number | undefined;

  constructor(
    source: CaptureSource,
    place: PagePlace,
    context: PageContext,
    decoders: PayloadDecoders,
  ) {
    this.source = source;
    this.context = context;
    this.decoders = decoders;
    this.#place = place;
    this.selection = new PageSelection(source.capture);
    this.rows = this.#store.add(new RowList(source.capture));
    this.#filter = this.#store.add(
      new RowFilter(source, this.rows, this.refresh, () => decoders.load()),
    );
    this.conversation = this.#store.add(
      new PageConversation(source, {
        changed: (fromTime) => {
          this.rows.invalidate(fromTime);
          this.refresh();
        },
        tell: (conversation) => void this.post({ type: "conversation", conversation }),
      }),
    );
    this.#store.add(
      source.onDidChange(() => {
        this.#filter.update();
        this.refresh();
      }),
    );
    this.#store.add(decoders.onDidChange(this.#decodersChanged));
    this.#store.add(
      place.webview.onDidReceiveMessage((received: unknown) => {
        const message = parsePageMessage(received);
        if (message?.type === "select") this.#toShow = undefined;
        if (message) this.#answer(message);
        else this.#cannotAnswer("the message is none that it sends");
      }),
    );
    this.#store.add(context.grids.add(this));
    context.grids.onChange?.();
  }

  /** Tells the page what has changed, soon. */
  readonly refresh = (): void => {
    this.#push.trigger();
  };

  /** Its view or editor was shown or hidden. */
  readonly placeChanged = (): void => {
    if (!this.#place.visible) this.#ready = false;
    this.refresh();
  };

  /** Commands of the menu and the palette mean this page from now on. */
  use(): void {
    this.context.grids.use(this);
  }

  async post(message: ToWebview): Promise<void> {
    await this.#place.webview.postMessage(message);
  }

  /** A page was made. After a reload of the window it knows the filter, and we don't. */
  async begin(filterOfPage = ""): Promise<void> {
    this.#ready = false;
    await this.post({
      type: "hello",
      texts: vscode.l10n.bundle ?? {},
      language: vscode.env.language,
      captureId: this.captureId,
      isLive: this.source.isLive,
    });
    // Before the rows: others than these are not to be seen even for a moment.
    this.#filterText ??= filterOfPage;
    if (this.#filterText !== "") await this.setFilter(this.#filterText);
    this.conversation.tell();
    this.#ready = true;
    this.#isNew = true;
    this.#pushCapture();
    if (this.#toShow !== undefined) await this.showRow(this.#toShow);
  }

  /** Shows only what passes a filter; the page is told the text, and what is wrong with it. */
  async setFilter(text: string): Promise<void> {
    this.#typedFilter = text;
    const { compileFilter } = await import("../../core/filter/compiler.ts");
    const fields = mayNameField(text) ? await this.#fieldNames() : undefined;
    // Another one was typed meanwhile.
    if (text !== this.#typedFilter) return;
    const compiled = compileFilter(text, fields);
    const problem = "problem" in compiled ? compiled.problem : undefined;
    if ("filter" in compiled) {
      this.#filter.apply(compiled.filter);
      this.#filterText = text;
      this.conversation.filterChanged(text);
      this.context.grids.changed(this);
    }
    await this.post(filterAnswer(text, problem, this.#filter.filter));
    this.refresh();
  }

  /** What decoders find in this capture: names of fields, each with values. */
  async fieldValues(): Promise<ReadonlyMap<string, readonly string[]>> {
    const { FieldSample } = await import("../filter/field_sample.ts");
    this.#sample ??= new FieldSample(this.source);
    return this.#sample.values(await this.decoders.load());
  }

  /** What decoders can find, as they are now. */
  async #fieldNames(): Promise<DecodedFieldNames> {
    const { decodedFieldNames } = await import("../filter/decoded_field_names.ts");
    return decodedFieldNames(await this.decoders.load());
  }

  get isVisible(): boolean {
    return this.#place.visible;
  }

  /** Selects the row of a datagram, and brings it into view; a filter that it does not pass goes. */
  async showRow(id: number): Promise<void> {
    this.#toShow = id;
    if (!this.#ready) return;
    await this.#filter.catchUp();
    if (this.rows.rowOf(id) === undefined) await this.setFilter("");
    const position = this.rows.rowOf(id);
    if (position === undefined) return;
    this.#pushCapture();
    await this.post({ type: "showRow", id: this.rows.idAt(position), position });
  }

  /** Narrows the grid to a conversation; what it comes to shows above it, and each request says when it was answered. */
  async follow(ends: ConversationEnds): Promise<void> {
    await this.setFilter(await this.conversation.follow(ends));
  }

  /** Rows have these fields as columns from now on. */
  setFieldColumns(names: readonly string[]): void {
    this.fieldColumns = names;
    this.#areRowsOutdated = true;
    this.refresh();
  }

  /** The filter that applies; undefined where all rows are shown. */
  get filter(): Filter | undefined {
    return this.#filter.filter;
  }

  /** The same, as it was typed. */
  get filterText(): string {
    return this.#filterText ?? "";
  }

  /** Calls `listener` when the page is closed. */
  onClose(listener: () => void): void {
    this.#store.add({ dispose: listener });
  }

  get isFiltered(): boolean {
    return this.#filter.filter !== undefined;
  }

  /** What passes the filter whatever its time is: an overview shows where in it the rows lie. */
  get rowsOfAllTimes(): RowList {
    return this.#filter.rowsOfAllTimes;
  }

  /** Ids of the rows that pass the filter, in their order, when all has been searched. */
  async filteredIds(): Promise<number[]> {
    await this.#filter.searched();
    return Array.from({ length: this.rows.length }, (_, row) => this.rows.idAt(row));
  }

  /** Ends reading a file, or a search. */
  cancel(): void {
    this.source.cancel();
    this.#filter.cancel();
  }

  /** Holds the rows as they are, or goes on with all that came meanwhile. Recording goes on either way. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#filter.setPaused(paused);
    this.refresh();
  }

  dispose(): void {
    this.#store.dispose();
    this.context.grids.onChange?.();
  }

  readonly #decodersChanged = (): void => {
    this.#areRowsOutdated = true;
    this.refresh();
    // Its fields may be others now, or what they say.
    if (mayNameField(this.#typedFilter)) void this.setFilter(this.#typedFilter);
    const { activeId: id } = this.selection;
    if (id !== undefined) this.#answer({ type: "select", id });
  };

  #answer(message: FromWebview): void {
    answerPage(this, message).catch(this.#cannotAnswer);
  }

  readonly #cannotAnswer = (reason: unknown): void => {
    this.context.log.error(`Cannot answer the datagrams grid: ${String(reason)}`);
  };

  #pushCapture(): void {
    if (!this.#ready || !this.#place.visible) return;
    void this.#filter.catchUp();
    const { capture } = this.source;
    const total = this.rows.length;
    const firstChanged = this.rows.takeFirstChanged();
    const removedFromFront = this.rows.takeRemovedFromFront();
    void this.post({
      type: "capture",
      total,
      firstChanged: this.#isNew || this.#areRowsOutdated ? 0 : firstChanged,
      notRecorded: capture.notRecorded,
      notRecordedOf: missingText(capture),
      paused: this.#paused,
      unfiltered: this.rows.unfiltered,
      removedFromFront: this.#isNew ? 0 : removedFromFront,
      evicted: this.source.evicted,
      start: capture.start,
      hasDirections: capture.length === 0 || capture.flows.hasDirections,
      progress: this.source.progress ?? this.#filter.progress,
      remarks: this.source.remarks,
    });
    this.#isNew = false;
    this.#areRowsOutdated = false;
  }
}

/** Whether a filter may ask for a field of a decoder, whose names have to be known then. */
function mayNameField(text: string): boolean {
  return /[a-z0-9_][.[][a-z0-9_]/i.test(text);
}
