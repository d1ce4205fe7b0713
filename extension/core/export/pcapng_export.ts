import { Direction } from "../files/capture_sink.ts";
import { headerLength, writeIpv4Headers, writeIpv6Headers } from "../files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  MAX_DESCRIPTION_BLOCK,
  packetBlockLength,
  writeInterface,
  writeSectionHeader,
  writeStatistics,
} from "../files/pcapng/writer.ts";
import { RECONSTRUCTED_HEADERS } from "../wire/tap_identity.ts";
import {
  type ExportSource,
  exportedDatagrams,
  exportedInterfaces,
  exportedLife,
  isReceiverOf,
} from "./export_source.ts";

/** Written at once: large enough to be quick, small enough to keep memory flat. */
const CHUNK_BYTES = 1 << 20;
/** No datagram's block is longer: 64 KiB of packet, and a comment. */
const MOST_PACKET_BYTES = 1 << 17;

/**
 * Writes datagrams as one pcapng file, chunk by chunk. A chunk is valid until the next one is asked for.
 *
 * @param application What wrote the file, for `shb_userappl`.
 */
export async function* exportPcapng(
  source: ExportSource,
  application: string,
): AsyncGenerator<Uint8Array, void> {
  const bytes = new Uint8Array(CHUNK_BYTES + MAX_DESCRIPTION_BLOCK + MOST_PACKET_BYTES);
  const view = new DataView(bytes.buffer);
  /** Id of a socket → interface of the file. */
  const interfaces = new Map<number, number>();
  const interfaceOf = exportedInterfaces(source.capture);
  const destinations = new Set<number>();
  let at = writeSectionHeader(view, 0, { application, os: "", comments: [RECONSTRUCTED_HEADERS] });
  for await (const datagram of exportedDatagrams(source, interfaceOf)) {
    const { flow, time, length: wireLength, comment, payload: data } = datagram;
    const { socket, name, description } = datagram.interface;
    let interfaceId = interfaces.get(socket);
    if (interfaceId === undefined) {
      interfaceId = interfaces.size;
      interfaces.set(socket, interfaceId);
      at = writeInterface(view, at, { id: interfaceId, name, description, comments: [] });
    }
    if (flow.direction === Direction.out) destinations.add(flow.destinationPort);
    const addressLength = flow.sourceAddress.length;
    const headers = headerLength(addressLength);
    if (packetBlockLength(headers + data.length, comment.length) > MOST_PACKET_BYTES) continue;
    const packet = beginPacket(
      view,
      at,
      interfaceId,
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
    bytes.set(data, start);
    at = finishPacket(view, at, headers + data.length, flow.direction, 0, comment);
    if (at >= CHUNK_BYTES) {
      yield bytes.subarray(0, at);
      at = 0;
    }
  }
  // What was sent to a socket that was there then, and has no receipt, is lost: so the file tells of those sockets, too.
  for (const socket of source.capture.sockets) {
    if (!socket.tapped) continue;
    const known = interfaces.get(socket.id);
    if (known === undefined && !isReceiverOf(socket, destinations)) continue;
    const id = known ?? interfaces.size;
    if (known === undefined) {
      interfaces.set(socket.id, id);
      const { name, description } = interfaceOf(socket);
      at = writeInterface(view, at, { id, name, description, comments: [] });
    }
    const life = exportedLife(source.capture, socket);
    at = writeStatistics(view, at, { id, ...life }, life.endTime ?? life.startTime ?? 0);
    if (at < CHUNK_BYTES) continue;
    yield bytes.subarray(0, at);
    at = 0;
  }
  if (at > 0) yield bytes.subarray(0, at);
}

function word(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset).getUint32(0);
}
