import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSegmentName } from "../../extension/core/wire/tap_identity.ts";
import { CaptureFolder } from "../../extension/host/capture/capture_folder.ts";
import { type FileSystem, originals } from "../../extension/taps/node/originals.ts";
import { collides, isWildcardFor, receiverOf, type TrueDatagram } from "./network.ts";
import type { Event, Fate } from "./plan.ts";
import { SimulatedProgram, type SimulatedSocket, type TrueRecord } from "./program.ts";
import { Sniffer } from "./sniffer.ts";

/** When the world begins by its clock, milliseconds since 1970. */
const BEGIN_MS = 1_800_000_000_000;
/** Each look at a clock takes so long, milliseconds: no two records have the same time. */
const LOOK_MS = 0.002;
/** Small, so that the quota and the end of a segment are met. */
const QUOTA = 4_000_000;
const SEGMENT = 8_000;
/** What a tap has to say is in the file so soon, milliseconds. */
const FLUSH_MS = 25;
/** Bytes that a window lets the folder hold: less than any tap does, as in the product. */
const WINDOW_QUOTA = 60_000;
/** The same in a world of streams, of which something shall be left. */
const ROOMY_QUOTA = 400_000;
/** So much more does a thrifty tap. */
const THRIFTY_MORE = 10_000;
const WORKSPACES = ["file:///home/one", "file:///home/other"] as const;

interface Task {
  readonly atMs: number;
  readonly number: number;
  readonly run: () => void;
}

/** Programs, their sockets, the network between them and the disk below them; and the truth about all of it. */
export class World {
  readonly windowQuota: number;
  /** The capture folders, one a workspace. */
  readonly folders: readonly string[];
  readonly datagrams: TrueDatagram[] = [];
  readonly records: TrueRecord[] = [];
  readonly programs: SimulatedProgram[] = [];
  readonly sockets: SimulatedSocket[] = [];
  /** True once somebody has set the clock: times of two programs may then disagree for a while. */
  isClockSet = false;
  /** Folders in which somebody has removed a file, or has cut one. */
  readonly removed = new Set<string>();
  readonly cut = new Set<string>();
  /** Where the files belong that somebody has taken away → where they are. */
  readonly #hidden = new Map<string, string>();
  /** When the capture of each folder was cleared last, milliseconds of the world. */
  readonly clearedAtMs = new Map<string, number>();
  /** Milliseconds since the world began. */
  nowMs = 0;
  /** What the extension would be given to keep its files in. */
  readonly storage = mkdtempSync(join(tmpdir(), "udp-simulation-"));
  readonly #tasks: Task[] = [];
  readonly #sniffers: Sniffer[] = [];
  #taskNumber = 0;
  #setByMs = 0;
  #isDiskFull = false;
  #fullUntilMs = Number.NEGATIVE_INFINITY;
  /** Descriptors that taps have open: the system closes them when a program is killed, and we when the world ends. */
  readonly #openFiles = new Set<number>();

  /** @param isRoomy its windows keep a stream whole */
  constructor(isRoomy: boolean) {
    this.windowQuota = isRoomy ? ROOMY_QUOTA : WINDOW_QUOTA;
    this.folders = WORKSPACES.map((uri) =>
      join(CaptureFolder.parentIn(this.storage), CaptureFolder.nameOf(uri)),
    );
  }

  remove(): void {
    for (const sniffer of this.#sniffers) sniffer.end();
    for (const fd of this.#openFiles) closeSync(fd);
    rmSync(this.storage, { recursive: true, force: true });
  }

  /** The time of day by the machine's clock, milliseconds since 1970, not rounded. */
  get timeOfDayMs(): number {
    return BEGIN_MS + this.nowMs + this.#setByMs;
  }

  /** Whether a program, or a command that captures, runs by that process id. */
  isRunning(pid: number): boolean {
    return [...this.programs, ...this.#sniffers].some(
      (process) => process.pid === pid && process.isRunning,
    );
  }

  /** Somebody has cleared a capture: what was recorded so far is not to be shown any more. */
  clear(folder: string): void {
    this.clearedAtMs.set(folder, this.nowMs);
  }

  /** Does what an event says, unless it has no sense now. Events of windows are not the world's. */
  apply(event: Event): void {
    switch (event.kind) {
      case "start":
        this.programs.push(
          new SimulatedProgram(1000 + this.programs.length, !event.untapped, this.#originals, {
            folder: this.folders[event.workspace] ?? "",
            quota: event.isThrifty ? this.windowQuota + THRIFTY_MORE : QUOTA,
            segment: SEGMENT,
            snapLength: 1 << 20,
          }),
        );
        break;
      case "bind": {
        const program = at(this.programs, event.program);
        if (program?.isRunning) this.#bind(program, event.address, event.port);
        break;
      }
      case "close":
        at(this.sockets, event.socket)?.close();
        break;
      case "send": {
        const socket = at(this.sockets, event.socket);
        const to = event.to === "nobody" ? undefined : at(this.sockets, event.to);
        if (socket?.isOpen) this.#send(socket, to, event);
        break;
      }
      case "burst": {
        const socket = at(this.sockets, event.socket);
        const to = at(this.sockets, event.to);
        for (let number = 0; number < event.count && socket?.isOpen; number++) {
          const payload = `${this.datagrams.length} `.padEnd(1000);
          this.#send(socket, to, { payload, fate: "arrives", delay: 0 });
          this.pass(0.5);
        }
        break;
      }
      case "stream": {
        const socket = at(this.sockets, event.socket);
        const to = at(this.sockets, event.to);
        for (let number = 0; number < event.count && socket?.isOpen; number++) {
          this.#send(socket, to, { payload: "tick", fate: "arrives", delay: event.delay });
          this.pass(event.gap);
        }
        break;
      }
      case "sniff": {
        const folder = this.folders[event.workspace] ?? "";
        const running = this.#sniffers.find(
          (sniffer) => sniffer.folder === folder && sniffer.isRunning,
        );
        if (running) running.end();
        else {
          this.#sniffers.push(new Sniffer(folder, 500 + this.#sniffers.length, this.timeOfDayMs));
        }
        break;
      }
      case "exit":
        at(this.programs, event.program)?.exit(this.#isDiskFull);
        break;
      case "kill":
        at(this.programs, event.program)?.kill(
          this.nowMs,
          this.nowMs < this.#fullUntilMs + FLUSH_MS,
        );
        break;
      case "disk":
        if (this.#isDiskFull) this.#fullUntilMs = this.nowMs;
        this.#isDiskFull = event.isFull;
        if (event.isFull) this.#fullUntilMs = Number.POSITIVE_INFINITY;
        break;
      case "harm":
        this.#harm(event.how, this.folders[event.workspace] ?? "", event.file);
        break;
      case "pass":
        this.pass(event.milliseconds);
        break;
      case "setClock":
        this.#setByMs += event.byMilliseconds;
        this.isClockSet = true;
        break;
      default:
        break;
    }
  }

  /** Lets time pass, and whatever is due meanwhile happen. */
  pass(milliseconds: number): void {
    const endMs = this.nowMs + milliseconds;
    for (;;) {
      const next = this.#tasks[0];
      if (!next || next.atMs > endMs) break;
      this.#tasks.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  /** Brings the files back that were taken away. */
  restore(): void {
    for (const [path, hidden] of this.#hidden) {
      if (existsSync(hidden) && !existsSync(path)) renameSync(hidden, path);
    }
    this.#hidden.clear();
  }

  #harm(how: "remove" | "cut" | "hide" | "plant" | "spoil", folder: string, number: number): void {
    const names = existsSync(folder) ? readdirSync(folder).filter(CaptureFolder.isSegment) : [];
    const name = at(names.sort(), number);
    if (how === "hide" && this.#hidden.size > 0) {
      this.restore();
      return;
    }
    if (name === undefined) return;
    const path = join(folder, name);
    if (how === "spoil") {
      if (!statSync(path).isFile()) return;
      this.cut.add(folder);
      appendFileSync(path, "this is no block of a capture file");
    } else if (how === "plant") {
      const planted = join(
        folder,
        `${Math.floor(this.timeOfDayMs)}-${400 + (number % 3)}.0-000001.pcapng`,
      );
      if (existsSync(planted)) return;
      if (number % 3 === 0) mkdirSync(planted);
      else writeFileSync(planted, number % 3 === 1 ? "" : "not a capture file, but as long as one");
    } else if (this.#isWritten(name, names)) return;
    else if (how === "hide") {
      const hidden = join(this.storage, name);
      renameSync(path, hidden);
      this.#hidden.set(path, hidden);
    } else if (statSync(path).isFile()) {
      (how === "remove" ? this.removed : this.cut).add(folder);
      if (how === "remove") rmSync(path);
      else truncateSync(path, Math.floor((statSync(path).size * number) / 100));
    }
  }

  /** Whether it is the file that a program writes to now: of what it says there from then on nobody could know. */
  #isWritten(name: string, names: readonly string[]): boolean {
    const pidOf = (other: string) => parseSegmentName(other)?.pid ?? 0;
    const pid = pidOf(name);
    return this.isRunning(pid) && name === names.findLast((other) => pidOf(other) === pid);
  }

  #bind(program: SimulatedProgram, address: string, port: number): void {
    if (this.sockets.some((socket) => collides(socket, address, port))) return;
    this.sockets.push(program.bind(address, port));
  }

  #send(
    from: SimulatedSocket,
    to: SimulatedSocket | undefined,
    { payload, fate, delay }: { payload: string; fate: Fate; delay: number },
  ): void {
    const toAddress = to ? reachable(from, to) : "127.0.0.1";
    if (toAddress === undefined) return;
    const toPort = to?.port ?? 9;
    const sentAt = from.passed("out", { address: toAddress, port: toPort }, payload);
    this.#note(from, "out", sentAt, payload);
    const seenAt = Math.floor(this.timeOfDayMs * 1000);
    for (const sniffer of this.#sniffers) {
      sniffer.saw(seenAt, sourceOf(from, toAddress), from.port, toAddress, toPort, payload);
    }
    const expectedBy = receiverOf(this.sockets, toAddress, toPort);
    const datagram = { from, toAddress, toPort, payload, sentAt, seenAt, expectedBy, arrivals: [] };
    this.datagrams.push(datagram);
    const times = fate === "lost" ? 0 : fate === "doubled" ? 2 : 1;
    for (let time = 0; time < times; time++) {
      // The way through the loopback takes some microseconds at least; the second one comes behind.
      this.#later(0.01 + delay + time, () => this.#arrive(datagram));
    }
  }

  #arrive(datagram: TrueDatagram): void {
    const { from, toAddress, toPort, payload } = datagram;
    const by = receiverOf(this.sockets, toAddress, toPort);
    if (!by) return;
    const address = sourceOf(from, toAddress);
    const at = by.passed("in", { address, port: from.port }, payload);
    datagram.arrivals.push({ by, at });
    this.#note(by, "in", at, payload);
  }

  #note(socket: SimulatedSocket, direction: "in" | "out", time: number, payload: string): void {
    if (!socket.program.isTapped) return;
    this.records.push({ socket, direction, time, payload, worldMs: this.nowMs });
  }

  #later(milliseconds: number, run: () => void): void {
    const task = { atMs: this.nowMs + milliseconds, number: this.#taskNumber++, run };
    const behind = this.#tasks.findIndex(({ atMs }) => atMs > task.atMs);
    this.#tasks.splice(behind < 0 ? this.#tasks.length : behind, 0, task);
  }

  /** What a tap finds instead of the machine's own. A program that has ended runs no timer. */
  get #originals() {
    const program = this.programs.length;
    const fs: FileSystem = {
      ...originals.fs,
      writeSync: ((...words: Parameters<FileSystem["writeSync"]>) => {
        if (this.#isDiskFull) throw Object.assign(new Error("full"), { code: "ENOSPC" });
        return originals.fs.writeSync(...words);
      }) as FileSystem["writeSync"],
      openSync: ((...words: Parameters<FileSystem["openSync"]>) => {
        const fd = originals.fs.openSync(...words);
        this.#openFiles.add(fd);
        return fd;
      }) as FileSystem["openSync"],
      closeSync: (fd) => {
        this.#openFiles.delete(fd);
        originals.fs.closeSync(fd);
      },
    };
    return {
      fs,
      monotonicMs: () => {
        this.nowMs += LOOK_MS;
        return this.nowMs;
      },
      timeOfDayMs: () => Math.floor(this.timeOfDayMs),
      clearTimeout: globalThis.clearTimeout,
      setImmediate: globalThis.setImmediate,
      isDebugged: () => false,
      setTimeout: ((task: () => void, delay: number) => {
        this.#later(delay, () => {
          if (this.programs[program]?.isRunning) task();
        });
        return { unref: () => {} };
      }) as unknown as typeof globalThis.setTimeout,
    };
  }
}

/** The item of that number, taken modulo as many as there are. */
export function at<T>(items: readonly T[], number: number): T | undefined {
  return items[number % Math.max(1, items.length)];
}

/** The address by which one socket reaches another; undefined where it cannot. */
function reachable(from: SimulatedSocket, to: SimulatedSocket): string | undefined {
  const isIpv6 = (address: string) => address.includes(":");
  const address = to.address === "0.0.0.0" ? "127.0.0.1" : to.address === "::" ? "::1" : to.address;
  if (from.address === "::") return address;
  return isIpv6(from.address) === isIpv6(address) ? address : undefined;
}

/** What the receiver sees as the sender: of a wildcard, what the system chooses. */
function sourceOf(from: SimulatedSocket, toAddress: string): string {
  if (!isWildcardFor(from.address, toAddress)) return from.address;
  return toAddress.includes(":") ? "::1" : "127.0.0.1";
}
