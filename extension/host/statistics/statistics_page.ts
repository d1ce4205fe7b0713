import * as vscode from "vscode";
import { withCondition } from "../../core/decode/field_condition.ts";
import { FILTER_PROBLEMS } from "../../core/filter/problem.ts";
import { statisticsCsv } from "../../core/statistics/statistics_csv.ts";
import type {
  GroupStatistics,
  StatisticsRow,
  StatisticsTable,
} from "../../core/statistics/statistics_table.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import type {
  FigureName,
  Figures,
  FromWebview,
  Question,
  ToWebview,
} from "../../webview/statistics/protocol.ts";
import { Store } from "../base/store.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { PageContext } from "../datagrams/datagrams_page.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { FieldSample } from "../filter/field_sample.ts";
import { Counting } from "./counting.ts";
import { parseStatisticsMessage } from "./statistics_message.ts";

/** What each figure is of a group. One that is forgotten does not compile. */
const FIGURES: {
  readonly [Name in FigureName]: (group: GroupStatistics) => number | undefined;
} = {
  forward: ({ datagrams }) => datagrams.forward,
  back: ({ datagrams }) => datagrams.back,
  bytesForward: ({ bytes }) => bytes.forward,
  bytesBack: ({ bytes }) => bytes.back,
  rate: ({ rate }) => rate,
  share: ({ share }) => share,
  lostForward: ({ lost }) => lost.forward,
  lostBack: ({ lost }) => lost.back,
  duplicates: ({ duplicates }) => duplicates,
  intervalMin: ({ interval }) => interval?.min,
  intervalMedian: ({ interval }) => interval?.median,
  intervalP99: ({ interval }) => interval?.p99,
  intervalDeviation: ({ interval }) => interval?.deviation,
  jitter: ({ jitter }) => jitter?.last,
  answerMedian: ({ answers }) => answers?.median,
  answerP99: ({ answers }) => answers?.p99,
  sizeMin: ({ sizes }) => sizes.min,
  sizeMedian: ({ sizes }) => sizes.median,
  sizeMax: ({ sizes }) => sizes.max,
  sequenceFirst: ({ sequence }) => sequence?.first,
  sequenceLast: ({ sequence }) => sequence?.last,
  sequenceMissing: ({ sequence }) => sequence?.missing,
  sequenceRepeated: ({ sequence }) => sequence?.repeated,
  sequenceLate: ({ sequence }) => sequence?.late,
};

/** Where rows of the capture are shown, for a line that is to be seen there. */
export interface GridToNarrow {
  setFilter(text: string): void | Promise<void>;
}

/** The page of the statistics of one capture: asks what is counted, and keeps the page told of it. */
export class StatisticsPage implements vscode.Disposable {
  readonly #source: CaptureSource;
  readonly #panel: vscode.WebviewPanel;
  readonly #context: PageContext;
  readonly #decoders: PayloadDecoders;
  readonly #grid: () => GridToNarrow;
  readonly #store = new Store();
  readonly #sample: FieldSample;
  #question: Question;
  #counting: Counting | undefined;
  #table: StatisticsTable | undefined;
  #isReady = false;

  constructor(
    source: CaptureSource,
    panel: vscode.WebviewPanel,
    context: PageContext,
    decoders: PayloadDecoders,
    question: Question,
    grid: () => GridToNarrow,
  ) {
    this.#source = source;
    this.#panel = panel;
    this.#context = context;
    this.#decoders = decoders;
    this.#question = question;
    this.#grid = grid;
    this.#sample = new FieldSample(source);
    this.#store.add({ dispose: () => this.#counting?.dispose() });
    this.#store.add(decoders.onDidChange(() => void this.ask(this.#question)));
    this.#store.add(panel.onDidChangeViewState(() => this.#tell()));
    this.#store.add(
      panel.webview.onDidReceiveMessage((received: unknown) => {
        const message = parseStatisticsMessage(received);
        if (message) this.#answer(message).catch(this.#cannotAnswer);
        else this.#cannotAnswer("the message is none that it sends");
      }),
    );
  }

  /** Counts something else from now on. */
  async ask(question: Question): Promise<void> {
    this.#question = question;
    const decoders = await this.#decoders.load();
    // Something else was asked meanwhile, or the page was closed.
    if (this.#question !== question || this.#store.isDisposed) return;
    this.#counting?.dispose();
    this.#counting = new Counting(this.#source, decoders, question, () => this.#tell());
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #answer(message: FromWebview): Promise<void> {
    switch (message.type) {
      case "ready":
        return this.#begin(message.question);
      case "ask":
        return this.ask(message.question);
      case "askFields":
        return this.#post({ type: "fields", names: await this.#fields() });
      case "narrow":
        return this.#narrow(message.name, message.peer);
      case "copy":
        return vscode.env.clipboard.writeText(this.#csv(message.order));
      case "save":
        return this.#save(this.#csv(message.order));
      default:
        message satisfies never;
    }
  }

  async #begin(questionOfPage: Question | undefined): Promise<void> {
    const question = this.#isReady ? this.#question : (questionOfPage ?? this.#question);
    await this.#post({
      type: "hello",
      texts: vscode.l10n.bundle ?? {},
      language: vscode.env.language,
      isLive: this.#source.isLive,
      question,
    });
    this.#isReady = true;
    if (this.#counting && question === this.#question) this.#tell();
    else await this.ask(question);
  }

  /** What has been counted; a page that is not seen is told when it is. */
  #tell(): void {
    const counting = this.#counting;
    if (!this.#isReady || !counting || !this.#panel.visible) return;
    const table = counting.table();
    this.#table = table;
    const { rows, of } = counting.counts;
    const { problem } = counting;
    void this.#post({
      type: "table",
      question: counting.question,
      lines: table.rows.map(({ name, peer, ...group }) => ({
        name: shown(name),
        ...(peer !== undefined && { peer: shown(peer) }),
        figures: figuresOf(group),
      })),
      others: table.others && figuresOf(table.others),
      total: table.total,
      rows,
      of,
      progress: counting.progress,
      problem:
        problem &&
        vscode.l10n.t(
          FILTER_PROBLEMS[problem.code],
          ...problem.arguments.map((word) => printable(word, { limit: 100 })),
        ),
    });
  }

  async #fields(): Promise<string[]> {
    const values = await this.#sample.values(await this.#decoders.load());
    return [...values.keys()].sort();
  }

  /** A click on a line: the grid shows what was counted there. */
  async #narrow(name: string, peer: string | undefined): Promise<void> {
    const row = this.#table?.rows.find(
      (one) => shown(one.name) === name && shown(one.peer) === peer,
    );
    if (!row) return;
    const { filter } = this.#question;
    await this.#grid().setFilter(withCondition(filter, row.filter, false));
  }

  #csv(order: readonly number[]): string {
    const { rows = [], others } = this.#table ?? {};
    const ordered = order.flatMap((index): StatisticsRow[] => {
      const row = rows[index];
      return row ? [row] : [];
    });
    return statisticsCsv(ordered, others);
  }

  async #save(text: string): Promise<void> {
    const uri = await vscode.window.showSaveDialog({
      title: vscode.l10n.t("Save Statistics as CSV"),
      filters: { CSV: ["csv"] },
    });
    if (uri) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  }

  async #post(message: ToWebview): Promise<void> {
    await this.#panel.webview.postMessage(message);
  }

  readonly #cannotAnswer = (reason: unknown): void => {
    this.#context.log.error(`Cannot answer the page of the statistics: ${String(reason)}`);
  };
}

function figuresOf(group: GroupStatistics): Figures {
  const known = Object.entries(FIGURES).flatMap(([name, of]) => {
    const figure = of(group);
    return figure === undefined ? [] : [[name, figure] as const];
  });
  return Object.fromEntries(known);
}

function shown(text: string): string;
function shown(text: string | undefined): string | undefined;
function shown(text: string | undefined): string | undefined {
  return text === undefined ? undefined : leftToRight(printable(text, { limit: 200 }));
}
