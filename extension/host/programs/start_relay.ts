import type { Command } from "../base/command.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { Launcher } from "../launch/launcher.ts";
import { optionNames, RELAY_FLAGS } from "../launch/script_options.ts";
import { checkRelayOptions } from "../launch/udp_options.ts";
import type { TaskPlaces } from "../launch/udp_task.ts";
import { askRelayOptions } from "./prompts.ts";
import { showPanel } from "./show_panel.ts";

/** *Start Relay...* */
export function startRelay({
  live,
  places,
}: {
  readonly live: LiveCapture;
  readonly places: TaskPlaces;
}): Command<"udpWorkbench.startRelay"> {
  const launcher = new Launcher(live, places);
  return {
    id: "udpWorkbench.startRelay",
    options: { to: true, listen: true, ...optionNames(RELAY_FLAGS) },
    needsTrust: true,
    parse: checkRelayOptions,
    ask: () => askRelayOptions(),
    run: (options) => launcher.startRelay(options),
    async runForPerson(options) {
      await showPanel();
      return launcher.startRelay(options);
    },
  };
}
