import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { localEnd, peerEnd } from "../../core/capture/peers.ts";
import { Direction } from "../../core/files/capture_sink.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import type { CaptureSource } from "../capture/capture_source.ts";

/** Where a datagram goes, and the socket of a tapped program that it comes from; undefined where there is none. */
export interface SendingEnds {
  readonly to: Endpoint;
  readonly from: CapturedSocket | undefined;
}

/**
 * A reply goes from the socket that received a datagram to its sender. To a datagram that nobody here received, it goes
 * the same way again, as in a mail program: from its socket to its peer.
 */
export function replyEnds(source: CaptureSource, id: number): SendingEnds {
  const { capture } = source;
  const received =
    capture.isReceived(id) && capture.has(capture.partner(id)) ? capture.partner(id) : id;
  const flow = capture.flow(received);
  return { to: peerEnd(flow), from: ownSocket(source, flow.socket) };
}

/** The same way again: from the socket that sent it, if a tapped one did. */
export function resendEnds(source: CaptureSource, id: number): SendingEnds {
  const flow = source.capture.flow(id);
  return flow.direction === Direction.in
    ? { to: localEnd(flow), from: undefined }
    : { to: peerEnd(flow), from: ownSocket(source, flow.socket) };
}

/** The sockets of a file are those of another time, and perhaps of another machine. */
function ownSocket({ isLive, capture }: CaptureSource, socket: number): CapturedSocket | undefined {
  return isLive ? capture.socket(socket) : undefined;
}
