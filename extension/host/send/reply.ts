import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { chosenDatagram } from "../datagrams/chosen_datagram.ts";
import { ANSWER_OPTIONS, answerOf, type DatagramAnswer, sendAnswer } from "./datagram_answer.ts";
import type { Sending } from "./sending.ts";
import { replyEnds } from "./sending_ends.ts";

/** *Reply...*: to the sender of a datagram, from the port that received it. */
export function reply(sending: Sending): Command<"udpWorkbench.reply", DatagramAnswer> {
  const failure = () => vscode.l10n.t("Cannot reply");
  return {
    id: "udpWorkbench.reply",
    options: ANSWER_OPTIONS,
    parse: (given) => answerOf(sending, given, failure()),
    ask: async (place) => ({ datagram: chosenDatagram(sending.grids, place, failure()) }),
    async run(answer) {
      const { source, id } = answer.datagram;
      const ends = replyEnds(source, id);
      if (!ends.from) {
        throw new HumanError(
          vscode.l10n.t(
            "Cannot reply: this capture is a file, whose sockets are not here; use Edit and Send instead.",
          ),
        );
      }
      const from = printable(ends.from.name);
      return sendAnswer(sending, ends, answer, {
        title: (to) => vscode.l10n.t("Reply to {0} from {1}", to, from),
      });
    },
  };
}
