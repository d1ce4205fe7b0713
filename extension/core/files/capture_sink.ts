/**
 * What a capture file tells its reader, in the order of the file. Between the file formats (pcapng, pcap)
 * on one side and the index on the other: neither knows the other.
 */

/** Where a datagram went, seen from the socket that recorded it (`epb_flags` bits 0 and 1; pcapng section 4.3.1). */
export const Direction = { unknown: 0, in: 1, out: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/** That of what comes back. */
export function opposite(direction: Direction): Direction {
  if (direction === Direction.in) return Direction.out;
  return direction === Direction.out ? Direction.in : direction;
}

/** A section: one program's stretch of a file. */
export interface SectionRecord {
  /** `shb_userappl`, or "" where the file does not say. */
  readonly application: string;
  /** `shb_os`, or "". */
  readonly os: string;
  /** All `opt_comment`s, in order. */
  readonly comments: readonly string[];
}

/** A capture interface: for the tap's files, one UDP socket. */
export interface InterfaceRecord {
  /** Its number within the file: counts on over sections, so that it is unique in the file. */
  readonly id: number;
  /** `if_name`, or "". */
  readonly name: string;
  /** `if_description`, or "". */
  readonly description: string;
  /** All `opt_comment`s, in order: the tap says here why a socket could not be bound. */
  readonly comments: readonly string[];
}

/** Counters of an interface, and its end. A figure that the file does not give is undefined: unknown is not 0. */
export interface StatisticsRecord {
  readonly id: number;
  /** `isb_ifrecv`: datagrams that passed the socket, in and out. */
  readonly received?: number;
  /** `isb_ifdrop`: records that the writer left out. */
  readonly dropped?: number;
  /** `isb_osdrop`: datagrams that the operating system threw away. */
  readonly osDropped?: number;
  /** `isb_starttime`, microseconds since 1970: when the socket was bound. */
  readonly startTime?: number;
  /** `isb_endtime`, microseconds since 1970: when the socket was closed; undefined while it is open. */
  readonly endTime?: number;
}

/** One UDP datagram. Readers reuse one object for all of them: copy what you keep. */
export interface DatagramRecord {
  /** {@link InterfaceRecord.id} */
  interfaceId: number;
  /** Microseconds since 1970, UTC; NaN where the file does not say (Simple Packet Blocks). */
  time: number;
  direction: Direction;
  /** The bytes that hold the addresses and the payload; valid during the call only. */
  bytes: Uint8Array;
  /** 4 or 16: bytes of an address. */
  addressLength: 4 | 16;
  /** Where in `bytes` the source address starts. */
  sourceAddress: number;
  /** Where in `bytes` the destination address starts. */
  destinationAddress: number;
  sourcePort: number;
  destinationPort: number;
  /** Where in `bytes` the captured payload starts. */
  payload: number;
  /** Where in the file the captured payload starts; of one in several pieces, where the one that was read last starts. */
  payloadFileOffset: number;
  /**
   * Where the captured payload of a datagram lies that was sent in several packets: offset in the file and length of
   * one piece after the other. Undefined where it lies in one.
   */
  pieces: Float64Array | undefined;
  /** Payload bytes that the file holds. */
  capturedLength: number;
  /** Payload bytes that the datagram had: 0 to 65,507, more for IPv6 jumbograms; never below `capturedLength`. */
  length: number;
  /** Records that the writer had to leave out just before this one (`epb_dropcount`). */
  dropped: number;
  /** All `opt_comment`s joined with "; ", or "": an anomaly such as `send failed: EMSGSIZE`. */
  comment: string;
  /** The tunnels that it was in, the outermost first, "VXLAN 5 10.0.0.1 ⇄ 10.0.0.2", or "". */
  tunnel: string;
}

/** Why a packet is no whole UDP datagram. */
export const OTHER_PACKETS = [
  /** Another protocol: ARP, TCP, ICMP. */
  "notUdp",
  /** Part of a datagram that was sent in several packets, of which some are missing or contradict each other. */
  "fragment",
  /** The writer kept fewer bytes than the headers have. */
  "cutShort",
  /** Headers that contradict each other. */
  "malformed",
  /** In a tunnel that cannot be looked into, or encrypted: there may be a datagram inside. */
  "tunnelled",
  /** Captured where packets start with a header that we cannot read. */
  "unknownLinkType",
] as const;
export type OtherPacket = (typeof OTHER_PACKETS)[number];

/** How many packets are no whole UDP datagrams, by reason. */
export type OtherPacketCounts = Readonly<Record<OtherPacket, number>>;

/** Why a datagram was not delivered, as an ICMP message tells. */
export const REFUSALS = [
  /** Nobody has the port. */
  "port",
  /** No machine answers at the address. */
  "host",
  /** No way leads to the network. */
  "network",
  /** A filter does not let it pass. */
  "prohibited",
  /** It does not fit through, and may not be divided. */
  "tooLarge",
  /** It passed as many routers as it was allowed to. */
  "expired",
  "other",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Receives what a reader finds. */
export interface CaptureSink {
  section(section: SectionRecord): void;
  interface(socket: InterfaceRecord): void;
  datagram(datagram: DatagramRecord): void;
  /**
   * @param fileOffset where in the file it is told
   * @param time when it was told, microseconds since 1970
   */
  statistics(statistics: StatisticsRecord, fileOffset: number, time: number): void;
  /** A packet that is no whole UDP datagram: counted, not shown. `time`: microseconds since 1970, or NaN. */
  otherPacket(reason: OtherPacket, time: number): void;
  /**
   * A message that a datagram was not delivered. `quoted`: that datagram as far as it is quoted, with the time, the
   * direction and the comment of the message. To a sink without this it is another packet, that is not UDP.
   */
  refusal?(quoted: DatagramRecord, refusal: Refusal): void;
  /** So many packets that were told as fragments are a whole now, which is told next; for who counts. */
  joined?(packets: number): void;
}
