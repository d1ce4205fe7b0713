import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import { printable } from "../../core/text/printable.ts";
import { type Command, plainCommand } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { stopProgram } from "../launch/stopper.ts";
import { programsOfWindow } from "../launch/terminals.ts";
import { isRecordedProcess } from "../system/recorded_process.ts";
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

/** Ends each program once, and waits until the tree knows it; throws the first reason why one could not be ended. */
async function stopAndWait(
  live: LiveCapture,
  programs: readonly ChosenProgram["program"][],
): Promise<void> {
  const byPid = new Map(programs.map((program) => [program.pid, program]));
  const stopped = await Promise.allSettled(
    [...byPid.values()].map((program) => stopRecorded(live, program)),
  );
  await live.scan();
  const failed = stopped.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

/** Ends what recorded as this program; a process that only has its id by now, or in another namespace, is left alone. */
export async function stopRecorded(
  live: LiveCapture,
  program: ChosenProgram["program"],
): Promise<void> {
  const { writer } = program;
  if (writer !== undefined) {
    const sockets = boundSockets(live.capture).filter(({ program }) => program.writer === writer);
    const ends = sockets.flatMap(({ local }) => local ?? []);
    if (!(await isRecordedProcess({ ...program, writer }, ends))) {
      throw new HumanError(
        vscode.l10n.t(
          "Cannot stop {0}: nothing shows that process {1} is it, and not another one with the same number; end it where it runs.",
          printable(program.name),
          String(program.pid),
        ),
      );
    }
  }
  await stopProgram(program);
}

function endedBefore({ name }: ChosenProgram["program"]): HumanError {
  return new HumanError(
    vscode.l10n.t("Cannot stop {0}: it has ended, or has no port bound any more.", printable(name)),
  );
}
