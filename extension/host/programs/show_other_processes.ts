import type { OtherSocket } from "../../api.ts";
import { otherSockets } from "../api_view.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { unknownSentence } from "../ports/other_items.ts";
import type { PortsView } from "../ports/ports_view.ts";
import type { SystemSockets } from "../ports/system_sockets.ts";

/** *Show Other Processes*: the UDP sockets that no tap sees, in the view and as data. */
export function showOtherProcesses({
  sockets,
  portsView,
}: {
  readonly sockets: SystemSockets;
  readonly portsView: PortsView;
}): Command<"udpWorkbench.showOtherProcesses"> {
  const find = async (): Promise<OtherSocket[]> => {
    const found = await otherSockets(sockets);
    if (sockets.problem !== undefined) throw new HumanError(unknownSentence(sockets.problem));
    return found;
  };
  return {
    id: "udpWorkbench.showOtherProcesses",
    options: {},
    parse: () => ({}),
    ask: async () => ({}),
    // A program wants data, and no side bar that moves.
    run: find,
    async runForPerson() {
      await portsView.showOthers();
      return find();
    },
  };
}
