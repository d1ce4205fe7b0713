import { payloadPreview } from "../text/payload_preview.ts";
import { printable } from "../text/printable.ts";
import { formatEndpoint } from "../wire/endpoint.ts";
import type { CopiedDatagram } from "./copy_as.ts";
import { spanText } from "./ladder.ts";
import { WORDS } from "./ladder_mermaid.ts";

/** Characters of a payload in its row. */
const PREVIEW = 120;

/**
 * Datagrams as a table of GitHub's Markdown (its specification, section 4.10), for an issue: times in UTC, payloads as code. Nothing
 * that a payload or a comment says is markup there. Words are English, as in all that is written for others.
 */
export function markdownTable(datagrams: readonly CopiedDatagram[]): string {
  const rows = datagrams.map((datagram) => {
    const { time, source, destination, length, payload, comment = "" } = datagram;
    const { text } = payloadPreview(payload.subarray(0, PREVIEW * 4), PREVIEW, length);
    const notes = [fateText(datagram), plain(printable(comment, { limit: 200 }))];
    return [
      utcText(time),
      plain(formatEndpoint(source)),
      plain(formatEndpoint(destination)),
      String(length),
      code(text),
      notes.filter((note) => note !== "").join(", "),
    ];
  });
  const head = ["Time (UTC)", "From", "To", "Bytes", "Payload", "Note"];
  const rule = ["---", "---", "---", "--:", "---", "---"];
  return `${[head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

function fateText({ fate = "sent", took }: CopiedDatagram): string {
  if (fate === "sent") return "";
  if (fate !== "delivered") return WORDS[fate];
  return took === undefined ? "delivered" : `delivered ${spanText(took)}`;
}

/** `2026-11-30 12:01:02.113042` */
function utcText(time: number): string {
  const seconds = Math.floor(time / 1e6);
  const date = new Date(seconds * 1000).toISOString().slice(0, -5).replace("T", " ");
  return `${date}.${String(time - seconds * 1e6).padStart(6, "0")}`;
}

/** A code span (section 6.3): with more backticks around it than it has in a row; a pipe would end the cell. */
function code(text: string): string {
  if (text === "") return "";
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const gap = longest > 0 || /^ .* $/.test(text) ? " " : "";
  return `${fence}${gap}${text.replaceAll("|", "\\|")}${gap}${fence}`;
}

/** Every mark of ASCII may be written so (section 6.1). */
function plain(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, (mark) => (/[.:]/.test(mark) ? mark : `\\${mark}`));
}
