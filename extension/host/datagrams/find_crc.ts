import * as vscode from "vscode";
import type { FoundCrcs } from "../../api.ts";
import { shortName } from "../../core/payload/crc_catalogue.ts";
import { type FoundCrc, findCrc as findIn } from "../../core/payload/find_crc.ts";
import type { Command } from "../base/command.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { chosenDatagram, datagramOf } from "./chosen_datagram.ts";
import type { Grids } from "./grids.ts";

interface Context {
  readonly live: CaptureSource;
  readonly grids: Grids;
}

interface Wish {
  readonly source: CaptureSource;
  readonly ids: readonly number[];
}

/** More say no more. */
const MOST_DATAGRAMS = 64;

/** *Find CRC*: which CRCs of the catalogue a datagram, or all that are selected, end in. */
export function findCrc(context: Context): Command<"udpWorkbench.findCrc", Wish> {
  const failure = () => vscode.l10n.t("Cannot find a CRC");
  return {
    id: "udpWorkbench.findCrc",
    options: { id: true },
    parse: ({ id }) => {
      const chosen = datagramOf(context, id, failure());
      return { source: chosen.source, ids: [chosen.id] };
    },
    async ask(place) {
      const { source, id, page } = chosenDatagram(context.grids, place, failure());
      const selected = page?.selection.ids(MOST_DATAGRAMS) ?? [];
      return { source, ids: selected.includes(id) ? selected : [id] };
    },
    run: async (wish) => told(await found(wish), wish),
    async runForPerson(wish) {
      const crcs = await found(wish);
      await show(crcs, wish);
      return told(crcs, wish);
    },
  };
}

async function found({ source, ids }: Wish): Promise<FoundCrc[]> {
  return findIn(await Promise.all(ids.map((id) => source.payload(id))));
}

function told(crcs: readonly FoundCrc[], { ids }: Wish): FoundCrcs {
  return {
    datagrams: ids.length,
    crcs: crcs.map((one) => ({
      name: one.crc.name,
      endian: one.isLittle ? "le" : "be",
      from: one.from,
      written: written(one),
    })),
  };
}

/** As a payload that is sent has it. */
function written({ crc, isLittle, from }: FoundCrc): string {
  const order = crc.width > 8 && isLittle !== crc.isReflected ? ` ${isLittle ? "le" : "be"}` : "";
  return `{{${shortName(crc.name)}${order}${from > 0 ? ` from ${from}` : ""}}}`;
}

interface Item extends vscode.QuickPickItem {
  readonly written: string | undefined;
}

/** What is chosen is copied, as it is written in a payload. */
async function show(crcs: readonly FoundCrc[], { ids }: Wish): Promise<void> {
  const items: readonly Item[] = crcs.map((one) => ({
    label: one.crc.name,
    description: written(one),
    detail: remark(one, ids.length),
    written: written(one),
  }));
  const none: Item = { label: vscode.l10n.t("No CRC of the catalogue"), written: undefined };
  const picked = await vscode.window.showQuickPick(items.length > 0 ? items : [none], {
    title: vscode.l10n.t("Find CRC"),
    placeHolder:
      ids.length === 1
        ? vscode.l10n.t("What the datagram ends in; Enter copies it as a payload has it")
        : vscode.l10n.t(
            "What all {0} datagrams end in; Enter copies it as a payload has it",
            numberText(ids.length),
          ),
    ignoreFocusOut: true,
  });
  if (picked?.written !== undefined) await vscode.env.clipboard.writeText(picked.written);
}

function remark({ crc, isLittle, from }: FoundCrc, datagrams: number): string {
  const parts = [
    ...(crc.width === 8
      ? []
      : [isLittle ? vscode.l10n.t("lowest byte first") : vscode.l10n.t("highest byte first")]),
    ...(from > 0 ? [vscode.l10n.t("of the bytes from {0} on", String(from))] : []),
    ...(crc.width * datagrams <= 16
      ? [vscode.l10n.t("may be chance: select more datagrams to be sure")]
      : []),
  ];
  return parts.join(", ");
}
