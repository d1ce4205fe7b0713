import type { Event } from "vscode";
import type { Capture } from "../../core/capture/capture.ts";

/** A capture that can be shown: the live one of this window, or a saved file. */
export interface CaptureSource {
  readonly capture: Capture;
  /** What a person knows it by, printable: that of this window, or the name of a file. */
  readonly name: string;
  /** True where its programs run on this machine, whose addresses we know. */
  readonly isLive: boolean;
  /** Fires after datagrams, sockets or what is told of them have changed. */
  readonly onDidChange: Event<void>;
  /** The first `limit` bytes of a datagram's payload, or all that were captured. */
  payload(id: number, limit?: number): Promise<Uint8Array>;
  /** Datagrams that had to go because the capture folder was full. */
  readonly evicted: number;
  /** What keeps the table from being all that there was, in sentences; empty where nothing does. */
  readonly remarks: readonly string[];
  /** How much of a file has been read, from 0 to 1; undefined where there is nothing to wait for. */
  readonly progress: number | undefined;
  /** Told that a page has been given rows: what was put off so that they come soon can go on. */
  shown?(): void;
  /** Ends reading, where there is anything to read. */
  cancel(): void;
}
