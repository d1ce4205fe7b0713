import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import {
  PAYLOAD_FORMATS,
  type PayloadFormat,
  parsePayload,
} from "../../core/text/payload_format.ts";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { optionError } from "../base/option_error.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { Consent } from "./consent.ts";
import { payloadProblemText } from "./payload_prompt.ts";

/** What is to be sent, as a caller says it. */
export interface PayloadArgument {
  /** Bytes, or a text in `format`. */
  readonly payload: string | Uint8Array;
  /** `text` where it is left out. */
  readonly format?: PayloadFormat;
}

/** What `udpWorkbench.send` takes. */
export interface SendArgument extends PayloadArgument, Consent {
  /** `127.0.0.1:9999`, `[::1]:9999` or `localhost:9999` */
  readonly to: string;
  /** The bound port of a tapped program, `127.0.0.1:9999`, or the program; from a new socket where it is left out. */
  readonly from?: string | { readonly pid: number };
}

/** The bytes that a caller means; throws a {@link HumanError} that says what is wrong with them. */
export function payloadOf({ payload, format = "text" }: PayloadArgument): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  if (typeof payload !== "string") throw optionError("payload", vscode.l10n.t("a text or bytes"));
  if (!PAYLOAD_FORMATS.includes(format)) throw optionError("format", PAYLOAD_FORMATS.join(", "));
  const { bytes, problem } = { problem: undefined, ...parsePayload(payload, format) };
  if (bytes) return bytes;
  const why = problem ? payloadProblemText(problem) : "";
  throw new HumanError(vscode.l10n.t("Cannot send this payload as {0}: {1}.", format, why));
}

/** The bound port that a caller means. */
export function sendingSocket(
  live: LiveCapture,
  from: SendArgument["from"],
): CapturedSocket | undefined {
  if (from === undefined) return undefined;
  if (typeof from !== "string" && !Number.isInteger(from?.pid)) {
    throw optionError(
      "from",
      vscode.l10n.t("a bound port, or an object with the pid of a program"),
    );
  }
  const matches = boundSockets(live.capture).filter(({ name, program }) =>
    typeof from === "string" ? name === from : program.pid === from.pid,
  );
  // The latest: another program may have had the port before, and its end is not yet noticed.
  const found = matches.at(-1);
  if (found) return found;
  const wanted = typeof from === "string" ? from : vscode.l10n.t("process {0}", String(from.pid));
  throw new HumanError(
    vscode.l10n.t(
      "Cannot send from {0}: no program of this window has it bound; see Bound Ports.",
      printable(wanted, { limit: 100 }),
    ),
  );
}
