import type { Capture } from "../capture/capture.ts";
import { Delivery } from "../capture/delivery.ts";
import type { Flow } from "../capture/flow_table.ts";
import { Direction, type Refusal } from "../files/capture_sink.ts";
import { canonicalAddress, formatAddress } from "../wire/address.ts";
import { type Endpoint, formatEndpoint } from "../wire/endpoint.ts";
import { SEND_FAILED } from "../wire/tap_identity.ts";
import type { SilenceQuestion } from "./facts.ts";

/** What the capture tells of what passes between two ends. */
export interface Traffic {
  /** True where watched programs have these ends bound, so that all that passes there has a record. */
  readonly isSenderWatched: boolean;
  readonly isReceiverWatched: boolean;
  /** Records of what was sent to `to`, and of what came in there. */
  readonly sent: number;
  readonly received: number;
  /** Microseconds since 1970; undefined where nothing came. */
  readonly lastReceived: number | undefined;
  // Of the latest datagrams of the capture, however many there are in it:
  readonly lost: number;
  readonly dropped: number;
  readonly refused: ReadonlyMap<Refusal, number>;
  /** Why the system would not send, `EACCES` → how many. */
  readonly failed: ReadonlyMap<string, number>;
  /** Payload bytes of the largest that was sent. */
  readonly largest: number | undefined;
  /** Other ports of the address of `to` that sent to `from`. */
  readonly otherSources: readonly OtherSource[];
  /** Interfaces that a command captured, `eth0`; empty where none did. */
  readonly sniffed: readonly string[];
}

export interface OtherSource extends Endpoint {
  /** The program that has `to` sent it: so it is no stranger on the same machine. */
  readonly isOfReceiver: boolean;
}

/** So many datagrams are looked at one by one. */
const LOOKED_AT = 200_000;
const MOST_SOURCES = 8;
const MOST_INTERFACES = 32;

/** Costs as much as there are flows, and no more for each further datagram. */
export function trafficOf(capture: Capture, { to, from }: SilenceQuestion): Traffic {
  const flows = new Set<number>();
  let sent = 0;
  let received = 0;
  let lastReceived: number | undefined;
  const sources = new Map<string, OtherSource>();
  const open = [...capture.sockets.open()];
  const at = (end: Endpoint | undefined) =>
    open.filter(
      ({ local, place }) =>
        end && local && capture.sockets.isTapped(place) && isSame(local.address, local.port, end),
    );
  const [senders, receivers] = [at(from), at(to)];
  const writers = new Set(receivers.map(({ program }) => program.writer));
  for (const flow of capture.flows.values()) {
    if (isOtherSource(flow, to, from) && sources.size < MOST_SOURCES) {
      const isOfReceiver =
        flow.direction === Direction.out && writers.has(capture.socket(flow.socket).program.writer);
      const end = { address: textOf(flow.sourceAddress), port: flow.sourcePort, isOfReceiver };
      if (isOfReceiver || !sources.has(formatEndpoint(end))) sources.set(formatEndpoint(end), end);
    }
    if (!isBetween(flow, from, to)) continue;
    flows.add(flow.id);
    const { datagrams, lastTime } = capture.flows.counts(flow.id);
    if (flow.direction === Direction.in) {
      received += datagrams;
      if (datagrams > 0) lastReceived = Math.max(lastReceived ?? lastTime, lastTime);
    } else sent += datagrams;
  }
  return {
    isSenderWatched: senders.length > 0,
    isReceiverWatched: receivers.length > 0,
    sent,
    received,
    lastReceived,
    ...fates(capture, flows),
    otherSources: [...sources.values()],
    sniffed: sniffedInterfaces(capture),
  };
}

/** What became of the latest datagrams of these flows. */
function fates(
  capture: Capture,
  flows: ReadonlySet<number>,
): Pick<Traffic, "lost" | "dropped" | "refused" | "failed" | "largest"> {
  const refused = new Map<Refusal, number>();
  const failed = new Map<string, number>();
  let lost = 0;
  let dropped = 0;
  let largest: number | undefined;
  const first = flows.size === 0 ? capture.length : Math.max(0, capture.length - LOOKED_AT);
  for (let at = capture.length - 1; at >= first; at--) {
    const id = capture.idAt(at);
    if (!flows.has(capture.flowId(id)) || capture.isFolded(id)) continue;
    if (capture.flow(id).direction !== Direction.in) {
      largest = Math.max(largest ?? 0, capture.wireLength(id));
    }
    const failure = failureOf(capture.comment(id));
    if (failure !== "") failed.set(failure, (failed.get(failure) ?? 0) + 1);
    const delivery = capture.delivery(id);
    if (delivery === Delivery.lost) lost++;
    else if (delivery === Delivery.dropped) dropped++;
    else if (delivery === Delivery.refused) {
      const { refusal = "other" } = capture.refusal(id) ?? {};
      refused.set(refusal, (refused.get(refusal) ?? 0) + 1);
    }
  }
  return { lost, dropped, refused, failed, largest };
}

function failureOf(comment: string): string {
  const at = comment.indexOf(SEND_FAILED);
  return at < 0 ? "" : (/^[A-Z]+/.exec(comment.slice(at + SEND_FAILED.length))?.[0] ?? "");
}

/** Ports first: of a million flows hardly one is asked for its addresses. */
function isBetween(flow: Flow, from: Endpoint | undefined, to: Endpoint): boolean {
  return (
    flow.destinationPort === to.port &&
    (from === undefined || flow.sourcePort === from.port) &&
    isSameAddress(flow.destinationAddress, to) &&
    (from === undefined || isSameAddress(flow.sourceAddress, from))
  );
}

/** It goes the other way, from another port of who was asked. */
function isOtherSource(flow: Flow, to: Endpoint, from: Endpoint | undefined): boolean {
  return (
    from !== undefined &&
    flow.sourcePort !== to.port &&
    flow.destinationPort === from.port &&
    isSameAddress(flow.destinationAddress, from) &&
    isSameAddress(flow.sourceAddress, to)
  );
}

/** The same port, and the same address or any, on either side. */
function isSame(address: string, port: number, end: Endpoint): boolean {
  if (port !== end.port) return false;
  const [one, other] = [canonicalAddress(address), canonicalAddress(end.address)];
  return one === other || isWildcard(one) || isWildcard(other);
}

function isSameAddress(bytes: Uint8Array, end: Endpoint): boolean {
  return isSame(textOf(bytes), end.port, end);
}

export function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

function textOf(bytes: Uint8Array): string {
  return canonicalAddress(formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16));
}

function sniffedInterfaces(capture: Capture): string[] {
  const names = new Set<string>();
  for (const { name, place } of capture.sockets) {
    if (names.size < MOST_INTERFACES && name !== "" && !capture.sockets.isTapped(place)) {
      names.add(name);
    }
  }
  return [...names];
}
