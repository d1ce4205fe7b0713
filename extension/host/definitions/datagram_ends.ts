import type { Capture } from "../../core/capture/capture.ts";
import { displayFlow } from "../../core/capture/peers.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import { formatAddress } from "../../core/wire/address.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { DatagramEnds } from "./definition_setting.ts";

/** What a decoder of a datagram is chosen by: what its row shows, and what either end calls itself. */
export function endsOf(capture: Capture, id: number): DatagramEnds {
  const shown = displayFlow(capture, id);
  const { direction } = shown;
  const flows = [shown, capture.flow(id)];
  if (capture.isReceived(id)) flows.push(capture.flow(capture.partner(id)));
  const peers = flows.flatMap((flow) => [
    { address: addressText(flow.sourceAddress), port: flow.sourcePort },
    { address: addressText(flow.destinationAddress), port: flow.destinationPort },
  ]);
  return {
    ports: servicePortFirst(capture, id),
    peers: [...new Set(peers.flatMap((end) => [end.address, formatEndpoint(end)]))],
    direction: direction === Direction.in ? "in" : direction === Direction.out ? "out" : undefined,
  };
}

/**
 * The ports of a datagram, that of the service first: the end that was sent to before it sent. What is known of a
 * protocol is known of that port; the other one is another one tomorrow.
 */
export function servicePortFirst(capture: Capture, id: number): [service: number, other: number] {
  const { flows } = capture;
  const flow = capture.flow(id);
  const opposite = flows.opposite(flow.id);
  // The same two ends the other way round, and earlier: this one is an answer.
  const isAnswer =
    opposite !== undefined && flows.counts(opposite.id).firstTime < flows.counts(flow.id).firstTime;
  return isAnswer
    ? [flow.sourcePort, flow.destinationPort]
    : [flow.destinationPort, flow.sourcePort];
}

function addressText(bytes: Uint8Array): string {
  return formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16);
}
