import type { CaptureSink } from "../capture_sink.ts";
import { Fragments, type Joined } from "./fragments.ts";
import { readContent, readPacket } from "./packet_reader.ts";
import { emptyRecord, type PacketRecord } from "./packet_record.ts";

const NO_BYTES = new Uint8Array(0);

/**
 * Finds the datagrams in the packets of one file, those too that were sent in several packets; a sink is told of all
 * packets that are none.
 */
export class Packets {
  /** The datagram that {@link read} has found; the same object for all. */
  readonly record: PacketRecord = emptyRecord();
  readonly #sink: CaptureSink;
  readonly #fragments = new Fragments();
  #bytes: Uint8Array = NO_BYTES;
  #fileOffset = 0;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  /** From now on packets lie in `bytes`, which lie in the file from `fileOffset` on. */
  begin(bytes: Uint8Array, fileOffset: number): void {
    this.#bytes = bytes;
    this.#fileOffset = fileOffset;
  }

  /**
   * Looks at the packet from `start` to `end`, of which the original had `originalLength` bytes. When it was recorded is in
   * `record.time` already: a number as large as that, handed over, would be an object for each packet.
   *
   * @returns true where {@link record} is a datagram now, all but its drop count and comment. Where it is false and
   *   `record.refusal` is told, it is that which was not delivered.
   */
  read(
    interfaceId: number,
    linkType: number,
    start: number,
    end: number,
    originalLength: number,
  ): boolean {
    const { record } = this;
    if (record.bytes !== this.#bytes) {
      // Another chunk, or a datagram that was joined.
      record.bytes = this.#bytes;
      record.pieces = undefined;
    }
    record.interfaceId = interfaceId;
    const reason = readPacket(record, linkType, start, end, originalLength);
    if (reason === undefined) {
      record.payloadFileOffset = this.#fileOffset + record.payload;
      return true;
    }
    if (record.refusal !== undefined && this.#sink.refusal) {
      record.payloadFileOffset = this.#fileOffset + record.payload;
      return false;
    }
    record.refusal = undefined;
    this.#sink.otherPacket(reason, record.time);
    if (reason !== "fragment") return false;
    const joined = this.#fragments.take(record, this.#fileOffset);
    return joined !== undefined && this.#readJoined(joined);
  }

  /** The parts have been told as parts: now they are taken back, and told as the one thing that they are. */
  #readJoined({ bytes, protocol, start, originalEnd, packets, pieces }: Joined): boolean {
    const { record } = this;
    const { addressLength } = record;
    record.bytes = bytes;
    record.sourceAddress = 0;
    record.destinationAddress = addressLength;
    record.payloadFileOffset = this.#fileOffset + record.fragment.start;
    const reason = readContent(record, protocol, start, bytes.length, originalEnd, false, true);
    this.#sink.joined?.(packets);
    if (reason !== undefined) {
      if (record.refusal !== undefined && this.#sink.refusal) return false;
      record.refusal = undefined;
      this.#sink.otherPacket(reason, record.time);
      return false;
    }
    record.pieces = pieces(record.payload, record.payload + record.capturedLength);
    return true;
  }
}
