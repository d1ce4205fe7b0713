/** A rule for what passes one socket: which way, with whom, and what happens to it. */
import { canonicalAddress, parseAddress } from "./address.ts";
import type { Endpoint } from "./endpoint.ts";

/** `in`: before the program hears of it; `out`: before the system is asked to send it. */
export type RuleDirection = "in" | "out";

export interface SocketRule<Rule> {
  readonly direction: RuleDirection;
  /** The other end; undefined: all of them. */
  readonly peer: Endpoint | undefined;
  readonly rule: Rule;
}

/** As it is written down and sent: the fields of a rule, with a direction, and a peer as text. */
export type WrittenSocketRule<Rule> = Rule & {
  readonly direction: RuleDirection;
  /** `127.0.0.1:5000` or `[::1]:5000`; all where not given. */
  readonly peer?: string;
};

/** More for one socket have no use. */
export const MOST_RULES = 16;

/**
 * The rules that somebody has written down; of several that a datagram fits, the first applies.
 *
 * @param toRule takes the other fields, and throws where they are no rule
 * @throws an Error with one sentence, where they are none
 */
export function toSocketRules<Rule>(
  value: unknown,
  toRule: (fields: object) => Rule,
): SocketRule<Rule>[] {
  if (!Array.isArray(value) || value.length > MOST_RULES) {
    throw new Error(`The rules of a socket are a list of ${MOST_RULES} at most`);
  }
  return value.map((each: unknown) => {
    if (typeof each !== "object" || each === null || Array.isArray(each)) {
      throw new Error(`A rule is an object, not ${JSON.stringify(each)}`);
    }
    const { direction, peer, ...fields } = each as Record<string, unknown>;
    if (direction !== "in" && direction !== "out") {
      throw new Error(`A rule's direction is in or out, not ${JSON.stringify(direction)}`);
    }
    const end = peer === undefined ? undefined : toPeer(peer);
    return { direction, peer: end, rule: toRule(fields) };
  });
}

function toPeer(value: unknown): Endpoint {
  const match =
    typeof value === "string" && value.length <= 60
      ? /^(?:\[([^\]]+:[^\]]*)\]|([^:]+)):(\d{1,5})$/.exec(value)
      : undefined;
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (address !== undefined && parseAddress(address) && port >= 1 && port <= 0xffff) {
    return { address: canonicalAddress(address), port };
  }
  const as = "as in 127.0.0.1:5000 or [::1]:5000";
  throw new Error(`A rule's peer is an address with a port, ${as}, not ${JSON.stringify(value)}`);
}
