import type { FromWebview, Question } from "../../webview/statistics/protocol.ts";

const MOST_FILTER = 2 ** 20;
const LONGEST_NAME = 1000;
/** More lines than any table has. */
const MOST_LINES = 100_000;
const GROUPINGS: readonly unknown[] = [
  "conversation",
  "endpoint",
  "port",
  "field",
] satisfies Question["by"][];

type Fields = Readonly<Record<string, unknown>>;

/** What each message has to be. One that is forgotten does not compile. */
const PARSERS: {
  readonly [Type in FromWebview["type"]]: (fields: Fields) => FromWebview | undefined;
} = {
  ready: ({ question }) => {
    if (question === undefined) return { type: "ready" };
    return isQuestion(question) ? { type: "ready", question } : undefined;
  },
  ask: ({ question }) => (isQuestion(question) ? { type: "ask", question } : undefined),
  askFields: () => ({ type: "askFields" }),
  narrow: ({ name, peer }) => {
    if (!isText(name, LONGEST_NAME)) return undefined;
    if (peer === undefined) return { type: "narrow", name };
    return isText(peer, LONGEST_NAME) ? { type: "narrow", name, peer } : undefined;
  },
  copy: ({ order }) => (isOrder(order) ? { type: "copy", order } : undefined),
  save: ({ order }) => (isOrder(order) ? { type: "save", order } : undefined),
};

/** A message of the page, or undefined for anything else: a page is taken for hostile, as what it shows came from outside. */
export function parseStatisticsMessage(message: unknown): FromWebview | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const fields: Fields = { ...message };
  const { type } = fields;
  if (typeof type !== "string" || !Object.hasOwn(PARSERS, type)) return undefined;
  return PARSERS[type as FromWebview["type"]](fields);
}

function isQuestion(value: unknown): value is Question {
  if (typeof value !== "object" || value === null) return false;
  const { by, field, sequence, filter }: Fields = { ...value };
  return (
    GROUPINGS.includes(by) &&
    isText(field, LONGEST_NAME) &&
    isText(sequence, LONGEST_NAME) &&
    isText(filter, MOST_FILTER)
  );
}

function isText(value: unknown, limit: number): value is string {
  return typeof value === "string" && value.length <= limit;
}

function isOrder(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length > MOST_LINES) return false;
  return value.every((index: unknown) => Number.isSafeInteger(index) && Number(index) >= 0);
}
