/**
 * Everything that the extension host and the page of values and plots say to each other. The host holds the numbers; the page
 * says what it shows, and is told that, again whenever it changes. Types only: both sides import it.
 */
import type { Language } from "../parts/l10n.ts";

/** One field of one sender. All text is printable; times are microseconds since 1970. */
export interface ValueLine {
  /** Names it, as long as the page lives. */
  readonly key: string;
  /** `127.0.0.1:6006` */
  readonly sender: string;
  /** What a person reads: a name of a filter without the decoder's, or of a text. */
  readonly field: string;
  readonly unit: string;
  /** Drawn as steps, where it is no plain number. */
  readonly kind: "number" | "boolean" | "enum";
  /** The latest sample as it is shown. */
  readonly latest: string;
  /** When it came. */
  readonly time: number;
  /** Samples a second, over the last ones. NaN: there is only one. */
  readonly rate: number;
  readonly summary: ValueSummary;
  /** Goes up by one with each datagram: what is missing is told by it. */
  readonly isCounter: boolean;
}

/** Numbers are NaN where there is none. */
export interface ValueSummary {
  readonly count: number;
  readonly nan: number;
  readonly infinite: number;
  readonly inexact: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
}

/** A line of the plot: for each step its minimum and its maximum, NaN both where there is no sample. */
export interface PlotLine {
  readonly key: string;
  readonly curve: Float64Array;
}

/** What did not come of a sender, at its places in the plot. The arrays are of one length. */
export interface PlotGaps {
  readonly sender: string;
  readonly times: Float64Array;
  /** Datagrams at that place. */
  readonly counts: Float64Array;
  readonly kinds: readonly GapKind[];
  /** The first missing number of a counter; NaN where none tells. */
  readonly numbers: Float64Array;
}

/** "missing": a counter leaves numbers out, and nobody has seen them sent. */
export type GapKind = "lost" | "dropped" | "refused" | "missing";

/** What a sender's datagrams came to in a range of time. */
export interface RangeOfSender {
  readonly sender: string;
  readonly arrived: number;
  readonly gaps: Readonly<Record<GapKind, number>>;
}

export interface PlotRange {
  readonly from: number;
  readonly to: number;
}

/** What a plot shows. */
export interface PlotView {
  /** Steps of the plot from left to right. */
  readonly steps: number;
  /** Undefined: all that there is; or the latest `follow` microseconds. */
  readonly range?: PlotRange | undefined;
  readonly follow?: number | undefined;
  /** The lines that are drawn: at most 24. */
  readonly lines: readonly string[];
  /** Whose small lines are in sight: at most 200. */
  readonly sparks: readonly string[];
  /** The name of the field that the plot goes along; "": the time of receipt. */
  readonly x: string;
  /** What is marked, in the plot's x. */
  readonly brush?: PlotRange | undefined;
}

export type ToValues =
  /** The answer to `ready`. */
  | (Language & {
      readonly type: "hello";
      readonly isLive: boolean;
      /** Where the choice of lines is kept; "": nowhere. */
      readonly file: string;
    })
  /** The fields that there are, by sender and name. */
  | {
      readonly type: "values";
      readonly lines: readonly ValueLine[];
      readonly sparks: readonly PlotLine[];
      /** What ages count from. */
      readonly now: number;
      /** The grid's filter. */
      readonly filter: string;
      /** Time of the first datagram of the capture: what a filter's times count from. */
      readonly start: number;
      /** How much has been read, from 0 to 1; undefined where there is nothing to wait for. */
      readonly progress?: number | undefined;
      /** Sentences about what is not told. */
      readonly remarks: readonly string[];
      readonly paused: boolean;
    }
  /** The plot as it was asked for. */
  | {
      readonly type: "plot";
      /** What x is from left to right: microseconds since 1970, or the field's unit. */
      readonly range: PlotRange;
      /** All that there is. */
      readonly whole: PlotRange;
      readonly lines: readonly PlotLine[];
      /** The first line over all that there is. */
      readonly overview?: Float64Array | undefined;
      readonly gaps: readonly PlotGaps[];
      /** What the marked range comes to, or all that is shown. */
      readonly senders: readonly RangeOfSender[];
      readonly summaries: readonly (ValueSummary & { readonly key: string })[];
      /** The time of the row that is selected in the grid. */
      readonly selected?: number | undefined;
    }
  /** The lines that are to be drawn: those that were kept, or were chosen elsewhere. */
  | { readonly type: "choose"; readonly lines: readonly string[]; readonly x: string }
  /** The answer to `step`: the sample that the cursor is at. */
  | {
      readonly type: "sample";
      readonly key: string;
      readonly x: number;
      readonly value: number;
      readonly text: string;
    }
  /** The answer to `askCsv`. */
  | { readonly type: "saved" };

export type FromValues =
  | { readonly type: "ready" }
  /** The page shows this from now on. */
  | { readonly type: "view"; readonly view: PlotView }
  /** The lines that a person has chosen: they are kept for the workspace. */
  | { readonly type: "keep"; readonly lines: readonly string[]; readonly x: string }
  /** Holds all as it is, or goes on. */
  | { readonly type: "pause"; readonly paused: boolean }
  /** The grid's filter from now on. */
  | { readonly type: "filter"; readonly text: string }
  /** Selects the row that is nearest in a line, or of what was lost there. */
  | { readonly type: "row"; readonly key: string; readonly x: number }
  /** Where is the next sample of a line, so many on (or back, below 0)? Answered by `sample`. */
  | { readonly type: "step"; readonly key: string; readonly x: number; readonly by: number }
  /** Saves the samples that are shown, as CSV. */
  | { readonly type: "saveCsv" }
  /** Saves a picture. */
  | { readonly type: "save"; readonly format: "png" | "svg"; readonly bytes: Uint8Array }
  /** Text for the clipboard. */
  | { readonly type: "copy"; readonly text: string }
  /** Shows the file in which the choice is kept. */
  | { readonly type: "openFile" };
