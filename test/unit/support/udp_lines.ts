import { CaptureReader } from "../../../extension/core/files/capture_reader.ts";
import type { OtherPacket } from "../../../extension/core/files/capture_sink.ts";
import type { CaptureProblem } from "../../../extension/core/files/problem.ts";
import { formatAddress } from "../../../extension/core/wire/address.ts";

/** The datagrams of a capture file, and what else is in it. */
export interface UdpLines {
  /** Time (s since 1970, to the µs), addresses, ports, UDP length, payload in hex; as tshark's fields say it. */
  readonly lines: readonly string[];
  readonly others: readonly OtherPacket[];
  readonly problem: CaptureProblem | undefined;
}

/** So many fragments are no longer others. */
export function takeBack(others: OtherPacket[], packets: number): void {
  for (let count = 0; count < packets; count++) others.splice(others.lastIndexOf("fragment"), 1);
}

export function readUdpLines(bytes: Uint8Array): UdpLines {
  const lines: string[] = [];
  const others: OtherPacket[] = [];
  const reader = new CaptureReader({
    section: () => {},
    interface: () => {},
    statistics: () => {},
    otherPacket: (reason) => void others.push(reason),
    joined: (packets) => takeBack(others, packets),
    datagram: (record) => {
      const { time, payload, capturedLength } = record;
      const address = (at: number) => formatAddress(record.bytes, at, record.addressLength);
      const seconds = Math.floor(time / 1e6);
      const fraction = String(time - seconds * 1e6).padStart(6, "0");
      const fields = [
        Number.isNaN(time) ? "" : `${seconds}.${fraction}`,
        address(record.sourceAddress),
        address(record.destinationAddress),
        record.sourcePort,
        record.destinationPort,
        record.length + 8,
        Buffer.from(record.bytes.subarray(payload, payload + capturedLength)).toString("hex"),
      ];
      lines.push(fields.join("\t"));
    },
  });
  reader.read(bytes, 0);
  return { lines, others, problem: reader.problem };
}
