import { localEnd, peerEnd } from "../../core/capture/peers.ts";
import type { CopiedDatagram } from "../../core/export/copy_as.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { directionName } from "./direction_name.ts";

/** A datagram as it is written down; `local` and `peer` become its source and destination. */
export async function copiedDatagram(source: CaptureSource, id: number): Promise<CopiedDatagram> {
  const { capture } = source;
  const flow = capture.flow(id);
  const ends = { local: localEnd(flow), peer: peerEnd(flow) };
  const isIn = directionName(flow.direction) === "in";
  return {
    time: capture.time(id),
    source: isIn ? ends.peer : ends.local,
    destination: isIn ? ends.local : ends.peer,
    length: capture.wireLength(id),
    payload: await source.payload(id),
  };
}
