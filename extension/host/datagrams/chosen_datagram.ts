import * as vscode from "vscode";
import { HumanError } from "../base/human_error.ts";
import type { Place } from "../base/place.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { DatagramsPage } from "./datagrams_page.ts";
import type { Grids } from "./grids.ts";

export interface ChosenDatagram {
  readonly source: CaptureSource;
  readonly id: number;
  /** The grid that it was chosen in; undefined where a program asks. */
  readonly page: DatagramsPage | undefined;
}

/**
 * The datagram that a person means: the one whose button they pressed, else the one that they selected last. Throws a
 * {@link HumanError} where there is none, or where it is not in its capture any more; `what` says in that sentence what
 * cannot be done: "Cannot follow a conversation".
 */
export function chosenDatagram(
  grids: Grids,
  place: Place | undefined,
  what: string,
): ChosenDatagram {
  if (place?.kind !== "datagram") return known(lastChosen(grids, what), what);
  const page = grids.byCaptureId(place.captureId);
  if (!page) throw goneError(what);
  return known({ source: page.source, id: place.id, page }, what);
}

/** The same for a program: the datagram of this window's capture with that id, or the one that was selected last. */
export function datagramOf(
  { grids, live }: { readonly grids: Grids; readonly live: CaptureSource },
  id: unknown,
  what: string,
): ChosenDatagram {
  if (id === undefined) return known(lastChosen(grids, what), what);
  return known(
    { source: live, id: Number.isSafeInteger(id) ? Number(id) : -1, page: undefined },
    what,
  );
}

function lastChosen({ lastUsed: page }: Grids, what: string): ChosenDatagram {
  const id = page?.selection.activeId ?? page?.selection.ids(1)[0];
  if (page && id !== undefined) return { source: page.source, id, page };
  throw new HumanError(vscode.l10n.t("{0}: no datagram is selected.", what));
}

function known(chosen: ChosenDatagram, what: string): ChosenDatagram {
  if (chosen.source.capture.has(chosen.id)) return chosen;
  throw goneError(what);
}

function goneError(what: string): HumanError {
  return new HumanError(vscode.l10n.t("{0}: the datagram is no longer in the capture.", what));
}
