import type { Flow } from "../capture/flow_table.ts";
import { type DecodedFieldNames, NO_DECODED_FIELDS } from "./decoded_fields.ts";
import {
  type Expression,
  type FilterDependency,
  type FlowExpression,
  withoutTimes,
} from "./expression.ts";
import { type Highlight, type Needle, needleHighlight, needleKey } from "./needle.ts";
import { parseFilter } from "./parser.ts";
import { type FilterProblem, WrongFilter } from "./problem.ts";
import type { FilterRow, FilterSocket } from "./row.ts";

/** True when the row is to be shown; `hits` tells whether its payload holds a needle. */
export type RowTest = (row: FilterRow, hits: (needle: number) => boolean) => boolean;

/** A filter, ready for a million rows. */
export interface Filter {
  /** What has to be looked for in the payloads first; conditions name them by their index. */
  readonly needles: readonly Needle[];
  /** What to mark in payloads that are shown because they hold it. */
  readonly highlights: readonly Highlight[];
  /** What else can change an answer: then rows have to be tested again, with a new {@link rowTest}. */
  readonly dependsOn: ReadonlySet<FilterDependency>;
  /** True for the empty filter, which shows all. */
  readonly isEmpty: boolean;
  /**
   * Makes a test that keeps what it finds out about each flow. It allocates nothing per row.
   *
   * @param socketOf the socket of a number, see {@link Flow.socket}.
   */
  rowTest(socketOf: (socket: number) => FilterSocket): RowTest;
  /** The same without its conditions on the time since the first datagram; undefined where it has none. */
  readonly rowTestOfAllTimes: Filter["rowTest"] | undefined;
}

/** A search through the payloads for each of them: more would take minutes. */
const MAX_NEEDLES = 64;

/** Reads a filter; see parseFilter(). What is wrong with it is a result, and never thrown. */
export function compileFilter(
  text: string,
  fields: DecodedFieldNames = NO_DECODED_FIELDS,
): { filter: Filter } | { problem: FilterProblem } {
  try {
    const expression = parseFilter(text, fields);
    const needles = new Needles();
    const dependsOn = new Set<FilterDependency>();
    collect(expression, true, needles, dependsOn);
    const { all, highlights } = needles;
    if (all.length > MAX_NEEDLES) {
      throw new WrongFilter({ start: 0, end: text.length }, "tooManyTexts", String(MAX_NEEDLES));
    }
    const ofAllTimes = withoutTimes(expression);
    const filter: Filter = {
      needles: all,
      highlights,
      dependsOn,
      isEmpty: expression.kind === "and" && expression.terms.length === 0,
      rowTest: rowTestOf(expression, needles),
      rowTestOfAllTimes: ofAllTimes === expression ? undefined : rowTestOf(ofAllTimes, needles),
    };
    return { filter };
  } catch (error) {
    if (error instanceof WrongFilter) return { problem: error.problem };
    throw error;
  }
}

function rowTestOf(expression: Expression, needles: Needles): Filter["rowTest"] {
  return (socketOf) => {
    const run: Run = { row: NO_ROW, hits: () => false, socketOf };
    const holds = compile(expression, needles, run);
    return (row, hits) => {
      run.row = row;
      run.hits = hits;
      return holds();
    };
  };
}

/** What a condition is asked about: one object for all rows. */
interface Run {
  row: FilterRow;
  hits: (needle: number) => boolean;
  readonly socketOf: (socket: number) => FilterSocket;
}

const NO_ROW = {} as FilterRow;

/** The needles of a filter, each once. */
class Needles {
  readonly all: Needle[] = [];
  readonly highlights: Highlight[] = [];
  readonly #indices = new Map<string, number>();
  readonly #marked = new Set<string>();

  indexOf(needle: Needle): number {
    const key = needleKey(needle);
    const index = this.#indices.get(key) ?? this.all.push(needle) - 1;
    this.#indices.set(key, index);
    return index;
  }

  mark(needle: Needle): void {
    const highlight = needleHighlight(needle);
    const key = needleKey(needle);
    if (highlight && !this.#marked.has(key)) this.highlights.push(highlight);
    this.#marked.add(key);
  }
}

function collect(
  expression: Expression,
  isPositive: boolean,
  needles: Needles,
  dependsOn: Set<FilterDependency>,
): void {
  switch (expression.kind) {
    case "and":
    case "or":
      for (const term of expression.terms) collect(term, isPositive, needles, dependsOn);
      return;
    case "not":
      collect(expression.term, !isPositive, needles, dependsOn);
      return;
    case "needle":
      needles.indexOf(expression.needle);
      if (isPositive) needles.mark(expression.needle);
      return;
    case "flow":
    case "row":
      if (expression.dependsOn) dependsOn.add(expression.dependsOn);
  }
}

function compile(expression: Expression, needles: Needles, run: Run): () => boolean {
  switch (expression.kind) {
    case "and": {
      const terms = cheapestFirst(expression.terms).map((term) => compile(term, needles, run));
      return () => {
        for (const holds of terms) if (!holds()) return false;
        return true;
      };
    }
    case "or": {
      const terms = cheapestFirst(expression.terms).map((term) => compile(term, needles, run));
      return () => {
        for (const holds of terms) if (holds()) return true;
        return false;
      };
    }
    case "not": {
      const holds = compile(expression.term, needles, run);
      return () => !holds();
    }
    case "needle": {
      const index = needles.indexOf(expression.needle);
      return () => run.hits(index);
    }
    case "row": {
      const { test } = expression;
      return () => test(run.row);
    }
    case "flow":
      return onceAFlow(expression, run);
  }
}

const UNKNOWN = 0;
const HOLDS = 1;
const FAILS = 2;

/** Asks a condition once for each flow, and then an array. */
function onceAFlow({ test, asShown = false }: FlowExpression, run: Run): () => boolean {
  let answers = new Uint8Array(64);
  const holds = (flow: Flow): boolean => {
    if (flow.id >= answers.length) {
      const larger = new Uint8Array(Math.max(flow.id + 1, answers.length * 2));
      larger.set(answers);
      answers = larger;
    }
    const known = answers[flow.id] ?? UNKNOWN;
    if (known !== UNKNOWN) return known === HOLDS;
    const answer = test(flow, run.socketOf(flow.socket));
    answers[flow.id] = answer ? HOLDS : FAILS;
    return answer;
  };
  if (asShown) return () => holds(run.row.flow);
  return () => {
    const { flow, otherFlow } = run.row;
    return holds(flow) || (otherFlow !== undefined && holds(otherFlow));
  };
}

function cheapestFirst(terms: readonly Expression[]): readonly Expression[] {
  return terms.toSorted((a, b) => cost(a) - cost(b));
}

function cost(expression: Expression): number {
  switch (expression.kind) {
    case "row":
      return 0;
    case "flow":
      return 1;
    case "needle":
      return 2;
    case "not":
      return cost(expression.term) + 1;
    case "and":
    case "or":
      return expression.terms.reduce((sum, term) => sum + cost(term), 3);
  }
}
