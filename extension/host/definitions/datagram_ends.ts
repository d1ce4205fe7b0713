import type { Capture } from "../../core/capture/capture.ts";
import { displayFlow } from "../../core/capture/peers.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import { formatAddress } from "../../core/wire/address.ts";
import { formatEndpoint } from "../../core/wire/endpoint.ts";
import type { DatagramEnds } from "./definition_setting.ts";

/** What is known of a datagram that a definition is looked for: what its row shows, and what either end calls itself. */
export function endsOf(capture: Capture, id: number): DatagramEnds {
  const shown = displayFlow(capture, id);
  const { sourcePort, destinationPort, direction } = shown;
  const flows = [shown, capture.flow(id)];
  if (capture.isReceived(id)) flows.push(capture.flow(capture.partner(id)));
  const peers = flows.flatMap((flow) => [
    { address: addressText(flow.sourceAddress), port: flow.sourcePort },
    { address: addressText(flow.destinationAddress), port: flow.destinationPort },
  ]);
  return {
    ports: [sourcePort, destinationPort],
    peers: [...new Set(peers.flatMap((end) => [end.address, formatEndpoint(end)]))],
    direction: direction === Direction.in ? "in" : direction === Direction.out ? "out" : undefined,
  };
}

function addressText(bytes: Uint8Array): string {
  return formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16);
}
