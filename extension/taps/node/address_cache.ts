import { parseAddress } from "../../core/wire/address.ts";

/** An address as packets need it. */
export interface PacketAddress {
  /** An IPv4 address as a big-endian number; 0 (0.0.0.0) for an IPv6 address. */
  readonly ipv4: number;
  /** The 16 bytes of an IPv6 address; undefined for IPv4, mapped into IPv6 or not. */
  readonly ipv6: Uint8Array | undefined;
}

/** Peers beyond this number start the cache again: a flood of forged senders must not fill the memory. */
const CAPACITY = 4096;

/** Parses each address once: there are far fewer peers than datagrams. */
export class AddressCache {
  readonly #addresses = new Map<string, PacketAddress>();
  #lastText = "";
  #last: PacketAddress | undefined;

  /** The address in `text`, or undefined where it is none. */
  get(text: string): PacketAddress | undefined {
    if (text === this.#lastText) return this.#last;
    let address = this.#addresses.get(text);
    if (!address) {
      address = packetAddress(text);
      if (!address) return undefined;
      if (this.#addresses.size >= CAPACITY) this.#addresses.clear();
      this.#addresses.set(text, address);
    }
    this.#lastText = text;
    this.#last = address;
    return address;
  }
}

function packetAddress(text: string): PacketAddress | undefined {
  const bytes = parseAddress(text);
  if (!bytes) return undefined;
  if (bytes.length === 16) return { ipv4: 0, ipv6: bytes };
  return { ipv4: new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), ipv6: undefined };
}
