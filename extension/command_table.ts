import type * as vscode from "vscode";
import type { AutoAttach } from "./host/attach/auto_attach.ts";
import type { ShellCommands } from "./host/attach/shell_commands.ts";
import {
  type Command,
  type CommandId,
  type CommandTable,
  plainCommand,
} from "./host/base/command.ts";
import type { LiveCapture } from "./host/capture/live_capture.ts";
import type { DatagramsEditor } from "./host/datagrams/datagrams_editor.ts";
import type { DatagramsView } from "./host/datagrams/datagrams_view.ts";
import type { Grids } from "./host/datagrams/grids.ts";
import type { SavedCaptureEditor } from "./host/datagrams/saved_capture_editor.ts";
import type { PayloadDecoders } from "./host/definitions/payload_decoders.ts";
import type { CopyCommandId } from "./host/export/copy_as.ts";
import type { Places } from "./host/launch/places.ts";
import type { LostCommandId } from "./host/losses/next_lost.ts";
import type { PortsView } from "./host/ports/ports_view.ts";
import type { SystemSockets } from "./host/ports/system_sockets.ts";
import type { RunningCaptures } from "./host/programs/running_captures.ts";
import type { SaveCommandId } from "./host/requests/save_requests.ts";
import type { Sending } from "./host/send/sending.ts";
import type { StatisticsEditor } from "./host/statistics/statistics_editor.ts";
import type { ValuesEditors } from "./host/values/values_editors.ts";

/** What there is for commands to act on. */
export interface Workbench {
  readonly log: vscode.LogOutputChannel;
  /** "UDP Workbench 0.1.0": what writes an exported file. */
  readonly application: string;
  readonly live: LiveCapture;
  readonly places: Places;
  readonly attach: AutoAttach;
  readonly shells: ShellCommands;
  readonly sockets: SystemSockets;
  readonly portsView: PortsView;
  readonly grids: Grids;
  /** The same ones each time. */
  readonly decoders: () => Promise<PayloadDecoders>;
  readonly datagramsView: DatagramsView;
  readonly datagramsEditor: DatagramsEditor;
  readonly savedCaptures: SavedCaptureEditor;
  /** The same ones each time. */
  readonly values: () => Promise<ValuesEditors>;
  readonly captures: RunningCaptures;
  /** The same one each time. */
  readonly statistics: () => Promise<StatisticsEditor>;
  /** The same one each time. */
  readonly sending: () => Promise<Sending>;
}

/** Every command. Its code is loaded when it is first run: what a person may never use costs an activation nothing. */
export function commandTable(it: Workbench): CommandTable {
  const plain = <Id extends CommandId>(id: Id, run: () => void | Promise<void>) => {
    const command = plainCommand(id, async () => {
      await run();
      return undefined;
    });
    return { [id]: async () => command } as Pick<CommandTable, Id>;
  };
  return {
    "udpWorkbench.startServer": async () =>
      (await import("./host/programs/start_server.ts")).startServer(it),
    "udpWorkbench.startClient": async () =>
      (await import("./host/programs/start_client.ts")).startClient(it),
    "udpWorkbench.startRelay": async () =>
      (await import("./host/programs/start_relay.ts")).startRelay(it),
    "udpWorkbench.runFile": async () => (await import("./host/programs/run_file.ts")).runFile(it),
    "udpWorkbench.toggleAutoAttach": async () =>
      (await import("./host/attach/toggle_auto_attach.ts")).toggleAutoAttach(it.attach),
    "udpWorkbench.attachAndRunAgain": async () =>
      (await import("./host/attach/attach_and_run_again.ts")).attachAndRunAgain(it),
    "udpWorkbench.watchProgram": async () =>
      (await import("./host/watching/watch_program.ts")).watchProgram(it),
    "udpWorkbench.watchAgain": async () =>
      (await import("./host/watching/watch_again.ts")).watchAgain(it),
    "udpWorkbench.captureFromCommand": async () =>
      (await import("./host/programs/capture_from_command.ts")).captureFromCommand(it),
    "udpWorkbench.stopCaptures": async () =>
      (await import("./host/programs/stop_captures.ts")).stopCaptures(it.captures),
    "udpWorkbench.stop": async () => (await import("./host/programs/stop.ts")).stop(it),
    "udpWorkbench.stopAll": async () => (await import("./host/programs/stop.ts")).stopAll(it),
    "udpWorkbench.revealTerminal": async () =>
      (await import("./host/programs/reveal_terminal.ts")).revealTerminal(it),
    "udpWorkbench.showOtherProcesses": async () =>
      (await import("./host/programs/show_other_processes.ts")).showOtherProcesses(it),
    "udpWorkbench.explainSilence": async () =>
      (await import("./host/silence/explain_silence.ts")).explainSilence(it),
    "udpWorkbench.explainLosses": async () =>
      (await import("./host/losses/explain_losses.ts")).explainLosses(it),
    ...family<LostCommandId>("udpWorkbench.", LOST, async (id) =>
      (await import("./host/losses/next_lost.ts")).nextLost(id, it.grids),
    ),
    "udpWorkbench.closeSocket": async () =>
      (await import("./host/send/close_socket.ts")).closeSocket(await it.sending()),
    "udpWorkbench.setRules": async () =>
      (await import("./host/rules/set_rules.ts")).setRules(await it.sending(), it.portsView),
    "udpWorkbench.stopAllRules": async () =>
      (await import("./host/rules/stop_all_rules.ts")).stopAllRules(
        await it.sending(),
        it.portsView,
      ),
    "udpWorkbench.send": async () => (await import("./host/send/send.ts")).send(await it.sending()),
    "udpWorkbench.reply": async () =>
      (await import("./host/send/reply.ts")).reply(await it.sending()),
    "udpWorkbench.resend": async () =>
      (await import("./host/send/resend.ts")).resend(await it.sending()),
    "udpWorkbench.editAndSend": async () =>
      (await import("./host/send/edit_and_send.ts")).editAndSend(await it.sending()),
    "udpWorkbench.replay": async () =>
      (await import("./host/send/replay.ts")).replay(await it.sending()),
    "udpWorkbench.openInWireshark": async () =>
      (await import("./host/export/open_in_wireshark.ts")).openInWireshark(it),
    "udpWorkbench.exportCapture": async () =>
      (await import("./host/export/export_command.ts")).exportCommand(it),
    "udpWorkbench.openCapture": async () =>
      (await import("./host/datagrams/open_capture.ts")).openCapture(it.savedCaptures),
    "udpWorkbench.follow": async () => (await import("./host/datagrams/follow.ts")).follow(it),
    "udpWorkbench.followAsText": async () =>
      (await import("./host/datagrams/follow.ts")).followAsText(it),
    "udpWorkbench.decodeAs": async () =>
      (await import("./host/datagrams/decode_as.ts")).decodeAs(it),
    "udpWorkbench.describe": async () =>
      (await import("./host/datagrams/describe.ts")).describe(it),
    "udpWorkbench.compare": async () => (await import("./host/datagrams/compare.ts")).compare(it),
    "udpWorkbench.findCrc": async () => (await import("./host/datagrams/find_crc.ts")).findCrc(it),
    "udpWorkbench.showStatistics": async () =>
      (await import("./host/statistics/show_statistics.ts")).showStatistics(it),
    "udpWorkbench.newDefinitionFromStruct": async () =>
      (await import("./host/definitions/new_definition_from_struct.ts")).newDefinitionFromStruct(),
    "udpWorkbench.clear": async () => (await import("./host/datagrams/clear.ts")).clear(it.live),
    "udpWorkbench.showValues": async () =>
      (await import("./host/values/show_values.ts")).showValues(it.values),
    "udpWorkbench.plot": async () => (await import("./host/values/show_values.ts")).plot(it.values),
    ...plain("udpWorkbench.openInEditor", () => it.datagramsEditor.open()),
    ...plain("udpWorkbench.pause", () => it.grids.setPaused(true)),
    ...plain("udpWorkbench.resume", () => it.grids.setPaused(false)),
    ...family<CopyCommandId>("udpWorkbench.copyAs", COPIES, async (id) =>
      (await import("./host/export/copy_as.ts")).copyAs(id, it.grids),
    ),
    "udpWorkbench.saveRecordingAsTest": async () =>
      (await import("./host/requests/save_requests.ts")).saveRecording(it),
    ...family<SaveCommandId>("udpWorkbench.save", SAVES, async (id) =>
      (await import("./host/requests/save_requests.ts")).saveRequests(id, it),
    ),
  };
}

type SaveName = SaveCommandId extends `udpWorkbench.save${infer Name}` ? Name : never;
type LostName = LostCommandId extends `udpWorkbench.${infer Name}` ? Name : never;
type CopyName = CopyCommandId extends `udpWorkbench.copyAs${infer Name}` ? Name : never;

/** What can be copied as what. One that is left out does not compile. */
const COPIES: Readonly<Record<CopyName, 0>> = {
  Text: 0,
  Hex: 0,
  C: 0,
  Json: 0,
  Client: 0,
  Python: 0,
  Node: 0,
  CProgram: 0,
  Netcat: 0,
  Markdown: 0,
  Mermaid: 0,
  Svg: 0,
};

/** What is saved as requests. */
const SAVES: Readonly<Record<SaveName, 0>> = {
  AsRequest: 0,
  ConversationAsRequests: 0,
  ConversationAsMock: 0,
};

/** Where to look for what is lost. */
const LOST: Readonly<Record<LostName, 0>> = { nextLost: 0, previousLost: 0 };

/** Commands that differ in the ends of their names, and in what they are told by these. */
function family<Id extends CommandId>(
  start: string,
  ends: object,
  load: (id: Id) => Promise<Command<Id, unknown>>,
): Pick<CommandTable, Id> {
  const commands = Object.keys(ends).map((end) => [start + end, () => load((start + end) as Id)]);
  return Object.fromEntries(commands) as Pick<CommandTable, Id>;
}
