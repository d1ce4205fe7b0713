import type { Capture } from "../../core/capture/capture.ts";
import { displayFlow } from "../../core/capture/peers.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import type {
  DatagramDetail,
  DatagramRow,
  DetailDecoded,
} from "../../webview/datagrams/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import type { DatagramEnds } from "../definitions/definition_setting.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { datagramFacts } from "../words/datagram_facts.ts";
import { bitChangeFacts, bitChanges } from "../words/rule_text.ts";
import { detailCommands } from "./detail_commands.ts";

/**
 * What the detail tells of a datagram; undefined where it is gone.
 *
 * @param decoders What says how payloads are read.
 * @param rowOf What its row tells: the detail says nothing else.
 */
export async function datagramDetail(
  source: CaptureSource,
  decoders: Pick<PayloadDecoders, "load">,
  id: number,
  rowOf: (id: number) => Promise<DatagramRow>,
): Promise<DatagramDetail | undefined> {
  const { capture } = source;
  if (!capture.has(id)) return undefined;
  // All of it before the first wait: while the payload is read, the datagram can be cleared.
  const { program } = capture.socket(displayFlow(capture, id).socket);
  const facts = datagramFacts(source, id);
  const changes = bitChanges(capture, id);
  const ends = endsOf(capture, id);
  const isCut = isCutShort(capture, id);
  const [row, payload] = await Promise.all([rowOf(id), source.payload(id)]);
  return {
    row,
    program: leftToRight(printable(program.name, { limit: 100 })),
    payload,
    changedBytes: changes.map(({ bit }) => bit >>> 3),
    facts: [...facts, ...bitChangeFacts(changes, payload)].map((fact) => ({
      ...fact,
      text: leftToRight(fact.text),
    })),
    decoded: await decoded(payload, isCut, ends, decoders),
    commands: detailCommands(source),
  };
}

async function decoded(
  payload: Uint8Array,
  isCut: boolean,
  ends: DatagramEnds,
  decoders: Pick<PayloadDecoders, "load">,
): Promise<DetailDecoded | undefined> {
  const chosen = (await decoders.load()).choose(ends, payload);
  // JSON has its own tab; its tree is for who asks for it.
  if (!chosen || (chosen.by === "guess" && chosen.decoder.id === "json")) return undefined;
  const { decoder, origin } = chosen;
  const { summary, fields, problem = "" } = decoder.decode(payload, isCut);
  const protocol = decoder.name;
  return fields
    ? { protocol, origin, decoder: decoder.id, summary, fields }
    : { protocol, origin, problem };
}

function isCutShort(capture: Capture, id: number): boolean {
  return capture.capturedLength(id) < capture.wireLength(id);
}
