import { homedir } from "node:os";
import * as vscode from "vscode";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { checkText, checkTexts } from "../base/checks.ts";
import { registerGuarded } from "../base/guarded.ts";
import { Commands, ContextKeys, Views } from "../base/ids.ts";
import { requireTrust } from "../base/trust.ts";
import { CaptureTerminal } from "../capture/capture_terminal.ts";
import type { CommandCapture } from "../capture/command_capture.ts";

/** What *Capture from Command...* takes. */
export interface CaptureArgument {
  /** A program, or a line for the shell where there are no `args`. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Title of the terminal. */
  readonly name?: string;
}

/** *Capture from Command...* and *Stop Captures*. */
export function registerCaptureCommands(
  folder: string,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const running = new Map<number, CommandCapture>();
  const tellContext = () =>
    vscode.commands.executeCommand("setContext", ContextKeys.capturing, running.size > 0);

  const captureFromCommand = async (given?: CaptureArgument) => {
    requireTrust();
    const argument = given ? checkArgument(given) : await ask();
    if (!argument) return undefined;
    const name = vscode.l10n.t("UDP Capture: {0}", argument.name ?? argument.command);
    const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
    if (!given)
      await vscode.commands.executeCommand(`${Views.datagrams}.open`, { preserveFocus: true });
    const capture = await CaptureTerminal.start(
      { ...argument, cwd },
      folder,
      withoutIcons(printable(name, { limit: 60 })),
    );
    const { pid } = capture;
    running.set(pid, capture);
    void tellContext();
    void capture.ended.then((summary) => {
      running.delete(pid);
      void tellContext();
      log.info(summary);
    });
    await capture.started;
    return { pid };
  };

  const stopCaptures = async (argument?: { pid?: number }) => {
    const pid = argument?.pid;
    const stopped = [...running.values()].filter(
      (capture) => pid === undefined || capture.pid === pid,
    );
    for (const capture of stopped) capture.stop();
    await Promise.all(stopped.map(({ ended }) => ended));
    return { stopped: stopped.length };
  };

  return vscode.Disposable.from(
    registerGuarded(Commands.captureFromCommand, captureFromCommand, log),
    registerGuarded(Commands.stopCaptures, stopCaptures, log),
    {
      dispose: () => {
        for (const capture of running.values()) capture.dispose();
      },
    },
  );
}

function checkArgument({ command, args, name }: CaptureArgument): CaptureArgument {
  return {
    command: checkText("command", command),
    ...(args !== undefined && { args: checkTexts("args", args) }),
    ...(name !== undefined && { name: checkText("name", name) }),
  };
}

async function ask(): Promise<CaptureArgument | undefined> {
  const command = await vscode.window.showInputBox({
    title: vscode.l10n.t("Capture from Command"),
    prompt: vscode.l10n.t(
      "A command that writes pcap or pcapng to its output, here or through ssh; it cannot ask for a password",
    ),
    placeHolder: "ssh HOST sudo tcpdump -U -w - udp",
    value: "dumpcap -q -i any -f udp -w -",
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" ? vscode.l10n.t("Enter a command") : undefined),
  });
  return command === undefined ? undefined : { command };
}
