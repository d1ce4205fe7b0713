import { type ColumnLayout, readLayout } from "./grid/columns.ts";
import type { VsCodeApi } from "./vscode_api.ts";

/** What the page still knows after it was hidden, and so destroyed, and shown again. */
export interface SavedState {
  /** Of the capture that `selectedId`, `firstRow` and `dismissed` belong to. */
  readonly captureId?: string;
  readonly follow?: boolean;
  readonly selectedId?: number | undefined;
  /** First row in view. */
  readonly firstRow?: number | undefined;
  /** Remarks that were put away. */
  readonly dismissed?: readonly string[] | undefined;
  /** Pixels. */
  readonly detailHeight?: number | undefined;
  readonly tab?: string;
  readonly columns?: ColumnLayout;
  /** What the time column tells. */
  readonly time?: string;
  readonly filter?: string;
}

/** The filter that applied when the page was shown last. */
export function savedFilter(api: VsCodeApi): string | undefined {
  return readState(api.getState()).filter;
}

/** Keeps the state in VS Code. It may come from an older version of this page: nothing in it is taken as given. */
export class StateKeeper {
  readonly #api: VsCodeApi;
  #state: SavedState;

  constructor(api: VsCodeApi, captureId: string) {
    this.#api = api;
    const {
      selectedId,
      firstRow,
      dismissed,
      captureId: savedId,
      ...rest
    } = readState(api.getState());
    // In another capture the same id is another datagram.
    const isSame = savedId === captureId;
    this.#state = {
      ...rest,
      captureId,
      ...(isSame && { selectedId, firstRow, ...(dismissed && { dismissed }) }),
    };
  }

  get state(): SavedState {
    return this.#state;
  }

  save(change: SavedState): void {
    this.#state = { ...this.#state, ...change };
    this.#api.setState(this.#state);
  }
}

function readState(saved: unknown): SavedState {
  if (typeof saved !== "object" || saved === null) return {};
  const values = saved as Record<string, unknown>;
  const { captureId, follow, selectedId, firstRow, dismissed, detailHeight, tab } = values;
  const { columns, time, filter } = values;
  return {
    ...(isText(captureId) && { captureId }),
    ...(typeof follow === "boolean" && { follow }),
    ...(isCount(selectedId) && { selectedId }),
    ...(isCount(firstRow) && { firstRow }),
    ...(Array.isArray(dismissed) && { dismissed: dismissed.filter(isText) }),
    ...(isCount(detailHeight) && { detailHeight }),
    ...(isText(tab) && { tab }),
    ...(columns !== undefined && { columns: readLayout(columns) }),
    ...(isText(time) && { time }),
    ...(isText(filter) && { filter }),
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
