import * as vscode from "vscode";
import type { ComparedDatagrams } from "../../api.ts";
import { describedFields } from "../../core/decode/described_field.ts";
import { hexdump } from "../../core/text/hexdump.ts";
import { checkOneOf } from "../base/checks.ts";
import type { Command, GivenOptions } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { numberText } from "../base/number_text.ts";
import { optionError } from "../base/option_error.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { readOnlyDocument } from "../conversation/conversation_document.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import type { LoadedDecoders, PayloadDecoders } from "../definitions/payload_decoders.ts";
import { datagramOf } from "./chosen_datagram.ts";
import type { Grids } from "./grids.ts";

/** What of two datagrams is compared. */
const PARTS = ["all", "fields", "hex"] as const;
type Part = (typeof PARTS)[number];

interface Context {
  readonly live: CaptureSource;
  readonly grids: Grids;
  readonly decoders: () => Promise<PayloadDecoders>;
}

/** Two datagrams of a capture, the earlier row first. */
interface Pair {
  readonly source: CaptureSource;
  readonly ids: readonly [number, number];
  readonly as: Part;
}

/** *Compare*: two datagrams side by side in the editor for differences: their fields, and their bytes below. */
export function compare(context: Context): Command<"udpWorkbench.compare", Pair> {
  return {
    id: "udpWorkbench.compare",
    options: { ids: true, as: true },
    parse: (given) => pairOf(context, given),
    ask: async () => selectedPair(context.grids),
    run: async (pair) => compared(pair, await (await context.decoders()).load()),
    async runForPerson(pair) {
      const result = await compared(pair, await (await context.decoders()).load());
      const { capture } = pair.source;
      const [one, other] = pair.ids.map((id) => numberText(capture.rowOf(id) + 1));
      const title = vscode.l10n.t("Row {0} and row {1}", one ?? "", other ?? "");
      const left = readOnlyDocument(vscode.l10n.t("Row {0}", one ?? ""), "datagram", result.left);
      const right = readOnlyDocument(
        vscode.l10n.t("Row {0}", other ?? ""),
        "datagram",
        result.right,
      );
      await vscode.commands.executeCommand("vscode.diff", left, right, title);
      return result;
    },
  };
}

function pairOf(context: Context, given: GivenOptions<"udpWorkbench.compare">): Pair {
  const { ids, as = "all" } = given;
  const part = checkOneOf("as", as, PARTS);
  if (ids === undefined) return { ...selectedPair(context.grids), as: part };
  if (!Array.isArray(ids) || ids.length !== 2) {
    throw optionError("ids", vscode.l10n.t("a list of the ids of two datagrams"));
  }
  const [one, other] = ids.map((id: unknown) => datagramOf(context, id, compareFailure()).id);
  return { source: context.live, ids: [one ?? 0, other ?? 0], as: part };
}

function selectedPair({ lastUsed: page }: Grids): Pair {
  const [one, other, more] = page?.selection.ids(3) ?? [];
  if (page && one !== undefined && other !== undefined && more === undefined) {
    return { source: page.source, ids: [one, other], as: "all" };
  }
  throw new HumanError(vscode.l10n.t("{0}: select two datagrams.", compareFailure()));
}

async function compared(
  { source, ids, as }: Pair,
  decoders: LoadedDecoders,
): Promise<ComparedDatagrams> {
  const [left = "", right = ""] = await Promise.all(
    ids.map((id) => textOf(source, id, decoders, as)),
  );
  return { left, right };
}

/** A line for each field, and then the bytes: what is equal stands at the same place in both. */
async function textOf(
  source: CaptureSource,
  id: number,
  decoders: LoadedDecoders,
  as: Part,
): Promise<string> {
  const { capture } = source;
  const ends = endsOf(capture, id);
  const isCut = capture.capturedLength(id) < capture.wireLength(id);
  const payload = await source.payload(id);
  const decoder = as === "hex" ? undefined : decoders.choose(ends, payload)?.decoder;
  const { fields = [] } = decoder?.decode(payload, isCut) ?? {};
  const lines = describedFields(fields).map(({ path, text }) =>
    `${decoder?.id}.${path}: ${text}`.trimEnd(),
  );
  const parts = [lines.join("\n"), as === "fields" ? "" : hexdump(payload)];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function compareFailure(): string {
  return vscode.l10n.t("Cannot compare");
}
