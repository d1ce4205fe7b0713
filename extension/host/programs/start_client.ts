import type { Command } from "../base/command.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { Launcher } from "../launch/launcher.ts";
import { CLIENT_FLAGS, optionNames } from "../launch/script_options.ts";
import { checkClientOptions } from "../launch/udp_options.ts";
import type { TaskPlaces } from "../launch/udp_task.ts";
import { askClientOptions } from "./prompts.ts";
import { showPanel } from "./show_panel.ts";

/** *Start Client...* */
export function startClient({
  live,
  places,
}: {
  readonly live: LiveCapture;
  readonly places: TaskPlaces;
}): Command<"udpWorkbench.startClient"> {
  const launcher = new Launcher(live, places);
  return {
    id: "udpWorkbench.startClient",
    options: { host: true, port: true, messages: true, ...optionNames(CLIENT_FLAGS) },
    needsTrust: true,
    parse: checkClientOptions,
    ask: askClientOptions,
    run: (options) => launcher.startClient(options),
    async runForPerson(options) {
      await showPanel();
      return launcher.startClient(options);
    },
  };
}
