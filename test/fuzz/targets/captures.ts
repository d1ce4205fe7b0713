import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Capture } from "../../../extension/core/capture/capture.ts";
import { FileSink } from "../../../extension/core/capture/file_sink.ts";
import { CaptureReader } from "../../../extension/core/files/capture_reader.ts";
import { CaptureSplitter } from "../../../extension/core/files/capture_splitter.ts";
import { ipv4Packet, ipv6Packet, LINK_HEADERS } from "../../unit/support/packets.ts";
import { PcapBytes, PcapMagic } from "../../unit/support/pcap_bytes.ts";
import { tell } from "../../unit/support/tell.ts";
import type { FuzzTarget } from "../target.ts";

const SUITE = join(import.meta.dirname, "../../data/pcapng-suite");
/** Headers of a packet in pcap, of IPv4 and of UDP: no datagram takes less of a file. */
const LEAST_DATAGRAM = 16 + 20 + 8;

export const pcapng = readdirSync(SUITE)
  .filter((name) => name.endsWith(".pcapng"))
  .map((name) => new Uint8Array(readFileSync(join(SUITE, name))));

export const pcap = LINK_HEADERS.flatMap(([, linkType, header]) => [
  new PcapBytes({ linkType })
    .packet(1, 2, Uint8Array.of(...header, ...ipv4Packet()))
    .packet(3, 4, Uint8Array.of(...header, ...ipv4Packet("")), 2000)
    .packet(5, 6, Uint8Array.of(...header, ...ipv6Packet())).bytes,
  new PcapBytes({ linkType, littleEndian: false, magic: PcapMagic.nanoseconds })
    .packet(1, 2, Uint8Array.of(...header, ...ipv6Packet("a longer text")))
    .packet(3, 4, Uint8Array.of(...header, ...ipv4Packet())).bytes,
  new PcapBytes({ linkType, magic: PcapMagic.patched }).packet(1, 2, [...header, ...ipv4Packet()])
    .bytes,
]);

export const captureTargets: readonly FuzzTarget[] = [
  { name: "pcapng", seeds: pcapng, check: checkReader },
  { name: "pcap", seeds: pcap, check: checkReader },
  { name: "capture table", seeds: [...pcapng, ...pcap], check: checkTable },
  { name: "capture pieces", seeds: [...pcapng, ...pcap], check: checkPieces },
];

/** The reader takes any bytes, tells nothing that is not in them, and the same when they come in pieces. */
function checkReader(input: Uint8Array): void {
  const whole = tell(input, input.length, (sink) => new CaptureReader(sink));
  const pieces = tell(input, 97, (sink) => new CaptureReader(sink));
  assert.deepEqual(pieces, whole);
  assert.ok(whole.consumed <= input.length);
  assert.ok(whole.datagrams.length <= input.length / LEAST_DATAGRAM, "rows from nowhere");
  for (const { payloadFileOffset, length, payload, ports, time } of whole.datagrams) {
    assert.ok(payloadFileOffset >= LEAST_DATAGRAM, "a payload where a header has to be");
    assert.ok(payloadFileOffset <= input.length, "a payload behind the end");
    assert.ok(length >= 0 && Number.isInteger(length));
    assert.ok(payload.length <= input.length);
    for (const port of ports) assert.ok(port >= 0 && port <= 0xffff);
    assert.ok(Number.isNaN(time) || Number.isFinite(time));
  }
}

/** The table takes what the reader tells: each datagram has a row, each row a socket, and the times are in order. */
function checkTable(input: Uint8Array): void {
  const capture = new Capture();
  const sink = new FileSink({
    capture,
    file: capture.addFile("fuzz"),
    writer: "fuzz",
    clearedBefore: 0,
  });
  let told = 0;
  const reader = new CaptureReader({
    section: (section) => sink.section(section),
    interface: (socket) => sink.interface(socket),
    statistics: (counts, offset, time) => sink.statistics(counts, offset, time),
    otherPacket: (reason, time) => sink.otherPacket(reason, time),
    joined: (packets) => sink.joined(packets),
    datagram: (record) => {
      told++;
      sink.datagram(record);
    },
  });
  reader.read(input, 0);
  capture.commit();
  capture.settle(Date.now() * 1000);
  assert.equal(capture.length, told);
  let before = Number.NEGATIVE_INFINITY;
  for (let position = 0; position < capture.length; position++) {
    const id = capture.idAt(position);
    const time = capture.time(id);
    assert.ok(Number.isFinite(time) && time >= before, "out of order");
    assert.ok(!Number.isNaN(new Date(time / 1000).getTime()), "a time that no date can show");
    assert.ok(capture.socket(capture.flow(id).socket));
    before = time;
  }
}

/** A stream may be cut anywhere: the pieces are what was whole of it, and each makes sense behind its preamble. */
function checkPieces(input: Uint8Array): void {
  const splitter = new CaptureSplitter();
  const parts: Uint8Array[] = [];
  let datagrams = 0;
  for (let at = 0; at < input.length; at += 97) {
    for (const { bytes, preamble } of splitter.take(input.subarray(at, at + 97))) {
      parts.push(bytes.slice());
      const file = Buffer.concat([preamble ?? new Uint8Array(0), bytes]);
      const told = tell(file, file.length, (sink) => new CaptureReader(sink));
      assert.equal(told.problem, undefined);
      datagrams += told.datagrams.length;
    }
  }
  assert.equal(datagrams, splitter.datagrams, "a datagram lost at a cut");
  const whole = Buffer.concat(parts);
  assert.deepEqual(whole, Buffer.from(input.subarray(0, whole.length)));
  assert.ok(whole.length + splitter.unfinished <= input.length);
}
