import { closeSync, openSync, writeSync } from "node:fs";
import { Direction } from "../../extension/core/files/capture_sink.ts";
import { headerLength, writeIpv4Headers } from "../../extension/core/files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  MAX_DESCRIPTION_BLOCK,
  writeInterface,
  writeSectionHeader,
} from "../../extension/core/files/pcapng/writer.ts";
import { formatProcess, formatSocket } from "../../extension/core/wire/tap_identity.ts";

export const TRACKER_PORT = 5555;
/** Bytes of {@link TRACKER_DEFINITION}. */
const LENGTH = 20;

/** Ten fields: nine integers, one of them with names, and a temperature. */
export const TRACKER_DEFINITION = `meta: {id: tracker, endian: le}
seq:
  - {id: id, type: u2}
  - {id: type, type: u1, enum: kind}
  - {id: flags, type: u1}
  - {id: seq, type: u4}
  - {id: temp, type: f4}
  - {id: volt, type: u2}
  - {id: rssi, type: s1}
  - {id: hops, type: u1}
  - {id: age, type: u2}
  - {id: crc, type: u2}
enums:
  kind: {1: sample, 2: alarm, 3: heartbeat}
`;

/** The same for Wireshark. */
export const TRACKER_DISSECTOR = `local p = Proto("tracker", "Tracker")
local kinds = {[1] = "sample", [2] = "alarm", [3] = "heartbeat"}
local f = {
  id = ProtoField.uint16("tracker.id", "id"),
  type = ProtoField.uint8("tracker.type", "type", base.DEC, kinds),
  flags = ProtoField.uint8("tracker.flags", "flags"),
  seq = ProtoField.uint32("tracker.seq", "seq"),
  temp = ProtoField.float("tracker.temp", "temp"),
  volt = ProtoField.uint16("tracker.volt", "volt"),
  rssi = ProtoField.int8("tracker.rssi", "rssi"),
  hops = ProtoField.uint8("tracker.hops", "hops"),
  age = ProtoField.uint16("tracker.age", "age"),
  crc = ProtoField.uint16("tracker.crc", "crc"),
}
p.fields = {f.id, f.type, f.flags, f.seq, f.temp, f.volt, f.rssi, f.hops, f.age, f.crc}
function p.dissector(buffer, pinfo, tree)
  if buffer:len() < ${LENGTH} then return end
  local t = tree:add(p, buffer())
  t:add_le(f.id, buffer(0, 2))
  t:add_le(f.type, buffer(2, 1))
  t:add_le(f.flags, buffer(3, 1))
  t:add_le(f.seq, buffer(4, 4))
  t:add_le(f.temp, buffer(8, 4))
  t:add_le(f.volt, buffer(12, 2))
  t:add_le(f.rssi, buffer(14, 1))
  t:add_le(f.hops, buffer(15, 1))
  t:add_le(f.age, buffer(16, 2))
  t:add_le(f.crc, buffer(18, 2))
end
DissectorTable.get("udp.port"):add(${TRACKER_PORT}, p)
`;

/** A device that sends what {@link TRACKER_DEFINITION} says: of every hundred, so many have a temperature above 30. */
export function writeTrackerCapture(path: string, datagrams: number, above30 = 40): void {
  const file = openSync(path, "wx");
  try {
    const buffer = new Uint8Array(1 << 20);
    const view = new DataView(buffer.buffer);
    let at = writeHead(view);
    for (let number = 0; number < datagrams; number++) {
      if (at + MAX_DESCRIPTION_BLOCK + LENGTH > buffer.length) {
        writeSync(file, buffer, 0, at);
        at = 0;
      }
      const time = Date.UTC(2026, 10, 20, 12) * 1000 + number * 200;
      const captured = headerLength(4) + LENGTH;
      const packet = beginPacket(view, at, 0, time, captured, captured);
      writeIpv4Headers(view, packet, 0x7f000001, 0x7f000001, 6006, TRACKER_PORT, LENGTH);
      writeSample(view, packet + captured - LENGTH, number, number % 100 < above30);
      at = finishPacket(view, at, captured, Direction.in, 0, "");
    }
    writeSync(file, buffer, 0, at);
  } finally {
    closeSync(file);
  }
}

function writeSample(view: DataView, at: number, number: number, isWarm: boolean): void {
  view.setUint16(at, 7, true);
  view.setUint8(at + 2, 1 + (number % 3));
  view.setUint8(at + 3, number & 0xff);
  view.setUint32(at + 4, number, true);
  view.setFloat32(at + 8, (isWarm ? 30.1 : 20) + (number % 90) / 10, true);
  view.setUint16(at + 12, 3290 + (number % 20), true);
  view.setInt8(at + 14, -60 - (number % 30));
  view.setUint8(at + 15, number % 4);
  view.setUint16(at + 16, number % 1000, true);
  view.setUint16(at + 18, (number * 40_503) & 0xffff, true);
}

function writeHead(view: DataView): number {
  const program = "ingest.py";
  const about = { runtime: "python", version: "3.11.2", pid: 4242, ppid: 1, thread: 0, program };
  const application = formatProcess(about);
  const at = writeSectionHeader(view, 0, { os: "", application, comments: [] });
  return writeInterface(view, at, {
    id: 0,
    name: `127.0.0.1:${TRACKER_PORT}`,
    description: formatSocket({ program, pid: 4242, thread: 0, socket: 1 }),
    comments: [],
  });
}
