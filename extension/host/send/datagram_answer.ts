import type { Consent, SentDatagram } from "../../api.ts";
import type { GivenOptions } from "../base/command.ts";
import { type ChosenDatagram, datagramOf } from "../datagrams/chosen_datagram.ts";
import { consentOf, requireConsent } from "./consent.ts";
import { type OutgoingPayload, payloadOf } from "./send_options.ts";
import type { Sending } from "./sending.ts";
import type { SendingEnds } from "./sending_ends.ts";
import { targetOf } from "./target.ts";

/** Something that is to be sent because of a datagram. */
export interface DatagramAnswer {
  readonly datagram: ChosenDatagram;
  /** Left out: the person is asked. */
  readonly content?: { readonly payload: OutgoingPayload; readonly consent: Consent };
}

export const ANSWER_OPTIONS = {
  id: true,
  payload: true,
  format: true,
  confirmed: true,
  broadcast: true,
} as const;

/** What the options of a command mean; `failure` says what cannot be done where there is no such datagram. */
export function answerOf(
  sending: Sending,
  { id, payload, format, ...consent }: GivenOptions<"udpWorkbench.reply">,
  failure: string,
): DatagramAnswer {
  const datagram = datagramOf(sending, id, failure);
  if (payload === undefined) return { datagram };
  return {
    datagram,
    content: {
      payload: payloadOf({ payload, format }, sending.computed),
      consent: consentOf(consent),
    },
  };
}

/** Sends it between two known ends, or what a person writes. */
export async function sendAnswer(
  sending: Sending,
  { to, from }: SendingEnds,
  { content, datagram }: DatagramAnswer,
  question: { readonly title: (to: string) => string; readonly bytes?: Uint8Array },
): Promise<SentDatagram | undefined> {
  const target = await targetOf(to);
  if (!content) {
    const title = question.title(target.name);
    return sending.askAndSend(target, from, { ...question, title, datagram });
  }
  requireConsent(target, content.consent);
  return sending.send(target, await sending.bytesOf(content.payload, datagram), from);
}
