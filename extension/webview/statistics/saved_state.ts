import type { FigureName, Question } from "./protocol.ts";
import type { Order } from "./table.ts";

/** What the page still knows after it was hidden, and so destroyed, and shown again. */
export interface SavedState {
  /** Of the live capture: after a reload of the window the page is there again. */
  readonly isLive?: boolean;
  readonly question?: Question;
  readonly order?: Order;
  /** Columns that were chosen, where there is room and where there is little: true for one that is shown. */
  readonly wide?: Readonly<Partial<Record<FigureName, boolean>>>;
  readonly narrow?: Readonly<Partial<Record<FigureName, boolean>>>;
}

/** The state may come from an older version of this page: what does not fit is left out, or checked by who is told it. */
export function readState(saved: unknown): SavedState {
  if (typeof saved !== "object" || saved === null) return {};
  const { isLive, question, order, wide, narrow } = saved as Record<string, unknown>;
  return {
    ...(typeof isLive === "boolean" && { isLive }),
    ...(isQuestion(question) && { question }),
    ...(isOrder(order) && { order }),
    ...(isChoice(wide) && { wide }),
    ...(isChoice(narrow) && { narrow }),
  };
}

function isQuestion(value: unknown): value is Question {
  if (typeof value !== "object" || value === null) return false;
  const { by, field, sequence, filter } = value as Record<string, unknown>;
  return [by, field, sequence, filter].every((part) => typeof part === "string");
}

function isOrder(value: unknown): value is Order {
  if (typeof value !== "object" || value === null) return false;
  const { by, isDescending } = value as Record<string, unknown>;
  return typeof by === "string" && typeof isDescending === "boolean";
}

function isChoice(value: unknown): value is Partial<Record<FigureName, boolean>> {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((shown) => typeof shown === "boolean");
}
