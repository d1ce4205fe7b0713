import * as vscode from "vscode";
import { COPY_AS, type CopyFormat } from "../../core/export/copy_as.ts";
import { registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { COPY_COMMANDS } from "../base/ids.ts";
import { DatagramsPage } from "../datagrams/datagrams_page.ts";
import { copiedDatagram } from "../words/copied_datagram.ts";

/** More would be a file, not a clipboard: Export Capture writes those. */
const MOST_DATAGRAMS = 10_000;
const MOST_BYTES = 16 * 2 ** 20;

/** Commands that copy the datagrams that are selected in the grid that was used last. */
export function registerCopyCommands(log: vscode.LogOutputChannel): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(COPY_COMMANDS).map(([format, command]) =>
      registerGuarded(command, () => copySelected(format as CopyFormat), log),
    ),
  );
}

async function copySelected(format: CopyFormat): Promise<{ datagrams: number }> {
  const page = DatagramsPage.lastUsed;
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
