import { type Command, plainCommand } from "../base/command.ts";
import type { Sending } from "../send/sending.ts";
import { BadNetworks, type MarkedPorts } from "./bad_networks.ts";

/** *Stop All Rules*: every network that this window has made bad is good again. */
export function stopAllRules(
  sending: Sending,
  ports: MarkedPorts,
): Command<"udpWorkbench.stopAllRules", object> {
  return plainCommand("udpWorkbench.stopAllRules", async () => ({
    stopped: await BadNetworks.of(sending, ports).stopAll(),
  }));
}
