import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import { printable } from "../../core/text/printable.ts";
import { type Command, plainCommand } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { stopProgram } from "../launch/stopper.ts";
import { programsOfWindow } from "../launch/terminals.ts";
import {
  askForProgram,
  type ChosenProgram,
  type ProgramContext,
  programOf,
} from "./chosen_program.ts";

/** *Stop* */
export function stop(context: ProgramContext): Command<"udpWorkbench.stop", ChosenProgram> {
  return {
    id: "udpWorkbench.stop",
    options: { address: true, port: true, pid: true },
    parse: (given) => programOf(context, given),
    ask: (place) => askForProgram(context, place, vscode.l10n.t("Stop which program?")),
    async run({ program, socket }) {
      // The id of a process that has ended may be another's by now.
      if (socket && socket.state !== "bound") throw endedBefore(program);
      await stopAndWait(context.live, [program]);
    },
  };
}

/** *Stop All* */
export function stopAll({ live }: ProgramContext): Command<"udpWorkbench.stopAll", object> {
  return plainCommand("udpWorkbench.stopAll", async () => {
    // Those of another window on this workspace are shown here, too.
    const programs = boundSockets(live.capture).map(({ program }) => program);
    await stopAndWait(live, await programsOfWindow(programs));
    return undefined;
  });
}

/** Ends each program once, and waits until the tree knows it. */
async function stopAndWait(
  live: LiveCapture,
  programs: readonly ChosenProgram["program"][],
): Promise<void> {
  const byPid = new Map(programs.map((program) => [program.pid, program]));
  await Promise.all([...byPid.values()].map(stopProgram));
  await live.scan();
}

function endedBefore({ name }: ChosenProgram["program"]): HumanError {
  return new HumanError(
    vscode.l10n.t("Cannot stop {0}: it has ended, or has no port bound any more.", printable(name)),
  );
}
