import type {
  CaptureSink,
  InterfaceRecord,
  OtherPacket,
  SectionRecord,
  StatisticsRecord,
} from "../../../extension/core/files/capture_sink.ts";
import { PcapngReader } from "../../../extension/core/files/pcapng/reader.ts";
import type { CaptureProblem } from "../../../extension/core/files/problem.ts";
import { sentence } from "./problem_sentence.ts";
import { takeBack } from "./udp_lines.ts";

interface Reader {
  readonly problem: CaptureProblem | undefined;
  read(bytes: Uint8Array, fileOffset: number): number;
}

/** What a reader told, as plain data. */
export interface Told {
  readonly sections: SectionRecord[];
  readonly interfaces: InterfaceRecord[];
  readonly statistics: StatisticsRecord[];
  readonly datagrams: {
    readonly interfaceId: number;
    readonly time: number;
    readonly direction: number;
    readonly ports: readonly [number, number];
    readonly payload: string;
    readonly payloadFileOffset: number;
    readonly length: number;
    readonly dropped: number;
    readonly comment: string;
    readonly pieces?: readonly number[];
  }[];
  readonly others: OtherPacket[];
  consumed: number;
  /** In English. */
  problem: string | undefined;
}

/** Reads a file that comes in pieces of `chunk` bytes, as a growing one does. */
export function tell(
  bytes: Uint8Array,
  chunk: number = bytes.length,
  create: (sink: CaptureSink) => Reader = (sink) => new PcapngReader(sink),
): Told {
  const told: Told = {
    sections: [],
    interfaces: [],
    statistics: [],
    datagrams: [],
    others: [],
    consumed: 0,
    problem: undefined,
  };
  const reader = create({
    section: (section) => void told.sections.push(section),
    interface: (socket) => void told.interfaces.push(socket),
    statistics: (counts) => void told.statistics.push(counts),
    otherPacket: (reason) => void told.others.push(reason),
    joined: (packets) => takeBack(told.others, packets),
    datagram: (record) => {
      const { payload, capturedLength } = record;
      told.datagrams.push({
        interfaceId: record.interfaceId,
        time: record.time,
        direction: record.direction,
        ports: [record.sourcePort, record.destinationPort],
        payload: new TextDecoder().decode(record.bytes.subarray(payload, payload + capturedLength)),
        payloadFileOffset: record.payloadFileOffset,
        length: record.length,
        dropped: record.dropped,
        comment: record.comment,
        ...(record.pieces && { pieces: [...record.pieces] }),
      });
    },
  });
  for (let end = Math.max(1, chunk); ; end += Math.max(1, chunk)) {
    const available = bytes.subarray(told.consumed, Math.min(end, bytes.length));
    told.consumed += reader.read(available, told.consumed);
    if (end >= bytes.length) break;
  }
  told.problem = reader.problem && sentence(reader.problem);
  return told;
}
