import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";

/** A rule that makes the network of a port bad, as its line and its tooltip tell it. */
export interface RuleMark {
  /** The only one that it is for, `127.0.0.1:5000`; undefined: all. */
  readonly peer: string | undefined;
  /** A sentence. */
  readonly text: string;
}

/** Those that are for this peer alone. */
export function rulesForPeer(rules: readonly RuleMark[], peer: Endpoint): readonly RuleMark[] {
  if (rules.length === 0) return rules;
  const name = formatEndpoint(peer);
  return rules.filter((rule) => rule.peer === name);
}
