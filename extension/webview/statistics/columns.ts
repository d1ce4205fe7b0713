import { numberText, t } from "../parts/l10n.ts";
import type { FigureName, GroupingKind } from "./protocol.ts";

/** A column of figures. */
export interface Column {
  readonly name: FigureName;
  /** The head above some columns, "" where it has none. */
  readonly group: string;
  readonly title: string;
  /** What a figure is, where the title alone does not say it: in the tooltip, and to a screen reader. */
  readonly meaning: string;
  readonly text: (figure: number) => string;
  /** Where more than none is bad. */
  readonly isBad?: boolean;
  /** Shown before anybody chooses, where there is room, and where there is little. */
  readonly isWide: boolean;
  readonly isNarrow: boolean;
}

/** The columns that there are for a way to count, in their order. `hasSequence`: gaps are looked for in a field. */
export function columnsOf(by: GroupingKind, hasSequence: boolean): readonly Column[] {
  const isTwoWay = by !== "field";
  const [forward, back] = waysOf(by);
  const column = (
    name: FigureName,
    group: string,
    title: string,
    text: (figure: number) => string,
    rest: Partial<Column> = {},
  ): Column => ({
    name,
    group,
    title,
    meaning: group === "" ? title : `${group}: ${title}`,
    text,
    isWide: true,
    isNarrow: false,
    ...rest,
  });
  const datagrams = t("Datagrams");
  const bytes = t("Bytes");
  const lost = t("Lost");
  const interval = t("Interval");
  const answer = t("Answer after");
  const size = t("Payload bytes");
  const ways = (
    names: readonly [FigureName, FigureName],
    group: string,
    text: (figure: number) => string,
    rest: Partial<Column> = {},
  ) =>
    isTwoWay
      ? [
          column(names[0], group, forward.sign, text, {
            meaning: `${group}: ${forward.meaning}`,
            ...rest,
          }),
          column(names[1], group, back.sign, text, {
            meaning: `${group}: ${back.meaning}`,
            ...rest,
            isNarrow: false,
          }),
        ]
      : [column(names[0], "", group, text, rest)];
  return [
    ...ways(["forward", "back"], datagrams, numberText, { isNarrow: true }),
    ...ways(["bytesForward", "bytesBack"], bytes, bytesText),
    column("rate", "", t("Rate"), rateText, { meaning: t("Rate: datagrams a second") }),
    column("share", "", t("Share"), shareText, { meaning: t("Share of all datagrams") }),
    ...ways(["lostForward", "lostBack"], lost, numberText, { isBad: true, isNarrow: true }),
    column("duplicates", "", t("Duplicates"), numberText),
    column("intervalMin", interval, t("min"), durationText, { isWide: false }),
    column("intervalMedian", interval, t("median"), durationText),
    column("intervalP99", interval, "p99", durationText),
    column("intervalDeviation", interval, "σ", durationText, {
      meaning: `${interval}: ${t("standard deviation")}`,
    }),
    ...(by === "conversation" || by === "field"
      ? [
          column("jitter", "", t("Jitter"), durationText, {
            meaning: t("Jitter as RFC 3550 has it"),
          }),
        ]
      : []),
    ...(by === "conversation"
      ? [
          column("answerMedian", answer, t("median"), durationText, { isNarrow: true }),
          column("answerP99", answer, "p99", durationText),
        ]
      : []),
    column("sizeMin", size, t("min"), numberText, { isWide: false }),
    column("sizeMedian", size, t("median"), numberText, { isWide: false }),
    column("sizeMax", size, t("max"), numberText, { isWide: false }),
    ...(hasSequence ? sequenceColumns(column) : []),
  ];
}

/** How the two ways are called: between ends by arrows, of an end or a port by what it did. */
function waysOf(by: GroupingKind) {
  const isBetween = by === "conversation";
  return [
    { sign: isBetween ? "→" : t("Sent"), meaning: isBetween ? t("there") : t("Sent") },
    { sign: isBetween ? "←" : t("Received"), meaning: isBetween ? t("and back") : t("Received") },
  ] as const;
}

function sequenceColumns(
  column: (
    name: FigureName,
    group: string,
    title: string,
    text: (figure: number) => string,
    rest?: Partial<Column>,
  ) => Column,
): Column[] {
  const group = t("Sequence");
  const isBad = { isBad: true };
  return [
    column("sequenceFirst", group, t("First"), numberText),
    column("sequenceLast", group, t("Last"), numberText),
    column("sequenceMissing", group, t("Not received"), numberText, { ...isBad, isNarrow: true }),
    column("sequenceRepeated", group, t("Repeated"), numberText),
    column("sequenceLate", group, t("Late"), numberText),
  ];
}

/** `2.88 MB`: of a thousand each, as figures of a network are. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? numberText(value) : decimals(value)} ${units[unit]}`;
}

/** `5,000/s` */
function rateText(rate: number): string {
  return `${rate >= 100 ? numberText(Math.round(rate)) : decimals(rate)}/s`;
}

/** `95.1 %` */
function shareText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** `0.20 ms`, `93.8 ms`, `1.5 s`. `microseconds`: from 0 on. */
export function durationText(microseconds: number): string {
  const ms = microseconds / 1000;
  if (ms >= 999.5) return `${decimals(ms / 1000)} s`;
  return `${ms < 10 ? ms.toFixed(2) : decimals(ms)} ms`;
}

/** Three digits. */
function decimals(value: number): string {
  if (value >= 999.5) return numberText(Math.round(value));
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}
