import { Announcer } from "../parts/announcer.ts";
import { create, on, setAttributes } from "../parts/dom.ts";
import { iconButton } from "../parts/icons.ts";
import { numberText, t } from "../parts/l10n.ts";
import { Menu } from "../parts/menu.ts";
import type { VsCodeApi } from "../parts/vscode_api.ts";
import { type Column, columnsOf } from "./columns.ts";
import type { CountedTable, FromWebview, GroupingKind, Question, ToWebview } from "./protocol.ts";
import { readState, type SavedState } from "./saved_state.ts";
import { Table } from "./table.ts";

/** Below so many pixels there is little room. */
const NARROW = 700;

/** The whole page: what is counted, the table, and what can be done with it. */
export class Page {
  readonly element: HTMLElement;
  readonly #api: VsCodeApi<FromWebview>;
  readonly #table: Table;
  readonly #filter = create("input", { class: "input", type: "text", spellcheck: false });
  readonly #field = create("input", {
    class: "input",
    type: "text",
    list: "fields",
    spellcheck: false,
  });
  readonly #sequence = create("input", {
    class: "input",
    type: "text",
    list: "fields",
    spellcheck: false,
  });
  readonly #names = create("datalist", { id: "fields" });
  readonly #count = create("span", { class: "count" });
  readonly #problem = create("p", { class: "problem", role: "alert", hidden: true });
  readonly #progress = create("progress", { class: "reading", max: 1, hidden: true });
  readonly #fieldLabel: HTMLElement;
  readonly #choices = new Map<GroupingKind, HTMLInputElement>();
  readonly #said = create("div", { class: "unseen", role: "status" });
  readonly #announcer: Announcer;
  #state: SavedState;
  #question: Question;
  #counted: CountedTable | undefined;
  #isNarrow = false;

  constructor(api: VsCodeApi<FromWebview>, question: Question, isLive: boolean) {
    this.#api = api;
    this.#state = { ...readState(api.getState()), isLive, question };
    this.#question = question;
    api.setState(this.#state);
    const first = { by: "forward", isDescending: true } as const;
    this.#table = new Table(this.#state.order ?? first, {
      chosen: ({ name, peer }) =>
        api.postMessage({ type: "narrow", name, ...(peer !== undefined && { peer }) }),
      ordered: (order) => this.#save({ order }),
      copied: () => this.#copy(),
    });
    this.#fieldLabel = labelled(t("Field"), this.#field);
    const live = create("div", { class: "unseen", "aria-live": "polite" });
    this.#announcer = new Announcer((summary) => {
      live.textContent = summary;
    });
    this.element = create(
      "main",
      { class: "statistics" },
      create("h1", { class: "unseen" }, t("Statistics")),
      this.#bar(),
      this.#problem,
      this.#progress,
      this.#table.element,
      create(
        "p",
        { class: "hint" },
        t("Click or Enter: the grid shows the line. F8: next line with losses."),
      ),
      this.#names,
      live,
      this.#said,
    );
    new ResizeObserver(() => this.#resized()).observe(this.element);
    this.#showQuestion();
  }

  receive(message: Exclude<ToWebview, { type: "hello" }>): void {
    if (message.type === "fields") {
      this.#names.replaceChildren(...message.names.map((value) => create("option", { value })));
      return;
    }
    this.#counted = message;
    if (JSON.stringify(message.question) !== JSON.stringify(this.#question)) {
      this.#question = message.question;
      this.#showQuestion();
    }
    this.#draw();
  }

  #bar(): HTMLElement {
    const kinds: readonly (readonly [GroupingKind, string])[] = [
      ["conversation", t("Conversations")],
      ["endpoint", t("Endpoints")],
      ["port", t("Ports")],
      ["field", t("A Field")],
    ];
    const choices = kinds.map(([kind, label]) => {
      const input = create("input", { type: "radio", name: "by", value: kind });
      on(input, "change", () => this.#chooseKind(kind));
      this.#choices.set(kind, input);
      return create("label", { class: "choice" }, input, create("span", {}, label));
    });
    for (const [input, part] of [
      [this.#filter, "filter"],
      [this.#field, "field"],
      [this.#sequence, "sequence"],
    ] as const) {
      on(input, "change", () => this.#ask({ [part]: input.value.trim() }));
      on(input, "focus", () => {
        if (part !== "filter") this.#api.postMessage({ type: "askFields" });
      });
    }
    setAttributes(this.#filter, { placeholder: t("everything") });
    setAttributes(this.#sequence, { placeholder: t("no field") });
    const columns = iconButton("columns", t("Columns"), { "aria-haspopup": "menu" });
    on(columns, "click", () => {
      const { right, bottom } = columns.getBoundingClientRect();
      new Menu(t("Columns"), { x: right, y: bottom }, () => [this.#columnItems()]);
    });
    return create(
      "div",
      { class: "bar" },
      labelled(t("Rows that pass"), this.#filter),
      this.#count,
      create(
        "div",
        { class: "choices", role: "radiogroup", "aria-label": t("Count by") },
        ...choices,
      ),
      this.#fieldLabel,
      labelled(t("Gaps in"), this.#sequence),
      create(
        "div",
        { class: "tools" },
        columns,
        textButton(t("Copy"), () => this.#copy()),
        textButton(t("Save as CSV..."), () => this.#send("save")),
      ),
    );
  }

  #chooseKind(by: GroupingKind): void {
    this.#fieldLabel.hidden = by !== "field";
    if (by !== "field" || this.#field.value.trim() !== "") {
      this.#ask({ by, field: this.#field.value.trim() });
      return;
    }
    this.#field.focus();
  }

  #ask(change: Partial<Question>): void {
    const isField = this.#choices.get("field")?.checked === true;
    const question = { ...this.#question, ...change };
    if (isField) question.by = "field";
    // A field is still to be chosen.
    if (question.by === "field" && question.field === "") return;
    this.#question = question;
    this.#save({ question });
    this.#api.postMessage({ type: "ask", question });
  }

  #showQuestion(): void {
    const { by, field, sequence, filter } = this.#question;
    this.#filter.value = filter;
    this.#field.value = field;
    this.#sequence.value = sequence;
    this.#fieldLabel.hidden = by !== "field";
    const choice = this.#choices.get(by);
    if (choice) choice.checked = true;
    this.#save({ question: this.#question });
  }

  #draw(): void {
    const counted = this.#counted;
    if (!counted) return;
    const { rows, of, problem = "", progress, total } = counted;
    this.#count.textContent = t("{0} of {1}", rows, of);
    this.#problem.hidden = problem === "";
    if (this.#problem.textContent !== problem) this.#problem.textContent = problem;
    setAttributes(this.#filter, { "aria-invalid": problem === "" ? undefined : true });
    this.#progress.hidden = progress === undefined;
    setAttributes(this.#progress, { "aria-label": t("Reading"), value: progress ?? 0 });
    this.#table.show(
      counted,
      this.#columns.filter((column) => this.#isShown(column)),
    );
    const datagrams = total.datagrams === 1 ? t("1 datagram") : t("{0} datagrams", total.datagrams);
    this.#announcer.announce(`${datagrams}, ${t("{0} lost", numberText(total.lost))}`);
  }

  get #columns(): readonly Column[] {
    const { by = "conversation", sequence = "" } = this.#counted?.question ?? {};
    return columnsOf(by, sequence !== "");
  }

  #isShown({ name, isWide, isNarrow }: Column): boolean {
    const { wide = {}, narrow = {} } = this.#state;
    return this.#isNarrow ? (narrow[name] ?? isNarrow) : (wide[name] ?? isWide);
  }

  #columnItems() {
    return this.#columns.map((column) => ({
      kind: "checkbox" as const,
      label: column.meaning,
      checked: this.#isShown(column),
      run: () => {
        const which = this.#isNarrow ? "narrow" : "wide";
        const chosen = { ...this.#state[which], [column.name]: !this.#isShown(column) };
        this.#save({ [which]: chosen });
        this.#draw();
      },
    }));
  }

  #copy(): void {
    this.#send("copy");
    this.#said.textContent = t("Copied");
  }

  #send(type: "copy" | "save"): void {
    this.#api.postMessage({ type, order: this.#table.order });
  }

  #resized(): void {
    const isNarrow = this.element.clientWidth < NARROW;
    if (isNarrow === this.#isNarrow) return;
    this.#isNarrow = isNarrow;
    this.#draw();
  }

  #save(change: SavedState): void {
    this.#state = { ...this.#state, ...change };
    this.#api.setState(this.#state);
  }
}

function labelled(label: string, input: HTMLInputElement): HTMLElement {
  return create("label", { class: "labelled" }, create("span", {}, label), input);
}

function textButton(label: string, pressed: () => void): HTMLElement {
  const button = create("button", { type: "button", class: "button" }, label);
  on(button, "click", pressed);
  return button;
}
