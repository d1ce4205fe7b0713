/** What the extension host and its sender, a process of its own, say to each other; `id` ties answers to orders. */

/** Where datagrams go. */
export interface Destination {
  /** A literal IP address. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Permits sending to a broadcast address. */
  readonly broadcast: boolean;
}

/** Datagrams of a replay, in their order. */
export interface Batch {
  /** When each is due: milliseconds since the first of all, at the speed of the replay; 0 for at once. */
  readonly dueMs: Float64Array;
  readonly payloads: readonly Uint8Array[];
  /** Which of them are less than what was once sent, because no more was recorded. */
  readonly isCut: readonly boolean[];
  readonly isLast: boolean;
}

export type Order =
  | {
      readonly id: number;
      readonly do: "send";
      readonly to: Destination;
      readonly payload: Uint8Array;
    }
  | { readonly id: number; readonly do: "replay"; readonly to: Destination }
  | { readonly id: number; readonly do: "batch"; readonly batch: Batch }
  | { readonly id: number; readonly do: "cancel" }
  /** No more is to be sent for now. */
  | { readonly id: number; readonly do: "end" };

export interface ReplayResult {
  readonly sent: number;
  /** How many of these were sent only as far as they had been recorded. */
  readonly cut: number;
  /** What the system would not take. */
  readonly failed: number;
  /** The system's name for why it would not take the first of them, `EMSGSIZE`; undefined where it took all. */
  readonly error?: string;
  readonly cancelled: boolean;
}

export type Answer =
  /** The end of a `send`: the local end that it was sent from, or the system's name for what went wrong. */
  | { readonly id: number; readonly what: "sent"; readonly from: string }
  | { readonly id: number; readonly what: "failed"; readonly error: string }
  /** How far a replay is; at most ten times a second. */
  | {
      readonly id: number;
      readonly what: "progress";
      readonly sent: number;
      readonly failed: number;
    }
  /** A batch has been sent: there is room for another. */
  | { readonly id: number; readonly what: "room" }
  | { readonly id: number; readonly what: "done"; readonly result: ReplayResult };
