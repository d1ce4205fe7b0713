import type { Capture } from "../../core/capture/capture.ts";
import { Delivery } from "../../core/capture/delivery.ts";
import { localEnd, peerEnd } from "../../core/capture/peers.ts";
import type { CopiedDatagram, CopiedFate } from "../../core/export/copy_as.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { directionName } from "./direction_name.ts";

/** A datagram as it is written down; `local` and `peer` become its source and destination. */
export async function copiedDatagram(source: CaptureSource, id: number): Promise<CopiedDatagram> {
  const { capture } = source;
  const flow = capture.flow(id);
  const ends = { local: localEnd(flow), peer: peerEnd(flow) };
  const isIn = directionName(flow.direction) === "in";
  const fate = fateOf(capture, id);
  const receipt = fate === "delivered" ? capture.partner(id) : id;
  // All of it before the wait: while the payload is read, the datagram can be cleared.
  const told = {
    time: capture.time(id),
    source: isIn ? ends.peer : ends.local,
    destination: isIn ? ends.local : ends.peer,
    length: capture.wireLength(id),
    fate,
    ...(receipt !== id && { took: Math.max(0, capture.time(receipt) - capture.time(id)) }),
    comment: capture.comment(id),
  };
  return { ...told, payload: await source.payload(id) };
}

function fateOf(capture: Capture, id: number): CopiedFate {
  switch (capture.delivery(id)) {
    case Delivery.delivered:
      return "delivered";
    case Delivery.lost:
      return "lost";
    case Delivery.dropped:
      return "dropped";
    case Delivery.refused:
      return "refused";
    default:
      return capture.wasSent(id) ? "sent" : "failed";
  }
}
