import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { Direction } from "../../extension/core/files/capture_sink.ts";
import { headerLength, writeIpv4Headers } from "../../extension/core/files/packet/packet.ts";
import {
  beginPacket,
  finishPacket,
  MAX_DESCRIPTION_BLOCK,
  packetBlockLength,
  writeInterface,
  writeSectionHeader,
} from "../../extension/core/files/pcapng/writer.ts";
import { percentile } from "./percentile.ts";

const START_US = 1_700_000_000_000_000;
const LOOPBACK = 0x7f000001;

/** What a receiver found of datagrams that were numbered in the order in which they were due. */
export interface Timing {
  readonly lost: number;
  /** Came after one that was due later. */
  readonly misplaced: number;
  /** How far each gap is from what it was meant to be, milliseconds. */
  readonly gapErrors: readonly number[];
  /**
   * How far each datagram is from its time, milliseconds, once the clocks agree on the one in the middle. Gaps
   * of less than an error hide in that error; those that are all too short, or too long, add up here.
   */
  readonly clockErrors: readonly number[];
}

/** The number in a datagram, and room for it. */
export function numberedPayload(number: number): Uint8Array {
  const payload = new Uint8Array(64);
  new DataView(payload.buffer).setUint32(0, number);
  return payload;
}

/** The same each time: milliseconds since the first, with exponential gaps, and every tenth none. */
export function dueTimes(count: number, spanMs: number): Float64Array {
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed / 0x7fffffff;
  };
  const mean = spanMs / count;
  let now = 0;
  return Float64Array.from({ length: count }, (_, index) => {
    if (index > 0 && index % 10 !== 0) now += -mean * Math.log(random());
    return now;
  });
}

/** A pcapng file of {@link numberedPayload}s at these times; some may have been twice as long on the wire. */
export function timedCapture(
  dueMs: Float64Array,
  isCut: (number: number) => boolean = () => false,
): Uint8Array {
  const captured = headerLength(4) + numberedPayload(0).length;
  const size = 2 * MAX_DESCRIPTION_BLOCK + dueMs.length * packetBlockLength(captured, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = writeSectionHeader(view, 0, { application: "", os: "", comments: [] });
  const socket = { id: 0, name: "127.0.0.1:9999", description: "", comments: [] };
  at = writeInterface(view, at, socket);
  for (const [number, ms] of dueMs.entries()) {
    const payload = numberedPayload(number);
    const time = START_US + Math.round(ms * 1000);
    const length = isCut(number) ? 2 * payload.length : payload.length;
    const wire = headerLength(4) + length;
    const packet = beginPacket(view, at, 0, time, captured, wire);
    bytes.set(payload, writeIpv4Headers(view, packet, LOOPBACK, LOOPBACK, 53_211, 9999, length));
    at = finishPacket(view, at, captured, Direction.in, 0, "");
  }
  return bytes.subarray(0, at);
}

/** A receiver that keeps up, and looks at the clock for each datagram. */
export class TimedReceiver {
  readonly numbers: number[] = [];
  readonly arrivals: number[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      this.arrivals.push(performance.now());
      this.numbers.push(data.readUInt32BE(0));
    });
  }

  static async bind(): Promise<TimedReceiver> {
    // As much as the system gives: a busy machine may keep us from reading for a while.
    const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 22 });
    const bound = once(socket, "listening");
    socket.bind(0, "127.0.0.1");
    await bound;
    return new TimedReceiver(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }

  timing(dueMs: Float64Array): Timing {
    const late = this.numbers.map((number, at) => (this.arrivals[at] ?? 0) - (dueMs[number] ?? 0));
    const middle = percentile(late, 50);
    return {
      lost: dueMs.length - new Set(this.numbers).size,
      misplaced: this.numbers.filter((number, at) => number < (this.numbers[at - 1] ?? 0)).length,
      gapErrors: late.slice(1).map((one, at) => Math.abs(one - (late[at] ?? 0))),
      clockErrors: late.map((one) => Math.abs(one - middle)),
    };
  }
}
