import type { Datagram, OtherSocket } from "../api.ts";
import { localEnd, peerEnd } from "../core/capture/peers.ts";
import type { LiveCapture } from "./capture/live_capture.ts";
import type { SystemSockets } from "./ports/system_sockets.ts";
import { directionName } from "./words/direction_name.ts";

/** The sockets that no tap has told of, as of now. */
export async function otherSockets(sockets: SystemSockets): Promise<OtherSocket[]> {
  await sockets.refreshWithOwners();
  return sockets.others().map(({ socket, program, isUntappedScript }) => ({
    address: socket.address,
    port: socket.port,
    zone: socket.zone,
    peer: socket.peer && { ...socket.peer },
    pid: socket.pid,
    program,
    receiveQueue: socket.receiveQueue,
    lostInReceiveBuffer: socket.drops,
    isUntappedScript,
  }));
}

/** The datagrams at the positions `from` to `to - 1`; the API's doc tells the rest. */
export async function datagrams(
  live: LiveCapture,
  { from = 0, to = live.capture.length }: { from?: number; to?: number } = {},
): Promise<Datagram[]> {
  for (const position of [from, to]) {
    if (!Number.isInteger(position) || position < 0) {
      throw new RangeError(
        `Cannot read datagrams from ${from} to ${to}: both must be whole numbers from 0 on`,
      );
    }
  }
  const { capture } = live;
  const ids: number[] = [];
  for (let at = from; at < Math.min(to, capture.length); at++) ids.push(capture.idAt(at));
  return Promise.all(ids.map((id) => datagram(live, id)));
}

async function datagram(live: LiveCapture, id: number): Promise<Datagram> {
  const { capture } = live;
  const flow = capture.flow(id);
  return {
    id,
    time: capture.time(id),
    direction: directionName(flow.direction),
    local: localEnd(flow),
    peer: peerEnd(flow),
    length: capture.wireLength(id),
    comment: capture.comment(id),
    payload: await live.payload(id),
  };
}
