import * as vscode from "vscode";
import { type FollowLayout, followText } from "../../core/export/follow_text.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { copiedDatagram } from "../words/copied_datagram.ts";
import { showReadOnly } from "./conversation_document.ts";
import { type ConversationView, summaryText } from "./conversation_view.ts";

/** What an editor opens at once and a person reads; the rest is a matter of Export Capture. */
const MOST_DATAGRAMS = 10_000;
const MOST_BYTES = 16 * 2 ** 20;

/** A conversation in Wireshark's layout; of a very long one its beginning, and a line that says so. */
export async function conversationText(
  source: CaptureSource,
  view: ConversationView,
  layout: FollowLayout,
): Promise<string> {
  const all = view.conversation.ids;
  const ids: number[] = [];
  let bytes = 0;
  for (const id of all.slice(0, MOST_DATAGRAMS)) {
    bytes += source.capture.capturedLength(id);
    if (bytes > MOST_BYTES) break;
    ids.push(id);
  }
  const text = followText(await Promise.all(ids.map((id) => copiedDatagram(source, id))), layout);
  if (ids.length === all.length) return text;
  const cut = vscode.l10n.t(
    "The first {0} of {1} datagrams; Export Capture writes all of them.",
    numberText(ids.length),
    numberText(all.length),
  );
  return `${text}${cut}\n`;
}

/** Shows a conversation in an editor, what it comes to above it; returns the text without that. */
export async function openConversation(
  source: CaptureSource,
  view: ConversationView,
  layout: FollowLayout,
): Promise<string> {
  const text = await conversationText(source, view, layout);
  const { title } = view.summary;
  await showReadOnly(title, layout, `${title}\n${summaryText(view.conversation)}\n\n${text}`);
  return text;
}
