import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Direction } from "../../../../extension/core/files/capture_sink.ts";
import {
  writeIpv4Headers,
  writeIpv6Headers,
} from "../../../../extension/core/files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  writeInterface,
  writeSectionHeader,
} from "../../../../extension/core/files/pcapng/writer.ts";
import { compileFilter } from "../../../../extension/core/filter/compiler.ts";
import type { FilterRow } from "../../../../extension/core/filter/row.ts";
import { parseAddress } from "../../../../extension/core/wire/address.ts";
import { isNeedleIn } from "../../support/needles.ts";
import { packetsShownBy } from "../../support/sharkd.ts";
import { areInstalled } from "../../support/tshark.ts";

interface TestDatagram {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly payload: Buffer;
  readonly comment: string;
  /** Microseconds since 1970. */
  readonly time: number;
}

const FIRST_TIME = 1_700_000_000_000_000;
// Ports that no dissector of Wireshark claims, so that the payload is "data".
const PORTS = [9999, 30_001, 30_002, 30_003];
const PAYLOADS = ["Hello", "hello\n", "Hello, Michael!", "a.b \xab\xcd", "", "HELLO hello", "aXb"];
const COMMENTS = ["", "", "send failed: EMSGSIZE", "odd"];

/** Every combination that matters, in a fixed disorder. */
const DATAGRAMS: readonly TestDatagram[] = Array.from({ length: 120 }, (_, n) => {
  const pick = <T>(all: readonly T[], step: number): T => {
    const one = all[Math.floor(n * step) % all.length];
    return one ?? assert.fail();
  };
  const isIpv6 = n % 3 === 2;
  return {
    source: isIpv6 ? pick(["::1", "fe80::7"], 0.4) : pick(["127.0.0.1", "10.1.2.3"], 0.3),
    destination: isIpv6 ? "::1" : pick(["127.0.0.1", "10.9.9.9", "192.168.0.1"], 0.7),
    sourcePort: pick(PORTS, 0.6),
    destinationPort: pick(PORTS, 1.7),
    payload: Buffer.from(pick(PAYLOADS, 1), "latin1"),
    comment: pick(COMMENTS, 0.9),
    time: FIRST_TIME + n * 25_000,
  };
});

const FILTERS = [
  "udp.port == 9999",
  "udp.port != 9999",
  "!(udp.port == 9999)",
  "not udp.port eq 9999",
  "udp.port == 0x270f",
  "udp.srcport > 9999 && udp.dstport <= 30001",
  "udp.srcport ge 30001 and udp.dstport lt 30002",
  "udp.port in {9999, 30002..30003}",
  "udp.srcport in {1..30000}",
  "udp.dstport not in {9999, 30001}",
  "udp.port == 9999 && udp.length > 13",
  "udp.length == 8",
  "udp.length <= 13",
  "data.len > 5",
  "data.len == 5",
  "ip.addr == 127.0.0.1",
  "ip.addr != 127.0.0.1",
  "!(ip.addr == 127.0.0.1)",
  "ip.src == 10.0.0.0/8",
  "ip.dst != 10.0.0.0/8",
  "ip.src in {10.0.0.0..10.255.255.255}",
  "ip.dst > 127.0.0.1",
  "ip.dst >= 127.0.0.1 && ip.dst < 192.168.0.1",
  "ipv6.src == fe80::/10",
  "ipv6.addr != fe80::7",
  "ipv6.dst == ::1",
  "udp && ip",
  "ipv6 || udp.length == 8",
  "udp && data",
  "!data && udp",
  "frame.time_relative > 1.5",
  "frame.time_relative == 0.25",
  "frame.time_relative >= 0.5 && frame.time_relative <= 0.75",
  "frame.time_relative != 0.5",
  "frame.time_epoch < 1700000000.1",
  "frame.time_epoch == 1700000000.975",
  "data.data contains 48:65",
  "data.data contains 48-65",
  "data.data contains 4865",
  "udp contains abcd",
  "data contains ab.cd",
  'udp contains "Hello"',
  'udp contains "hello"',
  'data.data contains "ello, M"',
  'data.data contains "o\\n"',
  'data.data contains "\\xab"',
  'udp.payload matches "^hello"',
  'udp.payload matches "^hello$"',
  'data.data matches "(?-i)hello"',
  'data.data matches "a\\\\.b"',
  'data.data matches r"a\\.b"',
  'udp.payload matches "[a-f]x?.b|m.*l!"',
  'udp.payload matches "l{2}o\\\\W"',
  'udp.payload ~ "a.b"',
  "udp.payload contains '\\xab'",
  "udp.payload contains 'H'",
  "udp.payload contains '.'",
  "udp.payload == 48:65:6c:6c:6f",
  'udp.payload == "Hello"',
  'data.data != "Hello"',
  "udp.payload[0:2] == 48:65",
  'udp.payload[0:2] == "He"',
  "udp.payload[0:2] != 48:65",
  "udp.payload[0] == 61",
  "udp.payload[1-2] == 65:6c",
  "udp.payload[1:] == 58:62",
  "udp.payload[:3] == 61:58:62",
  "udp.payload[4:9] == 6f",
  "udp.payload[9:1] != 6f",
  'frame.comment contains "EMSG"',
  'frame.comment contains "emsg"',
  'frame.comment == "odd"',
  'frame.comment != "odd"',
  'frame.comment matches "^send .*emsg"',
  "frame.comment",
  "!frame.comment",
  'frame.interface_name == "127.0.0.1:9999"',
  "udp.port == 9999 or udp.srcport == 30003 and ip",
  "udp.port == 9999 and ip or udp.srcport == 30003",
  "not udp.srcport == 9999 and ip",
  "!udp.srcport == 9999 || ip.src == 10.1.2.3",
  "udp && !!ip",
  '(udp.srcport == 9999 || udp.dstport == 9999) && !(data contains "hello")',
];

describe("filters in Wireshark's spelling", () => {
  let folder: string;
  /** For each filter, the numbers of the datagrams that Wireshark shows; undefined where it is not installed. */
  let theirs: ReadonlyMap<string, readonly number[]> | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "filter-wireshark-"));
    const path = join(folder, "all.pcapng");
    await writeFile(path, capture(DATAGRAMS));
    if (await areInstalled("sharkd")) theirs = await packetsShownBy(FILTERS, path);
  });

  after(() => rm(folder, { recursive: true }));

  it("tell most datagrams apart", () => {
    const answers = FILTERS.map((text) => numbers(text).length);
    assert.ok(answers.filter((shown) => shown > 0 && shown < DATAGRAMS.length).length > 65);
  });

  for (const text of FILTERS) {
    it(`show what Wireshark shows: ${text}`, function () {
      if (!theirs) this.skip();
      assert.deepEqual(numbers(text), theirs.get(text));
    });
  }
});

/** Numbers of the datagrams that a filter shows, from 1. */
function numbers(text: string): number[] {
  const result = compileFilter(text);
  if ("problem" in result) return assert.fail(`${text}: ${result.problem.reason}`);
  const { filter } = result;
  const socket = { name: "127.0.0.1:9999", local: undefined, program: { name: "" } };
  const test = filter.rowTest(() => socket);
  return DATAGRAMS.flatMap((datagram, index) => {
    const row: FilterRow = {
      flow: {
        id: index,
        socket: 0,
        direction: Direction.in,
        sourceAddress: addressOf(datagram.source),
        sourcePort: datagram.sourcePort,
        destinationAddress: addressOf(datagram.destination),
        destinationPort: datagram.destinationPort,
        tunnel: "",
      },
      ruleEffects: [],
      otherFlow: undefined,
      time: datagram.time,
      firstTime: FIRST_TIME,
      length: datagram.payload.length,
      capturedLength: datagram.payload.length,
      delivery: 0,
      comment: datagram.comment,
    };
    const hits = (number: number) => {
      const needle = filter.needles[number];
      return needle !== undefined && isNeedleIn(needle, datagram.payload);
    };
    return test(row, hits) ? [index + 1] : [];
  });
}

function addressOf(text: string): Uint8Array {
  return parseAddress(text) ?? assert.fail(text);
}

function capture(datagrams: readonly TestDatagram[]): Buffer {
  const buffer = Buffer.alloc(64 * 1024);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  const comments: string[] = [];
  let at = writeSectionHeader(view, 0, { application: "test", os: "", comments });
  at = writeInterface(view, at, { id: 0, name: "127.0.0.1:9999", description: "test", comments });
  for (const datagram of datagrams) {
    const { payload, sourcePort, destinationPort } = datagram;
    const source = addressOf(datagram.source);
    const length = (source.length === 4 ? 28 : 48) + payload.length;
    const packet = beginPacket(view, at, 0, datagram.time, length, length);
    const destination = addressOf(datagram.destination);
    const data =
      source.length === 4
        ? writeIpv4Headers(
            view,
            packet,
            number32(source),
            number32(destination),
            sourcePort,
            destinationPort,
            payload.length,
          )
        : writeIpv6Headers(view, packet, source, destination, sourcePort, destinationPort, payload);
    payload.copy(buffer, data);
    at = finishPacket(view, at, length, Direction.in, 0, datagram.comment);
  }
  return buffer.subarray(0, at);
}

function number32(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset, 4).getUint32(0);
}
