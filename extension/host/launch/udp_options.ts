import * as vscode from "vscode";
import type { ClientOptions, RelayOptions, ServerOptions } from "../../api.ts";
import { checkText, checkTexts } from "../base/checks.ts";
import { optionError } from "../base/option_error.ts";
import { checkFlags } from "./flag_checks.ts";
import { CLIENT_FLAGS, RELAY_FLAGS, SERVER_FLAGS } from "./script_options.ts";

export const DEFAULT_HOST = "127.0.0.1";
export const DEFAULT_PORT = 9999;

/** Options as they are written: with any value. */
type Given<Options> = { readonly [Name in keyof Options]?: unknown };

/** What came from a caller, key binding or task, with nothing else in it; throws a {@link HumanError}. */
export function checkServerOptions(given: Given<ServerOptions>): ServerOptions {
  const { host, port, reply } = given;
  return {
    ...checkFlags(SERVER_FLAGS, given),
    ...checkEnd(host, port, 0),
    ...(reply !== undefined && { reply: checkText("reply", reply) }),
  };
}

/** See {@link checkServerOptions}. */
export function checkClientOptions(given: Given<ClientOptions>): ClientOptions {
  const { host, port, messages } = given;
  const end = { ...checkFlags(CLIENT_FLAGS, given), ...checkEnd(host, port, 1) };
  if (messages === undefined) return end;
  return { ...end, messages: checkTexts("messages", messages) };
}

/** See {@link checkServerOptions}. */
export function checkRelayOptions(given: Given<RelayOptions>): RelayOptions {
  const { to, listen } = given;
  return {
    ...checkFlags(RELAY_FLAGS, given),
    to: checkAddressAndPort("to", to),
    ...(listen !== undefined && { listen: checkAddressAndPort("listen", listen) }),
  };
}

/** As udp_relay.ts takes it: `127.0.0.1:9999`, `[::1]:9999`, a name or nothing before the port; or with a variable of VS Code. */
export const ADDRESS_AND_PORT = /^((\[[^\]\s]{1,99}\]|[^\s:[\]]{1,255}):)?\d{1,5}$/;

function checkAddressAndPort(name: string, value: unknown): string {
  const text = checkText(name, value);
  if (ADDRESS_AND_PORT.test(text) || /^\S{0,999}\$\{\S{1,999}$/.test(text)) return text;
  throw optionError(name, vscode.l10n.t("an address and a port: 127.0.0.1:9999 or [::1]:9999"));
}

function checkEnd(
  host: unknown,
  port: unknown,
  leastPort: number,
): { host?: string; port?: number } {
  if (
    port !== undefined &&
    !(Number.isInteger(port) && Number(port) >= leastPort && Number(port) <= 0xffff)
  ) {
    throw optionError("port", vscode.l10n.t("a whole number from {0} to 65535", leastPort));
  }
  return {
    ...(host !== undefined && { host: checkText("host", host) }),
    ...(port !== undefined && { port: Number(port) }),
  };
}
