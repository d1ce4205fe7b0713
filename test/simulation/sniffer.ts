import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Direction } from "../../extension/core/files/capture_sink.ts";
import {
  headerLength,
  writeIpv4Headers,
  writeIpv6Headers,
} from "../../extension/core/files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  writeInterface,
  writeSectionHeader,
} from "../../extension/core/files/pcapng/writer.ts";
import { parseAddress } from "../../extension/core/wire/address.ts";

/** Bytes after which it begins another file. */
const SEGMENT = 8_000;
/** Bytes of a packet that every other one keeps, as `tcpdump -s 96` does. */
const PART = 96;

/** A command that captures: it sees each datagram on its way out and on its way in, and knows of no socket. */
export class Sniffer {
  readonly folder: string;
  readonly pid: number;
  readonly #startMs: number;
  readonly #keeps: number;
  #fd = -1;
  #segment = 0;
  #size = 0;
  #isRunning = true;
  readonly #view = new DataView(new ArrayBuffer(8192));

  constructor(folder: string, pid: number, nowMs: number) {
    this.folder = folder;
    this.pid = pid;
    this.#startMs = Math.floor(nowMs);
    this.#keeps = pid % 2 === 0 ? PART : Number.POSITIVE_INFINITY;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#begin();
  }

  /** @param time microseconds since 1970 */
  saw(
    time: number,
    source: string,
    sourcePort: number,
    destination: string,
    destinationPort: number,
    payload: string,
  ): void {
    const [from, to] = [parseAddress(source), parseAddress(destination)];
    if (!this.#isRunning || !from || !to || from.length !== to.length) return;
    const bytes = Buffer.from(payload);
    const headers = headerLength(from.length);
    let end = 0;
    for (const direction of [Direction.out, Direction.in]) {
      const length = headers + bytes.length;
      const kept = Math.min(length, this.#keeps);
      const packet = beginPacket(this.#view, end, 0, time, kept, length);
      const start =
        from.length === 4
          ? writeIpv4Headers(
              this.#view,
              packet,
              word(from),
              word(to),
              sourcePort,
              destinationPort,
              bytes.length,
            )
          : writeIpv6Headers(this.#view, packet, from, to, sourcePort, destinationPort, bytes);
      new Uint8Array(this.#view.buffer).set(bytes.subarray(0, kept - headers), start);
      end = finishPacket(this.#view, end, kept, direction, 0, "");
    }
    this.#append(end);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  end(): void {
    if (this.#isRunning) closeSync(this.#fd);
    this.#isRunning = false;
  }

  #begin(): void {
    const segment = String(++this.#segment).padStart(6, "0");
    const name = `${this.#startMs}-${this.pid}.command-${segment}.pcapng`;
    this.#fd = openSync(join(this.folder, name), "a", 0o600);
    this.#size = 0;
    let at = writeSectionHeader(this.#view, 0, { application: "dumpcap", os: "", comments: [] });
    at = writeInterface(this.#view, at, { id: 0, name: "any", description: "", comments: [] });
    this.#append(at);
  }

  #append(length: number): void {
    writeSync(this.#fd, new Uint8Array(this.#view.buffer, 0, length));
    this.#size += length;
    if (this.#size < SEGMENT) return;
    closeSync(this.#fd);
    this.#begin();
  }
}

function word(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset).getUint32(0);
}
