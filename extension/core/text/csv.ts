/**
 * Where a spreadsheet sees a formula begin (OWASP, CSV injection), with wide forms among the signs: at the start of a cell,
 * behind blanks and quotes as well, and behind a semicolon. Where people write 0,5, that separates, and quotes in the midst
 * of what is a cell there then do not hold one together.
 */
const FORMULA = /(^|;)(?=[\s"]*[=+\-@＝＋－＠])/g;

/** A line of CSV (RFC 4180), with its end. A cell that a spreadsheet would take for a formula has an apostrophe in front. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

function cell(text: string): string {
  const defused = text.replace(FORMULA, "$1'");
  return /[",\r\n]/.test(defused) ? `"${defused.replaceAll('"', '""')}"` : defused;
}
