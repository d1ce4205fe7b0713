import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { isConflict } from "../../core/system/conflict.ts";
import { printable } from "../../core/text/printable.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import { button, showError } from "../base/notify.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { nextFreePort } from "../launch/free_port.ts";
import { BindError } from "../launch/launcher.ts";
import { terminalOf } from "../launch/terminals.ts";
import type { PortsView } from "../ports/ports_view.ts";
import type { OtherSocket, SystemSockets } from "../ports/system_sockets.ts";
import { stopRecorded } from "./stop.ts";

/** Who has a port that could not be bound. */
export interface PortOwner {
  readonly pid: number;
  /** What people call its program; hostile text. */
  readonly name: string;
  readonly ppid: number | undefined;
  /** Undefined where it is not tapped. */
  readonly writer?: string;
  /** True where it is ours to stop: tapped, or in a terminal of this window. */
  readonly isOurs: boolean;
  readonly socket: CapturedSocket | OtherSocket;
}

/** What the person chose to do about it; undefined for nothing more. */
export type PortChoice = { readonly port: number } | undefined;

/** Whether whoever wants the port can take another one; a program of the user's has it in its code. */
export type Wish = Endpoint & { readonly isFixed?: boolean };

/** Where to look for the owner of a port, and to show it. */
export interface PortTakenContext {
  readonly live: LiveCapture;
  readonly sockets: SystemSockets;
  readonly portsView: PortsView;
}

/** The program that keeps `wanted` from being bound; undefined where the system does not tell. */
export async function ownerOf(
  wanted: Endpoint,
  { live, sockets }: PortTakenContext,
): Promise<PortOwner | undefined> {
  const tapped = boundSockets(live.capture).find(({ local }) => local && isConflict(wanted, local));
  if (tapped?.program.pid !== undefined) {
    const { pid, ppid, name, writer } = tapped.program;
    return { pid, ppid, name, writer, isOurs: true, socket: tapped };
  }
  await sockets.refreshWithOwners();
  const socket = sockets
    .others()
    .find((other) => other.socket.pid !== undefined && isConflict(wanted, other.socket));
  if (socket?.socket.pid === undefined) return undefined;
  const { process, program, isOfThisWindow } = socket;
  return {
    pid: socket.socket.pid,
    ppid: process?.ppid,
    name: program,
    isOurs: isOfThisWindow,
    socket,
  };
}

/** The same error, with who has the port. */
export function withOwner(error: BindError, { name, pid }: PortOwner): BindError {
  const program = printable(name, { limit: 60 });
  return new BindError(
    vscode.l10n.t("{0}; {1} (process {2}) has it", error.message, program, String(pid)),
    error.code,
  );
}

/**
 * Tells that a port is taken and by whom, and offers what can be done: stop the program, where it is ours; show it; or
 * take another port. Resolves with the port to try next.
 */
export async function askAboutTakenPort(
  error: BindError,
  wanted: Wish,
  owner: PortOwner | undefined,
  context: PortTakenContext,
): Promise<PortChoice> {
  const free = await nextFreePort(wanted.address, wanted.port);
  const stop = button(vscode.l10n.t("Stop It and Try Again"));
  const reveal = button(vscode.l10n.t("Show It"));
  const useFree =
    free === 0
      ? button(vscode.l10n.t("Use Any Free Port"))
      : button(vscode.l10n.t("Use Port {0}", free));
  const choices = [
    ...(owner?.isOurs ? [stop] : []),
    ...(owner ? [reveal] : []),
    ...(wanted.isFixed ? [] : [useFree]),
  ];
  const choice = await showError(error.message, ...choices);
  if (choice === useFree) return { port: free };
  if (choice === stop && owner) return stopOwner(wanted, owner, context);
  if (choice === reveal && owner) await show(owner, context);
  return undefined;
}

/** The person may have taken their time: only what has the port now is stopped. */
async function stopOwner(
  wanted: Endpoint,
  owner: PortOwner,
  context: PortTakenContext,
): Promise<PortChoice> {
  const now = await ownerOf(wanted, context);
  if (now?.pid === owner.pid) await stopRecorded(context.live, now);
  await context.live.scan();
  return { port: wanted.port };
}

/** Its terminal where it has one in this window, else its line in the tree. */
async function show(owner: PortOwner, { portsView }: PortTakenContext): Promise<void> {
  const terminal = await terminalOf(owner);
  if (terminal) terminal.show();
  else await portsView.reveal(owner.socket);
}
