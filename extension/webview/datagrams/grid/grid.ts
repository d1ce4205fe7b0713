import { create, setAttributes } from "../../parts/dom.ts";
import { t } from "../../parts/l10n.ts";
import type { DatagramRow } from "../protocol.ts";
import { maxTop, type RowRange, topToReveal, visibleRows } from "./geometry.ts";
import { GridColumns } from "./grid_columns.ts";
import { GridEnd } from "./grid_end.ts";
import type { GridChange, GridEvents, GridStart } from "./grid_events.ts";
import { type Choice, listenToInput } from "./grid_input.ts";
import { GridOverlay } from "./grid_overlay.ts";
import { RowHold } from "./row_hold.ts";
import { RowPool } from "./row_pool.ts";
import { RowStore } from "./row_store.ts";
import type { RowStyle } from "./row_style.ts";
import { ScrollView } from "./scroll_view.ts";
import type { Selection } from "./selection.ts";
import { isStrayKey } from "./stray_key.ts";

/** The table of datagrams: shows the rows in view, asks for them, selects, and follows the end. */
export class Grid {
  /** The grid with its button. */
  readonly element: HTMLElement;
  readonly columns: GridColumns;
  readonly #grid: HTMLElement;
  readonly #overlay: GridOverlay;
  readonly #events: GridEvents;
  readonly #selection: Selection;
  readonly #end: GridEnd;
  readonly #isLive: boolean;
  readonly #store = new RowStore();
  readonly #scroll: ScrollView;
  readonly #pool: RowPool;
  readonly #hold = new RowHold(() => this.schedule());
  readonly #keyDown: (event: KeyboardEvent) => void;
  /** The row to start with, until there are rows. */
  #firstRow: number | undefined;
  #frame = 0;
  /** Where the view was, and of how many rows, when the rows under way were asked for. */
  #asked = { top: 0, total: 0 };
  /** Until the user scrolls, the row that they selected stays in view. */
  #keepActiveInView = false;
  /** The active row comes into view when the host says where it is. */
  #revealActive = false;
  /** What is drawn is of the list before this one, and says nothing about where rows are now. */
  #isOtherList = false;

  constructor(selection: Selection, style: RowStyle, start: GridStart, events: GridEvents) {
    this.#selection = selection;
    this.#events = events;
    this.#isLive = start.isLive;
    this.#end = new GridEnd(start.follow);
    this.#firstRow = start.follow ? undefined : start.firstRow;
    this.#grid = create("div", {
      class: "grid",
      role: "grid",
      tabindex: "0",
      "aria-label": t("Datagrams"),
      "aria-multiselectable": "true",
      // No cut and paste in the menu of what is no row.
      "data-vscode-context": JSON.stringify({ preventDefaultContextMenuItems: true }),
    });
    this.columns = new GridColumns(this.#grid, start.columns, events.columnsChanged);
    const probe = create("div", { class: "row probe", "aria-hidden": "true" });
    this.#scroll = new ScrollView(this.#grid, this.columns.head, probe, {
      scrolled: () => this.#scrolled(),
      resized: () => this.#resized(),
    });
    this.#pool = new RowPool(this.#scroll.rows, style);
    this.#overlay = new GridOverlay(() => this.#followAgain());
    this.element = create("div", { class: "grid-area" }, this.#grid, ...this.#overlay.elements);
    this.#keyDown = this.#listen();
  }

  get follows(): boolean {
    return this.#end.isFollowed;
  }

  /** First row in view. */
  get firstRow(): number {
    return this.#view.first;
  }

  /** The active row as it is known now, where it is. */
  get activeRow(): DatagramRow | undefined {
    const { id, position } = this.#selection;
    const row = position === undefined ? undefined : this.#store.at(position);
    return row?.id === id ? row : undefined;
  }

  focus(): void {
    this.#grid.focus();
  }

  /** A key was pressed anywhere in the page. Where it means the grid, the grid has the focus from then on. */
  keyPressed(event: KeyboardEvent): void {
    if (!isStrayKey(event)) return;
    this.focus();
    this.#keyDown(event);
  }

  /** `whyEmpty`: what to say where there are no rows. */
  captureChanged(change: GridChange, whyEmpty: string): void {
    const { total, unfiltered, firstChanged, removedFromFront } = change;
    if (removedFromFront > 0) this.#removedFromFront(removedFromFront);
    this.#store.captureChanged(total, firstChanged);
    const wasEmpty = this.#selection.isEmpty;
    this.#selection.captureChanged(total, removedFromFront);
    if (this.#selection.isEmpty !== wasEmpty) this.#events.activated();
    this.#scroll.setTotal(total);
    // Under a filter rows keep the numbers that they have among all.
    this.columns.setHighestNumber(Math.max(total, unfiltered));
    this.columns.hasDirections = change.hasDirections;
    this.#overlay.showEmpty(total === 0 ? whyEmpty : undefined);
    if (total > 0 && this.#firstRow !== undefined) {
      this.#scroll.scrollTo(this.#firstRow * this.#scroll.geometry.rowHeight);
      this.#firstRow = undefined;
    }
    const { id, position } = this.#selection;
    if (id !== undefined && firstChanged <= (position ?? total)) this.#events.misplaced(id);
    this.#events.selectionChanged();
    this.schedule();
  }

  rowsAnswered(first: number, rows: readonly DatagramRow[]): void {
    const top = this.#pool.topRow;
    this.#store.answered(first, rows, this.#view);
    this.columns.makeRoomFor(rows);
    if (top && !this.#end.isFollowed && !this.#isOtherList) this.#anchor(top.id, top.position);
    if (this.#selection.rowsChanged(this.#store)) this.#events.activated();
    this.#events.selectionChanged();
    // Somebody scrolls faster than rows come: show at least where they have been.
    if (this.#mustHold()) {
      this.#drawAt(this.#asked.top, this.#asked.total);
      this.#hold.restart();
    }
    this.schedule();
  }

  /** The host said where a row is; undefined where it is gone. */
  located(id: number, position: number | undefined): void {
    this.#selection.located(id, position);
    if (this.#selection.isEmpty) this.#events.activated();
    else if (this.#revealActive) this.#reveal();
    this.#revealActive = false;
    this.#events.selectionChanged();
    this.schedule();
  }

  /** Somebody wants to see this row, which is there. */
  show(id: number, position: number): void {
    this.#selection.selectRow(id, position);
    this.#showActive();
  }

  /** Another filter applies: other rows, of which only the active one is known. */
  filterChanged(): void {
    if (this.#selection.id !== undefined) this.#selection.collapse();
    else if (!this.#selection.isEmpty) {
      // Nobody has told yet which row of the other list it is: at its place in this one is another.
      this.#selection.clear();
      this.#events.activated();
    }
    this.#store.clear();
    this.#isOtherList = true;
    this.#revealActive = !this.#end.isFollowed;
  }

  /** Draws with the browser's next frame. */
  schedule(): void {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  get #view(): RowRange {
    return visibleRows(this.#scroll.geometry, this.#scroll.top);
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { total } = this.#store;
    if (this.#end.isFollowed) this.#scroll.scrollTo(maxTop(this.#scroll.geometry));
    this.#ask();
    if (!this.#mustHold()) this.#drawAt(this.#scroll.top, total);
    this.#end.saw(this.#view.end, total);
    // What a file has further down is not new.
    this.#overlay.showNewRows(this.#isLive ? this.#end.newRows(total) : 0);
    this.#events.drawn();
  }

  /** `total`: how many rows there are to whoever sees what is drawn. */
  #drawAt(top: number, total: number): void {
    const { geometry } = this.#scroll;
    this.#pool.draw(geometry, top, this.#store, this.#selection);
    this.#isOtherList = false;
    setAttributes(this.#grid, {
      "aria-rowcount": total + 1,
      "aria-activedescendant": this.#activeElement?.id,
    });
  }

  get #activeElement(): HTMLElement | undefined {
    const { position } = this.#selection;
    return position === undefined ? undefined : this.#pool.at(position)?.element;
  }

  #ask(): void {
    const wanted = this.#store.ask(this.#view);
    if (!wanted) return;
    this.#asked = { top: this.#scroll.top, total: this.#store.total };
    // Each answer may take that long: frames between two questions are not the host's.
    this.#hold.restart();
    this.#events.askRows(wanted.first, wanted.count);
  }

  /** True while what was drawn is better than what could be drawn now: rows that are not here would be blank. */
  #mustHold(): boolean {
    const view = this.#view;
    const missing = this.#store.missing(view);
    const { isFollowed } = this.#end;
    const isMissing = missing > 0 && (isFollowed || missing === view.end - view.first);
    // Rows of another list are drawn at most a moment longer, but before blanks.
    const isKnown =
      this.#pool.isDrawn && (this.#isOtherList || this.#pool.end <= this.#store.total);
    const waits = this.#hold.waits(isMissing && isKnown);
    // Who follows sees what is known until the next is, however slow the host.
    return isFollowed && !this.#isOtherList ? isMissing && isKnown : waits;
  }

  /** The view goes with its rows, which are all so much nearer to the front. */
  #removedFromFront(count: number): void {
    const { top, geometry } = this.#scroll;
    this.#store.removedFromFront(count);
    this.#pool.removedFromFront(count);
    this.#end.removedFromFront(count);
    this.#scroll.setTotal(this.#store.total);
    this.#scroll.scrollTo(top - count * geometry.rowHeight);
  }

  /** Rows that came in between before it push the first row in view down or up: the view goes with it. */
  #anchor(id: number, position: number): void {
    const now = this.#store.positionOf(id);
    if (now === undefined || now === position) return;
    this.#scroll.scrollTo(this.#scroll.top + (now - position) * this.#scroll.geometry.rowHeight);
  }

  #scrolled(): void {
    this.#keepActiveInView = false;
    this.#revealActive = false;
    if (this.#scroll.isAtEnd) this.#end.follow();
    else this.#end.leave(this.#store.total);
    this.schedule();
  }

  #resized(): void {
    // The detail opened below: not over the row that it shows.
    if (this.#keepActiveInView) this.#reveal();
    this.#draw();
  }

  #reveal(): void {
    const { position } = this.#selection;
    if (position === undefined) return;
    this.#scroll.scrollTo(topToReveal(this.#scroll.geometry, this.#scroll.top, position));
  }

  #choose(position: number, choice: Choice): void {
    if (choice === "alone") this.#selection.select(position, this.#store);
    else if (choice === "extend") this.#selection.extend(position, this.#store);
    else this.#selection.toggle(position, this.#store);
    this.#showActive();
  }

  #showActive(): void {
    this.#keepActiveInView = true;
    this.#end.leave(this.#store.total);
    this.#reveal();
    this.#selected();
  }

  #selected(): void {
    if (this.#selection.id !== undefined || this.#selection.isEmpty) this.#events.activated();
    this.#events.selectionChanged();
    this.schedule();
  }

  #followAgain(): void {
    this.#end.follow();
    this.focus();
    this.schedule();
  }

  #listen(): (event: KeyboardEvent) => void {
    return listenToInput(this.#grid, {
      view: () => this.#scroll,
      active: () => this.#selection.position,
      activeElement: () => this.#activeElement,
      // A row of the list before is at another place in this one.
      positionOf: (target) => (this.#isOtherList ? undefined : this.#pool.positionOf(target)),
      isSelected: (position) => this.#selection.has(position, this.#store.at(position)?.id),
      choose: (position, choice) => this.#choose(position, choice),
      chooseAll: () => {
        this.#selection.selectAll(this.#store);
        this.#selected();
      },
      chooseNone: () => {
        this.#selection.clear();
        this.#selected();
      },
      follow: () => this.#end.follow(),
      leave: this.#events.left,
      copy: this.#events.copied,
    });
  }
}
