import { Direction } from "../../extension/core/files/capture_sink.ts";
import { formatEndpoint } from "../../extension/core/wire/endpoint.ts";
import { AddressCache } from "../../extension/taps/node/address_cache.ts";
import type { Originals } from "../../extension/taps/node/originals.ts";
import { Recorder } from "../../extension/taps/node/recorder.ts";
import type { Settings } from "../../extension/taps/node/settings.ts";
import { TappedSocket } from "../../extension/taps/node/tapped_socket.ts";

/** One record that a program's tap was told of. */
export interface TrueRecord {
  readonly socket: SimulatedSocket;
  readonly direction: "in" | "out";
  /** Microseconds since 1970, as the tap read them. */
  readonly time: number;
  readonly payload: string;
  /** When it was made, milliseconds of the world. */
  readonly worldMs: number;
}

const addresses = new AddressCache();

/** A program with the real tap in it, whose clocks, timers and disk are the world's. */
export class SimulatedProgram {
  readonly pid: number;
  readonly isTapped: boolean;
  /** The capture folder that it records into. */
  readonly folder: string;
  isRunning = true;
  /** Milliseconds of the world when it was killed; undefined where it ended as it should. */
  killedAtMs: number | undefined;
  /** It ended while its tap had something to say, and the disk took nothing. */
  endedSpeechless = false;
  readonly sockets: SimulatedSocket[] = [];
  readonly #originals: Originals;
  readonly #settings: Settings;
  #recorder: Recorder | undefined;

  constructor(pid: number, isTapped: boolean, originals: Originals, settings: Settings) {
    this.pid = pid;
    this.isTapped = isTapped;
    this.#originals = originals;
    this.#settings = settings;
    this.folder = settings.folder;
  }

  /** The tap starts with the first socket. */
  get recorder(): Recorder | undefined {
    if (!this.isTapped) return undefined;
    this.#recorder ??= new Recorder(
      this.#settings,
      {
        process: {
          runtime: "node",
          version: "24.0.0",
          pid: this.pid,
          ppid: 1,
          thread: 0,
          program: `program${this.pid}.js`,
        },
        name: `program${this.pid}.js`,
      },
      this.#originals,
    );
    return this.#recorder;
  }

  now(): number {
    return this.recorder?.clock.now() ?? this.#originals.timeOfDayMs() * 1000;
  }

  bind(address: string, port: number): SimulatedSocket {
    const socket = new SimulatedSocket(this, this.sockets.length + 1, address, port);
    this.sockets.push(socket);
    this.recorder?.bound(socket.tapped, socket.localEnd);
    return socket;
  }

  /** As process.exit() does: the tap has its last chance. */
  exit(isDiskFull: boolean): void {
    if (!this.isRunning) return;
    this.#recorder?.finish();
    this.endedSpeechless = isDiskFull;
    this.#end();
  }

  kill(atMs: number, wasDiskFull: boolean): void {
    if (!this.isRunning) return;
    this.killedAtMs = atMs;
    this.endedSpeechless = wasDiskFull || this.sockets.some(({ tapped }) => tapped.hasUntoldDrops);
    this.#end();
  }

  #end(): void {
    this.isRunning = false;
    for (const socket of this.sockets) socket.isOpen = false;
  }
}

/** A bound socket of a program. */
export class SimulatedSocket {
  readonly program: SimulatedProgram;
  readonly number: number;
  readonly address: string;
  readonly port: number;
  readonly tapped: TappedSocket;
  isOpen = true;

  constructor(program: SimulatedProgram, number: number, address: string, port: number) {
    this.program = program;
    this.number = number;
    this.address = address;
    this.port = port;
    this.tapped = new TappedSocket(number, []);
  }

  get localEnd() {
    const { address, port } = this;
    return { name: formatEndpoint({ address, port }), address: packetAddress(address), port };
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.program.recorder?.closed(this.tapped);
  }

  /** What the tap does when a datagram passes; returns the time that it wrote. */
  passed(
    direction: "in" | "out",
    peer: { readonly address: string; readonly port: number },
    payload: string,
    comment = "",
  ): number {
    const time = this.program.now();
    this.program.recorder?.datagram(
      this.tapped,
      direction === "in" ? Direction.in : Direction.out,
      time,
      packetAddress(peer.address),
      peer.port,
      Buffer.from(payload),
      comment,
    );
    return time;
  }
}

function packetAddress(text: string) {
  return addresses.get(text) ?? { ipv4: 0, ipv6: undefined };
}
