import * as vscode from "vscode";
import type { Consent } from "../../api.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { checkText } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { askSteps, type PickStep } from "../base/multi_step.ts";
import type { Place } from "../base/place.ts";
import { socketOf } from "../ports/nodes.ts";
import { consentOf, requireConsent } from "./consent.ts";
import { type OutgoingPayload, payloadOf, sendingSocket } from "./send_options.ts";
import { fromStep, NEW_SOCKET, targetStep } from "./send_steps.ts";
import type { Sending } from "./sending.ts";
import { resolveTarget } from "./target.ts";

interface Outgoing {
  /** `127.0.0.1:9999` */
  readonly to: string;
  /** Undefined: a new socket. */
  readonly from: CapturedSocket | undefined;
  /** A person is asked for it, and for their consent, when it is known where it goes. */
  readonly payload: OutgoingPayload;
  readonly consent: Consent;
}

/** *Send Datagram...* */
export function send(sending: Sending): Command<"udpWorkbench.send", Outgoing> {
  return {
    id: "udpWorkbench.send",
    options: {
      to: true,
      payload: true,
      format: true,
      from: true,
      confirmed: true,
      broadcast: true,
    },
    parse: ({ to, payload, format, from, ...consent }) => ({
      to: checkText("to", to),
      payload: payloadOf({ payload, format }, sending.computed),
      from: from === undefined ? undefined : sendingSocket(sending.live, from),
      consent: consentOf(consent),
    }),
    ask: (place) => askEnds(sending, place),
    async run({ to, from, payload, consent }) {
      const target = await resolveTarget(to);
      requireConsent(target, consent);
      return sending.send(target, await sending.bytesOf(payload), from);
    },
    async runForPerson({ to, from }) {
      const target = await resolveTarget(to);
      const title = vscode.l10n.t("Send to {0}", target.name);
      return sending.askAndSend(target, from, { title });
    },
  };
}

/** Asks where to, and where from unless that is a line of Bound Ports. */
async function askEnds(sending: Sending, place: Place | undefined): Promise<Outgoing | undefined> {
  const { live, history, ableSockets } = sending;
  const own = place?.kind === "treeLine" ? socketOf(place.line) : undefined;
  const steps: PickStep[] = [targetStep(live, history)];
  if (!own && ableSockets.length > 0) steps.push(fromStep(ableSockets));
  const answers = await askSteps(vscode.l10n.t("Send Datagram"), steps);
  if (!answers) return undefined;
  const [to = "", from = NEW_SOCKET] = answers;
  const socket = own ?? ableSockets.find(({ id }) => String(id) === from);
  return { to, from: socket, payload: new Uint8Array(), consent: {} };
}
