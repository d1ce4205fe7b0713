import { basename } from "node:path";
import { Direction } from "../../core/files/capture_sink.ts";
import { maxPayload } from "../../core/files/packet/packet.ts";
import type { Message, Oddity } from "../../core/strace/message.ts";
import type { TracedProcess, TracedSocket } from "../../core/strace/traced_process.ts";
import type { TraceListener } from "../../core/strace/tracer.ts";
import { type Endpoint, formatEndpoint } from "../../core/wire/endpoint.ts";
import { BIND_FAILED, formatProgram, SEND_FAILED } from "../../core/wire/tap_identity.ts";
import { AddressCache } from "../node/address_cache.ts";
import type { RecorderClock } from "../node/clock.ts";
import { originals } from "../node/originals.ts";
import { Recorder } from "../node/recorder.ts";
import type { Settings } from "../node/settings.ts";
import { type LocalEnd, TappedSocket } from "../node/tapped_socket.ts";

const RING =
  "The program uses io_uring, which strace does not see: datagrams may be missing here that no count tells of.";
const NO_LOCAL_END = "Neither strace nor /proc/net/udp tells where the socket is bound.";
const NO_SENDER = "the program did not ask who has sent it";
const ODDITIES: Readonly<Record<Oddity, string>> = {
  cut: "the program's buffer was smaller: the rest is lost",
  segments: "several datagrams in one call (UDP_SEGMENT): they are recorded as one",
  merged: "may be several datagrams (UDP_GRO): they are recorded as one",
  incomplete: "strace has not told all of its bytes",
};
const NOBODY: Endpoint = { address: "0.0.0.0", port: 0 };
const NOBODY_IPV6: Endpoint = { address: "::", port: 0 };

/** Writes what traced programs do into the capture folder: a series of files for each, as if it had a tap of its own. */
export class TraceRecorder implements TraceListener {
  readonly #settings: Settings;
  readonly #version: string;
  readonly #rootParent: number;
  readonly #tellRing: (process: TracedProcess) => void;
  readonly #addresses = new AddressCache();
  readonly #records = new Map<TracedProcess, ProcessRecords>();

  /**
   * @param version strace's, `6.1`
   * @param rootParent the process id of strace
   * @param tellRing is called with a process whose datagrams may not all be seen
   */
  constructor(
    settings: Settings,
    version: string,
    rootParent: number,
    tellRing: (process: TracedProcess) => void,
  ) {
    this.#settings = settings;
    this.#version = version;
    this.#rootParent = rootParent;
    this.#tellRing = tellRing;
  }

  bound(socket: TracedSocket, time: number): void {
    const end = socket.local && this.#localEnd(socket.local);
    if (!end) return;
    const records = this.#recordsOf(socket.process);
    const tapped = records.at(socket, time);
    if (end.port === 0 && !tapped.local) tapped.comments.push(NO_LOCAL_END);
    const isFirst = records.sockets.size === 1 && !tapped.local;
    records.recorder.bound(tapped, end);
    if (isFirst) records.recorder.begin();
  }

  bindFailed(socket: TracedSocket, local: Endpoint, code: string, time: number): void {
    const records = this.#recordsOf(socket.process);
    const tapped = records.at(socket, time);
    records.recorder.bindFailed(tapped, formatEndpoint(local), BIND_FAILED + code);
  }

  sent(socket: TracedSocket, time: number, peer: Endpoint, message: Message, error: string): void {
    const { length } = message;
    // The headers can't say how long such a payload was to be.
    const bytes = length > maxPayload(4) ? ` (${length} bytes)` : "";
    const comment = error === "" ? oddityText(message) : `${SEND_FAILED}${error}${bytes}`;
    this.#record(Direction.out, socket, time, peer, message.payload, comment);
  }

  received(socket: TracedSocket, time: number, peer: Endpoint | undefined, message: Message): void {
    const nobody = socket.family === 6 ? NOBODY_IPV6 : NOBODY;
    const comment = peer ? oddityText(message) : NO_SENDER;
    this.#record(Direction.in, socket, time, peer ?? nobody, message.payload, comment);
  }

  missed(socket: TracedSocket): void {
    const records = this.#recordsOf(socket.process);
    records.recorder.missed(records.at(socket, 0));
  }

  closed(socket: TracedSocket, time: number): void {
    const records = this.#recordsOf(socket.process);
    records.recorder.closed(records.at(socket, time));
    records.sockets.delete(socket);
  }

  usesRing(process: TracedProcess): void {
    this.#tellRing(process);
    const records = this.#records.get(process);
    if (!records) return;
    for (const socket of records.sockets.values()) records.recorder.remark(socket, RING);
  }

  ended(process: TracedProcess): void {
    this.#records.get(process)?.recorder.close();
    this.#records.delete(process);
  }

  #record(
    direction: Direction,
    socket: TracedSocket,
    time: number,
    peer: Endpoint,
    payload: Uint8Array,
    comment: string,
  ): void {
    const records = this.#recordsOf(socket.process);
    const tapped = records.at(socket, time);
    const address = this.#addresses.get(peer.address);
    if (!address) records.recorder.missed(tapped);
    else records.recorder.datagram(tapped, direction, time, address, peer.port, payload, comment);
  }

  #localEnd(local: Endpoint): LocalEnd | undefined {
    const address = this.#addresses.get(local.address);
    return address && { name: formatEndpoint(local), address, port: local.port };
  }

  #recordsOf(process: TracedProcess): ProcessRecords {
    const known = this.#records.get(process);
    if (known) return known;
    const { pid, parent, words } = process;
    const clock = new TraceClock();
    const program = {
      process: {
        runtime: "strace",
        version: this.#version,
        pid,
        ppid: parent ?? this.#rootParent,
        thread: 0,
        program: formatProgram(words),
      },
      name: basename(words[0] ?? "") || "strace",
    };
    const recorder = new Recorder(this.#settings, program, originals, clock);
    const records = new ProcessRecords(recorder, clock, process);
    this.#records.set(process, records);
    return records;
  }
}

function oddityText({ oddity }: Message): string {
  return oddity === undefined ? "" : ODDITIES[oddity];
}

/** The sockets of one process, and what writes them down. */
class ProcessRecords {
  readonly recorder: Recorder;
  readonly sockets = new Map<TracedSocket, TappedSocket>();
  readonly #clock: TraceClock;
  readonly #process: TracedProcess;

  constructor(recorder: Recorder, clock: TraceClock, process: TracedProcess) {
    this.recorder = recorder;
    this.#clock = clock;
    this.#process = process;
  }

  /** The socket, to which something happens at that time. */
  at(socket: TracedSocket, time: number): TappedSocket {
    this.#clock.reach(time);
    const known = this.sockets.get(socket);
    if (known) return known;
    const tapped = new TappedSocket(socket.number, this.#process.usesRing ? [RING] : []);
    this.sockets.set(socket, tapped);
    return tapped;
  }
}

/** The time of what strace has told of last. */
class TraceClock implements RecorderClock {
  // A file's name has the time when the first socket was seen.
  #time = 0;

  now(): number {
    return this.#time || Date.now() * 1000;
  }

  reach(time: number): void {
    this.#time = Math.max(this.#time, time);
  }

  adjust(): void {}
}
