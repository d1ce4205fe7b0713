import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  DatagramRecord,
  InterfaceRecord,
  Refusal,
  SectionRecord,
  StatisticsRecord,
} from "../../../extension/core/files/capture_sink.ts";
import { PcapngReader } from "../../../extension/core/files/pcapng/reader.ts";
import type { CaptureProblem } from "../../../extension/core/files/problem.ts";
import { formatAddress } from "../../../extension/core/wire/address.ts";
import { formatEndpoint } from "../../../extension/core/wire/endpoint.ts";
import { parseSegmentName } from "../../../extension/core/wire/tap_identity.ts";

/** A datagram record with all that a test may ask for, copied out of the reader's buffers. */
export interface Datagram {
  readonly socket: InterfaceRecord;
  readonly time: number;
  readonly direction: "in" | "out" | "?";
  readonly source: string;
  readonly destination: string;
  readonly payload: Buffer;
  readonly length: number;
  readonly dropped: number;
  readonly comment: string;
}

/** What a file tells of a datagram that was refused. */
export interface CapturedRefusal {
  readonly socket: InterfaceRecord;
  readonly refusal: Refusal;
  /** Of the datagram. */
  readonly source: string;
  readonly destination: string;
  readonly length: number;
  readonly comment: string;
}

export interface CapturedFile {
  readonly name: string;
  readonly sections: readonly SectionRecord[];
  readonly sockets: readonly InterfaceRecord[];
  readonly datagrams: readonly Datagram[];
  readonly refusals: readonly CapturedRefusal[];
  /** What sockets had counted when the file began, or when they were bound: the first figures of each that is open. */
  readonly starts: readonly StatisticsRecord[];
  readonly statistics: readonly StatisticsRecord[];
  /** Bytes of a block that is not whole. */
  readonly rest: number;
  readonly problem: CaptureProblem | undefined;
}

/** Reads all capture files of a folder, in the order of their names. */
export function readFolder(folder: string): readonly CapturedFile[] {
  return readdirSync(folder)
    .filter((name) => parseSegmentName(name) !== undefined)
    .sort()
    .map((name) => readCapture(name, readFileSync(join(folder, name))));
}

/** The datagrams of all files, in order. */
export function readDatagrams(folder: string): readonly Datagram[] {
  return readFolder(folder).flatMap(({ datagrams }) => datagrams);
}

export function readCapture(name: string, bytes: Uint8Array): CapturedFile {
  const sections: SectionRecord[] = [];
  const sockets: InterfaceRecord[] = [];
  const datagrams: Datagram[] = [];
  const refusals: CapturedRefusal[] = [];
  const starts: StatisticsRecord[] = [];
  const statistics: StatisticsRecord[] = [];
  const hasStarted = new Set<number>();
  const partsOf = (record: DatagramRecord) => {
    const socket = sockets[record.interfaceId];
    if (!socket) throw new Error(`${name} holds a datagram of no socket`);
    const end = (at: number, port: number) =>
      formatEndpoint({ address: formatAddress(record.bytes, at, record.addressLength), port });
    return {
      socket,
      source: end(record.sourceAddress, record.sourcePort),
      destination: end(record.destinationAddress, record.destinationPort),
      length: record.length,
      comment: record.comment,
    };
  };
  const reader = new PcapngReader({
    section: (section) => void sections.push(section),
    interface: (socket) => void sockets.push(socket),
    statistics: (counts) => {
      const isStart = !counts.endTime && !hasStarted.has(counts.id);
      hasStarted.add(counts.id);
      (isStart ? starts : statistics).push(counts);
    },
    otherPacket: () => {
      throw new Error(`${name} holds a packet that is no UDP datagram`);
    },
    refusal: (record, refusal) => void refusals.push({ refusal, ...partsOf(record) }),
    datagram: (record) => {
      datagrams.push({
        ...partsOf(record),
        time: record.time,
        direction: record.direction === 1 ? "in" : record.direction === 2 ? "out" : "?",
        payload: Buffer.from(
          record.bytes.slice(record.payload, record.payload + record.capturedLength),
        ),
        dropped: record.dropped,
      });
    },
  });
  let consumed = 0;
  do consumed += reader.read(bytes.subarray(consumed), consumed);
  while (reader.hasMore);
  const rest = bytes.length - consumed;
  const told = { sections, sockets, datagrams, refusals, starts, statistics };
  return { name, ...told, rest, problem: reader.problem };
}
