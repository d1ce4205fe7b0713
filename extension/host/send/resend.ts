import * as vscode from "vscode";
import type { Consent } from "../../api.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { numberText } from "../base/number_text.ts";
import { type ChosenDatagram, chosenDatagram, datagramOf } from "../datagrams/chosen_datagram.ts";
import { consentOf, requireConsent } from "./consent.ts";
import type { Sending } from "./sending.ts";
import { resendEnds } from "./sending_ends.ts";
import { targetOf } from "./target.ts";

interface Repeat {
  readonly datagram: ChosenDatagram;
  /** Of a program; a person is asked. */
  readonly consent?: Consent;
}

/** *Resend*: the same the same way again. */
export function resend(sending: Sending): Command<"udpWorkbench.resend", Repeat> {
  const failure = () => vscode.l10n.t("Cannot resend");
  const prepare = async ({ source, id }: ChosenDatagram) => {
    const payload = await wholePayload({ source, id });
    const { to, from } = sending.bestSender(resendEnds(source, id));
    return { target: await targetOf(to), payload, from };
  };
  return {
    id: "udpWorkbench.resend",
    options: { id: true, confirmed: true, broadcast: true },
    parse: ({ id, ...consent }) => ({
      datagram: datagramOf(sending, id, failure()),
      consent: consentOf(consent),
    }),
    ask: async (place) => ({ datagram: chosenDatagram(sending.grids, place, failure()) }),
    async run({ datagram, consent = {} }) {
      const { target, payload, from } = await prepare(datagram);
      requireConsent(target, consent);
      return sending.send(target, payload, from);
    },
    async runForPerson({ datagram }) {
      const { target, payload, from } = await prepare(datagram);
      return sending.sendForPerson(target, payload, from);
    },
  };
}

/** What was cut when it was recorded cannot be sent again as it was. */
async function wholePayload({
  source,
  id,
}: Pick<ChosenDatagram, "source" | "id">): Promise<Uint8Array> {
  const payload = await source.payload(id);
  const length = source.capture.wireLength(id);
  if (payload.length === length) return payload;
  throw new HumanError(
    vscode.l10n.t(
      "Cannot resend: only {0} of the {1} bytes were recorded; use Edit and Send to send these.",
      numberText(payload.length),
      numberText(length),
    ),
  );
}
