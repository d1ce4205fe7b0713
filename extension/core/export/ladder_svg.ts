import type { CopiedDatagram } from "./copy_as.ts";
import { type Ladder, ladderOf, type Rung, sinceText, spanText } from "./ladder.ts";
import { payloadText, WORDS } from "./ladder_mermaid.ts";

/** Pixels. */
const TIME_WIDTH = 110;
const BETWEEN = 300;
const NOTE_WIDTH = 150;
const HEAD = 46;
const RUNG = 34;
const CROSS_AT = 0.72;
/** On white, as whoever gets the picture has another theme. */
const INK = "#1f2328";
const DIM = "#59636e";
const THERE = "#1a7f37";
const BACK = "#8250df";
const BAD = "#cf222e";

/**
 * Datagrams as a picture: a line for each end, an arrow for each datagram with its time, and a cross where it did not arrive. It
 * holds nothing but shapes and text, and is drawn without anything else.
 *
 * @param datagrams in the order of their time
 */
export function ladderSvg(datagrams: readonly CopiedDatagram[]): string {
  const ladder = ladderOf(datagrams);
  const { ends, rungs, left } = ladder;
  const width = TIME_WIDTH + Math.max(1, ends.length - 1) * BETWEEN + NOTE_WIDTH + 40;
  const height = HEAD + (rungs.length + (left > 0 ? 1 : 0)) * RUNG + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(ends.join(", "))}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...ends.map((end, place) => lifeline(end, xOf(place), height)),
    ...rungs.map((rung, index) => rungShape(rung, HEAD + (index + 0.5) * RUNG, ladder)),
    ...(left > 0 ? [text(TIME_WIDTH, height - 16, `${left} more are left out`, DIM, "start")] : []),
    "</svg>",
    "",
  ].join("\n");
}

function xOf(place: number): number {
  return TIME_WIDTH + place * BETWEEN + 20;
}

function lifeline(end: string, x: number, height: number): string {
  const line = `<path d="M${x} 28V${height - 6}" stroke="${DIM}" stroke-width="1"/>`;
  return `${text(x, 18, end, INK, "middle")}${line}`;
}

function rungShape(rung: Rung, y: number, { ends }: Ladder): string {
  const { from, to, fate, at, took, count, until, datagram } = rung;
  const isLost = fate !== "sent" && fate !== "delivered";
  const color = isLost ? BAD : from <= to ? THERE : BACK;
  const [x1, end] = [xOf(from), from === to ? xOf(to) + 60 : xOf(to)];
  const middle = (x1 + end) / 2;
  const time = text(TIME_WIDTH - 4, y + 4, sinceText(at), DIM, "end");
  if (count > 1) {
    const words = `${count} more${isLost ? ` ${WORDS[fate]}` : ""} in ${spanText(until - at)}`;
    const box = `<rect x="${middle - 105}" y="${y - 12}" width="210" height="22" rx="3" fill="none" stroke="${color}" stroke-dasharray="3 3"/>`;
    return `${time}${box}${text(middle, y + 4, words, color, "middle")}`;
  }
  const x2 = isLost ? x1 + (end - x1) * CROSS_AT : end;
  const dashes = isLost ? ' stroke-dasharray="5 3"' : "";
  const line = `<path d="M${x1} ${y}H${x2}" stroke="${color}" stroke-width="1.4"${dashes}/>`;
  const label = text(
    middle,
    y - 5,
    `${datagram.length} B  ${payloadText(datagram)}`,
    color,
    "middle",
  );
  const said = isLost
    ? WORDS[fate]
    : fate === "delivered" && took !== undefined
      ? `delivered ${spanText(took)}`
      : "";
  const note = text(
    xOf(Math.max(1, ends.length - 1)) + 10,
    y + 4,
    said,
    isLost ? BAD : DIM,
    "start",
  );
  return `${time}${line}${isLost ? cross(x2, y) : arrowHead(x2, y, x2 >= x1)}${label}${note}`;
}

function arrowHead(x: number, y: number, isRight: boolean): string {
  const back = isRight ? -8 : 8;
  const color = isRight ? THERE : BACK;
  return `<path d="M${x} ${y}l${back} -4v8z" fill="${color}"/>`;
}

function cross(x: number, y: number): string {
  return `<path d="M${x - 4} ${y - 4}l8 8m0 -8l-8 8" stroke="${BAD}" stroke-width="1.6"/>`;
}

function text(x: number, y: number, words: string, color: string, anchor: string): string {
  if (words === "") return "";
  return `<text x="${x}" y="${y}" fill="${color}" text-anchor="${anchor}">${escaped(words)}</text>`;
}

/** Text, and nothing that is markup. */
function escaped(words: string): string {
  return words.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
