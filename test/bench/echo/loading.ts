import { mkdir, rm } from "node:fs/promises";
import { echoRound, type Round, type RoundOptions } from "./echo_round.ts";
import type { EchoServer } from "./echo_servers.ts";
import { keepRoom } from "./folder_room.ts";

/**
 * How to load a server once; undefined where there is no server, or nothing to load it with. There is room in its capture
 * folder all the time: with the quota used up, a tap records no more, and would be measured at rest.
 */
export function loading(
  server: EchoServer | undefined,
  generator: string | undefined,
  options: Omit<RoundOptions, "generator" | "environment">,
): (() => Promise<Round>) | undefined {
  if (!server || generator === undefined) return undefined;
  const { command, captures, environment = {} } = server;
  return async () => {
    const round = () => echoRound(command, { ...options, generator, environment });
    if (captures === undefined) return round();
    await rm(captures, { recursive: true, force: true });
    await mkdir(captures);
    const stop = keepRoom(captures);
    try {
      return await round();
    } finally {
      await stop();
    }
  };
}
