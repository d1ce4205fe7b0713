import type { ServerOptions, StartedServer } from "../../api.ts";
import type { Command } from "../base/command.ts";
import { BindError, Launcher } from "../launch/launcher.ts";
import { optionNames, SERVER_FLAGS } from "../launch/script_options.ts";
import { checkServerOptions, DEFAULT_HOST, DEFAULT_PORT } from "../launch/udp_options.ts";
import type { TaskPlaces } from "../launch/udp_task.ts";
import { askAboutTakenPort, ownerOf, type PortTakenContext, withOwner } from "./port_taken.ts";
import { askServerOptions } from "./prompts.ts";
import { showPanel } from "./show_panel.ts";

interface Context extends PortTakenContext {
  readonly places: TaskPlaces;
}

/** *Start Server...* */
export function startServer(context: Context): Command<"udpWorkbench.startServer"> {
  const launcher = new Launcher(context.live, context.places);

  /** Where the port is taken, a person is told by whom and what can be done about it, and may try again. */
  const startForPerson = async (options: ServerOptions): Promise<StartedServer | undefined> => {
    try {
      return await launcher.startServer(options);
    } catch (error) {
      if (!isTaken(error)) throw error;
      const wanted = endOf(options);
      const owner = await ownerOf(wanted, context);
      const told = owner ? withOwner(error, owner) : error;
      const next = await askAboutTakenPort(told, wanted, owner, context);
      return next && startForPerson({ ...options, ...next });
    }
  };

  return {
    id: "udpWorkbench.startServer",
    options: { host: true, port: true, reply: true, ...optionNames(SERVER_FLAGS) },
    needsTrust: true,
    parse: checkServerOptions,
    ask: () => askServerOptions(),
    async run(options) {
      try {
        return await launcher.startServer(options);
      } catch (error) {
        const owner = isTaken(error) && (await ownerOf(endOf(options), context));
        throw owner ? withOwner(error as BindError, owner) : error;
      }
    },
    async runForPerson(options) {
      await showPanel();
      return startForPerson(options);
    },
  };
}

function isTaken(error: unknown): error is BindError {
  return error instanceof BindError && error.code === "EADDRINUSE";
}

function endOf({ host = DEFAULT_HOST, port = DEFAULT_PORT }: ServerOptions) {
  return { address: host, port };
}
