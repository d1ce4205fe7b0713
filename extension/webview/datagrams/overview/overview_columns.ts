import type { Overview } from "../protocol.ts";

/** A span of time, microseconds since 1970. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

export interface OverviewColumn {
  received: number;
  sent: number;
  lost: number;
  /** By a rule. */
  dropped: number;
}

/** The counts of an overview in so many columns over a span, which may be longer than its own. */
export function overviewColumns(
  overview: Overview,
  span: TimeSpan,
  count: number,
): OverviewColumn[] {
  const { from, to, received, sent, lost, dropped } = overview;
  const empty = { received: 0, sent: 0, lost: 0, dropped: 0 };
  const columns = Array.from({ length: count }, () => ({ ...empty }));
  const step = (to - from) / received.length;
  for (let index = 0; index < received.length; index++) {
    const time = from + (index + 0.5) * step;
    const column = columns[Math.floor(((time - span.from) / (span.to - span.from)) * count)];
    if (!column) continue;
    column.received += received[index] ?? 0;
    column.sent += sent[index] ?? 0;
    column.lost += lost[index] ?? 0;
    column.dropped += dropped[index] ?? 0;
  }
  return columns;
}

/** How many there are of each kind. */
export function overviewTotals({ received, sent, lost, dropped }: Overview): OverviewColumn {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return { received: sum(received), sent: sum(sent), lost: sum(lost), dropped: sum(dropped) };
}
