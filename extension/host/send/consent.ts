import * as vscode from "vscode";
import type { Consent } from "../../api.ts";
import { HumanError } from "../base/human_error.ts";
import { askFirst, button } from "../base/notify.ts";
import type { Target } from "./target.ts";

type GivenConsent = { readonly [Name in keyof Consent]?: unknown };

/** Addresses that a person has agreed to, until the window is reloaded. */
const agreed = new Set<string>();

/** What a caller says of a target, of all that it gives; anything but `true` is no consent. */
export function consentOf({ confirmed, broadcast }: GivenConsent): Consent {
  return { confirmed: confirmed === true, broadcast: broadcast === true };
}

/** Throws a {@link HumanError} where the caller has not said that datagrams may go there. */
export function requireConsent({ name, address, reach }: Target, consent: Consent): void {
  if (reach === "broadcast" && consent.broadcast !== true) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot send to {0}: {1} is a broadcast address, which many machines listen to; say so with broadcast: true.",
        name,
        address,
      ),
    );
  }
  if (reach !== "machine" && consent.confirmed !== true) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot send to {0}: {1} is not this machine; say that this is meant with confirmed: true.",
        name,
        address,
      ),
    );
  }
}

/** Asks the person where a target is not this machine; false where the answer is no. */
export async function askConsent({ name, address, reach }: Target): Promise<boolean> {
  if (reach === "machine" || agreed.has(address)) return true;
  const who = {
    network: vscode.l10n.t("{0} is not this machine.", address),
    broadcast: vscode.l10n.t("{0} is a broadcast address: many machines listen to it.", address),
    multicast: vscode.l10n.t("{0} is a multicast group: all that joined it listen to it.", address),
  }[reach];
  const send = button(vscode.l10n.t("Send"));
  const detail = vscode.l10n.t(
    "{0} Send only where you may. You are not asked again for this address until the window is reloaded.",
    who,
  );
  const answer = await askFirst(vscode.l10n.t("Send to {0}?", name), detail, send);
  if (answer === send) agreed.add(address);
  return answer === send;
}
