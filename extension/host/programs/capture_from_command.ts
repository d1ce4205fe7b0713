import { homedir } from "node:os";
import * as vscode from "vscode";
import type { CaptureCommandOptions, RunningProgram } from "../../api.ts";
import { printable, withoutIcons } from "../../core/text/printable.ts";
import { checkText, checkTexts } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { Views } from "../base/ids.ts";
import { CaptureTerminal } from "../capture/capture_terminal.ts";
import type { TapPlaces } from "../launch/tap_environment.ts";
import type { RunningCaptures } from "./running_captures.ts";

interface Context {
  readonly places: TapPlaces;
  readonly captures: RunningCaptures;
}

/** *Capture from Command...* */
export function captureFromCommand({
  places,
  captures,
}: Context): Command<"udpWorkbench.captureFromCommand"> {
  const start = async (options: CaptureCommandOptions): Promise<RunningProgram> => {
    const name = vscode.l10n.t("UDP Capture: {0}", options.name ?? options.command);
    const cwd = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
    const capture = await CaptureTerminal.start(
      { ...options, cwd },
      places.captureFolder,
      withoutIcons(printable(name, { limit: 60 })),
    );
    captures.add(capture);
    await capture.started;
    return { pid: capture.pid };
  };
  return {
    id: "udpWorkbench.captureFromCommand",
    options: { command: true, args: true, name: true },
    needsTrust: true,
    parse: ({ command, args, name }) => ({
      command: checkText("command", command),
      ...(args !== undefined && { args: checkTexts("args", args) }),
      ...(name !== undefined && { name: checkText("name", name) }),
    }),
    ask,
    run: start,
    async runForPerson(options) {
      await vscode.commands.executeCommand(`${Views.datagrams}.open`, { preserveFocus: true });
      return start(options);
    },
  };
}

async function ask(): Promise<CaptureCommandOptions | undefined> {
  const command = await vscode.window.showInputBox({
    title: vscode.l10n.t("Capture from Command"),
    prompt: vscode.l10n.t(
      "A command that writes pcap or pcapng to its output, here or through ssh; it cannot ask for a password",
    ),
    placeHolder: 'ssh HOST sudo tcpdump -U -w - "udp || icmp || icmp6"',
    value: 'dumpcap -q -i any -f "udp || icmp || icmp6" -w -',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === "" ? vscode.l10n.t("Enter a command") : undefined),
  });
  return command === undefined ? undefined : { command };
}
