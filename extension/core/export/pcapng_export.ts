import type { Capture } from "../capture/capture.ts";
import type { CapturedSocket } from "../capture/captured_socket.ts";
import { Direction, opposite, type StatisticsRecord } from "../files/capture_sink.ts";
import { headerLength, writeIpv4Headers, writeIpv6Headers } from "../files/packet/packet.ts";
import {
  MOST_QUOTED,
  type PacketEnd,
  refusalLength,
  writeRefusal,
} from "../files/packet/refusal_packet.ts";
import {
  beginPacket,
  finishPacket,
  MAX_DESCRIPTION_BLOCK,
  packetBlockLength,
  writeInterface,
  writeSectionHeader,
  writeStatistics,
} from "../files/pcapng/writer.ts";
import { isLoopbackAddress } from "../wire/address.ts";
import { RECONSTRUCTED_HEADERS, REFUSED } from "../wire/tap_identity.ts";
import {
  type ExportedDatagram,
  type ExportSource,
  exportedDatagrams,
  exportedInterfaces,
  exportedLife,
  isBoundTo,
  type LifeEdge,
} from "./export_source.ts";

/** Written at once: large enough to be quick, small enough to keep memory flat. */
const CHUNK_BYTES = 1 << 20;
const UDP_HEADER = 8;
/** No datagram's block is longer: 64 KiB of packet, and a comment. */
const MOST_PACKET_BYTES = 1 << 17;

/**
 * Writes datagrams as one pcapng file, chunk by chunk. A chunk is valid until the next one is asked for.
 *
 * @param application what wrote the file, for `shb_userappl`
 * @param each what the source has: where it has each datagram once, the file tells of no tap, as a reader would take what
 *   was delivered for lost
 */
export async function* exportPcapng(
  source: ExportSource,
  application: string,
  each: "datagram" | "record" = "record",
): AsyncGenerator<Uint8Array, void> {
  const bytes = new Uint8Array(CHUNK_BYTES + MAX_DESCRIPTION_BLOCK + MOST_PACKET_BYTES);
  const view = new DataView(bytes.buffer);
  const isOfTaps = each === "record";
  /** Id of a socket → what the file tells of it. */
  const interfaces = new Map<number, ToldSocket>();
  const interfaceOf = exportedInterfaces(source.capture, isOfTaps);
  // What no tap recorded has no life that anybody knows.
  const isTold = ({ tapped }: CapturedSocket) => isOfTaps && tapped !== undefined;
  const otherPorts = new Set<number>();
  const otherAddresses = new Set<string>();
  let at = writeSectionHeader(view, 0, { application, os: "", comments: [RECONSTRUCTED_HEADERS] });
  for await (const datagram of exportedDatagrams(source, interfaceOf)) {
    const { flow, time, length: wireLength, comment, payload: data } = datagram;
    const { socket, name, description } = datagram.interface;
    let told = interfaces.get(socket);
    if (told === undefined) {
      const recorded = source.capture.socket(flow.socket);
      told = new ToldSocket(interfaces.size, source.capture, recorded, isTold(recorded));
      interfaces.set(socket, told);
      at = writeInterface(view, at, { id: told.id, name, description, comments: [] });
    }
    for (const { statistics, time: edge } of told.before(time)) {
      at = writeStatistics(view, at, statistics, edge);
      if (at >= CHUNK_BYTES) {
        yield bytes.subarray(0, at);
        at = 0;
      }
    }
    const isSending = flow.direction === Direction.out;
    otherPorts.add(isSending ? flow.destinationPort : flow.sourcePort);
    if (isSending && !isLoopbackAddress(flow.destinationAddress)) {
      otherAddresses.add(datagram.destination.address);
    }
    const addressLength = flow.sourceAddress.length;
    const headers = headerLength(addressLength);
    if (packetBlockLength(headers + data.length, comment.length) > MOST_PACKET_BYTES) continue;
    const packet = beginPacket(
      view,
      at,
      told.id,
      time,
      headers + data.length,
      headers + wireLength,
    );
    const start =
      addressLength === 4
        ? writeIpv4Headers(
            view,
            packet,
            word(flow.sourceAddress),
            word(flow.destinationAddress),
            flow.sourcePort,
            flow.destinationPort,
            wireLength,
          )
        : writeIpv6Headers(
            view,
            packet,
            flow.sourceAddress,
            flow.destinationAddress,
            flow.sourcePort,
            flow.destinationPort,
            data,
          );
    if (addressLength === 16 && data.length < wireLength) {
      tellLengthOfCut(view, packet, wireLength);
    }
    bytes.set(data, start);
    at = finishPacket(view, at, headers + data.length, flow.direction, 0, comment);
    told.written++;
    if (datagram.refusal) at = writeMessage(view, at, told.id, datagram, datagram.refusal);
    if (at >= CHUNK_BYTES) {
      yield bytes.subarray(0, at);
      at = 0;
    }
  }
  // What was sent to a socket that was there then, and has no receipt, is lost; what came from one whose end nobody knows
  // is no duplicate for sure; and where a socket is bound, that is an address of this machine: so the file tells of those.
  for (const socket of source.capture.sockets) {
    if (!isTold(socket)) continue;
    let told = interfaces.get(socket.id);
    if (told === undefined) {
      if (!isBoundTo(socket, otherPorts, otherAddresses)) continue;
      otherAddresses.delete(socket.local?.address ?? "");
      told = new ToldSocket(interfaces.size, source.capture, socket, true);
      interfaces.set(socket.id, told);
      const { name, description } = interfaceOf(socket);
      at = writeInterface(view, at, { id: told.id, name, description, comments: [] });
    }
    for (const { statistics, time } of told.before(Number.POSITIVE_INFINITY)) {
      at = writeStatistics(view, at, statistics, time);
      if (at < CHUNK_BYTES) continue;
      yield bytes.subarray(0, at);
      at = 0;
    }
  }
  if (at > 0) yield bytes.subarray(0, at);
}

/** Of a payload of which only a part is there, nobody can compute the checksum (RFC 8200 section 8.1). */
function tellLengthOfCut(view: DataView, packet: number, wireLength: number): void {
  const udpLength = UDP_HEADER + wireLength;
  // What is longer is a jumbogram, of which these fields do not tell.
  if (udpLength > 0xffff) return;
  const udp = packet + headerLength(16) - UDP_HEADER;
  view.setUint16(packet + 4, udpLength);
  view.setUint16(udp + 4, udpLength);
  view.setUint16(udp + 6, 0);
}

/**
 * A socket as the file tells of it. Where something may be missing, it counts one more than the file has before: so a
 * reader knows, as with a segment that is not there any more.
 */
class ToldSocket {
  readonly id: number;
  /** Records in the file so far. */
  written = 0;
  readonly #edges: LifeEdge[];
  readonly #startTime: number | undefined;
  readonly #notRecorded: number;
  #gaps = 0;

  /** @param id the interface of the file */
  constructor(id: number, capture: Capture, socket: CapturedSocket, hasLife: boolean) {
    this.id = id;
    this.#edges = hasLife ? exportedLife(capture, socket).reverse() : [];
    this.#startTime = socket.boundAt;
    this.#notRecorded = socket.notRecorded;
  }

  /** What is to be told before a record at `time`, microseconds since 1970; infinity for the end of the file. */
  *before(
    time: number,
  ): Generator<{ readonly statistics: StatisticsRecord; readonly time: number }> {
    for (;;) {
      const edge = this.#edges.at(-1);
      if (!edge || !isDue(edge, time)) return;
      this.#edges.pop();
      if (edge.isGap) this.#gaps++;
      const dropped = this.#gaps > 0 ? this.#notRecorded : 0;
      const statistics = {
        id: this.id,
        received: this.written + this.#gaps + dropped,
        dropped,
        ...(this.#startTime !== undefined && { startTime: this.#startTime }),
        ...(edge.isEnd && { endTime: edge.time }),
      };
      yield { statistics, time: edge.time };
    }
  }
}

/**
 * Whether the next edge comes before a record at `time`. What comes after the last record of a span is of the next one, of
 * which a writer may tell a moment later only.
 */
function isDue({ time: edge, isGap, isEnd }: LifeEdge, time: number): boolean {
  return isEnd ? time === Number.POSITIVE_INFINITY : isGap || edge < time;
}

/** What the network, or a tap, has told of a datagram that was refused; returns where its block ends. */
function writeMessage(
  view: DataView,
  offset: number,
  interfaceId: number,
  { flow, length, payload }: ExportedDatagram,
  { time, reason, isByTap, isWhole }: NonNullable<ExportedDatagram["refusal"]>,
): number {
  const end = (address: Uint8Array, port: number): PacketEnd =>
    address.length === 4
      ? { ipv4: word(address), ipv6: undefined, port }
      : { ipv4: 0, ipv6: address, port };
  const quoted = isWhole && payload.length <= MOST_QUOTED ? payload : payload.subarray(0, 0);
  const bytes = refusalLength(flow.sourceAddress.length, quoted.length);
  const packet = beginPacket(view, offset, interfaceId, time, bytes, bytes);
  const source = end(flow.sourceAddress, flow.sourcePort);
  const destination = end(flow.destinationAddress, flow.destinationPort);
  writeRefusal(view, packet, reason, source, destination, length, quoted);
  const comment = isByTap ? `${REFUSED}${reason}` : "";
  return finishPacket(view, offset, bytes, opposite(flow.direction), 0, comment);
}

function word(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset).getUint32(0);
}
