import { type DatagramRecord, Direction, type Refusal } from "../capture_sink.ts";

/** Part of the content of an IP packet that was sent in several: what its headers say, and where it lies in `bytes`. */
export interface Fragment {
  /** What the whole holds: an IP protocol number. */
  protocol: number;
  /** The same for all parts of a whole (RFC 791 section 3.2, RFC 8200 section 4.5). */
  identification: number;
  /** Where in the whole it starts, in bytes. */
  offset: number;
  /** More parts come behind it. */
  isMore: boolean;
  start: number;
  /** Where what was captured of it ends, and where the original ended. */
  end: number;
  originalEnd: number;
}

/** A record and what is known of the packet around the datagram. */
export interface PacketRecord extends DatagramRecord {
  /** Headers of tunnels passed so far: a packet of nothing else must end. */
  depth: number;
  /** The packet tells that the datagram of this record, which it quotes, was not delivered. */
  refusal: Refusal | undefined;
  /** Filled in where the packet is only a part. */
  readonly fragment: Fragment;
}

/** A record for readPacket() to fill in; readers have one for all their packets. */
export function emptyRecord(): PacketRecord {
  return {
    interfaceId: 0,
    time: 0,
    direction: Direction.unknown,
    bytes: new Uint8Array(0),
    addressLength: 4,
    sourceAddress: 0,
    destinationAddress: 0,
    sourcePort: 0,
    destinationPort: 0,
    payload: 0,
    payloadFileOffset: 0,
    pieces: undefined,
    capturedLength: 0,
    length: 0,
    dropped: 0,
    tunnel: "",
    comment: "",
    depth: 0,
    refusal: undefined,
    fragment: {
      protocol: 0,
      identification: 0,
      offset: 0,
      isMore: false,
      start: 0,
      end: 0,
      originalEnd: 0,
    },
  };
}

/** Headers of tunnels within each other that are looked through. */
const MOST_TUNNELS = 16;

/** One more header of a tunnel is passed, and named where it has a name. False where there have been too many. */
export function enterTunnel(record: PacketRecord, name: string): boolean {
  if (name !== "") record.tunnel = record.tunnel === "" ? name : `${record.tunnel}, ${name}`;
  return ++record.depth <= MOST_TUNNELS;
}

/** The big-endian number of 16 bits at `at`; zeros where the bytes end before. */
export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** The same of 32 bits. */
export function uint32(bytes: Uint8Array, at: number): number {
  return uint16(bytes, at) * 0x1_0000 + uint16(bytes, at + 2);
}
