import { payloadPreview } from "../text/payload_preview.ts";
import type { CopiedDatagram } from "./copy_as.ts";
import { ladderOf, type Rung, sinceText, spanText } from "./ladder.ts";

/** Characters of a payload that stand at its arrow. */
const PREVIEW = 40;

/**
 * Datagrams as a sequence diagram of Mermaid, which GitHub, GitLab and VS Code draw: an arrow for each, with its time, and one
 * with a cross for each that did not arrive. Words are English, as in all that is written for others.
 *
 * @param datagrams in the order of their time
 */
export function ladderMermaid(datagrams: readonly CopiedDatagram[]): string {
  const { ends, rungs, left } = ladderOf(datagrams);
  const [first, last] = [participant(0), participant(Math.max(0, ends.length - 1))];
  const lines = [
    "sequenceDiagram",
    ...ends.map((end, place) => `    participant ${participant(place)} as ${plain(end)}`),
    ...rungs.map((rung) => `    ${line(rung)}`),
    ...(left > 0 ? [`    Note over ${first},${last}: ${left} more are left out`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function line(rung: Rung): string {
  const { from, to, fate, count, at, until, took, datagram } = rung;
  const [one, other] = [participant(from), participant(to)];
  if (count > 1) {
    const over = one === other ? one : `${one},${other}`;
    const what = fate === "sent" || fate === "delivered" ? "more" : `more ${WORDS[fate]}`;
    return `Note over ${over}: ${count} ${what} in ${spanText(until - at)}`;
  }
  const words = [sinceText(at), `${datagram.length} B`, payloadText(datagram)];
  if (fate === "delivered" && took !== undefined) words.push(`delivered ${spanText(took)}`);
  else if (fate !== "sent" && fate !== "delivered") words.push(WORDS[fate]);
  const label = words.filter((word) => word !== "").join(" · ");
  return `${one}${fate === "sent" || fate === "delivered" ? "->>" : "--x"}${other}: ${plain(label)}`;
}

/** What is said of a datagram that did not arrive, or not as it was sent. */
export const WORDS = {
  lost: "lost",
  dropped: "dropped by a rule",
  refused: "refused",
  failed: "not sent",
} as const;

function participant(place: number): string {
  return `p${place + 1}`;
}

/** The start of a payload, as a row shows it. */
export function payloadText({ payload, length }: CopiedDatagram): string {
  return payloadPreview(payload.subarray(0, PREVIEW * 4), PREVIEW, length).text;
}

/** What would be a part of the diagram is written as an entity: `#35;` */
function plain(text: string): string {
  return text.replace(/[#;<>"`%{}&\\]/g, (character) => `#${character.codePointAt(0)};`);
}
