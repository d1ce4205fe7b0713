import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedProgram, CapturedSocket } from "../../core/capture/captured_socket.ts";
import { displayFlow } from "../../core/capture/peers.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import type { GivenOptions } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { optionError } from "../base/option_error.ts";
import type { Place, TreeLine } from "../base/place.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { chosenDatagram } from "../datagrams/chosen_datagram.ts";
import type { Grids } from "../datagrams/grids.ts";
import { OtherNode, socketOf } from "../ports/nodes.ts";

/** A program that a command is about. */
export interface ChosenProgram {
  readonly program: Pick<CapturedProgram, "pid" | "ppid" | "name"> & {
    /** Undefined where it is not watched: then the system has told its process, and no capture. */
    readonly writer?: string;
  };
  /** The socket that it was chosen by; undefined where it is not watched. */
  readonly socket?: CapturedSocket;
}

export interface ProgramContext {
  readonly live: LiveCapture;
  readonly grids: Grids;
}

/** The program that has the bound port of a command's options. */
export function programOf(
  { live }: ProgramContext,
  { address, port, pid }: GivenOptions<"udpWorkbench.stop">,
): ChosenProgram {
  if (!Number.isInteger(port)) {
    throw optionError("port", vscode.l10n.t("a whole number from {0} to 65535", 1));
  }
  const socket = boundSockets(live.capture).find(
    ({ local, program }) =>
      local?.port === port &&
      (address === undefined || local?.address === address) &&
      (pid === undefined || program.pid === pid),
  );
  if (socket) return ofSocket(socket);
  throw new HumanError(
    vscode.l10n.t(
      "Cannot find the bound port {0}: no program of this window has it; see Bound Ports.",
      String(port),
    ),
  );
}

/** The program that a person means at a place, or chooses; undefined when they gave up. */
export async function askForProgram(
  context: ProgramContext,
  place: Place | undefined,
  question: string,
): Promise<ChosenProgram | undefined> {
  const there = place?.kind === "treeLine" ? programOfLine(place.line) : undefined;
  if (there) return there;
  if (place?.kind === "row") return ofSocket(socketOfRow(context, place));
  return pickProgram(context, question);
}

function ofSocket(socket: CapturedSocket): ChosenProgram {
  return { program: socket.program, socket };
}

function programOfLine(line: TreeLine): ChosenProgram | undefined {
  const socket = socketOf(line);
  if (socket) return ofSocket(socket);
  if (!(line instanceof OtherNode)) return undefined;
  const { pid, other } = line;
  return { program: { pid, ppid: other.process?.ppid, name: other.program } };
}

/** The socket that a row is told by; the programs of a file are not those of this machine. */
function socketOfRow({ live, grids }: ProgramContext, place: Place): CapturedSocket {
  const { source, id } = chosenDatagram(grids, place, vscode.l10n.t("Cannot find the program"));
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

async function pickProgram(
  { live }: ProgramContext,
  question: string,
): Promise<ChosenProgram | undefined> {
  const sockets = boundSockets(live.capture);
  const [socket, ...others] = sockets;
  if (!socket) throw new HumanError(vscode.l10n.t("Nothing is bound: start a server first."));
  if (others.length === 0) return ofSocket(socket);
  const items = sockets.map((socket) => ({
    label: withoutIcons(printable(socket.name, { limit: 80 })),
    description: withoutIcons(printable(socket.program.name, { limit: 60 })),
    ...ofSocket(socket),
  }));
  return vscode.window.showQuickPick(items, { placeHolder: question, ignoreFocusOut: true });
}
