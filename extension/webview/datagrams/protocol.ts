/**
 * Everything that the extension host and the datagrams webview say to each other. The host holds the
 * capture; the webview holds the rows that it shows and asks for them. Types only: both sides import it.
 */
import type { DecodedField } from "../../core/decode/decoded.ts";
import type { Completion } from "../parts/completion_list.ts";
import type { Language } from "../parts/l10n.ts";

/** Which way a datagram went, seen from the local socket. */
export type RowDirection = "in" | "out" | "unknown";

/** One row of the grid. All text is already printable: nothing in it can act on a terminal or a page. */
export interface DatagramRow {
  /** Stays the same while the capture lives; the row's position does not. */
  readonly id: number;
  /** Microseconds since 1970, UTC. */
  readonly time: number;
  readonly direction: RowDirection;
  /** The socket's own end, `127.0.0.1:9999`; a wildcard where the runtime does not tell more. */
  readonly local: string;
  /** The other end. */
  readonly peer: string;
  /** Payload bytes on the wire. */
  readonly length: number;
  /** The start of the payload: escaped text, or hexadecimal digits where it is none. */
  readonly preview: string;
  /** What its payload has in the columns of fields, in their order; "" where it has no such field. */
  readonly cells?: readonly string[] | undefined;
  /** The preview is digits. */
  readonly isHex?: boolean | undefined;
  /** What became of it (`delivered 0.2 ms`, `send failed: EMSGSIZE`, `476 bytes cut`), or "". */
  readonly note: string;
  /** The note tells of something out of the ordinary, and is marked. */
  readonly isAnomaly: boolean;
  /** A rule of ours kept it from arriving, or changed it: marked otherwise than what the network does. */
  readonly byRule?: "dropped" | "corrupted" | undefined;
  /** Microseconds since the row before it; 0 for the first. */
  readonly delta: number;
  /** Its number among all rows of the capture, from 1; left out where that is its position + 1. */
  readonly number?: number | undefined;
}

/** The selected datagram in full. */
export interface DatagramDetail {
  readonly row: DatagramRow;
  /** Basename of the program, `udp_server.ts`, or "". */
  readonly program: string;
  /** The captured payload: an exact copy, never a view into something larger. */
  readonly payload: Uint8Array;
  /** Where in the payload a rule of ours has changed a byte: marked in the dump. The facts say how. */
  readonly changedBytes: readonly number[];
  /** What became of it and what is out of the ordinary about it. */
  readonly facts: readonly DetailFact[];
  /** What a decoder says of the payload; undefined where none applies. */
  readonly decoded?: DetailDecoded | undefined;
  /** What can be done with it: one button each, in this order. */
  readonly commands: readonly DetailCommand[];
}

/** A whole sentence, printable. */
export interface DetailFact {
  readonly text: string;
  readonly isAnomaly: boolean;
  /** A rule of ours kept it from arriving, or changed it. */
  readonly byRule?: boolean;
  /** The row that it is about, where that is another one: the sentence leads there. */
  readonly row?: number;
}

/** What a payload says in the words of a protocol, or why it says nothing. All texts are printable. */
export type DetailDecoded = {
  /** "DNS": the name of the tab. */
  readonly protocol: string;
  /** How the decoder was found: "DNS, as chosen for port 5300". */
  readonly origin: string;
} & (
  | {
      /** What the names of its fields begin with in a filter. */
      readonly decoder: string;
      readonly summary: string;
      readonly fields: readonly DecodedField[];
    }
  | { readonly problem: string }
);

/** What a person can do with the selected datagram; the host knows the commands behind the names. */
export type DetailCommand = "follow" | "reply" | "resend" | "editAndSend" | "decodeAs";

/** What one socket and one peer said to each other, while the grid is narrowed to it. */
export interface ConversationSummary {
  /** "127.0.0.1:53211 ⇄ 127.0.0.1:9999" */
  readonly title: string;
  /** "3 requests, 3 answers, 0 lost, median 0.4 ms, p99 0.9 ms" */
  readonly text: string;
  /** What the times are and how many could be measured, in sentences. */
  readonly explanation: string;
}

/** How many datagrams there were over time, in equal steps from `from` to `to` (microseconds since 1970). */
export interface Overview {
  readonly from: number;
  readonly to: number;
  readonly received: readonly number[];
  readonly sent: readonly number[];
  readonly lost: readonly number[];
  /** By a rule of ours. */
  readonly dropped: readonly number[];
}

export type ToWebview =
  /** The answer to `ready`: what does not change while the webview lives. */
  | (Language & {
      readonly type: "hello";
      /** Names the capture, at random: the ids of its rows mean nothing in another one. */
      readonly captureId: string;
      /** False of a file, which is read from its beginning. */
      readonly isLive: boolean;
    })
  /** The capture changed: rows from `firstChanged` on are new or elsewhere than before. */
  | {
      readonly type: "capture";
      readonly total: number;
      readonly firstChanged: number;
      /** Records that are known to be missing. */
      readonly notRecorded: number;
      /** Of which sockets, one a line; "" where none is missing. */
      readonly notRecordedOf: string;
      readonly paused: boolean;
      /** Rows without the filter; the same as `total` where there is none. */
      readonly unfiltered: number;
      /** Rows that were taken away from the front since the last message: the view stays where it was. */
      readonly removedFromFront: number;
      /** Datagrams that had to go because the capture folder was full. */
      readonly evicted: number;
      /** Time of the first datagram of the capture, microseconds since 1970: what relative times count from. */
      readonly start: number;
      /** False where no datagram tells which end recorded it: then all are told from source to destination. */
      readonly hasDirections: boolean;
      /** How much of a file has been read or searched through, from 0 to 1; undefined where there is nothing to wait for. */
      readonly progress?: number | undefined;
      /** Sentences about what keeps the table from being all that there was. */
      readonly remarks: readonly string[];
    }
  /** The filter that applies now, after `filter` or because a port or a peer was chosen elsewhere. */
  | {
      readonly type: "filter";
      readonly text: string;
      /** What is wrong with it; then the filter before it, if any, still applies. Positions in characters. */
      readonly problem?: { readonly start: number; readonly end: number; readonly reason: string };
      /** What to mark in previews. */
      readonly marks: readonly { readonly text: string; readonly ignoreCase: boolean }[];
    }
  /** The answer to `complete`. */
  | {
      readonly type: "completions";
      readonly request: number;
      readonly items: readonly Completion[];
    }
  /** The answer to `askOverview`. */
  | { readonly type: "overview"; readonly overview: Overview }
  /** The answer to `askRows`; shorter where the capture has fewer. */
  | { readonly type: "rows"; readonly first: number; readonly rows: readonly DatagramRow[] }
  /** The answer to `select`; undefined where the datagram is gone. */
  | { readonly type: "detail"; readonly id: number; readonly detail?: DatagramDetail | undefined }
  /** The answer to `locate`: the row's position now, from 0; undefined where the datagram is gone. */
  | { readonly type: "located"; readonly id: number; readonly position?: number | undefined }
  /** Selects a row at its position, from 0, and brings it into view: a link elsewhere leads to it. */
  | { readonly type: "showRow"; readonly id: number; readonly position: number }
  /** The conversation that the grid is narrowed to has changed; undefined where it is no longer. */
  | { readonly type: "conversation"; readonly conversation?: ConversationSummary | undefined };

/** Every `askRows`, `select` and `locate` is answered, in any order. */
export type FromWebview =
  /** `filter`: what applied when the page was last shown; it applies again where the host knows no other. */
  | { readonly type: "ready"; readonly filter?: string | undefined }
  /** One at a time: the next one goes out when this one is answered. `count` is at most 500. */
  | { readonly type: "askRows"; readonly first: number; readonly count: number }
  | { readonly type: "select"; readonly id: number }
  /** Where is this row now? Asked when rows before it changed, and for a selection from an earlier life. */
  | { readonly type: "locate"; readonly id: number }
  /** The fields that are columns from now on, as filters call them: at most 20. */
  | { readonly type: "columns"; readonly fields: readonly string[] }
  /** The text in the filter box, a moment after the last key. Answered by `filter`. */
  | { readonly type: "filter"; readonly text: string }
  | {
      readonly type: "complete";
      readonly request: number;
      readonly text: string;
      readonly caret: number;
    }
  /** A key or a button of the mouse was pressed: commands of the menu and the palette mean this page from now on. */
  | { readonly type: "used" }
  /** The rows that are selected, for commands of the menu: first and last position of each run. */
  | {
      readonly type: "selection";
      readonly runs: readonly (readonly [first: number, last: number])[];
    }
  /** At most 500 steps; of the rows that pass the filter but for its `time:`, so that one sees where these lie. Asked again, at most four times a second, after `capture`. */
  | { readonly type: "askOverview"; readonly steps: number }
  /** Ends reading a file, or a search. */
  | { readonly type: "cancel" }
  /** A button of the detail. */
  | { readonly type: "command"; readonly command: DetailCommand; readonly id: number }
  /** Selects the row of another datagram, and brings it into view; a filter that it does not pass goes. */
  | { readonly type: "showRow"; readonly id: number }
  /** Selects the next lost datagram among the rows, or the one before. */
  | { readonly type: "findLost"; readonly step: 1 | -1 }
  /** Shows a line, from 1, of a definition of the workspace. */
  | { readonly type: "openDefinition"; readonly file: string; readonly line: number }
  /** Draws a field over time, by the name that filters have for it. */
  | { readonly type: "plot"; readonly field: string }
  /** Text for the clipboard: what a tab shows, or a part of it. */
  | { readonly type: "copy"; readonly text: string }
  /** Copies what is selected in the grid, as text. */
  | { readonly type: "copySelection" }
  /** A button of the conversation: show it as a document, or follow it no more. */
  | { readonly type: "conversation"; readonly action: "text" | "hex" | "close" };
