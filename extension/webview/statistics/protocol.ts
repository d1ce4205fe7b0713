/** Everything that the extension host and the page of the statistics say to each other. Types only: both sides import it. */
import type { Language } from "../parts/l10n.ts";

/** What datagrams are counted by. */
export type GroupingKind = "conversation" | "endpoint" | "port" | "field";

/** What is counted, and how. */
export interface Question {
  readonly by: GroupingKind;
  /** Where it is by the values of a field: which one, as filters call it. */
  readonly field: string;
  /** A field that counts on, in which gaps are looked for; "": none. */
  readonly sequence: string;
  /** Only what passes it is counted. */
  readonly filter: string;
}

/** The figures of a group: those that are known. Times in microseconds. */
export type Figures = Readonly<Partial<Record<FigureName, number>>>;

/** What is known of a group. */
export type FigureName =
  | "forward"
  | "back"
  | "bytesForward"
  | "bytesBack"
  | "rate"
  | "share"
  | "lostForward"
  | "lostBack"
  | "duplicates"
  | "intervalMin"
  | "intervalMedian"
  | "intervalP99"
  | "intervalDeviation"
  | "jitter"
  | "answerMedian"
  | "answerP99"
  | "sizeMin"
  | "sizeMedian"
  | "sizeMax"
  | "sequenceFirst"
  | "sequenceLast"
  | "sequenceMissing"
  | "sequenceRepeated"
  | "sequenceLate";

/** One group. All text is printable. */
export interface StatisticsLine {
  /** An end, a port, or a value, "" where datagrams have no such field; of a conversation the end that began. */
  readonly name: string;
  /** Of a conversation, the other end. */
  readonly peer?: string;
  readonly figures: Figures;
}

/** What has been counted. */
export interface CountedTable {
  readonly type: "table";
  readonly question: Question;
  readonly lines: readonly StatisticsLine[];
  /** Of those that have no line of their own, as there are too many; undefined where all have one. */
  readonly others: Figures | undefined;
  readonly total: {
    readonly datagrams: number;
    readonly bytes: number;
    readonly lost: number;
    readonly duplicates: number;
  };
  /** Rows that pass the filter, and all that there are. */
  readonly rows: number;
  readonly of: number;
  /** From 0 to 1 while something is still read; undefined where there is nothing to wait for. */
  readonly progress: number | undefined;
  /** What is wrong with the filter, a sentence: then all is counted. */
  readonly problem: string | undefined;
}

export type ToWebview =
  | ({ readonly type: "hello" } & Language & {
        readonly isLive: boolean;
        readonly question: Question;
      })
  | CountedTable
  /** Fields that datagrams of the capture have. */
  | { readonly type: "fields"; readonly names: readonly string[] };

export type FromWebview =
  /** The page listens; after a reload of the window it knows what it was asked. */
  | { readonly type: "ready"; readonly question?: Question }
  | { readonly type: "ask"; readonly question: Question }
  /** A field is to be chosen: which ones are there? */
  | { readonly type: "askFields" }
  /** The grid is to show only this line. */
  | { readonly type: "narrow"; readonly name: string; readonly peer?: string }
  /** The table is wanted as CSV, with its lines in this order: in the clipboard, or in a file. */
  | { readonly type: "copy" | "save"; readonly order: readonly number[] };
