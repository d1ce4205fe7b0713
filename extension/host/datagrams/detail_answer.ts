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
import { endsOf } from "../definitions/datagram_ends.ts";
import type { DatagramEnds } from "../definitions/definition_setting.ts";
import type { Definitions } from "../definitions/definitions.ts";
import { datagramFacts } from "../words/datagram_facts.ts";
import { decodeProblemText, definitionProblemText, misfitText } from "../words/problem_text.ts";
import { type DecodeChoices, portsOf } from "./decode_choices.ts";
import { detailCommands } from "./detail_commands.ts";

/** What says how payloads are read. */
interface Decoding {
  readonly choices: DecodeChoices;
  readonly definitions: Definitions;
}

/**
 * What the detail tells of a datagram; undefined where it is gone.
 *
 * @param rowOf What its row tells: the detail says nothing else.
 */
export async function datagramDetail(
  source: CaptureSource,
  { choices, definitions }: Decoding,
  id: number,
  rowOf: (id: number) => Promise<DatagramRow>,
): Promise<DatagramDetail | undefined> {
  const { capture } = source;
  if (!capture.has(id)) return undefined;
  // All of it before the first wait: while the payload is read, the datagram can be cleared.
  const { program } = capture.socket(displayFlow(capture, id).socket);
  const facts = datagramFacts(source, id);
  const ports = portsOf(capture, id);
  const ends = endsOf(capture, id);
  const isCut = capture.capturedLength(id) < capture.wireLength(id);
  const [row, payload] = await Promise.all([rowOf(id), source.payload(id)]);
  return {
    row,
    program: leftToRight(printable(program.name, { limit: 100 })),
    payload,
    facts: facts.map(({ text, isAnomaly }) => ({ text: leftToRight(text), isAnomaly })),
    decoded:
      // What a person has chosen for the port goes first.
      (choices.of(ports) ? undefined : await defined(payload, isCut, ends, definitions)) ??
      (await decoded(payload, isCut, ports, choices)),
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

/** By a definition of the workspace; undefined where none is for such a datagram. */
async function defined(
  payload: Uint8Array,
  isCut: boolean,
  ends: DatagramEnds,
  definitions: Definitions,
): Promise<DetailDecoded | undefined> {
  const found = await definitions.decode(payload, ends);
  if (!found) return undefined;
  const { use, loaded, decoded: result } = found;
  const file = leftToRight(printable(use.file, { limit: 200 }));
  const protocol = printable(result?.protocol ?? use.type ?? use.file, { limit: 40 });
  const origin = vscode.l10n.t("by the definition {0}", file);
  if (!result) {
    const [wrong] = loaded?.problems.filter(({ severity }) => severity === "error") ?? [];
    const problem = !loaded
      ? vscode.l10n.t("Cannot read {0}: the workspace has no such file.", file)
      : wrong
        ? definitionProblemText(wrong)
        : vscode.l10n.t("{0} has no type {1}.", file, printable(use.type ?? "", { limit: 100 }));
    return { protocol, origin, problem: leftToRight(problem) };
  }
  const { misfit } = result;
  const summary = misfit ? misfitText(misfit, isCut) : result.summary;
  return { protocol, origin, summary: leftToRight(summary), fields: result.fields };
}

function nameOf(decoder: DecoderId): string {
  return DECODERS.find(({ id }) => id === decoder)?.name ?? decoder;
}
