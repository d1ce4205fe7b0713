import * as vscode from "vscode";
import { checkText, givenText } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { servicePortFirst } from "../definitions/datagram_ends.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import { type ChosenDatagram, chosenDatagram, datagramOf } from "./chosen_datagram.ts";
import type { Grids } from "./grids.ts";

interface Context {
  readonly live: CaptureSource;
  readonly grids: Grids;
  readonly decoders: () => Promise<PayloadDecoders>;
}

interface Decoding {
  readonly datagram: ChosenDatagram;
  /** Left out: the person is asked. */
  readonly decoder?: string;
}

/** *Decode As...*: which decoder reads the payloads of a datagram's port from now on, in this workspace. */
export function decodeAs(context: Context): Command<"udpWorkbench.decodeAs", Decoding> {
  const { grids } = context;
  const failure = () => vscode.l10n.t("Cannot decode");
  return {
    id: "udpWorkbench.decodeAs",
    options: { id: true, decoder: true },
    parse: ({ id, decoder }) => ({
      datagram: datagramOf(context, id, failure()),
      ...(decoder !== undefined && { decoder: checkText("decoder", decoder) }),
    }),
    ask: async (place) => ({ datagram: chosenDatagram(grids, place, failure()) }),
    async run({ datagram: { source, id }, decoder: given }) {
      const ports = servicePortFirst(source.capture, id);
      const { choices, choosable } = await context.decoders();
      if (given !== undefined && given !== "automatic") checkDecoder(given, choosable);
      const before = choices.of(ports);
      const [port] = before ? [before.port] : ports;
      const chosen = given ?? (await askDecoder(port, before?.decoder, choosable));
      if (chosen === undefined) return undefined;
      if (chosen === "definition") {
        const { chooseDefinition } = await import("../definitions/choose_definition.ts");
        const definition = await chooseDefinition(port);
        if (!definition) return undefined;
        // What was chosen for the port would go before it.
        await choices.choose(port, undefined);
        return { port, decoder: undefined, definition };
      }
      const decoder = chosen === "automatic" ? undefined : chosen;
      await choices.choose(port, decoder);
      return { port, decoder };
    },
  };
}

type Choosable = PayloadDecoders["choosable"];

function checkDecoder(given: string, choosable: Choosable): void {
  if (choosable.some(({ id }) => id === given)) return;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot decode as {0}: it is none of {1}.",
      givenText(given),
      choosable.map(({ id }) => id).join(", "),
    ),
  );
}

async function askDecoder(
  port: number,
  current: string | undefined,
  choosable: Choosable,
): Promise<string | undefined> {
  const mark = (isCurrent: boolean) =>
    isCurrent ? { description: vscode.l10n.t("current") } : undefined;
  const items = [
    {
      label: vscode.l10n.t("Automatic"),
      detail: vscode.l10n.t("What port and content speak for"),
      value: "automatic",
      ...mark(current === undefined),
    },
    // They are written into the settings of the workspace.
    ...(vscode.workspace.workspaceFolders
      ? [
          {
            label: vscode.l10n.t("A definition of this workspace..."),
            detail: vscode.l10n.t("A .ksy or .proto file that says what payloads are"),
            value: "definition",
          },
        ]
      : []),
    ...choosable.map(({ id, name }) => ({ label: name, value: id, ...mark(current === id) })),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Decode As"),
    ignoreFocusOut: true,
    placeHolder: vscode.l10n.t("What is said on port {0}?", String(port)),
  });
  return picked?.value;
}
