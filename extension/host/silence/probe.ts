import { createSocket } from "node:dgram";
import type { Probe } from "../../core/silence/facts.ts";
import { parseAddress } from "../../core/wire/address.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";

/** How long an answer, or a refusal, may take. */
const PATIENCE_MS = 1000;

/**
 * Sends one empty datagram from a new socket that is connected, so that the system tells of a refusal; waits for what
 * comes of it. Only where the person has permitted it.
 *
 * @param countExpired messages of routers until now
 */
export async function probe(
  to: Endpoint,
  countExpired: () => Promise<number | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<Probe> {
  const socket = createSocket(parseAddress(to.address)?.length === 16 ? "udp6" : "udp4");
  const before = await countExpired();
  try {
    const told = await new Promise<Pick<Probe, "answeredBy" | "error">>((resolve) => {
      const failed = (error?: Error | null) => {
        if (!error) return;
        const { code = error.message } = error as NodeJS.ErrnoException;
        resolve({ answeredBy: undefined, error: code });
      };
      socket.on("error", failed);
      socket.on("message", (_, { address, port }) => {
        resolve({ answeredBy: { address, port }, error: "" });
      });
      socket.connect(to.port, to.address, (error?: Error) => {
        failed(error);
        if (!error) socket.send("", failed);
      });
      setTimeout(() => resolve({ answeredBy: undefined, error: "" }), patienceMs);
    });
    const after = await countExpired();
    const expired = before === undefined || after === undefined ? undefined : after - before;
    return { ...told, expired };
  } finally {
    socket.close();
  }
}
