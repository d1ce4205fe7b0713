import * as vscode from "vscode";
import type { Command } from "../base/command.ts";
import { chosenDatagram } from "../datagrams/chosen_datagram.ts";
import { ANSWER_OPTIONS, answerOf, type DatagramAnswer, sendAnswer } from "./datagram_answer.ts";
import type { Sending } from "./sending.ts";
import { resendEnds } from "./sending_ends.ts";

/** *Edit and Send...*: something else the same way again. */
export function editAndSend(sending: Sending): Command<"udpWorkbench.editAndSend", DatagramAnswer> {
  const failure = () => vscode.l10n.t("Cannot edit and send");
  return {
    id: "udpWorkbench.editAndSend",
    options: ANSWER_OPTIONS,
    parse: (given) => answerOf(sending, given, failure()),
    ask: async (place) => ({ datagram: chosenDatagram(sending.grids, place, failure()) }),
    async run(answer) {
      const { source, id } = answer.datagram;
      const ends = sending.bestSender(resendEnds(source, id));
      return sendAnswer(sending, ends, answer, {
        title: (to) => vscode.l10n.t("Send to {0}", to),
        bytes: await source.payload(id),
      });
    },
  };
}
