import {
  type ExportedDatagram,
  type ExportedFields,
  type ExportSource,
  exportedDatagrams,
} from "./export_source.ts";
import { textChunks } from "./text_chunks.ts";

const UDP_HEADER = 8;
const IP_HEADERS = { 4: 20, 16: 40 } as const;
const UDP = "17";

/**
 * Writes datagrams as JSON lines: one object a line, with layers, fields and values as `tshark -T json` has them in
 * `_source.layers` for the same datagrams exported as pcapng. All values are strings there. `data` is not there
 * where the payload was cut; where Wireshark decodes a payload, it has the protocol's layer in the place of `data`. One
 * layer is ours: what became of the datagram, after how many seconds it had arrived, and what its decoder found, by
 * the paths of the fields, with numbers as numbers.
 */
export function exportJsonLines(source: ExportSource): AsyncGenerator<Uint8Array, void> {
  return textChunks(lines(source));
}

async function* lines(source: ExportSource): AsyncGenerator<string, void> {
  for await (const datagram of exportedDatagrams(source)) {
    yield `${JSON.stringify(layers(datagram))}\n`;
  }
}

function layers(datagram: ExportedDatagram): object {
  const { comment, payload, length, outcome, decoded } = datagram;
  return {
    ...(comment !== "" && { pkt_comment: { "frame.comment": comment } }),
    frame: frameLayer(datagram),
    ...ipLayer(datagram),
    udp: udpLayer(datagram),
    ...(payload.length > 0 &&
      payload.length === length && {
        data: { "data.data": colonHex(payload), "data.len": String(payload.length) },
      }),
    ...((outcome.word !== "" || decoded) && {
      udp_workbench: {
        ...(outcome.word !== "" && { "udp_workbench.outcome": outcome.word }),
        ...(outcome.delay !== undefined && { "udp_workbench.delay": seconds(outcome.delay) }),
        ...(decoded && {
          "udp_workbench.decoder": decoded.decoder,
          "udp_workbench.fields": valuesByPath(decoded),
        }),
      },
    }),
  };
}

/** Without those that are nothing but what they hold. */
function valuesByPath({ fields }: ExportedFields): object {
  const values = fields.filter(({ value }) => value !== "");
  return Object.fromEntries(values.map(({ path, value }) => [path, value]));
}

function frameLayer(datagram: ExportedDatagram): object {
  const { flow, direction, time, number, length, payload } = datagram;
  const { name, description } = datagram.interface;
  const headers = IP_HEADERS[flow.sourceAddress.length === 4 ? 4 : 16] + UDP_HEADER;
  return {
    "frame.interface_id_tree": {
      ...(name !== "" && { "frame.interface_name": name }),
      ...(description !== "" && { "frame.interface_description": description }),
    },
    "frame.packet_flags_tree": {
      "frame.packet_flags_direction": `0x${String(direction).padStart(8, "0")}`,
    },
    "frame.time_epoch": seconds(time),
    "frame.number": String(number),
    "frame.len": String(headers + length),
    "frame.cap_len": String(headers + payload.length),
  };
}

function ipLayer({ flow, source, destination, length }: ExportedDatagram): object {
  const { address: from } = source;
  const { address: to } = destination;
  const bytes = length + UDP_HEADER;
  if (flow.sourceAddress.length === 4) {
    const total = String(IP_HEADERS[4] + bytes);
    return {
      ip: { "ip.version": "4", "ip.len": total, "ip.proto": UDP, "ip.src": from, "ip.dst": to },
    };
  }
  return {
    ipv6: {
      "ipv6.version": "6",
      "ipv6.plen": String(bytes),
      "ipv6.nxt": UDP,
      "ipv6.src": from,
      "ipv6.dst": to,
    },
  };
}

function udpLayer({ source, destination, length, payload }: ExportedDatagram): object {
  return {
    "udp.srcport": String(source.port),
    "udp.dstport": String(destination.port),
    "udp.length": String(length + UDP_HEADER),
    ...(payload.length > 0 && { "udp.payload": colonHex(payload) }),
  };
}

/** Microseconds as seconds with nine decimals. Doubles hold microseconds exactly, but not seconds with a fraction. */
function seconds(time: number): string {
  const whole = Math.floor(time / 1e6);
  return `${whole}.${String(time - whole * 1e6).padStart(6, "0")}000`;
}

function colonHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
