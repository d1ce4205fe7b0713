import * as vscode from "vscode";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { optionError } from "../base/option_error.ts";
import type { LiveCapture } from "./live_capture.ts";

/** The socket of a line of the tree, where it is one: what a command is given may only look like it. */
export function knownSocket({ capture }: LiveCapture, socket: CapturedSocket): CapturedSocket {
  if (capture.sockets.has(socket)) return socket;
  throw optionError("socket", vscode.l10n.t("a line of Bound Ports"));
}
