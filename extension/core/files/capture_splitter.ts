import { CaptureReader } from "./capture_reader.ts";
import type { CaptureSink } from "./capture_sink.ts";
import { isPcapMagic, PCAP_FILE_HEADER } from "./pcap_reader.ts";
import { BlockType, BYTE_ORDER_MAGIC } from "./pcapng/format.ts";
import type { CaptureProblem } from "./problem.ts";

/** Whole packets of a stream, in the order of the stream. */
export interface CapturePiece {
  /** Valid until the next call of {@link CaptureSplitter.take}. */
  readonly bytes: Uint8Array;
  /**
   * What a file begins with that goes on with this piece: the section's header and the interfaces told so far.
   * Undefined where a section begins here: what stands before it does not count any more.
   */
  readonly preamble: Uint8Array | undefined;
}

/**
 * Cuts a stream of pcapng or pcap, as a capturing program writes it, where files may be cut: between whole packets. Any
 * piece makes sense behind its preamble. What is wrong with the stream is in {@link problem}; nothing behind it
 * is given out.
 */
export class CaptureSplitter {
  readonly #counts = new Counts();
  readonly #reader = new CaptureReader(this.#counts);
  #offset = 0;
  #rest = new Uint8Array(0);
  #isPcap: boolean | undefined;
  #littleEndian = true;
  #preamble: Uint8Array[] = [];

  /** Where and why the stream stopped making sense, or undefined. */
  get problem(): CaptureProblem | undefined {
    return this.#reader.problem;
  }

  /** True when the stream has proved to be a capture. */
  get hasBegun(): boolean {
    return this.#isPcap !== undefined;
  }

  /** Datagrams in what was given out. */
  get datagrams(): number {
    return this.#counts.datagrams;
  }

  /** Packets in what was given out that are no whole UDP datagrams. */
  get otherPackets(): number {
    return this.#counts.otherPackets;
  }

  /** Bytes of a packet that is not whole yet. */
  get unfinished(): number {
    return this.#rest.length;
  }

  /** Takes the next bytes of the stream, however they are cut; returns what is whole by now. Never throws. */
  take(bytes: Uint8Array): CapturePiece[] {
    const all = this.#rest.length === 0 ? bytes : joined([this.#rest, bytes]);
    let length = 0;
    do {
      const read = this.#reader.read(all.subarray(length), this.#offset);
      this.#offset += read;
      length += read;
    } while (this.#reader.hasMore);
    this.#rest = all.slice(length);
    return this.#pieces(all.subarray(0, length));
  }

  #pieces(whole: Uint8Array): CapturePiece[] {
    if (whole.length === 0) return [];
    const view = new DataView(whole.buffer, whole.byteOffset, whole.byteLength);
    const isFirst = this.#isPcap === undefined;
    this.#isPcap ??= isPcapMagic(view.getUint32(0));
    if (this.#isPcap) {
      const preamble = isFirst ? undefined : joined(this.#preamble);
      if (isFirst) this.#preamble = [whole.slice(0, PCAP_FILE_HEADER)];
      return [{ bytes: whole, preamble }];
    }
    return this.#sections(whole, view);
  }

  /** The reader has made sure that the blocks are whole and their lengths right. */
  #sections(whole: Uint8Array, view: DataView): CapturePiece[] {
    const pieces: CapturePiece[] = [];
    let from = 0;
    let preamble: Uint8Array | undefined = joined(this.#preamble);
    for (let at = 0; at < whole.length; ) {
      const type = view.getUint32(at, this.#littleEndian);
      if (type === BlockType.sectionHeader) {
        if (at > from) pieces.push({ bytes: whole.subarray(from, at), preamble });
        from = at;
        preamble = undefined;
        this.#littleEndian = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
        this.#preamble = [];
      }
      const end = at + view.getUint32(at + 4, this.#littleEndian);
      if (type === BlockType.sectionHeader || type === BlockType.interfaceDescription) {
        this.#preamble.push(whole.slice(at, end));
      }
      at = end;
    }
    pieces.push({ bytes: whole.subarray(from), preamble });
    return pieces;
  }
}

class Counts implements CaptureSink {
  datagrams = 0;
  otherPackets = 0;

  section(): void {}
  interface(): void {}
  statistics(): void {}
  datagram(): void {
    this.datagrams++;
  }
  otherPacket(): void {
    this.otherPackets++;
  }
  joined(packets: number): void {
    this.otherPackets -= packets;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
