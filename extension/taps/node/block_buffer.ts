import {
  Direction,
  type InterfaceRecord,
  type Refusal,
  type SectionRecord,
  type StatisticsRecord,
} from "../../core/files/capture_sink.ts";
import {
  headerLength,
  maxPayload,
  writeIpv4Headers,
  writeIpv6Headers,
} from "../../core/files/packet/packet.ts";
import { refusalLength, writeRefusal } from "../../core/files/packet/refusal_packet.ts";
import {
  beginPacket,
  finishPacket,
  packetBlockLength,
  writeInterface,
  writeSectionHeader,
  writeStatistics,
} from "../../core/files/pcapng/writer.ts";
import type { PacketAddress } from "./address_cache.ts";
import type { LocalEnd } from "./tapped_socket.ts";

/** Room for several of the largest datagrams. A quarter of it was tried, too: more writes cost more than its cache saves. */
export const BUFFER_BYTES = 256 * 1024;

/** 0.0.0.0 and ::, for the end that is of the other family: a wildcard socket that takes both. */
const NO_IPV6 = new Uint8Array(16);

/** Blocks of a capture file that are not written yet, in one piece of memory for the thread's whole life. */
export class BlockBuffer {
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #snapLength: number;
  #used = 0;

  /** @param snapLength payload bytes of a datagram that are kept */
  constructor(snapLength: number) {
    this.#snapLength = snapLength;
  }

  /** Bytes in it. */
  get used(): number {
    return this.#used;
  }

  /** The blocks in it; valid until the next one is added. */
  get blocks(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Whether a block of so many bytes can be added. */
  hasRoom(bytes: number): boolean {
    return this.#used + bytes <= BUFFER_BYTES;
  }

  clear(): void {
    this.#used = 0;
  }

  addSection(section: SectionRecord): void {
    this.#used = writeSectionHeader(this.#view, this.#used, section);
  }

  addInterface(socket: InterfaceRecord): void {
    this.#used = writeInterface(this.#view, this.#used, socket);
  }

  addStatistics(statistics: StatisticsRecord, time: number): void {
    this.#used = writeStatistics(this.#view, this.#used, statistics, time);
  }

  /** At most so many bytes will the block of such a datagram have. */
  lengthOf(peer: PacketAddress, payload: Uint8Array, comment: string): number {
    const addressLength = peer.ipv6 ? 16 : 4;
    const kept = Math.min(payload.length, this.#snapLength, maxPayload(addressLength));
    return packetBlockLength(headerLength(addressLength) + kept, comment.length);
  }

  /**
   * Adds a datagram that passed a socket at `time` (microseconds since 1970), with the number of records that
   * are missing just before it. There must be room for {@link lengthOf} bytes.
   */
  addDatagram(
    interfaceId: number,
    direction: Direction,
    time: number,
    local: LocalEnd,
    peer: PacketAddress,
    peerPort: number,
    payload: Uint8Array,
    dropped: number,
    comment: string,
  ): void {
    const view = this.#view;
    const start = this.#used;
    const addressLength = peer.ipv6 ? 16 : 4;
    const headers = headerLength(addressLength);
    // Only a send that failed can be longer than a datagram; the headers can't say so.
    const length = Math.min(payload.length, maxPayload(addressLength));
    const kept = Math.min(length, this.#snapLength);
    const packet = beginPacket(view, start, interfaceId, time, headers + kept, headers + length);
    const isIn = direction === Direction.in;
    const source = isIn ? peer : local.address;
    const destination = isIn ? local.address : peer;
    const sourcePort = isIn ? peerPort : local.port;
    const destinationPort = isIn ? local.port : peerPort;
    if (peer.ipv6) {
      const from = source.ipv6 ?? NO_IPV6;
      const to = destination.ipv6 ?? NO_IPV6;
      const whole = payload.length === length ? payload : payload.subarray(0, length);
      writeIpv6Headers(view, packet, from, to, sourcePort, destinationPort, whole);
    } else {
      const to = destination.ipv4;
      writeIpv4Headers(view, packet, source.ipv4, to, sourcePort, destinationPort, length);
    }
    this.#bytes.set(
      payload.length === kept ? payload : payload.subarray(0, kept),
      packet + headers,
    );
    this.#used = finishPacket(view, start, headers + kept, direction, dropped, comment);
  }

  /** At most so many bytes will the block of a message about a datagram to `peer` have. */
  refusalLengthOf(peer: PacketAddress, comment: string): number {
    return packetBlockLength(refusalLength(peer.ipv6 ? 16 : 4, 0), comment.length);
  }

  /**
   * Adds a message, told at `time`, that a datagram of `length` bytes was refused. There must be room for {@link refusalLengthOf}
   * bytes.
   */
  addRefusal(
    interfaceId: number,
    time: number,
    local: LocalEnd,
    peer: PacketAddress,
    peerPort: number,
    length: number,
    refusal: Refusal,
    comment: string,
  ): void {
    const bytes = refusalLength(peer.ipv6 ? 16 : 4, 0);
    const packet = beginPacket(this.#view, this.#used, interfaceId, time, bytes, bytes);
    const source = { ...local.address, port: local.port };
    writeRefusal(this.#view, packet, refusal, source, { ...peer, port: peerPort }, length);
    this.#used = finishPacket(this.#view, this.#used, bytes, Direction.in, 0, comment);
  }
}
