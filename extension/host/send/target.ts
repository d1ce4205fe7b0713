import { lookup } from "node:dns/promises";
import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { parseAddress } from "../../core/wire/address.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";
import { type Reach, reachOf } from "../../core/wire/reach.ts";
import { HumanError } from "../base/human_error.ts";
import { interfaceAddresses } from "../system/interfaces.ts";

/** Where datagrams go: a literal address. */
export interface Target extends Endpoint {
  /** What was asked for, `localhost:9999`; printable. */
  readonly name: string;
  readonly reach: Reach;
}

/** What `host:port` or `[IPv6 address]:port` says; undefined for anything else, and for port 0. */
export function parseTarget(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text.trim());
  const [, long, short] = match ?? [];
  const host = long ?? short;
  const port = Number(match?.[3]);
  if (host === undefined || !(port >= 1 && port <= 0xffff)) return undefined;
  if (long !== undefined && (!long.includes(":") || !parseAddress(long))) return undefined;
  // Four numbers that are no address must not be asked for as a name: some resolvers read them as octal.
  if (short !== undefined && /^[\d.]+$/.test(short) && !parseAddress(short)) return undefined;
  return { host, port };
}

/** Finds out the address; throws a {@link HumanError} where there is none that anything could be sent to. */
export async function resolveTarget(text: string): Promise<Target> {
  const name = printable(text.trim(), { limit: 300 });
  const parsed = parseTarget(text);
  if (!parsed) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot send to {0}: it must be an address or a name with a port from 1 to 65535, as in 127.0.0.1:9999 or [::1]:9999.",
        name,
      ),
    );
  }
  const { host, port } = parsed;
  const address = parseAddress(host) ? host : await resolveName(host, name);
  if (address === "0.0.0.0" || address === "::") {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot send to {0}: this address only says where a socket listens; send to 127.0.0.1 or [::1] for this machine.",
        name,
      ),
    );
  }
  return { address, port, name, reach: reachOf(address, interfaceAddresses()) };
}

/** The same for an address that is known already. */
export function targetOf(end: Endpoint): Promise<Target> {
  return resolveTarget(formatEndpoint(reachableAt(end)));
}

/** Where this machine reaches a socket of its own: one that listens on all of its addresses, on the loopback one. */
export function reachableAt({ address, port }: Endpoint): Endpoint {
  const own = { "0.0.0.0": "127.0.0.1", "::": "::1" }[address];
  return { address: own ?? address, port };
}

async function resolveName(host: string, name: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot send to {0}: no address was found for that name ({1}).",
        name,
        printable((error as NodeJS.ErrnoException).code ?? String(error)),
      ),
    );
  }
}
