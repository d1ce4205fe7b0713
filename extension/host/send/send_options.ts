import * as vscode from "vscode";
import type { PayloadOptions, SendingEnd } from "../../api.ts";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { parseTemplate } from "../../core/payload/template.ts";
import { printable } from "../../core/text/printable.ts";
import { checkOneOf } from "../base/checks.ts";
import { HumanError } from "../base/human_error.ts";
import { optionError } from "../base/option_error.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { ComputedValues } from "./computed_values.ts";
import { encodeProblemText, SEND_FORMATS, type SendFormat } from "./fields_format.ts";

type GivenPayload = { readonly [Name in keyof PayloadOptions]?: unknown };

/** A payload that is known, or one that has to be made of fields when it is sent. */
export type OutgoingPayload = Uint8Array | { readonly fields: string };

/** What a caller means; throws a {@link HumanError} that says what is wrong with it. */
export function payloadOf(
  { payload, format = "text" }: GivenPayload,
  computed: ComputedValues,
): OutgoingPayload {
  if (payload instanceof Uint8Array) return payload;
  if (typeof payload !== "string") throw optionError("payload", vscode.l10n.t("a text or bytes"));
  const known = checkOneOf("format", format, SEND_FORMATS);
  if (known === "fields") return { fields: payload };
  const { template, problem } = { problem: undefined, ...parseTemplate(payload, known) };
  if (template) return computed.take(template);
  throw unsendable(known, problem ? encodeProblemText(problem) : "");
}

/** `why`: without its full stop */
export function unsendable(format: SendFormat, why: string): HumanError {
  return new HumanError(vscode.l10n.t("Cannot send this payload as {0}: {1}.", format, why));
}

/** The bound port that a caller means by the option of this name. */
export function sendingSocket(live: LiveCapture, from: unknown, option = "from"): CapturedSocket {
  if (!isSendingEnd(from)) {
    throw optionError(
      option,
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
      "Cannot use {0}: no program of this window has it bound; see Bound Ports.",
      printable(wanted, { limit: 100 }),
    ),
  );
}

function isSendingEnd(from: unknown): from is SendingEnd {
  if (typeof from === "string") return true;
  return typeof from === "object" && from !== null && Number.isInteger(Reflect.get(from, "pid"));
}
