import type { FromValues, PlotRange, PlotView } from "../../webview/values/protocol.ts";

const MOST_STEPS = 8192;
const MOST_LINES = 24;
const MOST_SPARKS = 200;
const LONGEST_KEY = 300;
const MOST_FILTER = 2 ** 20;
const MOST_COPIED = 2 ** 24;
const MOST_BYTES = 2 ** 26;

type Fields = Readonly<Record<string, unknown>>;

/** What each message has to be. One that is forgotten does not compile. */
const PARSERS: {
  readonly [Type in FromValues["type"]]: (
    fields: Fields,
  ) => Extract<FromValues, { type: Type }> | undefined;
} = {
  ready: () => ({ type: "ready" }),
  saveCsv: () => ({ type: "saveCsv" }),
  openFile: () => ({ type: "openFile" }),
  pause: ({ paused }) => (typeof paused === "boolean" ? { type: "pause", paused } : undefined),
  filter: ({ text }) => (isText(text, MOST_FILTER) ? { type: "filter", text } : undefined),
  copy: ({ text }) => (isText(text, MOST_COPIED) ? { type: "copy", text } : undefined),
  keep: ({ lines, x }) =>
    areKeys(lines, MOST_LINES) && isText(x, LONGEST_KEY) ? { type: "keep", lines, x } : undefined,
  row: ({ key, x }) =>
    isText(key, LONGEST_KEY) && isNumber(x) ? { type: "row", key, x } : undefined,
  step: ({ key, x, by }) =>
    isText(key, LONGEST_KEY) && isNumber(x) && isNumber(by)
      ? { type: "step", key, x, by }
      : undefined,
  save: ({ format, bytes }) =>
    (format === "png" || format === "svg") &&
    bytes instanceof Uint8Array &&
    bytes.length <= MOST_BYTES
      ? { type: "save", format, bytes }
      : undefined,
  view: ({ view }) => {
    const parsed = viewIn(view);
    return parsed && { type: "view", view: parsed };
  },
};

/** A message of the page of values, or undefined for anything else: a page is taken for hostile. */
export function parseValuesMessage(message: unknown): FromValues | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const fields: Fields = { ...message };
  const { type } = fields;
  if (typeof type !== "string" || !Object.hasOwn(PARSERS, type)) return undefined;
  return PARSERS[type as FromValues["type"]](fields);
}

function viewIn(view: unknown): PlotView | undefined {
  if (typeof view !== "object" || view === null) return undefined;
  const { steps, range, follow, lines, sparks, x, brush }: Fields = { ...view };
  if (!isNumber(steps) || !Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS)
    return undefined;
  if (!areKeys(lines, MOST_LINES) || !areKeys(sparks, MOST_SPARKS)) return undefined;
  if (!isText(x, LONGEST_KEY)) return undefined;
  if (range !== undefined && !isRange(range)) return undefined;
  if (brush !== undefined && !isRange(brush)) return undefined;
  if (follow !== undefined && !(isNumber(follow) && follow > 0)) return undefined;
  return {
    ...{ steps, lines, sparks, x },
    ...(range && { range }),
    ...(follow !== undefined && { follow }),
    ...(brush && { brush }),
  };
}

function isText(value: unknown, limit: number): value is string {
  return typeof value === "string" && value.length <= limit;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function areKeys(value: unknown, most: number): value is string[] {
  if (!Array.isArray(value) || value.length > most) return false;
  return value.every((key: unknown) => isText(key, LONGEST_KEY));
}

function isRange(value: unknown): value is PlotRange {
  if (typeof value !== "object" || value === null) return false;
  const { from, to }: Fields = { ...value };
  return isNumber(from) && isNumber(to) && from <= to;
}
