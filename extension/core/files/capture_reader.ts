import type { CaptureSink } from "./capture_sink.ts";
import { isPcapMagic, PcapReader } from "./pcap_reader.ts";
import { BlockType } from "./pcapng/format.ts";
import { PcapngReader } from "./pcapng/reader.ts";
import { type CaptureProblem, captureProblem } from "./problem.ts";

/** Reads a capture file of one format. */
interface FormatReader {
  /** Where and why the file stopped making sense, or undefined. */
  readonly problem: CaptureProblem | undefined;
  /** What is whole was not read to its end, so as to hold up nobody. */
  readonly hasMore?: boolean;
  /** Reads what is whole of `bytes`, which lie in the file from `fileOffset` on; returns how many bytes that were. */
  read(bytes: Uint8Array, fileOffset: number): number;
}

/** Bytes that tell a format. */
export const MAGIC_BYTES = 4;

/** Tells a sink what is in a capture file, pcapng or pcap, which its first bytes say. Fed like those two readers. */
export class CaptureReader implements FormatReader {
  readonly #sink: CaptureSink;
  #reader: FormatReader | undefined;
  #problem: CaptureProblem | undefined;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  get problem(): CaptureProblem | undefined {
    return this.#problem ?? this.#reader?.problem;
  }

  get hasMore(): boolean {
    return this.#reader?.hasMore ?? false;
  }

  /** Reads what is whole of `bytes`, which lie in the file from `fileOffset` on. Never throws. */
  read(bytes: Uint8Array, fileOffset: number): number {
    if (this.#problem !== undefined) return 0;
    this.#reader ??= this.#choose(bytes);
    return this.#reader?.read(bytes, fileOffset) ?? 0;
  }

  #choose(bytes: Uint8Array): FormatReader | undefined {
    if (bytes.length < MAGIC_BYTES) return undefined;
    const magic = new DataView(bytes.buffer, bytes.byteOffset, MAGIC_BYTES).getUint32(0);
    if (magic === BlockType.sectionHeader) return new PcapngReader(this.#sink);
    if (isPcapMagic(magic)) return new PcapReader(this.#sink);
    this.#problem = captureProblem("notCapture", hex(bytes));
    return undefined;
  }
}

/** Whether a file that starts with these bytes is compressed with gzip (RFC 1952 section 2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, MAGIC_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join(" ");
}
