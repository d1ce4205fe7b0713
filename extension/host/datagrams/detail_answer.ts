import * as vscode from "vscode";
import { displayFlow } from "../../core/capture/peers.ts";
import { DECODERS, type DecoderId } from "../../core/decode/decoder_names.ts";
import { loadDecoders } from "../../core/decode/load_decoders.ts";
import { leftToRight, printable } from "../../core/text/printable.ts";
import type {
  DatagramDetail,
  DatagramRow,
  DetailDecoded,
} from "../../webview/datagrams/protocol.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { datagramFacts } from "../words/datagram_facts.ts";
import { decodeProblemText } from "../words/problem_text.ts";
import { type DecodeChoices, portsOf } from "./decode_choices.ts";
import { detailCommands } from "./detail_commands.ts";

/**
 * What the detail tells of a datagram; undefined where it is gone.
 *
 * @param rowOf What its row tells: the detail says nothing else.
 */
export async function datagramDetail(
  source: CaptureSource,
  choices: DecodeChoices,
  id: number,
  rowOf: (id: number) => Promise<DatagramRow>,
): Promise<DatagramDetail | undefined> {
  const { capture } = source;
  if (!capture.has(id)) return undefined;
  // All of it before the first wait: while the payload is read, the datagram can be cleared.
  const { program } = capture.socket(displayFlow(capture, id).socket);
  const facts = datagramFacts(source, id);
  const ports = portsOf(capture, id);
  const isCut = capture.capturedLength(id) < capture.wireLength(id);
  const [row, payload] = await Promise.all([rowOf(id), source.payload(id)]);
  return {
    row,
    program: leftToRight(printable(program.name, { limit: 100 })),
    payload,
    facts: facts.map(({ text, isAnomaly }) => ({ text: leftToRight(text), isAnomaly })),
    decoded: await decoded(payload, isCut, ports, choices),
    commands: detailCommands(source),
  };
}

async function decoded(
  payload: Uint8Array,
  isCut: boolean,
  ports: readonly [number, number],
  choices: DecodeChoices,
): Promise<DetailDecoded | undefined> {
  const { decode, guessDecoder } = await loadDecoders();
  const chosen = choices.of(ports);
  const decoder = chosen?.decoder ?? guessDecoder(payload, ports);
  // JSON has its own tab; its tree is for who asks for it.
  if (!decoder || (!chosen && decoder === "json")) return undefined;
  const result = decode(decoder, payload, isCut);
  const name = nameOf(decoder);
  const origin = chosen
    ? vscode.l10n.t("{0}, as chosen for port {1}", name, String(chosen.port))
    : vscode.l10n.t("{0}, told by port or content", name);
  if ("problem" in result && result.code === "captureEnds") {
    const summary = leftToRight(decodeProblemText(result));
    return { protocol: name, origin, summary, fields: result.fields ?? [] };
  }
  if ("problem" in result) {
    const problem = vscode.l10n.t("This is no {0} message. {1}", name, decodeProblemText(result));
    return { protocol: name, origin, problem: leftToRight(problem) };
  }
  const summary = leftToRight(result.summary);
  return { protocol: name, origin, summary, fields: result.fields };
}

function nameOf(decoder: DecoderId): string {
  return DECODERS.find(({ id }) => id === decoder)?.name ?? decoder;
}
