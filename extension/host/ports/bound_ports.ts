import type { BoundPort } from "../../api.ts";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { countsOfOthers, type PeersOfSocket } from "../../core/capture/peers.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { SystemSockets } from "./system_sockets.ts";

/** The ports that watched programs have bound now, as other extensions see them. */
export function boundPorts(live: LiveCapture, sockets: SystemSockets): BoundPort[] {
  return boundSockets(live.capture).map((socket) =>
    boundPort(socket, live.capture.peers.of(socket.place), sockets.of(socket)?.drops),
  );
}

function boundPort(
  socket: CapturedSocket,
  peers: PeersOfSocket,
  lostInReceiveBuffer: number | undefined,
): BoundPort {
  const { address, port } = socket.local ?? { address: "", port: 0 };
  const { pid, name } = socket.program;
  return {
    address,
    port,
    pid,
    program: name,
    received: socket.received,
    sent: socket.sent,
    notRecorded: socket.notRecorded,
    lostInReceiveBuffer,
    peers: peers.latest.map(({ address, port, received, sent, refused, lastTime }) => ({
      address,
      port,
      received,
      sent,
      refused,
      lastTime,
    })),
    others: countsOfOthers(socket, peers),
  };
}
