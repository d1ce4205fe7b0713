import { type Comparison, isMet, ratioOf } from "./comparison.ts";
import type { Sample } from "./sample.ts";

const HEAD = ["what", "here", "peer", "", "times as good", "goal", ""];

/** The results of one part as a table in Markdown, which a terminal and a document both show. */
export function comparisonTable(part: string, comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((comparison) => {
    const { what, unit, ours, peer } = comparison;
    const ratio = ratioOf(comparison);
    return [
      what,
      sampleText(ours, unit),
      peer?.name ?? "",
      peer ? sampleText(peer.sample, unit) : "",
      ratio === undefined ? "" : rounded(ratio),
      goalText(comparison),
      { true: "met", false: "MISSED", undefined: "" }[String(isMet(comparison))] ?? "",
    ];
  });
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(Math.max(3, width)));
  return [`## ${part}`, "", line(HEAD), line(rule), ...rows.map(line)].join("\n");
}

/** `230 ms (211 to 245)`: the median and the spread. */
function sampleText(sample: Sample | undefined, unit: string): string {
  if (!sample) return "not measured";
  const { median, lowest, highest } = sample;
  const spread = lowest === highest ? "" : ` (${rounded(lowest)} to ${rounded(highest)})`;
  return `${rounded(median)} ${unit}${spread}`;
}

function goalText({ goal, unit, better }: Comparison): string {
  if (!goal) return "";
  if ("ratio" in goal) return `at least ${goal.ratio}`;
  return `${better === "less" ? "at most" : "at least"} ${goal.value} ${unit}`;
}

/** Three digits are as exact as this is. */
function rounded(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
