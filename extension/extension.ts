import * as vscode from "vscode";
import type { UdpWorkbench } from "./api.ts";
import { boundPorts, datagrams, otherSockets } from "./host/api_view.ts";
import { registerAttachCommands } from "./host/attach/attach_commands.ts";
import { showAttachStatus } from "./host/attach/attach_status.ts";
import { AutoAttach } from "./host/attach/auto_attach.ts";
import { ShellCommands } from "./host/attach/shell_commands.ts";
import { COPY_COMMANDS, Commands, SEND_COMMANDS } from "./host/base/ids.ts";
import { registerOnDemand } from "./host/base/on_demand.ts";
import { captureEvent } from "./host/capture/capture_event.ts";
import { CaptureFolder } from "./host/capture/capture_folder.ts";
import { sweepAndLog } from "./host/capture/folder_sweep.ts";
import { LiveCapture } from "./host/capture/live_capture.ts";
import { openFolder } from "./host/capture/open_folder.ts";
import { ControlPlace } from "./host/control/control_place.ts";
import { registerConversationDocuments } from "./host/conversation/conversation_document.ts";
import { registerDatagramsEditor } from "./host/datagrams/datagrams_editor.ts";
import { DatagramsView } from "./host/datagrams/datagrams_view.ts";
import { DecodeChoices } from "./host/datagrams/decode_choices.ts";
import { Pause } from "./host/datagrams/pause.ts";
import { SavedCaptureEditor } from "./host/datagrams/saved_capture_editor.ts";
import { Launcher } from "./host/launch/launcher.ts";
import { tapEnvironment } from "./host/launch/tap_environment.ts";
import { registerTaskProvider } from "./host/launch/task_provider.ts";
import { PortsView } from "./host/ports/ports_view.ts";
import { followBoundPorts } from "./host/ports/status_bar.ts";
import { SystemSockets } from "./host/ports/system_sockets.ts";
import { registerPortsCommands } from "./host/programs/ports_commands.ts";
import { registerCommands } from "./host/programs/program_commands.ts";
import { registerRunFile } from "./host/programs/run_file.ts";
import { thisSystem } from "./host/system/operating_system.ts";

/** Builds everything and connects it; nothing imports this file. */
export async function activate(context: vscode.ExtensionContext): Promise<UdpWorkbench> {
  const log = vscode.window.createOutputChannel("UDP Workbench", { log: true });
  const { folder, storage, remark } = await openFolder(
    context.globalStorageUri.fsPath,
    context.workspaceState,
  );
  if (remark !== undefined) log.warn(remark);
  const live = new LiveCapture(folder, log, remark);
  const control = await ControlPlace.open(folder.path);
  const places = {
    scripts: context.asAbsolutePath("scripts"),
    plainScripts: context.asAbsolutePath("dist/scripts"),
    tap: context.asAbsolutePath("dist/tap.cjs"),
    captureFolder: folder.path,
    control,
  };
  const launcher = new Launcher(live, places);
  const shells = new ShellCommands();
  const attach = new AutoAttach({
    ...places,
    storage,
    environment: context.environmentVariableCollection,
    state: context.workspaceState,
    log,
  });
  const { version } = context.extension.packageJSON as { version: string };
  const application = `UDP Workbench ${version}`;
  const sockets = new SystemSockets(live, thisSystem());
  const portsView = new PortsView(live, sockets);
  const decodeChoices = new DecodeChoices(context.workspaceState);
  const root = vscode.Uri.joinPath(context.extensionUri, "dist/webview");
  const pages = { root, log, decodeChoices };
  const pause = new Pause();
  const datagramsView = new DatagramsView(live, pages, pause);
  const onDidCapture = captureEvent(live);

  context.subscriptions.push(
    log,
    live,
    onDidCapture,
    sockets,
    portsView.register(datagramsView.setFilter),
    datagramsView.register(),
    registerDatagramsEditor(live, pages, pause),
    pause.register(),
    new SavedCaptureEditor(pages).register(),
    registerCommands({
      live,
      launcher,
      sockets,
      view: portsView,
      log,
      application,
    }),
    registerOnDemand(Object.values(COPY_COMMANDS), async () => {
      const { registerCopyCommands } = await import("./host/export/copy_commands.ts");
      return () => registerCopyCommands(log);
    }),
    registerPortsCommands(sockets, portsView, log),
    registerRunFile(launcher, log),
    registerOnDemand([Commands.captureFromCommand, Commands.stopCaptures], async () => {
      const { registerCaptureCommands } = await import("./host/programs/capture_commands.ts");
      return () => registerCaptureCommands(folder.path, log);
    }),
    shells,
    attach,
    registerAttachCommands(attach, shells, log),
    showAttachStatus(attach),
    decodeChoices,
    registerOnDemand([Commands.decodeAs], async () => {
      const { registerDecodeAs } = await import("./host/datagrams/decode_as.ts");
      return () => registerDecodeAs(live, decodeChoices, log);
    }),
    registerOnDemand([Commands.follow, Commands.followAsText], async () => {
      const { registerFollowCommands } = await import("./host/datagrams/follow_command.ts");
      return () => registerFollowCommands(live, datagramsView, log);
    }),
    registerConversationDocuments(),
    registerOnDemand(SEND_COMMANDS, async () => {
      const { registerSending } = await import("./host/send/sending.ts");
      const sender = () => ({
        path: context.asAbsolutePath("dist/udp_sender.cjs"),
        tap: places.tap,
        environment: tapEnvironment(places),
        folder: control?.place,
      });
      return () => registerSending({ live, control, sender, state: context.workspaceState, log });
    }),
    registerOnDemand([Commands.openInWireshark], async () => {
      const { registerOpenInWireshark } = await import("./host/export/open_in_wireshark.ts");
      return () => registerOpenInWireshark({ live, log, application });
    }),
    registerTaskProvider(places),
    followBoundPorts(live),
    // At last: while anything above may still write to them, they are ours.
    ...(control ? [control] : []),
    folder,
  );
  await Promise.all([live.start(), attach.apply()]);
  void sweepAndLog(CaptureFolder.parentIn(storage), log);
  return {
    ports: () => boundPorts(live, sockets),
    otherSockets: () => otherSockets(sockets),
    datagrams: (range) => datagrams(live, range),
    onDidCapture: onDidCapture.event,
  };
}
