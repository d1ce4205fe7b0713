import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedProgram, CapturedSocket } from "../../core/capture/captured_socket.ts";
import { displayFlow } from "../../core/capture/peers.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { type CommandHandler, registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { Commands, Views } from "../base/ids.ts";
import { optionError } from "../base/option_error.ts";
import { requireTrust } from "../base/trust.ts";
import { knownSocket } from "../capture/known_socket.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { chosenDatagram } from "../datagrams/chosen_datagram.ts";
import type { ExportArgument } from "../export/export_command.ts";
import { BindError, type Launcher, type StartedServer } from "../launch/launcher.ts";
import { stopProgram } from "../launch/stopper.ts";
import { terminalOf } from "../launch/terminals.ts";
import {
  type ClientOptions,
  checkClientOptions,
  checkServerOptions,
  DEFAULT_HOST,
  DEFAULT_PORT,
  type ServerOptions,
} from "../launch/udp_options.ts";
import type { OtherNode } from "../ports/nodes.ts";
import type { PortsView } from "../ports/ports_view.ts";
import type { SystemSockets } from "../ports/system_sockets.ts";
import { askAboutTakenPort, ownerOf, withOwner } from "./port_taken.ts";

/** What a command about a port takes: a line of the tree, the menu of a row, or a port as the API tells it. */
type PortArgument =
  | { readonly socket: CapturedSocket }
  | { readonly webview: string }
  | { readonly address?: string; readonly port: number; readonly pid?: number };

/** The commands of this file; those of a view or an editor are registered where that is. */
type ProgramCommand =
  | "startServer"
  | "startClient"
  | "stop"
  | "stopAll"
  | "revealTerminal"
  | "clear"
  | "exportCapture";

export interface CommandContext {
  readonly live: LiveCapture;
  readonly launcher: Launcher;
  readonly sockets: SystemSockets;
  readonly view: PortsView;
  readonly log: vscode.LogOutputChannel;
  /** What wrote an exported file. */
  readonly application: string;
}

/** Command id → what it does. With an argument it returns data or throws; without, it asks and tells the person. */
export function registerCommands(context: CommandContext): vscode.Disposable {
  const { live } = context;
  const handlers: Record<ProgramCommand, CommandHandler> = {
    startServer: (options?: ServerOptions) => startServer(context, options),
    startClient: (options?: ClientOptions) => startClient(context, options),
    stop: async (port?: PortArgument | OtherNode) => {
      if (port && "other" in port) return stopProgram(untappedProgram(port));
      const socket = await choosePort(live, port, vscode.l10n.t("Stop which program?"));
      if (!socket) return;
      // The id of a process that has ended may be another's by now.
      if (socket.state !== "bound") throw endedBefore(socket.program);
      await stopAndWait(live, [socket.program]);
    },
    stopAll: () =>
      stopAndWait(
        live,
        boundSockets(live.capture).map(({ program }) => program),
      ),
    revealTerminal: async (port?: PortArgument | OtherNode) => {
      if (port && "other" in port) return revealTerminal(untappedProgram(port));
      const socket = await choosePort(
        live,
        port,
        vscode.l10n.t("Reveal the terminal of which program?"),
      );
      if (socket) await revealTerminal(socket.program);
    },
    clear: () => live.clear(),
    // The menu of a row passes its context: what is selected was meant.
    exportCapture: async (argument?: ExportArgument | { webview: string }) => {
      const { runExport } = await import("../export/export_command.ts");
      return argument && "webview" in argument
        ? runExport(context, undefined, "selected")
        : runExport(context, argument);
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(handlers).map(([name, handler]) =>
      registerGuarded(Commands[name as ProgramCommand], handler, context.log),
    ),
  );
}

async function startServer(
  context: CommandContext,
  given: ServerOptions | undefined,
): Promise<StartedServer | undefined> {
  requireTrust();
  const options = given
    ? checkServerOptions(given)
    : await (await import("./prompts.ts")).askServerOptions();
  if (!options) return undefined;
  // The panel is where the result shows; a script that calls this does not want the side bar to move.
  if (!given) await showPanel();
  return launchServer(context, options, given === undefined);
}

async function launchServer(
  context: CommandContext,
  options: ServerOptions,
  isPerson: boolean,
): Promise<StartedServer | undefined> {
  try {
    return await context.launcher.startServer(options);
  } catch (error) {
    if (!(error instanceof BindError) || error.code !== "EADDRINUSE") throw error;
    return portIsTaken(context, options, error, isPerson);
  }
}

/** Says who has the port: with an error to a caller, with what can be done about it to a person. */
async function portIsTaken(
  context: CommandContext,
  options: ServerOptions,
  error: BindError,
  isPerson: boolean,
): Promise<StartedServer | undefined> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT } = options;
  const wanted = { address: host, port };
  const owner = await ownerOf(wanted, context);
  const told = owner ? withOwner(error, owner) : error;
  if (!isPerson) throw told;
  const next = await askAboutTakenPort(told, wanted, owner, context);
  return next && launchServer(context, { ...options, ...next }, isPerson);
}

async function startClient(
  { launcher }: CommandContext,
  given: ClientOptions | undefined,
): Promise<{ exitCode: number | undefined } | undefined> {
  requireTrust();
  const options = given
    ? checkClientOptions(given)
    : await (await import("./prompts.ts")).askClientOptions();
  if (!options) return undefined;
  if (!given) await showPanel();
  return launcher.startClient(options);
}

async function revealTerminal(
  program: Pick<CapturedProgram, "pid" | "ppid" | "name">,
): Promise<void> {
  const terminal = await terminalOf(program);
  if (terminal) {
    terminal.show();
    return;
  }
  throw new HumanError(
    vscode.l10n.t(
      "Cannot reveal the terminal of {0}: it runs in no terminal of this window.",
      printable(program.name),
    ),
  );
}

/** The program of a line below "Other processes". */
function untappedProgram({ pid, other }: OtherNode) {
  if (typeof other?.program !== "string") {
    throw optionError("other", vscode.l10n.t("a line of Bound Ports"));
  }
  return { pid, ppid: other.process?.ppid, name: other.program };
}

/** Ends each program once, and waits until the tree knows it. */
async function stopAndWait(live: LiveCapture, programs: readonly CapturedProgram[]): Promise<void> {
  const byPid = new Map(programs.map((program) => [program.pid, program]));
  await Promise.all([...byPid.values()].map(stopProgram));
  await live.scan();
}

/** The socket that the selected row is told by; the programs of a file are not those of this machine. */
function socketOfRow(live: LiveCapture): CapturedSocket {
  const what = vscode.l10n.t("Cannot find the program");
  const { source, id } = chosenDatagram(undefined, live, what);
  const { capture } = source;
  if (source.isLive) {
    const socket = capture.socket(displayFlow(capture, id).socket);
    const { writer } = socket.program;
    return boundSockets(live.capture).find(({ program }) => program.writer === writer) ?? socket;
  }
  throw new HumanError(
    vscode.l10n.t("Cannot find the program: this capture is a file, whose programs are not here."),
  );
}

function endedBefore({ name }: CapturedProgram): HumanError {
  return new HumanError(
    vscode.l10n.t("Cannot stop {0}: it has ended, or has no port bound any more.", printable(name)),
  );
}

/** The bound port that is meant; asks where none was given. Undefined when the person gave up. */
async function choosePort(
  live: LiveCapture,
  given: PortArgument | undefined,
  question: string,
): Promise<CapturedSocket | undefined> {
  const sockets = boundSockets(live.capture);
  if (given && "socket" in given) return knownSocket(live, given.socket);
  if (given && "webview" in given) return socketOfRow(live);
  if (given) {
    const { address, port, pid } = given;
    if (!Number.isInteger(port)) {
      throw optionError("port", vscode.l10n.t("a whole number from {0} to 65535", 1));
    }
    const match = sockets.find(
      ({ local, program }) =>
        local?.port === port &&
        (address === undefined || local.address === address) &&
        (pid === undefined || program.pid === pid),
    );
    if (match) return match;
    throw new HumanError(
      vscode.l10n.t(
        "Cannot find the bound port {0}: no program of this window has it; see Bound Ports.",
        String(port),
      ),
    );
  }
  if (sockets.length === 0)
    throw new HumanError(vscode.l10n.t("Nothing is bound: start a server first."));
  if (sockets.length === 1) return sockets[0];
  const picked = await vscode.window.showQuickPick(
    sockets.map((socket) => ({
      label: withoutIcons(printable(socket.name, { limit: 80 })),
      description: withoutIcons(printable(socket.program.name, { limit: 60 })),
      socket,
    })),
    { placeHolder: question, ignoreFocusOut: true },
  );
  return picked?.socket;
}

/** Opens the side bar on our views; the keyboard stays where it was. */
async function showPanel(): Promise<void> {
  await vscode.commands.executeCommand(`${Views.ports}.open`, { preserveFocus: true });
}
