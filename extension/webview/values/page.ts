import { Announcer } from "../parts/announcer.ts";
import { create, on, setAttributes } from "../parts/dom.ts";
import { numberText, t } from "../parts/l10n.ts";
import { Menu } from "../parts/menu.ts";
import { formatHour, formatMicroseconds, formatMinute, formatSpan } from "../parts/time_format.ts";
import { roundedOut, timeRangeOf, withTimeRange } from "../parts/time_range.ts";
import { lineColor, lineStyles } from "./line_style.ts";
import { shortNumber } from "./number_format.ts";
import { OverviewStrip } from "./overview_strip.ts";
import { type DrawnPlot, gapColor, Plot, type PlotMessage, scaleName } from "./plot.ts";
import { plotSvg } from "./plot_svg.ts";
import type {
  FromValues,
  GapKind,
  PlotRange,
  RangeOfSender,
  ToValues,
  ValueLine,
} from "./protocol.ts";
import { ValuesTable } from "./values_table.ts";

/** What VS Code gives the page. */
export interface ValuesApi {
  postMessage(message: FromValues): void;
}

type ValuesMessage = Extract<ToValues, { type: "values" }>;
type SampleMessage = Extract<ToValues, { type: "sample" }>;

/** What follows the latest shows two minutes, until a person zooms. */
const FOLLOWED_US = 120_000_000;
const MOST_LINES = 24;
const ZOOM = 2;
/** The view is told this long after it has changed: of a drag not each place. */
const VIEW_MS = 30;
const HOVER_PX = 6;

/** Values as a table over a plot of those that are chosen. */
export class ValuesPage {
  readonly element = create("main", { class: "values-page" });
  readonly #api: ValuesApi;
  readonly #table: ValuesTable;
  readonly #plot: Plot;
  readonly #strip: OverviewStrip;
  readonly #said = create("p", { class: "unseen", "aria-live": "polite" });
  readonly #announcer: Announcer;
  readonly #filter = create("span", { class: "pill" });
  readonly #progress = create("span", { class: "progress" });
  readonly #x = create("select", { "aria-label": t("Along") });
  readonly #pause: HTMLButtonElement;
  readonly #follow: HTMLButtonElement;
  readonly #legend = create("div", { class: "legend" });
  readonly #tip = create("div", { class: "tip", hidden: true });
  readonly #stage = create("div", { class: "stage" });
  readonly #range = create("div", { class: "range", role: "status" });
  readonly #remarks = create("div", { class: "remarks" });
  readonly #isLive: boolean;
  readonly #receivedAt = { now: 0, at: 0 };
  #values: ValuesMessage | undefined;
  #message: PlotMessage | undefined;
  #chosen: readonly string[] = [];
  #along = "";
  #shown: PlotRange | undefined;
  #followed: number | undefined;
  #brush: PlotRange | undefined;
  #sample: SampleMessage | undefined;
  #active = 0;
  #viewTimer: ReturnType<typeof setTimeout> | undefined;
  #toldView = "";

  constructor(
    api: ValuesApi,
    { isLive, file }: { readonly isLive: boolean; readonly file: string },
  ) {
    this.#api = api;
    this.#isLive = isLive;
    this.#followed = isLive ? FOLLOWED_US : undefined;
    this.#announcer = new Announcer((text) => {
      this.#said.textContent = text;
    });
    this.#table = new ValuesTable({ chosen: (keys) => this.#choose(keys, true) });
    this.#plot = new Plot({
      brushed: (range) => this.#setBrush(range, true),
      clicked: (x) => this.#clicked(x),
      hovered: (x, left) => this.#hover(x, left),
      resized: () => this.#tellView(),
    });
    this.#strip = new OverviewStrip((range) => this.#zoomTo(range));
    this.#pause = this.#button(t("Pause"), () => this.#setPaused());
    this.#follow = this.#button(t("Follow"), () => this.#setFollowed());
    this.#follow.hidden = !isLive;
    const reset = this.#button(t("Reset Zoom"), () => this.#reset());
    const save = this.#button(t("Save as..."), () => this.#openSaveMenu(save));
    setAttributes(save, { "aria-haspopup": "menu" });
    setAttributes(this.#stage, {
      tabindex: 0,
      role: "application",
      "aria-roledescription": t("plot"),
      "aria-label": t("Plot"),
    });
    this.#stage.append(this.#plot.element, this.#tip);
    on(this.#stage, "keydown", (event) => this.#keyDown(event));
    on(this.#stage, "wheel", (event) => this.#wheel(event));
    on(this.#x, "change", () => {
      this.#along = this.#x.value;
      this.#shown = undefined;
      this.#followed = undefined;
      this.#sample = undefined;
      this.#setBrush(undefined, true);
      this.#keep();
    });
    on(this.#table.element, "scroll", () => this.#tellView());
    const kept = create("span", { class: "kept" });
    if (file !== "") {
      const link = create("button", { type: "button", class: "link" }, file);
      on(link, "click", () => this.#post({ type: "openFile" }));
      kept.append(...around(t("The choice of fields is kept in {0}"), link));
    }
    const keys = create("span", { class: "keys" });
    keys.append(t("← → next sample · F8 next lost · + − 0 zoom · Esc clear the range"));
    this.element.append(
      create("h1", { class: "unseen" }, t("Values")),
      create(
        "div",
        { class: "bar", role: "toolbar", "aria-label": t("Plot") },
        create("span", { class: "dim" }, t("Rows that pass")),
        this.#filter,
        create("label", { class: "dim" }, t("Along"), this.#x),
        this.#table.search,
        this.#progress,
        create("span", { class: "grow" }),
        this.#pause,
        this.#follow,
        reset,
        save,
      ),
      this.#remarks,
      this.#table.element,
      this.#legend,
      this.#stage,
      this.#strip.element,
      this.#range,
      create("div", { class: "foot" }, kept, create("span", { class: "grow" }), keys),
      this.#said,
    );
    this.#showFollowed();
    setInterval(() => this.#tick(), 1000);
    this.#tellView();
  }

  receive(message: Exclude<ToValues, { type: "hello" }>): void {
    switch (message.type) {
      case "values":
        this.#showValues(message);
        break;
      case "plot":
        this.#message = message;
        this.#draw();
        break;
      case "choose":
        if (message.x !== "") this.#along = message.x;
        this.#choose(message.lines, false);
        break;
      case "sample":
        this.#sample = message;
        this.#sayNow(this.#sampleText(message));
        this.#draw();
        break;
      case "saved":
        break;
    }
  }

  #post(message: FromValues): void {
    this.#api.postMessage(message);
  }

  #button(label: string, run: () => void): HTMLButtonElement {
    const button = create("button", { type: "button", class: "action" }, label);
    on(button, "click", run);
    return button;
  }

  // The table.

  #showValues(message: ValuesMessage): void {
    this.#values = message;
    this.#receivedAt.now = message.now;
    this.#receivedAt.at = performance.now();
    const { filter, progress, remarks, paused } = message;
    this.#filter.textContent = filter === "" ? t("all") : filter;
    this.#progress.textContent =
      progress === undefined ? "" : t("{0} % read", Math.floor(progress * 100));
    this.#remarks.replaceChildren(...remarks.map((text) => create("p", {}, text)));
    setAttributes(this.#pause, { "aria-pressed": paused });
    this.#pause.textContent = paused ? t("Resume") : t("Pause");
    const drawn = this.#drawnLines();
    this.#table.show(message.lines, message.sparks, message.now, lineStyles(drawn), this.#chosen);
    this.#showAlong(message.lines);
    // The range that the grid's filter has, whoever chose it.
    const range = timeRangeOf(filter);
    const brush = range && this.#along === "" ? fromSeconds(range, message.start) : undefined;
    if (this.#along === "" && JSON.stringify(brush) !== JSON.stringify(this.#brush)) {
      this.#setBrush(brush, false);
    }
    this.#announce();
    this.#tellView();
  }

  #tick(): void {
    if (!this.#isLive || !this.#values || this.#values.paused) return;
    const { now, at } = this.#receivedAt;
    this.#table.tick(now + (performance.now() - at) * 1000);
  }

  #showAlong(lines: readonly ValueLine[]): void {
    const senders = new Set(this.#drawnLines().map(({ sender }) => sender));
    const fields = lines.filter(({ sender }) => senders.has(sender));
    // A field is named by its key, as a column of CSV may be called otherwise.
    const names = new Map(fields.map(({ key, field }) => [key.split("\t")[1] ?? "", field]));
    const told = [["", t("time received")] as const, ...names];
    const wanted = told.map(([name]) => name).join("\n");
    if (this.#x.dataset.names === wanted) return;
    this.#x.dataset.names = wanted;
    this.#x.replaceChildren(...told.map(([value, text]) => create("option", { value }, text)));
    this.#x.value = names.has(this.#along) ? this.#along : "";
  }

  #choose(keys: readonly string[], isByPerson: boolean): void {
    this.#chosen = keys.slice(-MOST_LINES);
    if (isByPerson) this.#keep();
    if (this.#values) this.#showValues(this.#values);
    if (this.#chosen.length === 0) {
      this.#message = undefined;
      this.#draw();
    }
    this.#tellView();
  }

  #keep(): void {
    this.#post({ type: "keep", lines: this.#chosen, x: this.#along });
  }

  #drawnLines(): ValueLine[] {
    const lines = this.#values?.lines ?? [];
    return this.#chosen.flatMap((key) => lines.find((line) => line.key === key) ?? []);
  }

  // What the host is to tell.

  #tellView(): void {
    if (this.#viewTimer !== undefined) return;
    this.#viewTimer = setTimeout(() => {
      this.#viewTimer = undefined;
      const view = {
        steps: this.#plot.steps,
        ...(this.#shown && { range: this.#shown }),
        ...(this.#followed !== undefined && this.#along === "" && { follow: this.#followed }),
        lines: this.#chosen,
        sparks: this.#table.sparks,
        x: this.#along,
        ...(this.#brush && { brush: this.#brush }),
      };
      const told = JSON.stringify(view);
      if (told === this.#toldView) return;
      this.#toldView = told;
      this.#post({ type: "view", view });
    }, VIEW_MS);
  }

  // The plot.

  #draw(): void {
    const drawn = this.#drawnPlot();
    this.element.classList.toggle("has-plot", drawn !== undefined);
    if (!drawn) return;
    this.#plot.draw(drawn);
    this.#strip.show(drawn.message.overview, drawn.message.whole, drawn.message.range);
    this.#showLegend(drawn);
    this.#showRange(drawn);
  }

  #drawnPlot(): DrawnPlot | undefined {
    const message = this.#message;
    const values = this.#drawnLines();
    if (!message || values.length === 0) return undefined;
    const styles = lineStyles(values);
    const lines = values.flatMap((value) => {
      const style = styles.get(value.key);
      const curve = message.lines.find(({ key }) => key === value.key)?.curve;
      return style && curve ? [{ value, style, curve }] : [];
    });
    if (lines.length === 0) return undefined;
    const cursor = this.#sample?.x;
    return { lines, message, isOverTime: this.#along === "", brush: this.#brush, cursor };
  }

  #showLegend({ lines, message }: DrawnPlot): void {
    const parts: Node[] = [];
    const several = new Set(lines.map(({ value }) => value.sender)).size > 1;
    for (const [index, { value, style }] of lines.entries()) {
      const mark = create("span", { class: "line" });
      mark.style.borderTopColor = lineColor(style);
      if (style.dash.length > 0) mark.style.borderTopStyle = "dashed";
      const side = this.#sideOf(lines, index);
      const said = [value.field, value.unit, several ? value.sender : "", side].filter(
        (it) => it !== "",
      );
      parts.push(create("span", {}, mark, said.join(" ")));
    }
    for (const sender of message.senders) {
      const text = gapText(sender);
      if (text === "") continue;
      const isBad = sender.gaps.lost + sender.gaps.missing + sender.gaps.refused > 0;
      parts.push(
        create(
          "span",
          { class: isBad ? "bad" : "rule" },
          several ? `${sender.sender}: ${text}` : text,
        ),
      );
    }
    const hint = this.#along === "" ? t("drag = time filter · click = row") : t("click = row");
    parts.push(create("span", { class: "grow" }), create("span", { class: "dim" }, hint));
    this.#legend.replaceChildren(...parts);
  }

  #sideOf(lines: DrawnPlot["lines"], index: number): string {
    const scales = [...new Set(lines.map(({ value }) => scaleName(value)))];
    const line = lines[index];
    if (!line || scales.length < 2) return "";
    return scales.indexOf(scaleName(line.value)) % 2 === 0 ? t("left") : t("right");
  }

  #showRange({ lines, message }: DrawnPlot): void {
    const { from, to } = this.#brush ?? message.range;
    const parts: Node[] = [
      create(
        "div",
        {},
        create("b", {}, this.#rangeText({ from, to })),
        create("span", { class: "dim" }, this.#along === "" ? formatSpan(to - from) : ""),
      ),
    ];
    for (const sender of message.senders) {
      const sent =
        sender.arrived + Object.values(sender.gaps).reduce((sum, count) => sum + count, 0);
      const gaps = gapText(sender);
      const text = t("{0} of {1} arrived", sender.arrived, sent);
      parts.push(
        create("div", {}, create("span", {}, text), create("span", { class: "bad" }, gaps)),
      );
    }
    const rows = lines.flatMap(({ value, style }) => {
      const sum = message.summaries.find(({ key }) => key === value.key);
      if (!sum) return [];
      const mark = create("span", { class: "square" });
      mark.style.background = lineColor(style);
      const said = [
        [t("min"), sum.min],
        [t("max"), sum.max],
        [t("mean"), sum.mean],
        ["σ", sum.deviation],
      ] as const;
      const figures = said.flatMap(([name, figure]) => [
        create("span", { class: "dim" }, ` ${name} `),
        shortNumber(figure),
      ]);
      return [create("div", {}, mark, value.field, ...figures, ` ${value.unit}`)];
    });
    parts.push(create("div", { class: "figures" }, ...rows), create("span", { class: "grow" }));
    const copy = create("button", { type: "button", class: "link" }, t("Copy"));
    on(copy, "click", () => this.#post({ type: "copy", text: this.#rangeAsText() }));
    parts.push(copy);
    if (this.#brush) {
      const zoom = create("button", { type: "button", class: "link" }, t("Zoom In"));
      on(zoom, "click", () => this.#brush && this.#zoomTo(this.#brush));
      parts.push(zoom);
    }
    replaceKept(this.#range, parts);
  }

  #rangeText({ from, to }: PlotRange): string {
    const text = this.#along === "" ? timeText : (value: number) => shortNumber(value, 6);
    return `${text(from)} – ${text(to)}`;
  }

  #rangeAsText(): string {
    return [...this.#range.querySelectorAll(":scope > div")]
      .flatMap((part) => [...part.children])
      .map((part) => part.textContent?.trim() ?? "")
      .filter((text) => text !== "")
      .join("\n");
  }

  // What a person does.

  /** `isByPerson`: it becomes the grid's filter. */
  #setBrush(brush: PlotRange | undefined, isByPerson: boolean): void {
    this.#brush = brush;
    if (isByPerson && this.#along === "" && this.#values) {
      const { filter, start } = this.#values;
      const span = this.#message ? this.#message.range.to - this.#message.range.from : 1e6;
      const precision = span / 1e6 / this.#plot.steps;
      const seconds = brush && {
        from: Math.max(0, (brush.from - start) / 1e6),
        to: Math.max(0, (brush.to - start) / 1e6),
      };
      const range = seconds && roundedOut(seconds, precision);
      if (range) this.#brush = fromSeconds(range, start);
      this.#post({ type: "filter", text: withTimeRange(filter, range) });
    }
    this.#draw();
    this.#tellView();
  }

  #clicked(x: number): void {
    const key = this.#chosen[this.#active] ?? this.#chosen[0];
    if (key === undefined) return;
    this.#post({ type: "row", key, x });
    this.#post({ type: "step", key, x, by: 0 });
    this.#stage.focus();
  }

  #hover(x: number | undefined, left: number): void {
    const drawn = this.#drawnPlot();
    this.#tip.hidden = x === undefined || !drawn;
    if (x === undefined || !drawn) return;
    const { range } = drawn.message;
    const lines: Node[] = [];
    const near = ((range.to - range.from) / Math.max(1, this.#plot.element.clientWidth)) * HOVER_PX;
    for (const gaps of drawn.message.gaps) {
      const at = gaps.times.findIndex((time) => Math.abs(time - x) <= near);
      if (at < 0) continue;
      const text = gapMarkText(gaps.kinds[at] ?? "lost", gaps.counts[at] ?? 1, gaps.numbers[at]);
      const line = create("div", {}, text);
      line.style.color = `var(${gapColor(gaps.kinds[at] ?? "lost")})`;
      lines.push(line);
    }
    for (const { value, style, curve } of drawn.lines) {
      const steps = curve.length / 2;
      const step = Math.floor(((x - range.from) / (range.to - range.from)) * steps);
      const [one, other] = [curve[2 * step] ?? Number.NaN, curve[2 * step + 1] ?? Number.NaN];
      if (Number.isNaN(one)) continue;
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const text =
        low === high ? shortNumber(low, 7) : `${shortNumber(low)} – ${shortNumber(high)}`;
      const mark = create("span", { class: "square" });
      mark.style.background = lineColor(style);
      lines.push(create("div", {}, mark, `${value.field} ${text} ${value.unit}`));
    }
    const place = this.#along === "" ? timeText(x) : shortNumber(x, 6);
    this.#tip.replaceChildren(...lines, create("div", { class: "dim" }, place));
    const isRight = left > this.#stage.clientWidth / 2;
    this.#tip.style.left = isRight ? "" : `${left + 12}px`;
    this.#tip.style.right = isRight ? `${this.#stage.clientWidth - left + 12}px` : "";
  }

  #zoomTo(range: PlotRange): void {
    if (!(range.to > range.from)) return;
    this.#shown = range;
    this.#followed = undefined;
    this.#showFollowed();
    this.#tellView();
  }

  #zoom(factor: number, around?: number): void {
    const message = this.#message;
    if (!message) return;
    const { from, to } = message.range;
    const middle = around ?? this.#sample?.x ?? (from + to) / 2;
    this.#zoomTo({ from: middle - (middle - from) / factor, to: middle + (to - middle) / factor });
  }

  #reset(): void {
    this.#shown = undefined;
    this.#followed = undefined;
    this.#showFollowed();
    this.#tellView();
  }

  #setFollowed(): void {
    const { range } = this.#message ?? {};
    const span = this.#shown && range ? range.to - range.from : FOLLOWED_US;
    this.#followed = this.#followed === undefined ? span : undefined;
    if (this.#followed === undefined) this.#shown = range;
    else this.#shown = undefined;
    this.#showFollowed();
    this.#tellView();
  }

  #showFollowed(): void {
    setAttributes(this.#follow, { "aria-pressed": this.#followed !== undefined });
  }

  #setPaused(): void {
    this.#post({ type: "pause", paused: this.#values?.paused !== true });
  }

  #wheel(event: WheelEvent): void {
    if (!this.#message || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    const { left, width } = this.#plot.element.getBoundingClientRect();
    const { from, to } = this.#message.range;
    const x = from + ((event.clientX - left) / Math.max(1, width)) * (to - from);
    this.#zoom(event.deltaY < 0 ? 1.25 : 0.8, x);
  }

  #keyDown(event: KeyboardEvent): void {
    const { key, shiftKey, ctrlKey, metaKey } = event;
    const line = this.#chosen[this.#active] ?? this.#chosen[0];
    const message = this.#message;
    if (line === undefined || !message) return;
    const at = this.#sample?.x ?? (message.range.from + message.range.to) / 2;
    const isBack = key === "ArrowLeft";
    if (key === "ArrowLeft" || key === "ArrowRight") {
      if (shiftKey) this.#growBrush(at, isBack);
      else if (ctrlKey || metaKey) {
        const tenth = (message.range.to - message.range.from) / 10;
        this.#post({ type: "step", key: line, x: at + (isBack ? -tenth : tenth), by: 0 });
      } else
        this.#post({ type: "step", key: line, x: at, by: this.#sample ? (isBack ? -1 : 1) : 0 });
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      const count = this.#chosen.length;
      this.#active = (this.#active + (key === "ArrowUp" ? count - 1 : 1)) % count;
      const next = this.#chosen[this.#active];
      if (next !== undefined) this.#post({ type: "step", key: next, x: at, by: 0 });
    } else if (key === "Enter") this.#post({ type: "row", key: line, x: at });
    else if (key === "+" || key === "=") this.#zoom(ZOOM);
    else if (key === "-" || key === "−") this.#zoom(1 / ZOOM);
    else if (key === "0") this.#reset();
    else if (key === "F8") this.#goToGap(at, shiftKey);
    else if (key === "Escape" && this.#brush) this.#setBrush(undefined, true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #growBrush(at: number, isBack: boolean): void {
    const { range } = this.#message ?? {};
    if (!range) return;
    const tenth = (range.to - range.from) / 10;
    const { from, to } = this.#brush ?? { from: at, to: at };
    this.#setBrush(isBack ? { from: from - tenth, to } : { from, to: to + tenth }, true);
  }

  #goToGap(at: number, isBack: boolean): void {
    const marks = (this.#message?.gaps ?? []).flatMap(({ times, kinds, counts, numbers }) =>
      Array.from(times, (x, index) => ({
        x,
        text: gapMarkText(kinds[index] ?? "lost", counts[index] ?? 1, numbers[index]),
      })),
    );
    marks.sort((one, other) => one.x - other.x);
    const next = isBack ? marks.findLast(({ x }) => x < at) : marks.find(({ x }) => x > at);
    if (!next) {
      this.#sayNow(t("Nothing lost there."));
      return;
    }
    this.#sample = { type: "sample", key: "", x: next.x, value: Number.NaN, text: "" };
    this.#sayNow(`${next.text}, ${timeText(next.x)}`);
    this.#draw();
  }

  #openSaveMenu(button: HTMLElement): void {
    const { left, bottom } = button.getBoundingClientRect();
    const command = (label: string, run: () => void) => ({ kind: "command", label, run }) as const;
    new Menu(t("Save as..."), { x: left, y: bottom }, () => [
      [
        command("PNG", () => this.#savePng()),
        command("SVG", () => this.#saveSvg()),
        command("CSV", () => this.#post({ type: "saveCsv" })),
      ],
    ]);
  }

  #savePng(): void {
    this.#plot.canvas.toBlob(async (blob) => {
      if (!blob) return;
      this.#post({ type: "save", format: "png", bytes: new Uint8Array(await blob.arrayBuffer()) });
    }, "image/png");
  }

  #saveSvg(): void {
    const drawn = this.#drawnPlot();
    if (!drawn) return;
    this.#post({ type: "save", format: "svg", bytes: new TextEncoder().encode(plotSvg(drawn)) });
  }

  // What is read out.

  #announce(): void {
    const drawn = this.#drawnPlot();
    if (!drawn) return;
    const lines = drawn.lines.map(({ value: { field, latest, unit, summary } }) =>
      t(
        "{0}: now {1}, between {2} and {3}",
        ...[field, `${latest} ${unit}`.trim(), shortNumber(summary.min), shortNumber(summary.max)],
      ),
    );
    const gaps = drawn.message.senders.map(gapText).filter((text) => text !== "");
    const summary = [...lines, ...gaps].join("; ");
    setAttributes(this.#stage, { "aria-description": summary });
    if (document.activeElement === this.#stage) this.#announcer.announce(summary);
  }

  #sayNow(text: string): void {
    this.#said.textContent = text;
    this.#range.title = text;
  }

  #sampleText({ key, x, text }: SampleMessage): string {
    const line = this.#values?.lines.find((one) => one.key === key);
    const place = this.#along === "" ? timeText(x) : shortNumber(x, 6);
    return `${line?.field ?? ""} ${text} ${line?.unit ?? ""}`.trim().concat(`, ${place}`);
  }
}

/** `12:02:13.980`; to the microsecond where that says more. */
function timeText(time: number): string {
  return time % 1000 === 0
    ? `${formatHour(time)}${formatMinute(time)}`
    : formatMicroseconds(Math.round(time));
}

function fromSeconds({ from, to }: PlotRange, start: number): PlotRange {
  return { from: start + from * 1e6, to: start + to * 1e6 };
}

/** "lost 60 (1.0 %)": what did not arrive of what was sent. */
function gapText({ arrived, gaps }: RangeOfSender): string {
  const sent = arrived + Object.values(gaps).reduce((sum, count) => sum + count, 0);
  const share = (count: number) => `${((count / Math.max(1, sent)) * 100).toFixed(1)} %`;
  const words: Readonly<Record<GapKind, (count: string, share: string) => string>> = {
    lost: (count, part) => t("{0} lost ({1})", count, part),
    dropped: (count, part) => t("{0} dropped by a rule ({1})", count, part),
    refused: (count, part) => t("{0} refused ({1})", count, part),
    missing: (count, part) => t("{0} missing by their counter ({1})", count, part),
  };
  const kinds = Object.keys(words) as GapKind[];
  return kinds
    .filter((kind) => gaps[kind] > 0)
    .map((kind) => words[kind](numberText(gaps[kind]), share(gaps[kind])))
    .join(", ");
}

/** What a mark stands for. */
function gapMarkText(kind: GapKind, count: number, number: number | undefined): string {
  if (kind === "lost") return count === 1 ? t("lost") : t("{0} lost", count);
  if (kind === "dropped") return t("{0} dropped by a rule", count);
  if (kind === "refused") return t("{0} refused", count);
  if (number === undefined || Number.isNaN(number)) return t("{0} missing", count);
  const last = number + count - 1;
  return count === 1 ? t("{0} is missing", number) : t("{0} to {1} are missing", number, last);
}

/** A sentence with an element in the place of `{0}`. */
function around(text: string, element: Node): (Node | string)[] {
  const [before = "", after = ""] = text.split("{0}");
  return [before, element, after];
}

/** The same parts again, but buttons that have the focus keep it. */
function replaceKept(element: HTMLElement, parts: readonly Node[]): void {
  const focused = document.activeElement?.textContent;
  const had = element.contains(document.activeElement);
  element.replaceChildren(...parts);
  if (!had) return;
  const buttons = [...element.querySelectorAll("button")];
  buttons.find((button) => button.textContent === focused)?.focus();
}
