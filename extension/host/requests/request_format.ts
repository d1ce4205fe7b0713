import {
  type Block,
  parseRequests,
  tokensOf,
  type WrittenFields,
} from "../../../scripts/udp_run.ts";

/**
 * A request file in the usual form: one blank between words, none at the ends of lines, and one empty line between blocks.
 * What is sent stays as it is, since nothing within quotes is touched; and so does a line with a mistake, or with fields that
 * go on from the line above.
 */
export function formatRequests(text: string): string {
  const { problems, blocks } = parseRequests(text);
  const kept = new Set(problems.map(({ line }) => line));
  for (const { line, lastLine } of blocks.flatMap(fieldsOf)) {
    for (let inner = line + 1; inner <= lastLine; inner++) kept.add(inner);
  }
  const lines = text.split(/\r\n|\n|\r/);
  const formatted: string[] = [];
  let empty = 0;
  for (const [index, line] of lines.entries()) {
    const next = kept.has(index + 1) ? line : formatLine(line, index + 1);
    if (next === "") {
      empty++;
      continue;
    }
    const isApart = empty > 0 || (/^###(?!#)/.test(next) && !formatted.at(-1)?.startsWith("#"));
    if (isApart && formatted.length > 0) formatted.push("");
    formatted.push(next);
    empty = 0;
  }
  return formatted.map((line) => `${line}\n`).join("");
}

/** What is written as fields in a block. */
function fieldsOf({ steps }: Block): WrittenFields[] {
  const payloads = steps.flatMap((step) => {
    if (step.kind === "send") return step.payload;
    return step.kind === "serve"
      ? step.rules.flatMap(({ replies }) => replies.flatMap(({ payload }) => payload))
      : [];
  });
  return payloads.filter((part) => part.kind === "fields");
}

function formatLine(line: string, number: number): string {
  const [, title] = /^\s*###(?!#)(.*)$/.exec(line) ?? [];
  if (title !== undefined) return `### ${title.trim()}`.trimEnd();
  const { tokens, open } = tokensOf(line, number);
  if (open) return line;
  const end = (tokens.at(-1)?.end ?? 1) - 1;
  const words = tokens.map(({ text }) => text).join(" ");
  // Behind what is said may stand a comment, which is its author's.
  const comment = line.slice(end).trim();
  return [words, comment].filter((part) => part !== "").join(end > 0 ? "  " : "");
}
