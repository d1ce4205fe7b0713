import { Direction } from "../files/capture_sink.ts";
import { parseAddress } from "../wire/address.ts";
import { type Endpoint, formatEndpoint } from "../wire/endpoint.ts";
import type { Capture } from "./capture.ts";
import { type Conversation, converse, type ExchangedDatagram } from "./conversation.ts";
import { Delivery } from "./delivery.ts";
import { displayFlow, localEnd, peerEnd } from "./peers.ts";

/** Who talks: a socket, whose address may be a wildcard, and its peer. */
export interface ConversationEnds {
  readonly local: Endpoint;
  readonly peer: Endpoint;
}

export interface CapturedConversation extends Conversation {
  /** Its datagrams in the order in which the asking end sent and received them. */
  readonly ids: readonly number[];
  /** The end that sent first, and the other one. */
  readonly asking: Endpoint;
  readonly answering: Endpoint;
  /** Datagrams that the system did not send, and those that were refused on their way: no requests and no answers. */
  readonly notSent: number;
  readonly refused: number;
  /** The end whose times they are: the asking one's have the way there and back in them; undefined where no file tells. */
  readonly measuredAt: "asking" | "answering" | undefined;
}

/** The two ends of the conversation that a datagram belongs to. */
export function endsOf(capture: Capture, id: number): ConversationEnds {
  const flow = displayFlow(capture, id);
  return { local: localEnd(flow), peer: peerEnd(flow) };
}

/**
 * The filter that lets only this conversation through, whichever end recorded a datagram. Where an address is a
 * wildcard, its port stands for it: the other end knows it by another address.
 */
export function conversationFilter({ local, peer }: ConversationEnds): string {
  return [local, peer]
    .map((end) => (isWildcard(end) ? `port:${end.port}` : `addr:${formatEndpoint(end)}`))
    .join(" ");
}

/** What was said between two ends: the datagrams `ids`, which the filter of {@link conversationFilter} lets through. */
export function capturedConversation(
  capture: Capture,
  ids: readonly number[],
  ends: ConversationEnds,
  keyOf: (id: number) => string | undefined = () => undefined,
): CapturedConversation {
  const fromPeer = new Map(ids.map((id) => [id, isSentByPeer(capture, id, ends)]));
  // Two programs read the clock at two moments, so what came after what is a matter of one end alone.
  const inOrderOf = (isPeer: boolean) => {
    const time = (id: number) =>
      fromPeer.get(id) === isPeer ? capture.time(id) : arrival(capture, id);
    return ids.map((id) => ({ id, time: time(id) })).sort((a, b) => a.time - b.time);
  };
  const [first] = inOrderOf(false);
  const isPeerAsking = (first && fromPeer.get(first.id)) ?? true;
  const seen = inOrderOf(isPeerAsking);
  const sent = seen.filter(({ id }) => capture.wasSent(id));
  const datagrams = sent
    .filter(({ id }) => capture.delivery(id) !== Delivery.refused)
    .map(({ id, time }) => ({
      id,
      isRequest: fromPeer.get(id) === isPeerAsking,
      time,
      fate: fateOf(capture, id),
      key: keyOf(id),
    }));
  const conversation = converse(datagrams);
  const [asking, answering] = isPeerAsking ? [ends.peer, ends.local] : [ends.local, ends.peer];
  return {
    ...conversation,
    ids: seen.map(({ id }) => id),
    asking,
    answering,
    notSent: ids.length - sent.length,
    refused: sent.length - datagrams.length,
    measuredAt: measuredAt(capture, conversation),
  };
}

/** When a datagram came, as far as its receiver recorded it; else when it was sent. */
function arrival(capture: Capture, id: number): number {
  return capture.isReceived(id) ? capture.time(capture.partner(id)) : capture.time(id);
}

function measuredAt(
  capture: Capture,
  { exchanges }: Conversation,
): CapturedConversation["measuredAt"] {
  const isAsking = exchanges.every(
    ({ request, answer }) => wasSeenLeaving(capture, request) && wasSeenComing(capture, answer),
  );
  if (isAsking) return "asking";
  const isTold = exchanges.every(
    ({ request, answer }) =>
      capture.flow(request).direction !== Direction.unknown &&
      capture.flow(answer).direction !== Direction.unknown,
  );
  return isTold ? "answering" : undefined;
}

function wasSeenLeaving(capture: Capture, id: number): boolean {
  return capture.flow(id).direction === Direction.out;
}

function wasSeenComing(capture: Capture, id: number): boolean {
  const isDelivered = capture.isReceived(id) && capture.partner(id) !== id;
  return isDelivered || capture.flow(id).direction === Direction.in;
}

function fateOf(capture: Capture, id: number): ExchangedDatagram["fate"] {
  const delivery = capture.delivery(id);
  // The program never had it, whoever took it away.
  if (delivery === Delivery.lost || delivery === Delivery.dropped) return "lost";
  return delivery === Delivery.duplicate ? "extra" : "passed";
}

/** Ports tell the ends; where both are the same, addresses do. */
export function isSentByPeer(
  capture: Capture,
  id: number,
  { local, peer }: ConversationEnds,
): boolean {
  const flow = displayFlow(capture, id);
  const own = localEnd(flow);
  const sender = flow.direction === Direction.in ? peerEnd(flow) : own;
  if (local.port !== peer.port) return sender.port === peer.port;
  return sender.address === peer.address;
}

function isWildcard({ address }: Endpoint): boolean {
  return parseAddress(address)?.every((byte) => byte === 0) === true;
}
