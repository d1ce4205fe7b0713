import { createSocket } from "node:dgram";
import { once } from "node:events";

/** A port on 127.0.0.1 where nobody is to be reached, and that nobody else can have until it is closed. */
export interface RefusingPort {
  readonly port: number;
  close(): void;
}

/** Its owner is connected to itself: whatever comes from others is refused, as if the port were closed. */
export async function refusingPort(): Promise<RefusingPort> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  return { port, close: () => void socket.close() };
}
