import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { askSteps } from "../base/multi_step.ts";
import { socketOf } from "../ports/nodes.ts";
import { sendingSocket } from "./send_options.ts";
import { closeStep } from "./send_steps.ts";
import type { Sending } from "./sending.ts";

/** *Close Socket...*: has a program close one of its sockets. */
export function closeSocket(sending: Sending): Command<"udpWorkbench.closeSocket", CapturedSocket> {
  const { live, outbox } = sending;
  return {
    id: "udpWorkbench.closeSocket",
    options: { from: true },
    parse: ({ from }) => sendingSocket(live, from),
    ask: async (place) => {
      const socket = place?.kind === "treeLine" ? socketOf(place.line) : undefined;
      return socket ?? pickSocket(sending);
    },
    async run(socket) {
      await outbox.close(socket);
      await live.scan();
    },
  };
}

async function pickSocket({ ableSockets }: Sending): Promise<CapturedSocket | undefined> {
  if (ableSockets.length === 0) {
    throw new HumanError(vscode.l10n.t("Nothing is bound: start a server first."));
  }
  const [picked] = (await askSteps(vscode.l10n.t("Close Socket"), [closeStep(ableSockets)])) ?? [];
  return ableSockets.find(({ id }) => String(id) === picked);
}
