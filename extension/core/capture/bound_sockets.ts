import type { Capture } from "./capture.ts";
import type { CapturedSocket } from "./captured_socket.ts";

/** The sockets that are bound now, the first bound first. */
export function boundSockets(capture: Capture): CapturedSocket[] {
  return [...capture.sockets.open()].filter(({ local }) => local !== undefined);
}
