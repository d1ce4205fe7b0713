import * as vscode from "vscode";
import type { UdpWorkbench } from "./api.ts";
import { commandTable } from "./command_table.ts";
import { showAttachStatus } from "./host/attach/attach_status.ts";
import { AutoAttach } from "./host/attach/auto_attach.ts";
import { ShellCommands } from "./host/attach/shell_commands.ts";
import type { CommandId } from "./host/base/command.ts";
import { CommandRegistrar } from "./host/base/command_registrar.ts";
import { forgetContextKeys } from "./host/base/context_key.ts";
import type { Place } from "./host/base/place.ts";
import { Store } from "./host/base/store.ts";
import { captureEvent } from "./host/capture/capture_event.ts";
import { CaptureFolder } from "./host/capture/capture_folder.ts";
import { LiveCapture } from "./host/capture/live_capture.ts";
import { openFolder } from "./host/capture/open_folder.ts";
import { ControlPlace } from "./host/control/control_place.ts";
import { registerConversationDocuments } from "./host/conversation/conversation_document.ts";
import { DatagramsEditor } from "./host/datagrams/datagrams_editor.ts";
import { DatagramsView } from "./host/datagrams/datagrams_view.ts";
import { Grids } from "./host/datagrams/grids.ts";
import { lazyDefinitions } from "./host/datagrams/lazy_definitions.ts";
import { SavedCaptureEditor } from "./host/datagrams/saved_capture_editor.ts";
import { watchDebugSessions } from "./host/debugging/debug_sessions.ts";
import { lazyDecoders } from "./host/definitions/lazy_decoders.ts";
import { placesOf } from "./host/launch/places.ts";
import { registerTaskProvider } from "./host/launch/task_provider.ts";
import { boundPorts } from "./host/ports/bound_ports.ts";
import { PortsView } from "./host/ports/ports_view.ts";
import { followBoundPorts } from "./host/ports/status_bar.ts";
import { SystemSockets } from "./host/ports/system_sockets.ts";
import { RunningCaptures } from "./host/programs/running_captures.ts";
import { watchRequestFiles } from "./host/requests/request_files.ts";
import { lazySending } from "./host/send/lazy_sending.ts";
import { lazyStatistics } from "./host/statistics/lazy_statistics.ts";
import { thisSystem } from "./host/system/operating_system.ts";
import { lazyValues } from "./host/values/lazy_values.ts";

/** Builds everything and connects it; nothing imports this file. What was made first ends last. */
export async function activate(context: vscode.ExtensionContext): Promise<UdpWorkbench> {
  const { globalStorageUri, environmentVariableCollection: environment } = context;
  const { workspaceState: state, extensionUri } = context;
  const store = new Store();
  context.subscriptions.push(store);
  forgetContextKeys();
  const log = store.add(vscode.window.createOutputChannel("UDP Workbench", { log: true }));
  const { folder, storage, remark } = await openFolder(globalStorageUri.fsPath, state);
  if (remark !== undefined) log.warn(remark);
  const control = await ControlPlace.open(folder.path);
  const places = placesOf((path) => context.asAbsolutePath(path), folder.path, control);
  const live = store.add(new LiveCapture(folder, log, remark));
  const attach = store.add(new AutoAttach({ ...places, storage, environment, state, log }));
  const sockets = store.add(new SystemSockets(live, thisSystem()));
  const grids = new Grids();
  const definitions = lazyDefinitions(store, () => ({ live, grids, datagramsView }));
  const decoders = lazyDecoders(state, definitions, store);
  const runAt = (command: CommandId, place: Place) => commands.runAt(command, place);
  const pages = { extensionUri, log, decoders, grids, runAt };
  const datagramsView = store.add(new DatagramsView(live, pages));
  const { version } = context.extension.packageJSON as { version: string };
  const table = commandTable({
    ...{ log, live, places, attach, sockets, grids, decoders, datagramsView },
    application: `UDP Workbench ${version}`,
    shells: store.add(new ShellCommands()),
    portsView: store.add(new PortsView(live, sockets, datagramsView.setFilter)),
    datagramsEditor: store.add(new DatagramsEditor(live, pages)),
    savedCaptures: store.add(new SavedCaptureEditor(pages)),
    captures: store.add(new RunningCaptures((summary) => log.info(summary))),
    statistics: lazyStatistics(live, pages, datagramsView, store),
    values: lazyValues({ ...pages, live, datagramsView }, store),
    sending: lazySending({ live, grids, places, decoders, state }, store),
  });
  const commands = store.add(new CommandRegistrar(table, log));
  store.add(showAttachStatus(attach));
  store.add(registerConversationDocuments());
  store.add(registerTaskProvider(places));
  store.add(watchDebugSessions(places, attach));
  store.add(followBoundPorts(live));
  watchRequestFiles(store, { live, places, state });
  await Promise.all([live.start(), attach.apply()]);
  const parent = CaptureFolder.parentIn(storage);
  void import("./host/capture/folder_sweep.ts").then((it) => it.sweepAndLog(parent, log));
  const view = () => import("./host/api_view.ts");
  return {
    ports: () => boundPorts(live, sockets),
    otherSockets: async () => (await view()).otherSockets(sockets),
    datagrams: async (range) => (await view()).datagrams(live, range),
    registerDecoder: async (it) => (await decoders()).register(it),
    onDidCapture: captureEvent(live, store),
  };
}
