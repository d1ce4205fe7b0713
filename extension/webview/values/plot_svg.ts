import { formatMicroseconds } from "../parts/time_format.ts";
import { lineColor, themeColor } from "./line_style.ts";
import { shortNumber } from "./number_format.ts";
import { type DrawnPlot, gapColor, gapsOfLine } from "./plot.ts";
import { drawCurve, GAP_PX, gapsInLine, type LinePath } from "./plot_shape.ts";

const SIZE = { width: 960, height: 420 };
const EDGE = { left: 70, right: 70, top: 40, bottom: 40 };

/** What a plot shows as a picture that can be scaled, with the theme's colours as they are now. */
export function plotSvg({ lines, message, isOverTime }: DrawnPlot): string {
  const { width, height } = SIZE;
  const { range } = message;
  const inner = { width: width - EDGE.left - EDGE.right, height: height - EDGE.top - EDGE.bottom };
  const x = (at: number) =>
    EDGE.left + ((at - range.from) / Math.max(1e-9, range.to - range.from)) * inner.width;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="${color("--vscode-editor-background")}"/>`,
  ];
  const text = (left: number, top: number, said: string, fill: string, anchor = "start") =>
    parts.push(
      `<text x="${left}" y="${top}" fill="${fill}" text-anchor="${anchor}">${escaped(said)}</text>`,
    );
  const dim = color("--vscode-descriptionForeground");
  const bottom = EDGE.top + inner.height;
  for (const [at, anchor] of [
    [range.from, "start"],
    [range.to, "end"],
  ] as const) {
    const said = isOverTime ? formatMicroseconds(at) : shortNumber(at, 6);
    text(x(at), bottom + 18, said, dim, anchor);
  }
  for (const [index, { value, style, curve }] of lines.entries()) {
    const stroke = escaped(lineColor(style));
    const finite = curve.filter((one) => !Number.isNaN(one));
    const min = finite.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
    const max = finite.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY);
    const y = (at: number) =>
      max > min ? bottom - ((at - min) / (max - min)) * inner.height : EDGE.top + inner.height / 2;
    const path = new SvgPath();
    drawCurve(path, curve, range, { x, y }, value.kind !== "number");
    const dash = style.dash.length > 0 ? ` stroke-dasharray="${style.dash.join(" ")}"` : "";
    // What is cut out of the line is painted over: so that a picture program can show the line beneath.
    const cuts = gapsInLine(gapsOfLine(message, value), x, GAP_PX);
    const clip = cuts.length > 0 ? ` clip-path="url(#line${index})"` : "";
    if (cuts.length > 0) {
      const kept: string[] = [];
      let from = EDGE.left;
      for (const [start, end] of [...cuts, [EDGE.left + inner.width, 0] as const]) {
        if (start > from)
          kept.push(`<rect x="${from}" y="0" width="${start - from}" height="${height}"/>`);
        from = Math.max(from, end);
      }
      parts.push(`<clipPath id="line${index}">${kept.join("")}</clipPath>`);
    }
    parts.push(
      `<path d="${path.text}" fill="none" stroke="${stroke}" stroke-width="1.5"${dash}${clip}/>`,
    );
    const label = `${value.field}${value.unit === "" ? "" : ` ${value.unit}`} · ${value.sender}`;
    text(EDGE.left + index * 200, 20, label, stroke);
    if (index > 1) continue;
    const [left, anchor] = index === 0 ? [EDGE.left - 8, "end"] : [width - EDGE.right + 8, "start"];
    text(Number(left), bottom, shortNumber(min, 6), stroke, String(anchor));
    text(Number(left), EDGE.top + 8, shortNumber(max, 6), stroke, String(anchor));
  }
  for (const { times, kinds } of message.gaps) {
    for (const [index, time] of times.entries()) {
      const at = x(time);
      const fill = color(gapColor(kinds[index] ?? "lost"));
      const top = EDGE.top - 6;
      parts.push(`<path d="M${at - 4} ${top}h8l-4 5z" fill="${fill}"/>`);
      parts.push(`<path d="M${at} ${bottom - 10}v10" stroke="${fill}"/>`);
    }
  }
  return `${parts.join("\n")}\n</svg>\n`;
}

class SvgPath implements LinePath {
  text = "";

  moveTo(x: number, y: number): void {
    this.text += `M${x.toFixed(2)} ${y.toFixed(2)}`;
  }

  lineTo(x: number, y: number): void {
    this.text += `L${x.toFixed(2)} ${y.toFixed(2)}`;
  }
}

function color(name: string): string {
  return escaped(themeColor(name));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
