import type { DetailCommand, FromWebview } from "../../webview/datagrams/protocol.ts";

/** What a tab shows of the longest payload there is, each byte escaped and indented as deep as it goes. */
const MOST_COPIED = 2 ** 24;
const MOST_FILTER = 2 ** 20;
const MOST_STEPS = 500;
/** Nobody marks more runs by hand; whoever has all rows has one. */
const MOST_RUNS = 100_000;

const COMMANDS: Readonly<Record<DetailCommand, true>> = {
  follow: true,
  reply: true,
  resend: true,
  editAndSend: true,
  decodeAs: true,
};

/**
 * A message of the datagrams page, or undefined for anything else. A page is taken for hostile: whatever it shows came
 * from outside. A message that is taken asks for no more work than there are rows.
 */
export function parsePageMessage(message: unknown): FromWebview | undefined {
  const fields = fieldsOf(message);
  switch (fields?.type) {
    case "cancel":
    case "copySelection":
    case "used":
      return { type: fields.type };
    case "ready":
      return readyMessage(fields.filter);
    case "askRows": {
      const { first, count } = fields;
      return isCount(first) && isCount(count) ? { type: "askRows", first, count } : undefined;
    }
    case "select":
    case "locate":
      return isCount(fields.id) ? { type: fields.type, id: fields.id } : undefined;
    case "filter":
      return isText(fields.text, MOST_FILTER) ? { type: "filter", text: fields.text } : undefined;
    case "copy":
      return isText(fields.text, MOST_COPIED) ? { type: "copy", text: fields.text } : undefined;
    case "complete": {
      const { request, text, caret } = fields;
      if (!isCount(request) || !isText(text, MOST_FILTER) || !isCount(caret)) return undefined;
      return caret <= text.length ? { type: "complete", request, text, caret } : undefined;
    }
    case "selection":
      return isRuns(fields.runs) ? { type: "selection", runs: fields.runs } : undefined;
    case "askOverview": {
      const { steps } = fields;
      if (!isCount(steps) || steps < 1 || steps > MOST_STEPS) return undefined;
      return { type: "askOverview", steps };
    }
    case "command": {
      const { command, id } = fields;
      return isCommand(command) && isCount(id) ? { type: "command", command, id } : undefined;
    }
    case "conversation": {
      const { action } = fields;
      const isAction = action === "text" || action === "hex" || action === "close";
      return isAction ? { type: "conversation", action } : undefined;
    }
    default:
      return undefined;
  }
}

function fieldsOf(message: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof message === "object" && message !== null ? { ...message } : undefined;
}

function readyMessage(filter: unknown): FromWebview | undefined {
  if (filter === undefined) return { type: "ready" };
  return isText(filter, MOST_FILTER) ? { type: "ready", filter } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isText(value: unknown, limit: number): value is string {
  return typeof value === "string" && value.length <= limit;
}

function isCommand(value: unknown): value is DetailCommand {
  return typeof value === "string" && Object.hasOwn(COMMANDS, value);
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
