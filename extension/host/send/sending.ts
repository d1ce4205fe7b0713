import * as vscode from "vscode";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { ControlPlace } from "../control/control_place.ts";
import { Outbox } from "./outbox.ts";
import { registerReplay } from "./replay_command.ts";
import { registerSendCommands } from "./send_commands.ts";
import { SendHistory } from "./send_history.ts";
import { type SenderOptions, SenderProcess } from "./sender_process.ts";

export interface SendingOptions {
  readonly live: LiveCapture;
  readonly control: ControlPlace | undefined;
  readonly sender: () => SenderOptions;
  /** Keeps what was sent. */
  readonly state: vscode.Memento;
  readonly log: vscode.LogOutputChannel;
}

/** Everything that sends: its commands, and the process that they send from. */
export function registerSending({
  live,
  control,
  sender,
  state,
  log,
}: SendingOptions): vscode.Disposable {
  const process = new SenderProcess(sender);
  const sending = {
    live,
    outbox: new Outbox(process, control),
    history: new SendHistory(state),
    log,
  };
  return vscode.Disposable.from(process, registerSendCommands(sending), registerReplay(sending));
}
