import type { DefinedAt } from "../../../core/decode/decoded.ts";
import { create, on } from "../../parts/dom.ts";
import { iconButton } from "../../parts/icons.ts";
import { byteText, numberText, t } from "../../parts/l10n.ts";
import { formatFullTime, formatMicroseconds, isToday } from "../../parts/time_format.ts";
import { directionWord } from "../grid/row_view.ts";
import type { DatagramDetail, DatagramRow, DetailCommand, DetailFact } from "../protocol.ts";
import { DetailActions } from "./detail_actions.ts";
import type { FieldEvents } from "./field_menu.ts";
import { PayloadView } from "./payload_view.ts";

export interface DetailEvents {
  /** Escape: back to the grid. */
  left(): void;
  closed(): void;
  tabChanged(id: string): void;
  command(command: DetailCommand, id: number): void;
  /** Another row, which a sentence is about. */
  rowWanted(id: number): void;
  /** A line of a definition, which names a field. */
  openLine(at: DefinedAt): void;
  /** For the clipboard. */
  copied(text: string): void;
  /** See {@link FieldEvents}. */
  filtered: FieldEvents["filtered"];
  columnAdded: FieldEvents["columnAdded"];
  plotted: FieldEvents["plotted"];
  /** What is told of the datagram has changed: its facts have to be asked for again. */
  outdated(id: number): void;
}

/** The selected datagram in full, below the grid. */
export class Detail {
  readonly element: HTMLElement;
  readonly #events: DetailEvents;
  readonly #heading = create("h2");
  readonly #facts = create("p", { class: "facts" });
  readonly #sentences = create("div", { class: "sentences" });
  readonly #actions: DetailActions;
  readonly #payload: PayloadView;
  #detail: DatagramDetail | undefined;
  #row: DatagramRow | undefined;
  #position: number | undefined;

  constructor(tab: string | undefined, events: DetailEvents) {
    this.#events = events;
    const run = (command: DetailCommand) => {
      if (this.#row) events.command(command, this.#row.id);
    };
    this.#payload = new PayloadView(tab, {
      tabChanged: events.tabChanged,
      decodeAs: () => run("decodeAs"),
      openLine: events.openLine,
      fields: events,
    });
    this.#actions = new DetailActions(run, () => events.copied(this.#payload.copied));
    const closing = iconButton("close", t("Close"));
    const about = create("div", { class: "about" }, this.#facts, this.#sentences);
    this.element = create(
      "section",
      { class: "detail", id: "detail", "aria-label": t("Selected datagram") },
      create("div", { class: "heading" }, this.#heading, closing),
      about,
      create("div", { class: "toolbar" }, this.#actions.element, this.#payload.tabs.element),
      ...this.#payload.panels,
    );
    this.hide();
    on(closing, "click", events.closed);
    on(this.element, "keydown", (event) => {
      if (event.key === "Escape") events.left();
    });
  }

  /** `position`: of its row, from 0, as far as it is known. */
  show(detail: DatagramDetail, position: number | undefined): void {
    const before = this.#detail;
    this.#detail = detail;
    this.#tell(detail.row, position);
    this.#sentences.replaceChildren(...detail.facts.map((fact) => this.#sentence(fact)));
    this.#actions.show(detail.commands);
    this.element.hidden = false;
    const isShown = before !== undefined && isSamePayload(before, detail);
    if (!isShown) this.#payload.show(detail);
    // What a rule did where it arrived may be known only now.
    this.#payload.markChanged(detail.changedBytes);
    if (isShown) return;
    // The person has just chosen another decoder, and wants to see what it says.
    const isSame = before?.row.id === detail.row.id;
    if (isSame && detail.decoded?.origin !== before.decoded?.origin) this.#payload.showDecoded();
  }

  /**
   * What became of the datagram, and where its row is, may change while it is shown. That of another one is nothing to
   * tell yet: its number never stands above a payload that is not its own.
   */
  update(id: number, row: DatagramRow | undefined, position: number | undefined): void {
    const shown = this.#row;
    if (shown?.id !== id || (position === this.#position && (!row || row === shown))) return;
    const isOutdated = row !== undefined && row.note !== shown.note;
    this.#tell(row ?? shown, position);
    if (isOutdated) this.#events.outdated(row.id);
  }

  hide(): void {
    this.#detail = undefined;
    this.#row = undefined;
    this.element.hidden = true;
  }

  focus(): void {
    this.#payload.tabs.panel?.focus();
  }

  #sentence({ text, isAnomaly, byRule, row }: DetailFact): HTMLElement {
    const kind = isAnomaly ? " anomaly" : byRule ? " ruled" : "";
    if (row === undefined) return create("p", { class: `sentence${kind}` }, text);
    const link = create("button", { class: "action", type: "button" }, text);
    on(link, "click", () => this.#events.rowWanted(row));
    return create("p", { class: `sentence hop${kind}` }, link);
  }

  #tell(row: DatagramRow, position: number | undefined): void {
    this.#row = row;
    this.#position = position;
    const { direction, local, peer } = row;
    const count = row.number ?? (position === undefined ? undefined : position + 1);
    const number = count === undefined ? "" : numberText(count);
    const route = direction === "in" ? `${peer} → ${local}` : `${local} → ${peer}`;
    setText(this.#heading, join([number, route, byteText(row.length)]));
    const word = directionWord(direction);
    const program = this.#detail?.program ?? "";
    setText(this.#facts, join([word, timeText(row.time), program, row.note]));
    this.#facts.title = formatFullTime(row.time);
  }
}

/** Told anew of the same datagram, what a person looks at stays where it is. */
function isSamePayload(before: DatagramDetail, detail: DatagramDetail): boolean {
  return (
    before.row.id === detail.row.id &&
    before.payload.length === detail.payload.length &&
    JSON.stringify(before.decoded) === JSON.stringify(detail.decoded) &&
    before.payload.every((byte, index) => byte === detail.payload[index])
  );
}

/** What is told again as it was leaves the text alone that a person has marked in it. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** With its date where that is not today's. */
function timeText(time: number): string {
  return isToday(time) ? formatMicroseconds(time) : formatFullTime(time);
}

function join(facts: readonly string[]): string {
  return facts.filter((fact) => fact !== "").join(" · ");
}
