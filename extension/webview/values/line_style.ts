import type { ValueLine } from "./protocol.ts";

/** Theme colours of lines, in their order; never red or green, which say what became of a datagram. */
export const LINE_COLORS = ["orange", "blue", "purple", "yellow"] as const;
/** Of the second sender of a field, the third and so on. */
export const LINE_DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** How a line is drawn. */
export interface LineStyle {
  readonly color: (typeof LINE_COLORS)[number];
  readonly dash: readonly number[];
}

/** The style of each line: the colour says the field, the dashes whose it is. */
export function lineStyles(lines: readonly ValueLine[]): Map<string, LineStyle> {
  const fields: string[] = [];
  const senders: string[] = [];
  for (const { field, sender } of lines) {
    if (!fields.includes(field)) fields.push(field);
    if (!senders.includes(sender)) senders.push(sender);
  }
  return new Map(
    lines.map(({ key, field, sender }) => [
      key,
      {
        color: LINE_COLORS[fields.indexOf(field) % LINE_COLORS.length] ?? "orange",
        dash: LINE_DASHES[senders.indexOf(sender) % LINE_DASHES.length] ?? [],
      },
    ]),
  );
}

/** A theme's colour as a canvas takes it. */
export function themeColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888888";
}

export function lineColor({ color }: LineStyle): string {
  return themeColor(`--vscode-charts-${color}`);
}
