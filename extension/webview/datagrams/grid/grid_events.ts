import type { ColumnLayout } from "./columns.ts";

/** What the grid tells. */
export interface GridEvents {
  askRows(first: number, count: number): void;
  /** Another row is active and known by its id, or none. */
  activated(): void;
  /** Other rows are selected than before, or they are elsewhere. */
  selectionChanged(): void;
  /** The active row may be elsewhere now: somebody has to ask where. */
  misplaced(id: number): void;
  /** Enter: on to the detail. */
  left(): void;
  /** Ctrl+C: what is selected is to be copied. */
  copied(): void;
  /** A frame was drawn: the view or the active row's position may be another one. */
  drawn(): void;
  columnsChanged(layout: ColumnLayout): void;
}

/** What the grid starts with: as it was when it was hidden. */
export interface GridStart {
  readonly follow: boolean;
  /** False of a file: what comes when it is read is not new. */
  readonly isLive: boolean;
  readonly firstRow: number;
  readonly columns: ColumnLayout;
}

/** What changed in the capture; see protocol.ts. */
export interface GridChange {
  readonly total: number;
  /** Rows without the filter. */
  readonly unfiltered: number;
  readonly firstChanged: number;
  readonly removedFromFront: number;
  readonly hasDirections: boolean;
}
