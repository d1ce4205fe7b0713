/** The columns of the grid, in their order; each cell says which one it is in. */
export const COLUMN_NAMES = [
  "number",
  "time",
  "direction",
  "local",
  "peer",
  "length",
  "payload",
  "note",
] as const;

export type ColumnName = (typeof COLUMN_NAMES)[number];

/** The column of a field, by what filters call it. */
export type FieldColumn = `field:${string}`;
export type Column = ColumnName | FieldColumn;

/** What the user made of the columns. */
export interface ColumnLayout {
  /** Pixels; left out: the column's own. */
  readonly widths: Readonly<Partial<Record<Column, number>>>;
  readonly hidden: readonly Column[];
  /** Fields that are columns, `tracker.temp`, in their order in front of the note; left out: none. */
  readonly fields?: readonly string[];
}

/** More do not fit on any screen. */
export const MOST_FIELDS = 20;
const LONGEST_NAME = 300;
const FIELD_WIDTH = "9ch";

export const DEFAULT_LAYOUT: ColumnLayout = { widths: {}, hidden: [] };

/** No column is made narrower, in pixels. */
export const LEAST_WIDTH = 24;

/**
 * Width of each column where there is room. Every row is a grid of its own, so no width may depend on what is in
 * it alone; `--digits` is the number of digits of the last row's number, `--date` the room for the date where there is one, `--local`, `--peer` and `--note` the characters of
 * the longest that has been seen: what these columns don't need is the payload's.
 */
const WIDTHS: Readonly<Record<ColumnName, string>> = {
  number: "calc(max(3, var(--digits)) * 1ch)",
  time: "calc(12.5ch + var(--date))",
  direction: "1.5ch",
  local: "min(clamp(6ch, 16cqi, 21.5ch), (var(--local) + 0.5) * 1ch)",
  peer: "min(clamp(6ch, 16cqi, 21.5ch), (var(--peer) + 0.5) * 1ch)",
  length: "6.5ch",
  payload: "1fr",
  note: "min(clamp(0ch, 20.5cqi, 36ch), (var(--note) + 0.5) * 1ch)",
};

/** The column that takes what the others leave. */
export function flexibleColumn({ hidden }: Pick<ColumnLayout, "hidden">): ColumnName | undefined {
  return (["payload", "note"] as const).find((name) => !hidden.includes(name));
}

/** `grid-template-columns` where every column has its place. They give way together where they don't fit. */
export function wideTemplate(layout: ColumnLayout): string {
  const flexible = flexibleColumn(layout);
  return visible(layout)
    .map((name) => {
      if (name === flexible) return "minmax(8ch, 1fr)";
      const width = layout.widths[name];
      if (width === undefined) return isFieldColumn(name) ? FIELD_WIDTH : WIDTHS[name];
      return `minmax(${LEAST_WIDTH}px, ${width}px)`;
    })
    .join(" ");
}

/** The same where ports stand without their addresses, times without their dates, and payload and note share the last column. */
export function middleTemplate(layout: ColumnLayout): string {
  const widths = { ...WIDTHS, time: "12.5ch", local: "5.5ch", peer: "5.5ch" };
  const names = COLUMN_NAMES.filter(
    (name) => !layout.hidden.includes(name) && name !== "payload" && name !== "note",
  );
  return [...names.map((name) => widths[name]), "minmax(0, 1fr)"].join(" ");
}

export function withWidth(layout: ColumnLayout, name: Column, width?: number): ColumnLayout {
  const { [name]: _, ...widths } = layout.widths;
  return { ...layout, widths: { ...widths, ...(width !== undefined && { [name]: width }) } };
}

/** Shows a column that is hidden, hides one that is shown. The last one stays. */
export function withToggled(layout: ColumnLayout, name: Column): ColumnLayout {
  const hidden = layout.hidden.includes(name)
    ? layout.hidden.filter((other) => other !== name)
    : [...layout.hidden, name];
  return hidden.length === columnsOf(layout).length ? layout : { ...layout, hidden };
}

/** Shows a field as a column; one that there is already shows again. */
export function withField(layout: ColumnLayout, name: string): ColumnLayout {
  const { fields = [] } = layout;
  const column = fieldColumn(name);
  const shown = { ...layout, hidden: layout.hidden.filter((other) => other !== column) };
  if (fields.includes(name) || fields.length >= MOST_FIELDS) return shown;
  return { ...shown, fields: [...fields, name] };
}

/** All columns, hidden or not, in their order. */
export function columnsOf({ fields = [] }: ColumnLayout): Column[] {
  return [...COLUMN_NAMES.slice(0, -1), ...fields.map(fieldColumn), ...COLUMN_NAMES.slice(-1)];
}

/** The fields whose columns show. */
export function visibleFields({ fields = [], hidden }: ColumnLayout): string[] {
  return fields.filter((name) => !hidden.includes(fieldColumn(name)));
}

export function isFieldColumn(name: Column): name is FieldColumn {
  return name.startsWith("field:");
}

/** `tracker.temp` of its column. */
export function fieldOf(column: FieldColumn): string {
  return column.slice("field:".length);
}

/** A layout that was saved, perhaps by another version: what is not one is left out. */
export function readLayout(saved: unknown): ColumnLayout {
  const values = (saved ?? {}) as { widths?: unknown; hidden?: unknown; fields?: unknown };
  const { widths, hidden } = values;
  const fields = (Array.isArray(values.fields) ? values.fields : [])
    .filter((name) => typeof name === "string" && name !== "" && name.length <= LONGEST_NAME)
    .slice(0, MOST_FIELDS) as string[];
  const all = columnsOf({ ...DEFAULT_LAYOUT, fields });
  const known = Object.entries(typeof widths === "object" && widths !== null ? widths : {}).filter(
    ([name, width]) =>
      all.includes(name as Column) && typeof width === "number" && width >= LEAST_WIDTH,
  );
  const names = Array.isArray(hidden) ? all.filter((name) => hidden.includes(name)) : [];
  return {
    widths: Object.fromEntries(known),
    hidden: names.length === all.length ? [] : names,
    ...(fields.length > 0 && { fields: [...new Set(fields)] }),
  };
}

function fieldColumn(name: string): FieldColumn {
  return `field:${name}`;
}

function visible(layout: ColumnLayout): Column[] {
  return columnsOf(layout).filter((name) => !layout.hidden.includes(name));
}
