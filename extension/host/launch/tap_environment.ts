import { dirname, join } from "node:path";
import { setting } from "../base/settings.ts";
import type { ControlPlace } from "../control/control_place.ts";

const MIB = 2 ** 20;
/** Two segments, which the window cannot give up while a program writes to them. */
const MIB_BEYOND_QUOTA = 64;

/** Where the taps are, and where they record to. */
export interface TapPlaces {
  /** Path of tap.cjs; what it loads lies beside it. */
  readonly tap: string;
  /** The folder of the tap for Python, which PYTHONPATH has to name. */
  readonly pythonTap: string;
  /** The capture folder of this window. */
  readonly captureFolder: string;
  /** Where its programs listen for what the window asks of them; undefined where they can't. */
  readonly control: ControlPlace | undefined;
}

/**
 * The environment variables that tell a tap what to do: the only place where they are made, for tasks, for whatever is
 * started in a terminal, and for what is run again. Nothing in them may be needed by the program itself.
 */
export function tapEnvironment({ captureFolder, control }: TapPlaces): Record<string, string> {
  return {
    UDP_TAP_DIR: captureFolder,
    // The window gives up the oldest datagrams before the taps have to leave out the newest.
    UDP_TAP_QUOTA: String((setting("captureQuota") + MIB_BEYOND_QUOTA) * MIB),
    ...control?.environment,
  };
}

/** Deno's flags for what the tap itself needs, and nothing more: its variables, its code and its folder. */
export function denoPermissions(places: TapPlaces): string[] {
  const { tap, captureFolder, control } = places;
  const code = ["thread_tap.cjs", "control_server.cjs", "socket_rules.cjs"].map((name) =>
    join(dirname(tap), name),
  );
  const folders = [captureFolder, ...(control ? [control.place] : [])];
  return [
    `--allow-env=UDP_TAP_*,${Object.keys(tapEnvironment(places)).join()}`,
    denoPermission("--allow-read", [...folders, ...code]),
    denoPermission("--allow-write", folders),
  ];
}

/** A path with a comma can't be named in Deno's lists: then the flag allows all. */
function denoPermission(flag: string, paths: readonly string[]): string {
  return paths.some((path) => path.includes(",")) ? flag : `${flag}=${paths.join()}`;
}
