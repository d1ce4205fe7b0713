import { echoRound, type Round, type RoundOptions } from "./echo_round.ts";
import type { EchoServer } from "./echo_servers.ts";

/** How to load a server once; undefined where there is no server, or nothing to load it with. */
export function loading(
  server: EchoServer | undefined,
  generator: string | undefined,
  options: Omit<RoundOptions, "generator" | "environment">,
): (() => Promise<Round>) | undefined {
  if (!server || generator === undefined) return undefined;
  const { command, environment = {} } = server;
  return () => echoRound(command, { ...options, generator, environment });
}
