import type { Capture } from "../capture/capture.ts";
import type { Flow } from "../capture/flow_table.ts";
import { formatEndpoint } from "../wire/endpoint.ts";
import { FlowEnds } from "./flow_ends.ts";

/** What datagrams are counted by: who talks with whom, each end, each port, or the values of a field. */
export const GROUPINGS = ["conversation", "endpoint", "port", "field"] as const;
export type GroupingKind = (typeof GROUPINGS)[number];

/** A group that a datagram is counted in. */
export interface Membership {
  /** What its name is, the same for all of its datagrams. */
  readonly key: string;
  /** A datagram of the other way: to the end or port; of a conversation, from the end that its key names second. */
  readonly isBack: boolean;
}

/** What a group is. */
export interface GroupName {
  /** An end, a port, or a value, printable; of a conversation one of its ends. */
  readonly name: string;
  /** Of a conversation, the other end. */
  readonly peer?: string;
  /** The filter that lets only its datagrams through. */
  readonly filter: string;
}

/** Which datagrams are one group. */
export interface Grouping {
  /** Its groups are between two ends: forward is the way of the first datagram, and what goes so may be answered. */
  readonly isBetweenEnds: boolean;
  /** True where datagrams of one flow are in the same groups. */
  readonly isOfFlow: boolean;
  /** Takes in what is new; `isAnew`: what was there may have gone. True where groups may be others than they were. */
  update(isAnew: boolean): boolean;
  /** The groups of a datagram: one, or two. */
  groupsOf(id: number, flow: Flow): readonly Membership[];
  nameOf(key: string): GroupName;
}

/** Separates the two ends of a conversation in its key: no end has one. */
const BETWEEN = " ";

/** Who talks with whom: two ends, whichever recorded it. The end whose datagram is the first is the one that began. */
export class ByConversation implements Grouping {
  readonly isBetweenEnds = true;
  readonly isOfFlow = true;
  readonly #ends: FlowEnds;

  constructor(capture: Capture) {
    this.#ends = new FlowEnds(capture.flows);
  }

  update(isAnew: boolean): boolean {
    return this.#ends.update(isAnew);
  }

  groupsOf(_id: number, flow: Flow): readonly Membership[] {
    const from = formatEndpoint(this.#ends.source(flow));
    const to = formatEndpoint(this.#ends.destination(flow));
    // By the texts alone: which end began is known when its first datagram is counted.
    const isBack = from > to;
    return [{ key: isBack ? to + BETWEEN + from : from + BETWEEN + to, isBack }];
  }

  nameOf(key: string): GroupName {
    const [name = "", peer = ""] = key.split(BETWEEN);
    const filter = [name, peer].map((end) => endFilter(this.#ends, end)).join(" ");
    return { name, peer, filter };
  }
}

/** Each address with its port: forward is what it sent, back what was sent to it. */
export class ByEndpoint implements Grouping {
  readonly isBetweenEnds = false;
  readonly isOfFlow = true;
  readonly #ends: FlowEnds;

  constructor(capture: Capture) {
    this.#ends = new FlowEnds(capture.flows);
  }

  update(isAnew: boolean): boolean {
    return this.#ends.update(isAnew);
  }

  groupsOf(_id: number, flow: Flow): readonly Membership[] {
    return sentAndReceived(
      formatEndpoint(this.#ends.source(flow)),
      formatEndpoint(this.#ends.destination(flow)),
    );
  }

  nameOf(key: string): GroupName {
    return { name: key, filter: endFilter(this.#ends, key) };
  }
}

/** Each port, of whatever address: forward is what was sent from it, back what was sent to it. */
export class ByPort implements Grouping {
  readonly isBetweenEnds = false;
  readonly isOfFlow = true;

  update(): boolean {
    return false;
  }

  groupsOf(_id: number, { sourcePort, destinationPort }: Flow): readonly Membership[] {
    return sentAndReceived(String(sourcePort), String(destinationPort));
  }

  nameOf(key: string): GroupName {
    return { name: key, filter: `port:${key}` };
  }
}

/** Who sends to itself is the same group twice. */
function sentAndReceived(from: string, to: string): readonly Membership[] {
  return [
    { key: from, isBack: false },
    { key: to, isBack: true },
  ];
}

function endFilter(ends: FlowEnds, text: string): string {
  const port = text.slice(text.lastIndexOf(":") + 1);
  return ends.isWide(Number(port)) ? `port:${port}` : `addr:${text}`;
}
