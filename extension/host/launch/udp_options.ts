import * as vscode from "vscode";
import { checkText, checkTexts } from "../base/checks.ts";
import { optionError } from "../base/option_error.ts";
import { checkFlags } from "./flag_checks.ts";
import {
  CLIENT_FLAGS,
  type ClientFlags,
  SERVER_FLAGS,
  type ServerFlags,
} from "./script_options.ts";

export const DEFAULT_HOST = "127.0.0.1";
export const DEFAULT_PORT = 9999;

/** Options of a server, as a command, a task or a quick input gives them. */
export interface ServerOptions extends ServerFlags {
  /** Address to bind; 127.0.0.1 where not given. */
  readonly host?: string;
  /** 0 to 65535; 0 lets the system choose; 9999 where not given. */
  readonly port?: number;
  /** How it answers: `greet`, `upper`, `echo`, `none` or what else the script knows; `greet` where not given. */
  readonly reply?: string;
}

/** Options of a client. */
export interface ClientOptions extends ClientFlags {
  /** Address or name to send to; 127.0.0.1 where not given. */
  readonly host?: string;
  /** 1 to 65535; 9999 where not given. */
  readonly port?: number;
  /** One datagram each; the lesson's three names where not given or empty. */
  readonly messages?: readonly string[];
}

/** What came from a caller, key binding or task, with nothing else in it; throws a {@link HumanError}. */
export function checkServerOptions(given: ServerOptions): ServerOptions {
  const { host, port, reply } = given;
  return {
    ...checkFlags(SERVER_FLAGS, given),
    ...checkEnd(host, port, 0),
    ...(reply !== undefined && { reply: checkText("reply", reply) }),
  };
}

/** See {@link checkServerOptions}. */
export function checkClientOptions(given: ClientOptions): ClientOptions {
  const { host, port, messages } = given;
  const end = { ...checkFlags(CLIENT_FLAGS, given), ...checkEnd(host, port, 1) };
  if (messages === undefined) return end;
  return { ...end, messages: checkTexts("messages", messages) };
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
