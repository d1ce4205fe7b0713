import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { Way } from "../../core/silence/facts.ts";
import { isWildcard } from "../../core/silence/traffic.ts";
import { parseAddress } from "../../core/wire/address.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import { type InterfaceAddress, isSame } from "../../core/wire/reach.ts";

// What the system tells without a datagram: connect(2) of a UDP socket looks up the way, and bind(2) who has a port.

/** How the system would send there, from that address where one is given; sends nothing. */
export async function wayTo(
  to: Endpoint,
  from: string | undefined,
  own: readonly InterfaceAddress[],
): Promise<Way | undefined> {
  const isIpv6 = parseAddress(to.address)?.length === 16;
  const socket = createSocket(isIpv6 ? "udp6" : "udp4");
  try {
    const source = from !== undefined && !isWildcard(from) ? from : undefined;
    // Of another family it cannot be, and another check says so.
    const isFit = source !== undefined && (parseAddress(source)?.length === 16) === isIpv6;
    await bindTo(socket, { port: 0, ...(isFit && { address: source }) });
    // Who may broadcast is another question.
    if (!isIpv6) socket.setBroadcast(true);
    const error = await connectTo(socket, to);
    if (error) return { error: error.code ?? error.message };
    const { address } = socket.address();
    const bytes = parseAddress(address);
    const device = own.find((one) => isSame(parseAddress(one.address), bytes))?.device;
    return { source: address, device };
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

/**
 * Whether what is bound to `::` at this port has it for IPv4 as well, which no table tells: whether somebody else could
 * have it there (RFC 3493 section 5.3). Asked at an address of loopback that nobody sends to, for a moment. Undefined
 * where that cannot be asked, as where 127.0.0.0/8 is not all of this machine.
 */
export async function takesIpv4(port: number): Promise<boolean | undefined> {
  const octet = () => 1 + Math.floor(Math.random() * 253);
  const socket = createSocket("udp4");
  try {
    await bindTo(socket, {
      port,
      address: `127.${octet()}.${octet()}.${octet()}`,
      exclusive: true,
    });
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? true : undefined;
  } finally {
    socket.close();
  }
}

async function bindTo(socket: Socket, options: Parameters<Socket["bind"]>[0]): Promise<void> {
  const bound = once(socket, "listening");
  socket.bind(options as { port: number });
  await bound;
}

function connectTo(
  socket: Socket,
  { address, port }: Endpoint,
): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    socket.on("error", resolve);
    socket.connect(port, address, (error?: Error) => resolve(error ?? undefined));
  });
}
