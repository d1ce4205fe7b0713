import * as vscode from "vscode";
import { boundSockets } from "../../core/capture/bound_sockets.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import {
  isTappableRuntime,
  programName,
  type SystemProcess,
  scriptOf,
} from "../../core/system/processes.ts";
import type { SystemSocket } from "../../core/system/system_socket.ts";
import { canonicalAddress } from "../../core/wire/address.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { OperatingSystem } from "../system/operating_system.ts";
import { WindowProcesses } from "../system/window_processes.ts";

/** A UDP socket of this machine that no tap has told of. */
export interface OtherSocket {
  readonly socket: SystemSocket;
  readonly process: SystemProcess | undefined;
  /** What people call its program, or "". Hostile text. */
  readonly program: string;
  /** True while its process is still being looked for. */
  readonly isSearched: boolean;
  /** True where its process runs in an integrated terminal of this window. */
  readonly isOfThisWindow: boolean;
  /** True for a JavaScript program of this window that the tap could be in, and is not. */
  readonly isUntappedScript: boolean;
}

/** What was found out about a socket's process, once for each state of the window's terminals. */
interface Owner {
  readonly pid: number;
  readonly terminals: number;
  readonly process: SystemProcess | undefined;
  readonly isOfThisWindow: boolean;
}

const REFRESH_MS = 1000;
/** Where asking is expensive, this part of the time is spent with it. */
const MOST_BUSY = 0.01;
const LONGEST_REFRESH_MS = 60_000;
/** How long a tap may take to tell of a new socket. */
const TAP_DELAY_MS = 500;

/**
 * The UDP sockets of this machine as its operating system lists them: what no tap sees, and what the system threw
 * away before a tapped program could see it. Asked at most once a second, and only while {@link watch}ed.
 */
export class SystemSockets implements vscode.Disposable {
  readonly #live: LiveCapture;
  readonly #system: OperatingSystem | undefined;
  readonly #window: WindowProcesses | undefined;
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires after each look at the system's table. */
  readonly onDidRefresh = this.#changed.event;
  #sockets: SystemSocket[] = [];
  #problem: string | undefined;
  readonly #owners = new Map<string, Owner>();
  /** What {@link others} said last, and of what. */
  #listed: { sockets: unknown; revision: number; others: OtherSocket[] } = {
    sockets: undefined,
    revision: -1,
    others: [],
  };
  readonly #others = new Map<string, OtherSocket>();
  /** Socket key → when it was seen first, on the clock of `performance.now()`. */
  readonly #seenAt = new Map<string, number>();
  /** Tapped socket's id → the system's latest word on it, kept when it is closed until the system lists it no more. */
  readonly #matches = new Map<number, SystemSocket>();
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;
  #isWatched = false;

  constructor(live: LiveCapture, system: OperatingSystem | undefined) {
    this.#live = live;
    this.#system = system;
    this.#window = system && new WindowProcesses(system);
  }

  get system(): OperatingSystem | undefined {
    return this.#system;
  }

  /** Why the latest look at the system's table failed, as a short reason; undefined where it did not. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Starts or ends asking again and again. */
  watch(isWatched: boolean): void {
    this.#isWatched = isWatched;
    clearTimeout(this.#timer);
    if (isWatched) void this.#refreshAgain();
  }

  /** Asks the system once, now. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#read().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Asks the system, and waits until it is known which processes have its sockets. */
  async refreshWithOwners(): Promise<void> {
    // What is under way may have read the table before the socket was there that is asked for.
    await this.#refreshing;
    await this.refresh();
    if (this.#sockets.every(({ pid }) => pid !== undefined)) return;
    // They may have been found meanwhile: what was read before does not know it.
    await this.#system?.findOwners();
    await this.refresh();
  }

  /** What the system said last of a tapped socket; undefined where it was not asked, or does not tell them apart. */
  of(socket: CapturedSocket): SystemSocket | undefined {
    return this.#matches.get(socket.id);
  }

  /** The sockets that no tap has told of: those of this window's terminals first, then by port. */
  others(): readonly OtherSocket[] {
    const { revision } = this.#live.capture;
    if (this.#listed.sockets !== this.#sockets || this.#listed.revision !== revision) {
      this.#listed = { sockets: this.#sockets, revision, others: this.#list() };
    }
    return this.#listed.others;
  }

  #list(): OtherSocket[] {
    const tapped = boundSockets(this.#live.capture);
    const tappedPids = new Set(tapped.map(({ program }) => program.pid));
    // Also of those that have just been closed: the table is up to a second old.
    const matched = new Set([...this.#matches.values()].map(({ key }) => key));
    const isTapped = (socket: SystemSocket) =>
      matched.has(socket.key) ||
      tapped.some(
        ({ local, program }) =>
          local !== undefined &&
          isSameEnd(local, socket) &&
          (socket.pid === undefined || socket.pid === program.pid),
      );
    return this.#sockets
      .filter((socket) => !isTapped(socket))
      .map((socket) => this.#other(socket, tappedPids))
      .sort(
        (a, b) =>
          Number(b.isOfThisWindow) - Number(a.isOfThisWindow) ||
          a.socket.port - b.socket.port ||
          a.socket.family.localeCompare(b.socket.family) ||
          a.socket.key.localeCompare(b.socket.key),
      );
  }

  dispose(): void {
    this.watch(false);
    this.#window?.dispose();
    this.#changed.dispose();
  }

  async #refreshAgain(): Promise<void> {
    const start = performance.now();
    await this.refresh();
    if (!this.#isWatched) return;
    const took = performance.now() - start;
    const rest = this.#system?.isExpensive
      ? Math.min(Math.max(REFRESH_MS, took / MOST_BUSY), LONGEST_REFRESH_MS)
      : REFRESH_MS;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refreshAgain(), rest);
  }

  async #read(): Promise<void> {
    if (!this.#system) return;
    const sockets = await this.#ask(this.#system);
    const keys = new Set(sockets.map(({ key }) => key));
    for (const known of [this.#owners, this.#seenAt, this.#others]) {
      for (const key of known.keys()) if (!keys.has(key)) known.delete(key);
    }
    for (const { key } of sockets) {
      if (!this.#seenAt.has(key)) this.#seenAt.set(key, performance.now());
    }
    this.#match(this.#system, sockets);
    await this.#findOwners(this.#system, sockets);
    this.#sockets = sockets;
    this.#changed.fire();
  }

  /** Nothing where it fails: what was there before may be gone. */
  async #ask(system: OperatingSystem): Promise<SystemSocket[]> {
    try {
      const sockets = await system.udpSockets();
      this.#problem = undefined;
      return sockets;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      return [];
    }
  }

  /** Finds the line of each tapped socket: by process, address and port, where that says which one it is. */
  #match(system: OperatingSystem, sockets: readonly SystemSocket[]): void {
    const byKey = new Map(sockets.map((socket) => [socket.key, socket]));
    const byPort = new Map<number, SystemSocket[]>();
    for (const socket of sockets) {
      const { port } = socket;
      const known = byPort.get(port);
      if (known) known.push(socket);
      else byPort.set(port, [socket]);
    }
    const bound = boundSockets(this.#live.capture);
    const boundIds = new Set(bound.map(({ id }) => id));
    // The system may still list a socket for a moment that is closed: it is nobody else's.
    for (const [id, { key }] of this.#matches) {
      if (!boundIds.has(id) && !byKey.has(key)) this.#matches.delete(id);
    }
    const taken = new Set<string>();
    const unmatched: CapturedSocket[] = [];
    for (const socket of bound) {
      const known = byKey.get(this.#matches.get(socket.id)?.key ?? "");
      if (known && socket.local && isSameEnd(socket.local, known)) {
        this.#matches.set(socket.id, known);
        taken.add(known.key);
      } else unmatched.push(socket);
    }
    for (const { id, local, program } of unmatched) {
      const { pid } = program;
      if (!local || pid === undefined) continue;
      const [line, ...more] = (byPort.get(local.port) ?? []).filter(
        (socket) => !taken.has(socket.key) && isSameEnd(local, socket) && system.holds(pid, socket),
      );
      // Two sockets of one process on one port: whose line is whose, nobody tells.
      if (line && more.length === 0) this.#matches.set(id, line);
    }
  }

  async #findOwners(system: OperatingSystem, sockets: readonly SystemSocket[]): Promise<void> {
    const found = new Map<number, Owner>();
    const { revision: terminals = 0 } = this.#window ?? {};
    for (const { key, pid } of sockets) {
      const known = this.#owners.get(key);
      if (pid === undefined || (known?.pid === pid && known.terminals === terminals)) continue;
      const owner = found.get(pid) ?? {
        pid,
        terminals,
        process: await system.process(pid),
        isOfThisWindow: (await this.#window?.has(pid)) ?? false,
      };
      found.set(pid, owner);
      this.#owners.set(key, owner);
    }
  }

  #other(socket: SystemSocket, tappedPids: ReadonlySet<number | undefined>): OtherSocket {
    const { process, isOfThisWindow = false } = this.#owners.get(socket.key) ?? {};
    const age = performance.now() - (this.#seenAt.get(socket.key) ?? Number.POSITIVE_INFINITY);
    const isUntappedScript =
      isOfThisWindow &&
      process !== undefined &&
      isTappableRuntime(process) &&
      scriptOf(process) !== "" &&
      !tappedPids.has(process.pid) &&
      age > TAP_DELAY_MS;
    const isSearched = socket.pid === undefined && this.#system?.isSearching === true;
    const known = this.#others.get(socket.key);
    if (
      known?.socket === socket &&
      known.process === process &&
      known.isOfThisWindow === isOfThisWindow &&
      known.isUntappedScript === isUntappedScript &&
      known.isSearched === isSearched
    ) {
      return known;
    }
    const program = programName(process, socket.processName);
    const other = { socket, process, program, isSearched, isOfThisWindow, isUntappedScript };
    this.#others.set(socket.key, other);
    return other;
  }
}

/** True where both are one address and port, however each is written. */
function isSameEnd(one: Endpoint, other: Endpoint): boolean {
  return (
    one.port === other.port && canonicalAddress(one.address) === canonicalAddress(other.address)
  );
}
