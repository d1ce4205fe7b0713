import type { Browser, Page } from "playwright-core";
import type { SeriesTable } from "../../../extension/core/series/series_table.ts";
import {
  allSeries,
  nearestPosition,
  plotAnswer,
  positionAfter,
  seriesOf,
  sparkLines,
  valueLines,
} from "../../../extension/host/values/values_answer.ts";
import { parseValuesMessage } from "../../../extension/host/values/values_message.ts";
import type { FromValues, PlotView, ToValues } from "../../../extension/webview/values/protocol.ts";
import { sharedBrowser } from "../datagrams/browser.ts";
import { type Bundle, bundlePage, openBundle } from "../datagrams/page.ts";
import type { ThemeName } from "../datagrams/themes.ts";
import { START } from "./tracker.ts";

declare global {
  interface Window {
    toHost(message: unknown): void;
    fromHost(message: unknown): void;
  }
}

export interface ValuesOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  readonly isLive?: boolean;
  readonly filter?: string;
}

/** The page of values with a host behind it, which answers as the extension does: by the same code, of a made-up table. */
export class ValuesHost {
  readonly page: Page;
  readonly received: FromValues[] = [];
  readonly table: SeriesTable;
  readonly options: ValuesOptions;
  filter: string;
  selected: number | undefined;
  #view: PlotView = { steps: 1, lines: [], sparks: [], x: "" };
  #waiting: (() => void)[] = [];

  constructor(page: Page, table: SeriesTable, options: ValuesOptions) {
    this.page = page;
    this.table = table;
    this.options = options;
    this.filter = options.filter ?? "";
  }

  get view(): PlotView {
    return this.#view;
  }

  /** What the page has said that a test waits for; it may have said it before. */
  async heard<Type extends FromValues["type"]>(
    type: Type,
    is: (message: Extract<FromValues, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<FromValues, { type: Type }>> {
    for (;;) {
      for (const message of this.received) {
        const one = message as Extract<FromValues, { type: Type }>;
        if (message.type === type && is(one)) return one;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async take(raw: unknown): Promise<void> {
    const message = parseValuesMessage(raw);
    if (!message) throw new TypeError(`The page says what it may not: ${JSON.stringify(raw)}`);
    this.received.push(message);
    for (const resolve of this.#waiting.splice(0)) resolve();
    if (message.type === "ready") {
      const { isLive = false } = this.options;
      const file = ".vscode/udp-plots.json";
      await this.send({ type: "hello", texts: {}, language: "en", isLive, file });
      await this.tell();
    } else if (message.type === "view") {
      this.#view = message.view;
      await this.tell();
    } else if (message.type === "filter") {
      this.filter = message.text;
      await this.tell();
    } else if (message.type === "step") {
      const series = seriesOf(this.table, message.key);
      if (!series) return;
      const at = positionAfter(series, nearestPosition(series, "", message.x), message.by);
      const { sender, column } = series;
      const value = column.value(sender.at(at));
      const x = sender.timeAt(at);
      await this.send({ type: "sample", key: message.key, x, value, text: String(value) });
    }
  }

  /** Tells the page what it shows, as the host does after each change. */
  async tell(): Promise<void> {
    const series = allSeries(this.table);
    const last = this.table.senders.map((one) => one.timeAt(Math.max(0, one.length - 1)));
    await this.send({
      type: "values",
      lines: valueLines(series),
      sparks: sparkLines(this.table, this.#view.sparks),
      now: Math.max(0, ...last) + 400_000,
      filter: this.filter,
      start: START,
      remarks: [],
      paused: false,
    });
    if (this.#view.lines.length > 0)
      await this.send(plotAnswer(this.table, this.#view, this.selected));
  }

  async send(message: ToValues): Promise<void> {
    const told = JSON.stringify(message, (_, value) => {
      if (value instanceof Float64Array) return { $float64: Array.from(value, String) };
      return typeof value === "number" && !Number.isFinite(value)
        ? { $number: String(value) }
        : value;
    });
    await this.page.evaluate((text) => window.fromHost(text), told).catch(() => {});
  }
}

/** Opens pages of values for the tests of a suite, and closes them after each. */
export class ValuesSuite {
  #browser: Browser | undefined;
  #bundle: Bundle | undefined;
  readonly #pages: Page[] = [];

  static here(): ValuesSuite {
    const suite = new ValuesSuite();
    before(async () => {
      [suite.#browser, suite.#bundle] = await Promise.all([sharedBrowser(), bundlePage("values")]);
    });
    afterEach(async () => {
      for (const page of suite.#pages.splice(0)) await page.context().close();
    });
    return suite;
  }

  async open(table: SeriesTable, options: ValuesOptions = {}): Promise<ValuesHost> {
    const { theme = "dark", width = 924, height = 730 } = options;
    if (!this.#browser || !this.#bundle) throw new Error("Cannot open a page: no test has begun");
    let host: ValuesHost | undefined;
    const frame = { theme, width, height, inEditor: true };
    const opened = await openBundle(this.#browser, this.#bundle, frame, async (page) => {
      this.#pages.push(page);
      const made = new ValuesHost(page, table, options);
      host = made;
      await page.exposeFunction("toHost", (message: unknown) => void made.take(revived(message)));
      await page.addInitScript(installHost);
    });
    if (!host) throw new Error(`Cannot talk to ${opened.url()}: it has no host`);
    return host;
  }
}

/** Runs in the page before its scripts: what it says goes to the test, and bytes and numbers that JSON has not as well. */
function installHost(): void {
  const told = (message: unknown) =>
    JSON.parse(
      JSON.stringify(message, (_, value) =>
        value instanceof Uint8Array ? { bytes: Array.from(value) } : value,
      ),
    );
  Object.assign(window, {
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) => window.toHost(told(message)),
      setState: () => {},
      getState: () => undefined,
    }),
    fromHost: (text: string) =>
      window.postMessage(
        JSON.parse(text, (_, value) => {
          if (value?.$float64 !== undefined) return Float64Array.from(value.$float64, Number);
          return value?.$number === undefined ? value : Number(value.$number);
        }),
        "*",
      ),
  });
}

function revived(message: unknown): unknown {
  const { bytes } = (message ?? {}) as { readonly bytes?: { readonly bytes?: number[] } };
  return bytes?.bytes ? { ...(message as object), bytes: Uint8Array.from(bytes.bytes) } : message;
}
