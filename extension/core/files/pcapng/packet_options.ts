/** The options of a packet in a pcapng file (draft-ietf-opsawg-pcapng section 4.3.1). */
import { type DatagramRecord, Direction } from "../capture_sink.ts";
import { Option } from "./format.ts";
import { forEachOption, MOST_TEXT_BYTES, type Texts } from "./options.ts";

/** Code and length of epb_flags as one number, big and little-endian. */
const FLAGS_HEADER = [0x0002_0004, 0x0004_0002] as const;

/** Reads the options from `start` to `end` into `datagram`: direction, drop count, comments. */
export function readPacketOptions(
  datagram: DatagramRecord,
  view: DataView,
  littleEndian: boolean,
  start: number,
  end: number,
  texts: Texts,
): void {
  // The tap's own packets, a million of them: flags and nothing else.
  if (
    end - start === 12 &&
    view.getUint32(start, littleEndian) === FLAGS_HEADER[littleEndian ? 1 : 0]
  ) {
    takeFlags(datagram, view.getUint32(start + 4, littleEndian));
  } else if (start < end) readAll(datagram, view, littleEndian, start, end, texts);
}

function readAll(
  datagram: DatagramRecord,
  view: DataView,
  littleEndian: boolean,
  start: number,
  end: number,
  texts: Texts,
): void {
  forEachOption({ view, littleEndian, start, end }, (code, offset, length) => {
    if (code === Option.packetFlags && length === 4) {
      takeFlags(datagram, view.getUint32(offset, littleEndian));
    } else if (code === Option.packetDropCount && length === 8) {
      datagram.dropped = Number(view.getBigUint64(offset, littleEndian));
    } else if (code === Option.comment && datagram.comment.length < MOST_TEXT_BYTES) {
      const text = texts.read(view, offset, length);
      datagram.comment = datagram.comment === "" ? text : `${datagram.comment}; ${text}`;
    }
  });
}

/** Bits 0 and 1: the direction; where they say nothing, what the link layer said stands. */
function takeFlags(datagram: DatagramRecord, flags: number): void {
  const bits = flags & 3;
  if (bits === Direction.in || bits === Direction.out) datagram.direction = bits;
}
