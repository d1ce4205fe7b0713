import * as vscode from "vscode";
import type { ManyDatagrams } from "../../api.ts";
import { COPY_AS, type CopyFormat } from "../../core/export/copy_as.ts";
import { type Command, type CommandId, plainCommand } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import type { DatagramsPage } from "../datagrams/datagrams_page.ts";
import type { Grids } from "../datagrams/grids.ts";
import { copiedDatagram } from "../words/copied_datagram.ts";

/** More would be a file, not a clipboard: Export Capture writes those. */
const MOST_DATAGRAMS = 10_000;
const MOST_BYTES = 16 * 2 ** 20;

/** What a selection can be copied as, and the command that does it. */
const FORMAT_OF = {
  "udpWorkbench.copyAsText": "text",
  "udpWorkbench.copyAsHex": "hex",
  "udpWorkbench.copyAsC": "c",
  "udpWorkbench.copyAsJson": "json",
  "udpWorkbench.copyAsClient": "client",
  "udpWorkbench.copyAsPython": "python",
  "udpWorkbench.copyAsNode": "node",
  "udpWorkbench.copyAsCProgram": "cProgram",
  "udpWorkbench.copyAsNetcat": "nc",
  "udpWorkbench.copyAsMarkdown": "markdown",
  "udpWorkbench.copyAsMermaid": "mermaid",
  "udpWorkbench.copyAsSvg": "svg",
} as const satisfies Partial<Record<CommandId, CopyFormat>>;

export type CopyCommandId = keyof typeof FORMAT_OF;

/** *Copy as ...*: the datagrams that are selected in the grid that was used last. */
export function copyAs<Id extends CopyCommandId>(id: Id, grids: Grids): Command<Id, object> {
  return plainCommand<Id>(id, () => copySelected(grids.lastUsed, FORMAT_OF[id]));
}

async function copySelected(
  page: DatagramsPage | undefined,
  format: CopyFormat,
): Promise<ManyDatagrams> {
  const ids = page?.selection.ids(MOST_DATAGRAMS + 1) ?? [];
  if (!page || ids.length === 0) {
    throw new HumanError(vscode.l10n.t("Cannot copy: no datagram is selected."));
  }
  const { source } = page;
  const bytes = ids.reduce((sum, id) => sum + source.capture.payloadPlace(id).length, 0);
  if (ids.length > MOST_DATAGRAMS || bytes > MOST_BYTES) {
    throw new HumanError(
      vscode.l10n.t("Cannot copy so many datagrams: export them instead, or select fewer."),
    );
  }
  const datagrams = await Promise.all(ids.map((id) => copiedDatagram(source, id)));
  await vscode.env.clipboard.writeText(COPY_AS[format](datagrams));
  return { datagrams: datagrams.length };
}
