import * as vscode from "vscode";
import { DECODERS, type DecoderId } from "../../core/decode/decoder_names.ts";
import { printable } from "../../core/text/printable.ts";
import { registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { Commands } from "../base/ids.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { chosenDatagram, type DatagramArgument } from "./chosen_datagram.ts";
import { type DecodeChoices, portsOf } from "./decode_choices.ts";

/** `automatic`: port and content are to tell again, as before anyone chose. Left out: the person is asked. */
type DecodeArgument = DatagramArgument & { readonly decoder?: DecoderId | "automatic" };

/** What is remembered now. `decoder` is undefined where port and content tell. */
interface Decoding {
  readonly port: number;
  readonly decoder: DecoderId | undefined;
}

/** *Decode As...*: which decoder reads the payloads of a datagram's port from now on, in this workspace. */
export function registerDecodeAs(
  live: LiveCapture,
  choices: DecodeChoices,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const decodeAs = async (argument?: DecodeArgument): Promise<Decoding | undefined> => {
    const { source, id } = chosenDatagram(argument, live, vscode.l10n.t("Cannot decode"));
    const ports = portsOf(source.capture, id);
    const before = choices.of(ports);
    const [port] = before ? [before.port] : ports;
    const chosen = argument?.decoder ?? (await askDecoder(port, before?.decoder));
    if (chosen === undefined) return undefined;
    const decoder = chosen === "automatic" ? undefined : knownDecoder(chosen);
    await choices.choose(port, decoder);
    return { port, decoder };
  };
  return registerGuarded(Commands.decodeAs, decodeAs, log);
}

function knownDecoder(id: DecoderId): DecoderId {
  if (DECODERS.some((decoder) => decoder.id === id)) return id;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot decode as {0}: it is none of {1}.",
      printable(String(id), { limit: 60 }),
      DECODERS.map((decoder) => decoder.id).join(", "),
    ),
  );
}

async function askDecoder(
  port: number,
  current: DecoderId | undefined,
): Promise<DecoderId | "automatic" | undefined> {
  const mark = (isCurrent: boolean) =>
    isCurrent ? { description: vscode.l10n.t("current") } : undefined;
  const items = [
    {
      label: vscode.l10n.t("Automatic"),
      detail: vscode.l10n.t("What port and content speak for"),
      value: "automatic" as const,
      ...mark(current === undefined),
    },
    ...DECODERS.map(({ id, name }) => ({ label: name, value: id, ...mark(current === id) })),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Decode As"),
    ignoreFocusOut: true,
    placeHolder: vscode.l10n.t("What is said on port {0}?", String(port)),
  });
  return picked?.value;
}
