import * as vscode from "vscode";
import type { DetailCommand } from "../../webview/datagrams/protocol.ts";
import { Commands } from "../base/ids.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { DatagramArgument } from "./chosen_datagram.ts";

/**
 * What the buttons of the detail run, in their order. A command gets a {@link DatagramArgument} that also says that a
 * person asked (`webview`, see guarded.ts): chosenDatagram() finds the datagram.
 */
const COMMANDS: Readonly<Record<DetailCommand, string>> = {
  follow: Commands.follow,
  reply: Commands.reply,
  resend: Commands.resend,
  editAndSend: Commands.editAndSend,
  decodeAs: Commands.decodeAs,
};

/** The buttons that there are: the sockets of a file are not here to reply from. */
export function detailCommands({ isLive }: CaptureSource): DetailCommand[] {
  const all = Object.keys(COMMANDS) as DetailCommand[];
  return isLive ? all : all.filter((command) => command !== "reply");
}

/** Runs the command of a button. */
export async function runDetailCommand(
  name: DetailCommand,
  datagram: Required<DatagramArgument>,
): Promise<void> {
  await vscode.commands.executeCommand(COMMANDS[name], { webview: "detail", ...datagram });
}
