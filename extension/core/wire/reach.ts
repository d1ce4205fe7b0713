import { isLoopbackAddress, parseAddress } from "./address.ts";

/** Who gets a datagram: only this machine, another one, all machines of a network, or all that joined a group. */
export type Reach = "machine" | "network" | "broadcast" | "multicast";

/** An address of an interface of this machine. */
export interface InterfaceAddress {
  /** `eth0`. */
  readonly device: string;
  readonly address: string;
  /** Bits of the network's part, 0 to 32 or 128; undefined where the system does not tell. */
  readonly prefixLength: number | undefined;
}

/** Who is meant by an address, on a machine that has these. */
export function reachOf(text: string, own: readonly InterfaceAddress[]): Reach {
  const bytes = parseAddress(text);
  if (!bytes) return "network";
  const [first = 0] = bytes;
  if (bytes.length === 4) {
    if (bytes.every((byte) => byte === 255)) return "broadcast";
    if (first >= 224 && first <= 239) return "multicast";
    if (own.some((one) => isBroadcastOf(bytes, one))) return "broadcast";
  } else if (first === 0xff) return "multicast";
  return isLoopbackAddress(bytes) || own.some(({ address }) => isSame(parseAddress(address), bytes))
    ? "machine"
    : "network";
}

/** True where both addresses begin with the same `bits` bits. */
export function isInNetwork(address: Uint8Array, network: Uint8Array, bits: number): boolean {
  if (address.length !== network.length) return false;
  return address.every((byte, index) => {
    const mask = 0xff00 >> Math.min(8, Math.max(0, bits - index * 8));
    return ((byte ^ (network[index] ?? 0)) & mask & 0xff) === 0;
  });
}

/** The last address of a network, which all of its machines listen to (RFC 919); one of two addresses or less has none (RFC 3021). */
function isBroadcastOf(bytes: Uint8Array, { address, prefixLength = 32 }: InterfaceAddress) {
  const own = parseAddress(address);
  if (own?.length !== 4 || prefixLength > 30) return false;
  return bytes.every((byte, index) => {
    const mask = (0xff00 >> Math.min(8, Math.max(0, prefixLength - index * 8))) & 0xff;
    return byte === ((own[index] ?? 0) | (~mask & 255));
  });
}

/** True where both are the same bytes. */
export function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return (
    one?.length === other?.length && one?.every((byte, index) => byte === other?.[index]) === true
  );
}
