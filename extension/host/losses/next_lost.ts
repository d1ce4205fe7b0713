import * as vscode from "vscode";
import { Delivery } from "../../core/capture/delivery.ts";
import type { Steps } from "../../core/capture/steps.ts";
import type { CommandId } from "../base/command.ts";
import { type Command, plainCommand } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { tellInStatusBar } from "../base/notify.ts";
import { inTurns } from "../capture/in_turns.ts";
import type { DatagramsPage } from "../datagrams/datagrams_page.ts";
import type { Grids } from "../datagrams/grids.ts";

export type LostCommandId = Extract<
  CommandId,
  "udpWorkbench.nextLost" | "udpWorkbench.previousLost"
>;

/** Rows that are looked at in one step: some milliseconds. */
const LOOKED_AT_ONCE = 20_000;
const STATUS_MS = 5000;

/** *Next Lost*, *Previous Lost*: to the next lost datagram among the rows of the grid that was used last. */
export function nextLost<Id extends LostCommandId>(id: Id, grids: Grids): Command<Id, object> {
  const step = id === "udpWorkbench.nextLost" ? 1 : -1;
  return plainCommand(id, async () => {
    const page = grids.lastUsed;
    if (!page) {
      throw new HumanError(
        vscode.l10n.t("Cannot find what was lost: no grid of datagrams is open."),
      );
    }
    const found = await inTurns(findingLost(page, step));
    if (found === undefined) tellInStatusBar(vscode.l10n.t("No more lost datagrams"), STATUS_MS);
    else await page.showRow(found);
    return { id: found };
  });
}

/** From the row that is selected on; from the first, or the last, where none is. */
function* findingLost(
  { rows, selection, source }: DatagramsPage,
  step: 1 | -1,
): Steps<number | undefined> {
  const { activeId } = selection;
  const active = activeId === undefined ? undefined : rows.rowOf(activeId);
  let row = active === undefined ? (step === 1 ? 0 : rows.length - 1) : active + step;
  for (let looked = 1; row >= 0 && row < rows.length; row += step, looked++) {
    const id = rows.idAt(row);
    if (source.capture.delivery(id) === Delivery.lost) return id;
    if (looked % LOOKED_AT_ONCE === 0) yield;
  }
  return undefined;
}
