import * as vscode from "vscode";
import type { Filter } from "../../core/filter/compiler.ts";
import type { SenderSeries } from "../../core/series/sender_series.ts";
import type { FromValues, PlotView, ToValues } from "../../webview/values/protocol.ts";
import { numberText } from "../base/number_text.ts";
import { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { DatagramsPage } from "../datagrams/datagrams_page.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { type KeptPlot, PLOTS_FILE, plotsUri, readPlots, writePlots } from "./plots_file.ts";
import { sampleText } from "./sample_text.ts";
import { SeriesReader } from "./series_reader.ts";
import {
  allSeries,
  keyOf,
  MOST_LINES,
  nearestPosition,
  plotAnswer,
  positionAfter,
  type Series,
  seriesOf,
  sparkLines,
  valueLines,
} from "./values_answer.ts";
import { parseValuesMessage } from "./values_message.ts";

/** At most 20 times a second; and as much less often as it costs, so that it takes a fifth of the host's time at most. */
const PUSH_MS = 50;
const SHARE = 5;

/** What a page of values acts on elsewhere. */
export interface ValuesPlaces {
  readonly log: vscode.LogOutputChannel;
  /** The grid that shows the same capture; undefined where none is open. */
  readonly grid: () => DatagramsPage | undefined;
  /** Has the grid show only what passes. */
  readonly filter: (text: string) => void;
  /** Shows a row in the grid. */
  readonly showRow: (id: number) => Promise<void>;
}

/** Values and plots of one capture in an editor tab: the numbers are here, the page says what it shows of them. */
export class ValuesPage implements vscode.Disposable {
  readonly source: CaptureSource;
  readonly #panel: vscode.WebviewPanel;
  readonly #places: ValuesPlaces;
  readonly #reader: SeriesReader;
  readonly #store = new Store();
  #view: PlotView = { steps: 1, lines: [], sparks: [], x: "" };
  #filter: Filter | undefined;
  #filterText = "";
  #isReady = false;
  #isPaused = false;
  #pausedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;
  /** Chosen before there was anything to choose from, or kept by the workspace. */
  #wanted: { readonly plots: readonly KeptPlot[]; readonly fields: Set<string> };

  constructor(
    source: CaptureSource,
    panel: vscode.WebviewPanel,
    decoders: PayloadDecoders,
    places: ValuesPlaces,
  ) {
    this.source = source;
    this.#panel = panel;
    this.#places = places;
    this.#wanted = { plots: [], fields: new Set() };
    this.#reader = this.#store.add(new SeriesReader(source, decoders, this.refresh));
    this.#store.add(
      panel.webview.onDidReceiveMessage((received: unknown) => {
        const message = parseValuesMessage(received);
        if (!message) return this.#cannotAnswer("the message is none that it sends");
        this.#answer(message).catch(this.#cannotAnswer);
      }),
    );
    this.#store.add(panel.onDidChangeViewState(() => this.refresh()));
    this.gridChanged();
  }

  /** Tells the page what it shows, soon. */
  readonly refresh = (): void => {
    this.#isDue = true;
    if (this.#timer === undefined) this.#push();
  };

  /** The grid has another filter, or another row is selected. */
  gridChanged(): void {
    const grid = this.#places.grid();
    const { filter, filterText = "" } = grid ?? {};
    if (filter !== this.#filter) {
      this.#filter = filter;
      this.#reader.setFilter(filter);
    }
    this.#filterText = filterText;
    this.refresh();
  }

  /** Draws a field, `tracker.temp` or `temp`, of whichever senders have it. */
  plot(field: string): void {
    this.#wanted.fields.add(field);
    // An item of a long list is a sample of the field that has all of them.
    this.#wanted.fields.add(field.replace(/\[\d+\]/g, ""));
    this.#choose();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }

  async #post(message: ToValues): Promise<void> {
    await this.#panel.webview.postMessage(message);
  }

  #push(): void {
    if (!this.#isDue || !this.#isReady || !this.#panel.visible) return;
    this.#isDue = false;
    const begun = performance.now();
    void this.#post(this.#values());
    if (this.#view.lines.length > 0) void this.#post(this.#plot());
    const cost = performance.now() - begun;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#push();
      },
      Math.max(PUSH_MS, cost * SHARE),
    );
    if (this.#wanted.fields.size > 0 || this.#wanted.plots.length > 0) this.#choose();
  }

  #values(): Extract<ToValues, { type: "values" }> {
    const { table, rows } = this.#reader;
    const { capture, isLive } = this.source;
    const series = allSeries(table);
    const last = rows.length > 0 ? capture.time(rows.idAt(rows.length - 1)) : 0;
    const now = this.#isPaused ? this.#pausedAt : isLive ? Date.now() * 1000 : last;
    return {
      type: "values",
      lines: valueLines(series),
      sparks: sparkLines(table, this.#view.sparks),
      now,
      filter: this.#filterText,
      start: capture.start,
      progress: this.source.progress ?? this.#reader.progress,
      remarks: this.#remarks(series.length),
      paused: this.#isPaused,
    };
  }

  #remarks(series: number): string[] {
    const { refusedNumbers, refusedDatagrams } = this.#reader.table;
    const remarks: string[] = [];
    if (series > MOST_LINES) {
      remarks.push(
        vscode.l10n.t(
          "{0} fields more are not shown: a filter makes them fewer.",
          numberText(series - MOST_LINES),
        ),
      );
    }
    if (refusedDatagrams > 0) {
      remarks.push(
        vscode.l10n.t(
          "The numbers of {0} datagrams of other senders are left out: there are too many senders.",
          numberText(refusedDatagrams),
        ),
      );
    }
    if (refusedNumbers > 0) {
      remarks.push(
        vscode.l10n.t(
          "{0} numbers of other fields are left out: there are too many fields.",
          numberText(refusedNumbers),
        ),
      );
    }
    return remarks;
  }

  #plot(): Extract<ToValues, { type: "plot" }> {
    const { capture } = this.source;
    const id = this.#places.grid()?.selection.activeId;
    const selected = id === undefined ? undefined : capture.time(capture.shownWith(id));
    return plotAnswer(this.#reader.table, this.#view, selected);
  }

  async #answer(message: FromValues): Promise<void> {
    switch (message.type) {
      case "ready":
        return this.#begin();
      case "view":
        this.#view = message.view;
        return this.refresh();
      case "keep":
        return this.#keep(message.lines, message.x);
      case "pause":
        this.#isPaused = message.paused;
        this.#pausedAt = Date.now() * 1000;
        this.#reader.setPaused(message.paused);
        return this.refresh();
      case "filter":
        return this.#places.filter(message.text);
      case "row":
        return this.#showRow(message.key, message.x);
      case "step":
        return this.#step(message);
      case "save":
        return this.#save(message.format, async () => [message.bytes]);
      case "saveCsv":
        return this.#saveCsv();
      case "copy":
        await vscode.env.clipboard.writeText(message.text);
        return;
      case "openFile": {
        const uri = plotsUri();
        if (uri) await vscode.window.showTextDocument(uri);
        return;
      }
    }
  }

  async #begin(): Promise<void> {
    await this.#post({
      type: "hello",
      texts: vscode.l10n.bundle ?? {},
      language: vscode.env.language,
      isLive: this.source.isLive,
      file: plotsUri() ? PLOTS_FILE : "",
    });
    this.#isReady = true;
    this.#wanted = { ...this.#wanted, plots: await readPlots() };
    this.refresh();
  }

  /** Has the page draw what is wanted, as far as there is any of it. */
  #choose(): void {
    if (!this.#isReady) return;
    const { fields, plots } = this.#wanted;
    const found: string[] = [];
    let along = "";
    for (const series of allSeries(this.#reader.table)) {
      const { sender, column } = series;
      const plot = plots.find((one) => isOf(one, sender));
      const names = [column.name, `${sender.decoder}.${column.name}`];
      const isAsked = names.some((name) => fields.has(name));
      if (!isAsked && !plot?.fields.includes(column.name)) continue;
      found.push(keyOf(series));
      if (plot?.x !== undefined) along = plot.x;
    }
    if (found.length === 0) return;
    this.#wanted = { plots: [], fields: new Set() };
    const lines = [...new Set([...this.#view.lines, ...found])];
    void this.#post({ type: "choose", lines, x: this.#view.x || along });
  }

  async #keep(lines: readonly string[], x: string): Promise<void> {
    if (this.#reader.table.senders.length === 0) return;
    const plots = new Map<SenderSeries, Series[]>();
    for (const sender of this.#reader.table.senders) plots.set(sender, []);
    for (const key of lines) {
      const series = seriesOf(this.#reader.table, key);
      if (series) plots.get(series.sender)?.push(series);
    }
    const kept = new Map<number, KeptPlot>();
    for (const [{ port, decoder }, series] of plots) {
      if (port === undefined) continue;
      const before = kept.get(port)?.fields ?? [];
      const fields = [...new Set([...before, ...series.map(({ column }) => column.name)])];
      const definition = decoder !== undefined && { definition: decoder };
      kept.set(port, { port, ...definition, fields, ...(x !== "" && { x }) });
    }
    await writePlots([...kept.values()]);
  }

  async #showRow(key: string, x: number): Promise<void> {
    const series = seriesOf(this.#reader.table, key);
    if (!series) return;
    const { sender } = series;
    const position = nearestPosition(series, this.#view.x, x);
    const sample = position < 0 ? undefined : sender.timeAt(position);
    const at = sender.gapFrom(x);
    const near = [sender.gaps[at - 1], sender.gaps[at]].filter((gap) => gap !== undefined);
    const by = (time: number) => Math.abs(time - x);
    const [gap] = near.sort((one, other) => by(one.time) - by(other.time));
    const isGap = this.#view.x === "" && gap && (sample === undefined || by(gap.time) < by(sample));
    if (isGap) await this.#places.showRow(gap.id);
    else if (position >= 0) await this.#places.showRow(sender.idAt(position));
  }

  async #step({ key, x, by }: Extract<FromValues, { type: "step" }>): Promise<void> {
    const series = seriesOf(this.#reader.table, key);
    if (!series) return;
    const { sender, column } = series;
    const nearest = nearestPosition(series, this.#view.x, x);
    if (nearest < 0) return;
    const position = by === 0 ? nearest : positionAfter(series, nearest, by);
    const row = sender.at(position);
    const along = sender.columns.get(this.#view.x);
    let value = Number.NaN;
    let text = "";
    column.each(row, (sample, state) => {
      value = sample;
      text = sampleText(column, sample, state);
    });
    const place = along ? along.value(row) : sender.timeAt(position);
    await this.#post({ type: "sample", key, x: place, value, text });
  }

  async #saveCsv(): Promise<void> {
    const { seriesCsv } = await import("./series_csv.ts");
    const { table } = this.#reader;
    const series = this.#view.lines.flatMap((key) => {
      const one = seriesOf(table, key);
      return one ? { ...one, title: one.sender.titleOf(one.column.name) } : [];
    });
    const { range } = plotAnswer(table, { ...this.#view, x: "", steps: 1 }, undefined);
    await this.#save("csv", async () => {
      const encoder = new TextEncoder();
      const chunks: Uint8Array[] = [];
      for (const text of seriesCsv(series, range)) {
        chunks.push(encoder.encode(text));
        await new Promise(setImmediate);
      }
      return chunks;
    });
  }

  async #save(
    format: "png" | "svg" | "csv",
    content: () => Promise<readonly Uint8Array[]>,
  ): Promise<void> {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const name = `udp-plot.${format}`;
    const uri = await vscode.window.showSaveDialog({
      ...(folder && { defaultUri: vscode.Uri.joinPath(folder.uri, name) }),
      filters: { [format.toUpperCase()]: [format] },
      title: vscode.l10n.t("Save Plot"),
    });
    if (!uri) return;
    await vscode.workspace.fs.writeFile(uri, Buffer.concat(await content()));
  }

  readonly #cannotAnswer = (reason: unknown): void => {
    this.#places.log.error(`Cannot answer the page of values: ${String(reason)}`);
  };
}

function isOf(plot: KeptPlot, { port, decoder }: SenderSeries): boolean {
  return plot.port === port && plot.definition === decoder;
}
