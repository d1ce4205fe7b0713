import * as vscode from "vscode";
import { HumanError } from "../base/human_error.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { DatagramsPage } from "./datagrams_page.ts";

/**
 * Names a datagram for a command. A button of the detail passes `id` with its page's `captureId`; a program passes the
 * `id` that the API tells, which is one of the live capture. Without `id`, as from the palette or from a row's menu, the
 * datagram is meant that was selected last.
 */
export interface DatagramArgument {
  readonly id?: number;
  /** {@link DatagramsPage.captureId}; left out: the live capture. */
  readonly captureId?: string;
}

export interface ChosenDatagram {
  readonly source: CaptureSource;
  readonly id: number;
  /** The grid that it was chosen in; undefined where a program asks. */
  readonly page: DatagramsPage | undefined;
}

/**
 * The datagram that a command is about. Throws a {@link HumanError} where none is selected, or where it is not in its
 * capture any more; `what` says in that sentence what cannot be done: "Cannot follow a conversation".
 */
export function chosenDatagram(
  argument: DatagramArgument | undefined,
  live: CaptureSource,
  what: string,
): ChosenDatagram {
  const { id, captureId } = argument ?? {};
  const page = captureId === undefined ? undefined : DatagramsPage.byCaptureId(captureId);
  const chosen = id === undefined ? lastChosen() : { source: page?.source ?? live, id, page };
  if (!chosen) throw new HumanError(vscode.l10n.t("{0}: no datagram is selected.", what));
  const isKnown = captureId === undefined || page !== undefined;
  if (!isKnown || !chosen.source.capture.has(chosen.id)) {
    throw new HumanError(vscode.l10n.t("{0}: the datagram is no longer in the capture.", what));
  }
  return chosen;
}

function lastChosen(): ChosenDatagram | undefined {
  const page = DatagramsPage.lastUsed;
  const id = page?.selection.activeId ?? page?.selection.ids(1)[0];
  return page && id !== undefined ? { source: page.source, id, page } : undefined;
}
