import { type Comparison, ratioOf } from "./comparison.ts";

const WIDTH = 760;
const ROW = 44;
const TOP = 44;
const LEFT = 24;
const BAR = WIDTH - 2 * LEFT - 70;

/**
 * Draws what has a goal beside a peer, as an SVG that is readable on light and dark pages: how many times as good as
 * the peer, in logarithmic bars from 1/10, and the goal as a line across. Undefined where there is none of that.
 */
export function picture(comparisons: readonly Comparison[], day: string): string | undefined {
  const rows = comparisons.flatMap(({ what, peer, goal, ...rest }) => {
    const ratio = ratioOf({ what, ...(peer && { peer }), ...rest });
    const isDrawn = ratio !== undefined && peer !== undefined && goal !== undefined;
    return isDrawn && "ratio" in goal ? [{ what, peer: peer.name, ratio, goal: goal.ratio }] : [];
  });
  if (rows.length === 0) return undefined;
  const highest = Math.max(...rows.flatMap(({ ratio, goal }) => [ratio, goal]));
  const decades = Math.max(1, Math.ceil(Math.log10(highest)));
  const x = (ratio: number) =>
    round(LEFT + (BAR * (Math.log10(Math.max(ratio, 0.1)) + 1)) / (decades + 1));
  const bars = rows.map(({ what, peer, ratio, goal }, index) => {
    const y = TOP + index * ROW;
    const isMet = ratio >= goal;
    return [
      `<text x="${LEFT}" y="${y + 14}">${escaped(`${what}, beside ${peer}`)}</text>`,
      `<rect class="${isMet ? "met" : "missed"}" x="${LEFT}" y="${y + 20}" width="${round(x(ratio) - LEFT)}" height="12"/>`,
      `<line class="goal" x1="${x(goal)}" x2="${x(goal)}" y1="${y + 17}" y2="${y + 35}"/>`,
      `<text x="${round(Math.max(x(ratio), x(goal)) + 6)}" y="${y + 31}">${times(ratio)}</text>`,
    ].join("\n");
  });
  const height = TOP + rows.length * ROW + 12;
  const title = `Times as good as the peer, ${day}; the line is the goal, the scale logarithmic from 0.1`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.met { fill: #2f81f7 } .missed { fill: #db6d28 } .goal { stroke: #1f2328; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .goal { stroke: #e6edf3 } }
</style>
<text x="${LEFT}" y="24" font-weight="600">${title}</text>
${bars.join("\n")}
</svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function times(ratio: number): string {
  return `${ratio.toPrecision(ratio < 1 ? 2 : 3)} ×`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
