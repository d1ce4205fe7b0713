import type { SilenceFacts } from "./facts.ts";
import { type Finding, FOUND, type Reason } from "./findings.ts";
import * as network from "./network_checks.ts";
import * as receiver from "./receiver_checks.ts";
import { type Check, REMEDY_DOCS } from "./sentences.ts";
import { Situation } from "./situation.ts";

/** A check and what it came to. */
export interface CheckedSilence extends Finding {
  readonly check: Check;
}

/** In the order in which they matter: of several causes the first is what to do something about first. */
const CHECKS: Readonly<Record<Check, (it: Situation) => Finding>> = {
  rule: network.rule,
  broadcast: receiver.broadcast,
  size: network.size,
  permission: network.permission,
  route: network.route,
  sent: network.sent,
  family: receiver.family,
  bound: receiver.bound,
  loopback: receiver.loopback,
  address: receiver.address,
  multicast: receiver.multicast,
  owner: receiver.owner,
  connected: receiver.connected,
  buffer: receiver.buffer,
  refused: network.refused,
  hops: network.hops,
  // Whatever else is found explains more.
  arrives: network.arrives,
  interface: network.interfaceCaptured,
  machine: network.machine,
  firewall: network.firewall,
};

/** Makes all checks, the causes first. The same facts come to the same, whatever order they are listed in. */
export function explainSilence(facts: SilenceFacts): CheckedSilence[] {
  const situation = new Situation(facts);
  const checked = (Object.keys(CHECKS) as Check[]).map((check) => ({
    check,
    ...CHECKS[check](situation),
  }));
  return checked.sort((a, b) => FOUND.indexOf(a.found) - FOUND.indexOf(b.found));
}

/** The reason that has the one thing to do: that of the first cause, else of what is next to it. */
export function remedyOf(checked: readonly CheckedSilence[]): keyof typeof REMEDY_DOCS | undefined {
  const told = checked.filter(({ found }) => found !== "ruledOut");
  return told.map(({ reason }) => reason).find(hasRemedy);
}

function hasRemedy(reason: Reason): reason is keyof typeof REMEDY_DOCS {
  return Object.hasOwn(REMEDY_DOCS, reason);
}
