/**
 * Writes the blocks of a pcapng file (draft-ietf-opsawg-pcapng) into a buffer that the caller owns:
 * each function writes at `offset` and returns where the block ends. Little-endian, microseconds,
 * LINKTYPE_RAW. The caller makes sure that there is room: at most {@link MAX_DESCRIPTION_BLOCK} bytes for
 * a description, {@link packetBlockLength} for a packet. The packet functions allocate nothing.
 */
import type {
  Direction,
  InterfaceRecord,
  SectionRecord,
  StatisticsRecord,
} from "../capture_sink.ts";
import { LinkType } from "../packet/link_layer.ts";
import { BlockType, BYTE_ORDER_MAGIC, Option, padded } from "./format.ts";

/** Longer texts are cut at a character: a command line can be megabytes. */
const MAX_TEXT = 4096;
const MAX_COMMENTS = 2;

/** No section header, interface description or statistics block of this writer is longer. */
export const MAX_DESCRIPTION_BLOCK = 32 + (2 + MAX_COMMENTS) * (4 + MAX_TEXT);

/** Where the packet's bytes start in an Enhanced Packet Block. */
const PACKET_DATA = 28;
/** Flags, drop count, end of options, block length. */
const PACKET_TAIL = 8 + 12 + 4 + 4;

const encoder = new TextEncoder();

/** At most so many bytes are needed for a packet of `length` bytes with a comment of `commentLength` characters. */
export function packetBlockLength(length: number, commentLength: number): number {
  return PACKET_DATA + padded(length) + 4 + padded(commentLength * 3) + PACKET_TAIL;
}

/** Section Header Block (section 4.1) of unknown length, so that it can grow. */
export function writeSectionHeader(view: DataView, offset: number, section: SectionRecord): number {
  view.setUint32(offset + 8, BYTE_ORDER_MAGIC, true);
  view.setUint16(offset + 12, 1, true);
  view.setUint16(offset + 14, 0, true);
  view.setBigInt64(offset + 16, -1n, true);
  let at = writeComments(view, offset + 24, section.comments);
  at = writeText(view, at, Option.sectionOs, section.os);
  at = writeText(view, at, Option.sectionApplication, section.application);
  return finishBlock(view, offset, at, BlockType.sectionHeader);
}

/** Interface Description Block (section 4.2). Its id is its number in the section: the caller counts. */
export function writeInterface(view: DataView, offset: number, socket: InterfaceRecord): number {
  view.setUint16(offset + 8, LinkType.raw, true);
  view.setUint16(offset + 10, 0, true);
  view.setUint32(offset + 12, 0, true);
  let at = writeComments(view, offset + 16, socket.comments);
  at = writeText(view, at, Option.interfaceName, socket.name);
  at = writeText(view, at, Option.interfaceDescription, socket.description);
  at = writeOptionHeader(view, at, Option.timestampResolution, 1);
  view.setUint32(at, 6, true);
  return finishBlock(view, offset, at + 4, BlockType.interfaceDescription);
}

/** Interface Statistics Block (section 4.6), written at `time` (microseconds since 1970). */
export function writeStatistics(
  view: DataView,
  offset: number,
  statistics: StatisticsRecord,
  time: number,
): number {
  view.setUint32(offset + 8, statistics.id, true);
  writeTime(view, offset + 12, time);
  let at = offset + 20;
  at = writeTimeOption(view, at, Option.statisticsStartTime, statistics.startTime);
  at = writeTimeOption(view, at, Option.statisticsEndTime, statistics.endTime);
  at = writeCount(view, at, Option.statisticsReceived, statistics.received);
  at = writeCount(view, at, Option.statisticsDropped, statistics.dropped);
  at = writeCount(view, at, Option.statisticsOsDropped, statistics.osDropped);
  return finishBlock(view, offset, at, BlockType.interfaceStatistics);
}

/**
 * Starts an Enhanced Packet Block (section 4.3) and returns where the packet's bytes go; then comes
 * {@link finishPacket}. `time` in microseconds since 1970, lengths in bytes with the IP header.
 */
export function beginPacket(
  view: DataView,
  offset: number,
  interfaceId: number,
  time: number,
  capturedLength: number,
  originalLength: number,
): number {
  view.setUint32(offset + 8, interfaceId, true);
  writeTime(view, offset + 12, time);
  view.setUint32(offset + 20, capturedLength, true);
  view.setUint32(offset + 24, originalLength, true);
  return offset + PACKET_DATA;
}

/**
 * Ends the block at `offset` whose packet of `capturedLength` bytes has been put in its place.
 * `dropped` records are missing just before this one; a `comment` says what was odd about it.
 */
export function finishPacket(
  view: DataView,
  offset: number,
  capturedLength: number,
  direction: Direction,
  dropped: number,
  comment: string,
): number {
  let at = offset + PACKET_DATA;
  const end = at + capturedLength;
  at += padded(capturedLength);
  for (let pad = end; pad < at; pad++) view.setUint8(pad, 0);
  at = writeOptionHeader(view, at, Option.packetFlags, 4);
  view.setUint32(at, direction, true);
  at += 4;
  if (dropped > 0) at = writeCount(view, at, Option.packetDropCount, dropped);
  at = writeText(view, at, Option.comment, comment);
  return finishBlock(view, offset, at, BlockType.enhancedPacket);
}

function finishBlock(view: DataView, offset: number, optionsEnd: number, type: number): number {
  view.setUint32(optionsEnd, Option.end, true);
  const length = optionsEnd + 8 - offset;
  view.setUint32(offset, type, true);
  view.setUint32(offset + 4, length, true);
  view.setUint32(optionsEnd + 4, length, true);
  return offset + length;
}

function writeComments(view: DataView, offset: number, comments: readonly string[]): number {
  let at = offset;
  for (const comment of comments.slice(0, MAX_COMMENTS)) {
    at = writeText(view, at, Option.comment, comment);
  }
  return at;
}

function writeText(view: DataView, offset: number, code: number, text: string): number {
  if (text === "") return offset;
  const start = offset + 4;
  const size = Math.min(MAX_TEXT, view.byteLength - start);
  const room = new Uint8Array(view.buffer, view.byteOffset + start, size);
  const { written } = encoder.encodeInto(text, room);
  const at = writeOptionHeader(view, offset, code, written);
  for (let pad = written; pad < padded(written); pad++) view.setUint8(at + pad, 0);
  return at + padded(written);
}

function writeCount(view: DataView, offset: number, code: number, count?: number): number {
  if (count === undefined) return offset;
  const at = writeOptionHeader(view, offset, code, 8);
  view.setUint32(at, count, true);
  view.setUint32(at + 4, Math.floor(count / 0x1_0000_0000), true);
  return at + 8;
}

function writeTimeOption(view: DataView, offset: number, code: number, time?: number): number {
  if (time === undefined) return offset;
  const at = writeOptionHeader(view, offset, code, 8);
  writeTime(view, at, time);
  return at + 8;
}

function writeOptionHeader(view: DataView, offset: number, code: number, length: number): number {
  view.setUint16(offset, code, true);
  view.setUint16(offset + 2, length, true);
  return offset + 4;
}

/** The upper, then the lower 32 bits of a time stamp: the one field that is not a plain 64-bit number. */
function writeTime(view: DataView, offset: number, time: number): void {
  view.setUint32(offset, Math.floor(time / 0x1_0000_0000), true);
  view.setUint32(offset + 4, time, true);
}
