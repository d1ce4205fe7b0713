import { setImmediate as nextTurn } from "node:timers/promises";
import type * as vscode from "vscode";
import { RowList } from "../../core/capture/row_list.ts";
import { compileFilter } from "../../core/filter/compiler.ts";
import type { FilterProblem } from "../../core/filter/problem.ts";
import {
  ByConversation,
  ByEndpoint,
  ByPort,
  type Grouping,
  type GroupingKind,
} from "../../core/statistics/grouping.ts";
import { Statistics } from "../../core/statistics/statistics.ts";
import type { StatisticsTable } from "../../core/statistics/statistics_table.ts";
import { Store } from "../base/store.ts";
import { Throttle } from "../base/throttle.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";
import { decodedFieldNames } from "../filter/decoded_field_names.ts";
import { RowFilter } from "../filter/row_filter.ts";
import { ByField } from "./by_field.ts";
import { type FieldColumn, NumberColumn, TextColumn } from "./field_column.ts";
import { FieldReading } from "./field_reading.ts";
import { RtpClock } from "./rtp_clock.ts";

/** What is counted, and how. */
export interface StatisticsQuestion {
  readonly by: GroupingKind;
  /** Where it is by the values of a field: which one, as filters call it. */
  readonly field: string;
  /** A field that counts on, in which gaps are looked for; "": none. */
  readonly sequence: string;
  /** Only what passes it is counted. */
  readonly filter: string;
}

/** The table is told anew so often: to sort and to draw it costs as much as there is of it. */
const UPDATE_MS = 500;
/** Others have their turn after so long. */
const TURN_MS = 5;

/** Counts the datagrams of a capture, and keeps on doing so. */
export class Counting implements vscode.Disposable {
  readonly question: StatisticsQuestion;
  /** What is wrong with the filter: then all is counted. */
  readonly problem: FilterProblem | undefined;
  readonly #source: CaptureSource;
  readonly #store = new Store();
  readonly #rows: RowList;
  readonly #filter: RowFilter;
  readonly #reading: FieldReading;
  readonly #statistics: Statistics;
  readonly #throttle: Throttle;
  readonly #changed: () => void;
  #updating: Promise<void> | undefined;

  /** @param changed called when there is something else to tell */
  constructor(
    source: CaptureSource,
    decoders: LoadedDecoders,
    question: StatisticsQuestion,
    changed: () => void = () => {},
  ) {
    this.question = question;
    this.#source = source;
    this.#changed = changed;
    const { capture } = source;
    this.#throttle = this.#store.add(new Throttle(UPDATE_MS, () => void this.#update()));
    const more = () => this.#throttle.trigger();
    this.#rows = this.#store.add(new RowList(capture));
    this.#filter = this.#store.add(
      new RowFilter(source, this.#rows, more, () => Promise.resolve(decoders)),
    );
    const compiled = compileFilter(question.filter, decodedFieldNames(decoders));
    this.problem = "problem" in compiled ? compiled.problem : undefined;
    if ("filter" in compiled) this.#filter.apply(compiled.filter);
    const values = new TextColumn(question.field);
    const numbers = new NumberColumn(question.sequence);
    const isByField = question.by === "field";
    const clock = isByField && question.field.startsWith("rtp.") ? new RtpClock() : undefined;
    const columns: FieldColumn[] = [
      ...(isByField ? [values] : []),
      ...(question.sequence === "" ? [] : [numbers]),
      ...(clock?.columns ?? []),
    ];
    const reading = this.#store.add(
      new FieldReading(source, decoders, columns, (from) => {
        this.#rows.invalidate(from);
        this.#changed();
      }),
    );
    this.#reading = reading;
    const grouping = groupingOf(source, question, (id) => values.at(reading.placeOf(id)));
    this.#statistics = new Statistics(capture, this.#rows, grouping, {
      ...(question.sequence !== "" && { numberOf: (id) => numbers.at(reading.placeOf(id)) }),
      ...(clock && { sentOf: (id) => clock.at(reading.placeOf(id)) }),
    });
    this.#store.add(
      source.onDidChange(() => {
        this.#filter.update();
        more();
      }),
    );
    more();
  }

  /** Rows that pass the filter, and all that there are. */
  get counts(): { readonly rows: number; readonly of: number } {
    return { rows: this.#rows.length, of: this.#rows.unfiltered };
  }

  /** How much has been read or looked through, from 0 to 1; undefined where there is nothing to wait for. */
  get progress(): number | undefined {
    const { progress } = this.#reading;
    return this.#source.progress ?? this.#filter.progress ?? (progress < 1 ? progress : undefined);
  }

  /** What has been counted until now. */
  table(): StatisticsTable {
    return this.#statistics.table();
  }

  /** Resolves when all is counted that is there. */
  async counted(): Promise<void> {
    await this.#filter.searched();
    await this.#updating;
    await this.#update();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #update(): Promise<void> {
    // What changes meanwhile is counted in the same go, or with the next one.
    this.#updating ??= this.#count().finally(() => {
      this.#updating = undefined;
    });
    await this.#updating;
  }

  async #count(): Promise<void> {
    await this.#filter.catchUp();
    // What is not read yet would have to be counted again.
    await this.#reading.update();
    let turnEnds = performance.now() + TURN_MS;
    for (const _ of this.#statistics.updating()) {
      if (performance.now() < turnEnds) continue;
      await nextTurn();
      if (this.#store.isDisposed) return;
      turnEnds = performance.now() + TURN_MS;
    }
    this.#changed();
  }
}

function groupingOf(
  { capture }: CaptureSource,
  { by, field }: StatisticsQuestion,
  textOf: (id: number) => string | undefined,
): Grouping {
  switch (by) {
    case "conversation":
      return new ByConversation(capture);
    case "endpoint":
      return new ByEndpoint(capture);
    case "port":
      return new ByPort();
    case "field":
      return new ByField(field, textOf);
  }
}
