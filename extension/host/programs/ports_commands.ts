import type * as vscode from "vscode";
import type { OtherSocket as OtherSocketOfApi } from "../../api.ts";
import { otherSockets } from "../api_view.ts";
import { registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { Commands } from "../base/ids.ts";
import { unknownSentence } from "../ports/other_items.ts";
import type { PortsView } from "../ports/ports_view.ts";
import type { SystemSockets } from "../ports/system_sockets.ts";

/** *Show Other Processes*: the UDP sockets that no tap sees, in the view and as data. */
export function registerPortsCommands(
  sockets: SystemSockets,
  view: PortsView,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const show = async (argument?: object): Promise<OtherSocketOfApi[]> => {
    // Who passes an argument wants data, and no side bar that moves.
    if (!argument) await view.showOthers();
    const found = await otherSockets(sockets);
    if (sockets.problem !== undefined) throw new HumanError(unknownSentence(sockets.problem));
    return found;
  };
  return registerGuarded(Commands.showOtherProcesses, show, log);
}
