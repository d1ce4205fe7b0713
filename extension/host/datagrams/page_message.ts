import type { DetailCommand, FromWebview } from "../../webview/datagrams/protocol.ts";
import { isWithin } from "../definitions/definition_paths.ts";
import { DETAIL_COMMANDS } from "./detail_commands.ts";

/** What a tab shows of the longest payload there is, each byte escaped and indented as deep as it goes. */
const MOST_COPIED = 2 ** 24;
const MOST_PATH = 4096;
const MOST_FILTER = 2 ** 20;
const MOST_STEPS = 500;
/** Columns of fields. */
const MOST_FIELDS = 20;
const LONGEST_NAME = 300;
/** Nobody marks more runs by hand; whoever has all rows has one. */
const MOST_RUNS = 100_000;

type Fields = Readonly<Record<string, unknown>>;

/** What each message has to be. One that is forgotten does not compile. */
const PARSERS: {
  readonly [Type in FromWebview["type"]]: (
    fields: Fields,
  ) => Extract<FromWebview, { type: Type }> | undefined;
} = {
  cancel: () => ({ type: "cancel" }),
  copySelection: () => ({ type: "copySelection" }),
  used: () => ({ type: "used" }),
  ready: ({ filter }) => {
    if (filter === undefined) return { type: "ready" };
    return isText(filter, MOST_FILTER) ? { type: "ready", filter } : undefined;
  },
  askRows: ({ first, count }) =>
    isCount(first) && isCount(count) ? { type: "askRows", first, count } : undefined,
  select: ({ id }) => (isCount(id) ? { type: "select", id } : undefined),
  locate: ({ id }) => (isCount(id) ? { type: "locate", id } : undefined),
  showRow: ({ id }) => (isCount(id) ? { type: "showRow", id } : undefined),
  findLost: ({ step }) => (step === 1 || step === -1 ? { type: "findLost", step } : undefined),
  filter: ({ text }) => (isText(text, MOST_FILTER) ? { type: "filter", text } : undefined),
  columns: ({ fields }) => (isNames(fields) ? { type: "columns", fields } : undefined),
  copy: ({ text }) => (isText(text, MOST_COPIED) ? { type: "copy", text } : undefined),
  complete: ({ request, text, caret }) => {
    if (!isCount(request) || !isText(text, MOST_FILTER) || !isCount(caret)) return undefined;
    return caret <= text.length ? { type: "complete", request, text, caret } : undefined;
  },
  selection: ({ runs }) => (isRuns(runs) ? { type: "selection", runs } : undefined),
  askOverview: ({ steps }) =>
    isCount(steps) && steps >= 1 && steps <= MOST_STEPS
      ? { type: "askOverview", steps }
      : undefined,
  command: ({ command, id }) =>
    isCommand(command) && isCount(id) ? { type: "command", command, id } : undefined,
  plot: ({ field }) => (isText(field, LONGEST_NAME) ? { type: "plot", field } : undefined),
  openDefinition: ({ file, line }) =>
    isText(file, MOST_PATH) && isWithin(file) && isCount(line)
      ? { type: "openDefinition", file, line }
      : undefined,
  conversation: ({ action }) =>
    action === "text" || action === "hex" || action === "close"
      ? { type: "conversation", action }
      : undefined,
};

/**
 * A message of the datagrams page, or undefined for anything else. A page is taken for hostile: whatever it shows came
 * from outside. A message that is taken asks for no more work than there are rows.
 */
export function parsePageMessage(message: unknown): FromWebview | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const fields: Fields = { ...message };
  const { type } = fields;
  if (typeof type !== "string" || !Object.hasOwn(PARSERS, type)) return undefined;
  return PARSERS[type as FromWebview["type"]](fields);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isText(value: unknown, limit: number): value is string {
  return typeof value === "string" && value.length <= limit;
}

function isNames(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length > MOST_FIELDS) return false;
  return value.every((name: unknown) => isText(name, LONGEST_NAME));
}

function isCommand(value: unknown): value is DetailCommand {
  return typeof value === "string" && Object.hasOwn(DETAIL_COMMANDS, value);
}

/** In order, and none over another: else a few of them ask for each row a million times. */
function isRuns(value: unknown): value is [number, number][] {
  if (!Array.isArray(value) || value.length > MOST_RUNS) return false;
  let behind = 0;
  return value.every((run: unknown) => {
    if (!Array.isArray(run) || run.length !== 2) return false;
    const [first, last]: unknown[] = run;
    if (!isCount(first) || !isCount(last) || first < behind || last < first) return false;
    behind = last + 1;
    return true;
  });
}
