import * as vscode from "vscode";
import type { DescribedDatagram } from "../../api.ts";
import { describedFields } from "../../core/decode/described_field.ts";
import type { Command } from "../base/command.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { datagramFacts } from "../words/datagram_facts.ts";
import { bitChangeFacts, bitChanges } from "../words/rule_text.ts";
import { type ChosenDatagram, chosenDatagram, datagramOf } from "./chosen_datagram.ts";
import type { Grids } from "./grids.ts";

interface Context {
  readonly live: CaptureSource;
  readonly grids: Grids;
  readonly decoders: () => Promise<PayloadDecoders>;
}

/** *Describe Datagram*: what a person reads of a datagram, as data; for a person as a document. */
export function describe(context: Context): Command<"udpWorkbench.describe", ChosenDatagram> {
  const { grids } = context;
  const failure = () => vscode.l10n.t("Cannot describe");
  const run = async ({ source, id }: ChosenDatagram) =>
    described(source, id, await context.decoders());
  return {
    id: "udpWorkbench.describe",
    options: { id: true },
    parse: ({ id }) => datagramOf(context, id, failure()),
    ask: async (place) => chosenDatagram(grids, place, failure()),
    run,
    async runForPerson(chosen) {
      const result = await run(chosen);
      const content = `${JSON.stringify(result, undefined, 2)}\n`;
      const document = await vscode.workspace.openTextDocument({ language: "json", content });
      await vscode.window.showTextDocument(document, { preview: true });
      return result;
    },
  };
}

async function described(
  source: CaptureSource,
  id: number,
  decoders: Pick<PayloadDecoders, "load">,
): Promise<DescribedDatagram> {
  const { capture } = source;
  // All of it before the first wait: while the payload is read, the datagram can be cleared.
  const facts = datagramFacts(source, id);
  const changes = bitChanges(capture, id);
  const ends = endsOf(capture, id);
  const isCut = capture.capturedLength(id) < capture.wireLength(id);
  const [payload, loaded] = await Promise.all([source.payload(id), decoders.load()]);
  const sentences = [...facts, ...bitChangeFacts(changes, payload)].map(({ text }) => text);
  const chosen = loaded.choose(ends, payload);
  if (!chosen) return { sentences, fields: [] };
  const { decoder } = chosen;
  const { fields = [], problem } = decoder.decode(payload, isCut);
  return {
    sentences,
    decoder: decoder.id,
    fields: describedFields(fields),
    ...(problem !== undefined && { problem }),
  };
}
