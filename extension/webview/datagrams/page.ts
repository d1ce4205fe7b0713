import { withCondition } from "../../core/decode/field_condition.ts";
import { Announcer } from "../parts/announcer.ts";
import { create } from "../parts/dom.ts";
import { t } from "../parts/l10n.ts";
import { isToday } from "../parts/time_format.ts";
import { timeRangeOf, withTimeRange } from "../parts/time_range.ts";
import { ConversationStrip } from "./conversation/conversation_strip.ts";
import { Detail } from "./detail/detail.ts";
import { detailSplitter } from "./detail/detail_splitter.ts";
import { Filter } from "./filter/filter.ts";
import { type ColumnLayout, DEFAULT_LAYOUT, visibleFields } from "./grid/columns.ts";
import { columnsButton } from "./grid/columns_button.ts";
import { Grid } from "./grid/grid.ts";
import { Marks } from "./grid/marks.ts";
import { RowStyle } from "./grid/row_style.ts";
import { Selection } from "./grid/selection.ts";
import { OverviewStrip } from "./overview/overview.ts";
import type { DatagramDetail, ToWebview } from "./protocol.ts";
import { Remarks } from "./remarks.ts";
import type { StateKeeper } from "./saved_state.ts";
import { Status } from "./status.ts";
import type { VsCodeApi } from "./vscode_api.ts";

/** The view is saved no more often than this. */
const SAVE_MS = 300;

type Capture = Extract<ToWebview, { type: "capture" }>;

/** The whole page: status line, grid, splitter and detail, and what passes between them and the host. */
export class Page {
  readonly element: HTMLElement;
  readonly #api: VsCodeApi;
  readonly #keeper: StateKeeper;
  readonly #selection: Selection;
  readonly #style: RowStyle;
  readonly #grid: Grid;
  readonly #filter: Filter;
  readonly #conversation: ConversationStrip;
  readonly #overview: OverviewStrip;
  readonly #detail: Detail;
  readonly #splitter: HTMLElement;
  readonly #status: Status;
  readonly #remarks: Remarks;
  readonly #announcer: Announcer;
  /** What a screen reader is told at once: the answer to what the person did. */
  readonly #said = create("div", { class: "unseen", role: "status" });
  #sentRuns = "[]";
  #saving: ReturnType<typeof setTimeout> | undefined;

  /** `isLive`: its capture goes on; a file is read from its beginning. */
  constructor(api: VsCodeApi, keeper: StateKeeper, isLive: boolean) {
    this.#api = api;
    this.#keeper = keeper;
    const { state } = keeper;
    this.#selection = new Selection(state.selectedId);
    // Rows that move by themselves are no use to somebody who has them read out.
    const readsAloud = document.body.classList.contains("vscode-using-screen-reader");
    const start = {
      follow: state.follow ?? (isLive && !readsAloud),
      isLive,
      firstRow: state.firstRow ?? 0,
      columns: state.columns ?? DEFAULT_LAYOUT,
    };
    this.#style = new RowStyle(state.time);
    this.#grid = new Grid(this.#selection, this.#style, start, {
      askRows: (first, count) => api.postMessage({ type: "askRows", first, count }),
      misplaced: (id) => api.postMessage({ type: "locate", id }),
      activated: () => this.#activated(),
      selectionChanged: () => this.#selectionChanged(),
      left: () => this.#detail.focus(),
      drawn: () => this.#drawn(),
      copied: () => {
        if (!this.#selection.isEmpty) api.postMessage({ type: "copySelection" });
      },
      columnsChanged: (columns) => {
        keeper.save({ columns });
        this.#showFields(columns);
      },
    });
    this.#overview = new OverviewStrip({
      ask: (steps) => api.postMessage({ type: "askOverview", steps }),
      chosen: (range) => {
        this.#filter.box.text = withTimeRange(this.#filter.box.text, range);
      },
    });
    this.#filter = new Filter(api, keeper, {
      applied: ({ text, marks }, isFirst) => {
        this.#style.marks = new Marks(marks);
        this.#overview.range = timeRangeOf(text);
        this.#overview.changed();
        if (!isFirst) this.#grid.filterChanged();
        this.#grid.schedule();
      },
      left: () => this.#grid.focus(),
    });
    this.#conversation = new ConversationStrip((action) =>
      api.postMessage({ type: "conversation", action }),
    );
    this.#detail = new Detail(state.tab, {
      left: () => this.#grid.focus(),
      closed: () => {
        this.#deselect();
        this.#grid.focus();
      },
      tabChanged: (tab) => keeper.save({ tab }),
      command: (command, id) => api.postMessage({ type: "command", command, id }),
      rowWanted: (id) => api.postMessage({ type: "showRow", id }),
      openLine: ({ file, line }) => api.postMessage({ type: "openDefinition", file, line }),
      copied: (text) => {
        api.postMessage({ type: "copy", text });
        this.#said.textContent = t("Copied");
      },
      filtered: (condition, isOut) => {
        const { box } = this.#filter;
        box.text = withCondition(box.text, condition, isOut);
      },
      columnAdded: (name) => this.#grid.columns.addField(name),
      plotted: (field) => api.postMessage({ type: "plot", field }),
      outdated: (id) => api.postMessage({ type: "select", id }),
    });
    this.#splitter = detailSplitter(
      t("Selected datagram"),
      this.#detail.element,
      state.detailHeight,
      (detailHeight) => keeper.save({ detailHeight }),
    );
    this.#status = new Status(() => api.postMessage({ type: "cancel" }));
    this.#remarks = new Remarks(state.dismissed ?? [], (dismissed) => keeper.save({ dismissed }));
    const live = create("div", { class: "live unseen", "aria-live": "polite" });
    this.#announcer = new Announcer((summary) => {
      live.textContent = summary;
    });
    this.element = create(
      "main",
      {},
      create("h1", { class: "unseen" }, t("Datagrams")),
      create("div", { class: "bar" }, this.#filter.box.element, this.#columnsButton()),
      this.#remarks.element,
      this.#conversation.element,
      ...this.#status.elements,
      this.#overview.element,
      this.#grid.element,
      this.#splitter,
      this.#detail.element,
      live,
      this.#said,
    );
    this.#showDetail(undefined);
    this.#showFields(start.columns);
    if (this.#selection.id !== undefined)
      api.postMessage({ type: "select", id: this.#selection.id });
  }

  receive(message: Exclude<ToWebview, { type: "hello" }>): void {
    switch (message.type) {
      case "capture":
        this.#captureChanged(message);
        return;
      case "rows":
        this.#grid.rowsAnswered(message.first, message.rows);
        return;
      case "located":
        this.#grid.located(message.id, message.position);
        return;
      case "showRow":
        this.#grid.show(message.id, message.position);
        return;
      case "detail":
        // Somebody who moves fast is at another row by now.
        if (message.id !== this.#selection.id) return;
        if (message.detail) this.#showDetail(message.detail);
        else this.#deselect();
        return;
      case "filter":
        this.#filter.told(message);
        return;
      case "completions":
        this.#filter.box.complete(message.request, message.items);
        return;
      case "conversation":
        this.#conversation.show(message.conversation);
        return;
      case "overview":
        this.#overview.told(message.overview);
        return;
      default:
        message satisfies never;
    }
  }

  /** A key was pressed anywhere in the page. */
  keyPressed(event: KeyboardEvent): void {
    // Not a key binding of the manifest: VS Code does not tell those which view has the focus.
    if (event.key === "F8" && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.#api.postMessage({ type: "findLost", step: event.shiftKey ? -1 : 1 });
      return;
    }
    this.#grid.keyPressed(event);
  }

  #captureChanged(capture: Capture): void {
    this.#style.start = capture.start;
    this.#style.hasDates = capture.unfiltered > 0 && !isToday(capture.start);
    this.#grid.columns.hasDates = this.#style.hasDates;
    this.#overview.captureStart = capture.start;
    this.#overview.changed();
    this.#filter.captureChanged(capture);
    this.#grid.captureChanged(capture, this.#filter.whyEmpty(capture.unfiltered));
    this.#filter.showCount(this.#selection.count);
    this.#remarks.show(capture.remarks);
    const facts = this.#status.show(capture);
    const { total } = capture;
    const datagrams = total === 1 ? t("1 datagram") : t("{0} datagrams", total);
    this.#announcer.announce([datagrams, ...facts].join(", "));
  }

  /** The host tells with each row what it has in these columns. */
  #showFields(columns: ColumnLayout): void {
    const fields = visibleFields(columns);
    if (fields.join("\n") === this.#style.fields.join("\n")) return;
    this.#style.fields = fields;
    this.#grid.schedule();
    this.#api.postMessage({ type: "columns", fields });
  }

  #activated(): void {
    const { id } = this.#selection;
    this.#keeper.save({ selectedId: id });
    if (id === undefined) this.#showDetail(undefined);
    else this.#api.postMessage({ type: "select", id });
  }

  /** The host knows at any time what is selected, for its commands. */
  #selectionChanged(): void {
    const { runs } = this.#selection;
    const text = JSON.stringify(runs);
    if (text === this.#sentRuns) return;
    this.#sentRuns = text;
    this.#filter.showCount(this.#selection.count);
    this.#api.postMessage({ type: "selection", runs });
  }

  #deselect(): void {
    this.#selection.clear();
    this.#activated();
    this.#selectionChanged();
    this.#grid.schedule();
  }

  #showDetail(detail: DatagramDetail | undefined): void {
    this.#splitter.hidden = detail === undefined;
    if (detail) this.#detail.show(detail, this.#selection.position);
    else this.#detail.hide();
  }

  #columnsButton(): HTMLElement {
    return columnsButton(this.#grid.columns, () => ({
      mode: this.#style.timeMode,
      choose: (time) => {
        this.#style.timeMode = time;
        this.#keeper.save({ time });
        this.#grid.schedule();
      },
    }));
  }

  #drawn(): void {
    // While the active row is on its way, an earlier one is shown.
    const { id, position } = this.#selection;
    if (id !== undefined) this.#detail.update(id, this.#grid.activeRow, position);
    this.#saving ??= setTimeout(() => this.#saveView(), SAVE_MS);
  }

  #saveView(): void {
    this.#saving = undefined;
    const { follows: follow, firstRow } = this.#grid;
    const { state } = this.#keeper;
    if (state.follow === follow && state.firstRow === firstRow) return;
    this.#keeper.save({ follow, firstRow });
  }
}
