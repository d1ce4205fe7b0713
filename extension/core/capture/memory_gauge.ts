import type {
  CaptureSink,
  DatagramRecord,
  InterfaceRecord,
  OtherPacket,
  Refusal,
  SectionRecord,
  StatisticsRecord,
} from "../files/capture_sink.ts";
import { parseSocket } from "../wire/tap_identity.ts";

// Bytes that each of these takes in the tables of a capture, as measured and rounded up.
export const DATAGRAM = 45;
/** What a tap has recorded is looked up by its payload. */
const TAPPED_DATAGRAM = 20;
const PIECES = 280;
const COMMENT = 80;
const FLOW = 100;
/** Its channel, and its ends. */
const TAPPED_FLOW = 250;
const SOCKET = 500;
/** Where a socket is bound. */
const LOCAL_END = 600;
const OWNER = 500;
const SPAN = 80;
const REFUSAL = 80;
const REFUSED_FLOW = 1000;

/**
 * Reckons what a capture keeps in memory of what a file tells, on the way to its sink: a few bytes of a packed file can
 * describe millions of things, each of which takes a thousand times as much.
 */
export class MemoryGauge implements CaptureSink {
  readonly #sink: Required<CaptureSink>;
  #bytes = 0;
  #datagrams = 0;
  #refusals = 0;
  /** A tap has recorded some of it. */
  #hasTaps = false;
  #isOwnerNew = true;
  #latestComment = "";

  constructor(sink: Required<CaptureSink>) {
    this.#sink = sink;
  }

  /**
   * Bytes that all takes that was told so far.
   *
   * @param flows how many there are of its datagrams and refusals
   */
  bytes(flows: number): number {
    const ofDatagram = this.#hasTaps ? DATAGRAM + TAPPED_DATAGRAM : DATAGRAM;
    const ofFlow = this.#hasTaps ? FLOW + TAPPED_FLOW : FLOW;
    const refused = Math.min(flows, this.#refusals) * REFUSED_FLOW;
    return this.#bytes + this.#datagrams * ofDatagram + flows * ofFlow + refused;
  }

  section(section: SectionRecord): void {
    this.#isOwnerNew = true;
    this.#sink.section(section);
  }

  interface(socket: InterfaceRecord): void {
    const { name, description } = socket;
    this.#bytes += SOCKET + 2 * (name.length + description.length);
    if (name !== "") this.#bytes += LOCAL_END;
    if (this.#isOwnerNew) this.#bytes += OWNER;
    this.#isOwnerNew = false;
    this.#hasTaps ||= parseSocket(description) !== undefined;
    this.#sink.interface(socket);
  }

  datagram(datagram: DatagramRecord): void {
    const { comment, pieces, dropped } = datagram;
    this.#datagrams++;
    if (comment !== "") this.#takeComment(comment);
    if (pieces !== undefined) this.#bytes += PIECES + pieces.byteLength;
    if (dropped > 0) this.#bytes += SPAN;
    this.#sink.datagram(datagram);
  }

  statistics(statistics: StatisticsRecord, fileOffset: number, time: number): void {
    this.#bytes += SPAN;
    this.#sink.statistics(statistics, fileOffset, time);
  }

  otherPacket(reason: OtherPacket, time: number): void {
    this.#sink.otherPacket(reason, time);
  }

  refusal(quoted: DatagramRecord, refusal: Refusal): void {
    this.#refusals++;
    this.#bytes += REFUSAL;
    this.#sink.refusal(quoted, refusal);
  }

  joined(packets: number): void {
    this.#sink.joined(packets);
  }

  #takeComment(comment: string): void {
    this.#bytes += COMMENT;
    // A million sendings may have failed for the same reason, which is kept once.
    if (comment !== this.#latestComment) this.#bytes += 2 * comment.length;
    this.#latestComment = comment;
  }
}
