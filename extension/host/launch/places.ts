import type { ControlPlace } from "../control/control_place.ts";
import type { TaskPlaces } from "./udp_task.ts";

/** Where all is that programs of the extension are started with. */
export interface Places extends TaskPlaces {
  /** Path of udp_sender.cjs. */
  readonly sender: string;
  /** Path of strace_tap.cjs. */
  readonly straceTap: string;
}

/** @param pathOf the absolute path of what is packed with the extension. */
export function placesOf(
  pathOf: (relative: string) => string,
  captureFolder: string,
  control: ControlPlace | undefined,
): Places {
  return {
    scripts: pathOf("scripts"),
    plainScripts: pathOf("dist/scripts"),
    runner: pathOf("dist/host/udp_run.js"),
    tap: pathOf("dist/node_modules/udp-workbench/tap.cjs"),
    pythonTap: pathOf("dist/python"),
    sender: pathOf("dist/udp_sender.cjs"),
    straceTap: pathOf("dist/strace_tap.cjs"),
    captureFolder,
    control,
  };
}
