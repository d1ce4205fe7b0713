/** Positions `first` to `last`, both in it. */
export type Run = readonly [first: number, last: number];

/** A set of row positions, kept as runs: all of a million rows are one run. Never changes; makes another one. */
export class RowRuns {
  /** In order, with a gap between any two. */
  readonly runs: readonly Run[];

  private constructor(runs: readonly Run[]) {
    this.runs = runs;
  }

  /** All positions between two, whichever comes first. */
  static between(a: number, b: number): RowRuns {
    return new RowRuns([[Math.min(a, b), Math.max(a, b)]]);
  }

  get count(): number {
    return this.runs.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  has(position: number): boolean {
    return this.runs.some(([first, last]) => first <= position && position <= last);
  }

  /** Without the position where it has it, else with it. */
  toggled(position: number): RowRuns {
    const runs = this.has(position)
      ? this.runs.flatMap((run) => without(run, position))
      : joined([...this.runs, [position, position]]);
    return new RowRuns(runs);
  }

  /** Every position so many further on; what would be before the first row is gone. */
  shifted(by: number): RowRuns {
    const runs = this.runs.map(([first, last]): Run => [Math.max(0, first + by), last + by]);
    return new RowRuns(runs.filter(([, last]) => last >= 0));
  }

  /** Those before `total`. */
  upTo(total: number): RowRuns {
    const runs = this.runs.map(([first, last]): Run => [first, Math.min(last, total - 1)]);
    return new RowRuns(runs.filter(([first, last]) => first <= last));
  }
}

function without([first, last]: Run, position: number): Run[] {
  const parts: Run[] = [
    [first, Math.min(last, position - 1)],
    [Math.max(first, position + 1), last],
  ];
  return position < first || position > last
    ? [[first, last]]
    : parts.filter(([from, to]) => from <= to);
}

function joined(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const [first, last] of runs.toSorted(([a], [b]) => a - b)) {
    const before = result.at(-1);
    if (before && before[1] >= first - 1)
      result.splice(-1, 1, [before[0], Math.max(before[1], last)]);
    else result.push([first, last]);
  }
  return result;
}
