import { type Completion, CompletionList } from "../../parts/completion_list.ts";
import { create, on } from "../../parts/dom.ts";
import { iconButton } from "../../parts/icons.ts";
import { t } from "../../parts/l10n.ts";
import { type Problem, ProblemMark } from "./problem_mark.ts";
import { SentTexts } from "./sent_texts.ts";

/** The filter is sent so long after the last key. */
const SEND_MS = 150;

export interface FilterBoxEvents {
  /** This is to be the filter. */
  changed(text: string): void;
  /** What can stand at the caret? */
  complete(request: number, text: string, caret: number): void;
  /** Escape in the empty box: back to the grid. */
  left(): void;
}

/** The box above the grid: a filter with completions, what is wrong with it, and how many rows pass it. */
export class FilterBox {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #count = create("span", { class: "count" });
  readonly #clear: HTMLButtonElement;
  readonly #list: CompletionList;
  readonly #problem: ProblemMark;
  readonly #events: FilterBoxEvents;
  readonly #sent = new SentTexts();
  #lastSent = "";
  #request = 0;
  /** The text that the list is about: places in it mean nothing in another one. */
  #listedFor = "";
  #sending: ReturnType<typeof setTimeout> | undefined;

  constructor(events: FilterBoxEvents) {
    this.#events = events;
    this.#input = create("input", {
      type: "text",
      role: "combobox",
      "aria-label": t("Filter"),
      "aria-autocomplete": "list",
      placeholder: t("Filter: text, port:9999, dir:in, len:>100"),
      autocomplete: "off",
      spellcheck: "false",
    });
    this.#clear = iconButton("close", t("Clear Filter"));
    this.#list = new CompletionList(this.#input, t("Filter"), (item) => this.#accept(item));
    this.#problem = new ProblemMark(this.#input);
    const field = create("div", { class: "field" }, this.#problem.underline, this.#input);
    const box = create("div", { class: "box" }, field, this.#count, this.#clear);
    const { reason } = this.#problem;
    this.element = create("div", { class: "filter" }, box, reason, this.#list.element);
    this.#textChanged();
    this.#listen();
  }

  get text(): string {
    return this.#input.value;
  }

  /** Makes it the filter, at once. */
  set text(text: string) {
    this.#input.value = text;
    this.#textChanged();
    this.#sendNow();
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  /** How many rows there are, in words. */
  showCount(text: string): void {
    this.#count.textContent = text;
  }

  /** The host says what the filter is, in answer to what was sent or because it was chosen elsewhere. */
  told(text: string, problem: Problem | undefined): void {
    if (!this.#sent.isAnswer(text)) {
      clearTimeout(this.#sending);
      this.#lastSent = text;
      this.#input.value = text;
      this.#textChanged();
    }
    // Somebody who types on will hear of the new text soon.
    if (text === this.text) this.#problem.show(problem);
  }

  complete(request: number, items: readonly Completion[]): void {
    if (request !== this.#request || document.activeElement !== this.#input) return;
    const { text } = this;
    this.#listedFor = text;
    this.#list.show(items.filter(({ start, end, insert }) => text.slice(start, end) !== insert));
  }

  #listen(): void {
    on(this.#input, "input", () => {
      this.#textChanged();
      clearTimeout(this.#sending);
      this.#sending = setTimeout(() => this.#send(), SEND_MS);
      if (this.text === "") return this.#closeList();
      this.#narrowList();
      this.#askForCompletions();
    });
    on(this.#input, "blur", () => this.#closeList());
    on(this.#input, "keydown", (event) => {
      if (event.isComposing || !this.#keyDown(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    on(this.#clear, "click", () => {
      this.text = "";
      this.focus();
    });
  }

  /** True where the key was for this box and not for the text in it. */
  #keyDown({ key, ctrlKey }: KeyboardEvent): boolean {
    const { isOpen } = this.#list;
    const active = this.text === this.#listedFor ? this.#list.active : undefined;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key] as 1 | -1 | undefined;
    if (step && isOpen) this.#list.move(step);
    else if (key === "ArrowDown" || (key === " " && ctrlKey)) this.#askForCompletions();
    else if ((key === "Enter" || key === "Tab") && active) this.#accept(active);
    else if (key === "Enter") this.#sendNow();
    else if (key === "Escape" && isOpen) this.#closeList();
    else if (key === "Escape" && this.text !== "") this.text = "";
    else if (key === "Escape") this.#events.left();
    else return false;
    return true;
  }

  #accept({ insert, start, end }: Completion): void {
    if (this.text !== this.#listedFor) return;
    this.#input.setRangeText(insert, start, end, "end");
    this.#input.dispatchEvent(new InputEvent("input"));
  }

  #askForCompletions(): void {
    const { selectionStart } = this.#input;
    this.#events.complete(++this.#request, this.text, selectionStart ?? this.text.length);
  }

  /** Keeps what still fits, with what was typed since: keys may come before the host's answer. */
  #narrowList(): void {
    const { text } = this;
    const before = this.#listedFor;
    const caret = this.#input.selectionStart ?? text.length;
    const fitting = this.#list.items.flatMap((item) => {
      const { start, end, insert } = item;
      const typed = text.slice(start, caret);
      const isSame =
        text.slice(0, start) === before.slice(0, start) && text.slice(caret) === before.slice(end);
      const fits = isSame && insert !== typed && insert.startsWith(typed);
      return fits ? [{ ...item, end: caret }] : [];
    });
    this.#listedFor = text;
    this.#list.show(fitting);
  }

  #closeList(): void {
    // What is asked for comes too late.
    this.#request++;
    this.#list.close();
  }

  #textChanged(): void {
    this.#clear.hidden = this.text === "";
    this.#problem.hideUnderline();
  }

  #sendNow(): void {
    this.#closeList();
    this.#send();
  }

  #send(): void {
    clearTimeout(this.#sending);
    const { text } = this;
    if (text === this.#lastSent) return;
    this.#lastSent = text;
    this.#sent.sent(text);
    this.#events.changed(text);
  }
}
