import { readdirSync, readlinkSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

/** A slice of the search takes no longer, so that nothing else in the extension host has to wait. */
const SLICE_MS = 2;
const PAUSE_MS = 20;
/** What the search may take of a processor, in milliseconds a second; what is left over is saved up to the limit. */
const BUDGET_MS_PER_SECOND = 4;
const MOST_SAVED_MS = 200;
/** How soon an owner that was not found is looked for again; it doubles each time. */
const RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 300_000;
/** Each call of `follow` looks whether one owner in so many still has its socket. */
const VERIFY_PART = 10;

interface Owner {
  readonly pid: number;
  readonly fd: string;
}

interface Miss {
  tries: number;
  /** When to look again, on the clock of `performance.now()`. */
  at: number;
}

/**
 * Finds out which process has a socket open, by what `/proc/PID/fd` points to (proc_pid_fd(5)). That is the expensive
 * part of listing sockets, so it is done once a socket, bit by bit, and within a budget.
 */
export class SocketOwners {
  readonly #proc: string;
  readonly #owners = new Map<number, Owner>();
  /** Not looked for yet, or to be looked for again. */
  readonly #wanted = new Set<number>();
  readonly #missed = new Map<number, Miss>();
  /** `pid inode` → whether it holds it, for {@link holds}. */
  readonly #held = new Map<string, boolean>();
  /** Processes that the current pass has yet to look at; the next one is the last. */
  #pids: number[] = [];
  /** What is wanted since before the current pass began: not found by its end, it is nowhere. */
  #passInodes = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #savedMs = MOST_SAVED_MS;
  #savedAt = performance.now();
  #round = 0;

  constructor(proc = "/proc") {
    this.#proc = proc;
  }

  get isSearching(): boolean {
    return this.#wanted.size > 0;
  }

  /** The process that has the socket, where it is known. */
  ownerOf(inode: number | undefined): number | undefined {
    return inode === undefined ? undefined : this.#owners.get(inode)?.pid;
  }

  /** Looks for the owners of these sockets, and forgets all others. */
  follow(inodes: readonly number[]): void {
    const now = performance.now();
    const open = new Set(inodes);
    for (const known of [this.#owners, this.#missed]) {
      for (const inode of known.keys()) if (!open.has(inode)) known.delete(inode);
    }
    for (const inode of this.#wanted) if (!open.has(inode)) this.#wanted.delete(inode);
    for (const key of this.#held.keys()) {
      if (!open.has(Number(key.split(" ")[1]))) this.#held.delete(key);
    }
    this.#verifySome();
    for (const inode of open) {
      if (this.#owners.has(inode) || (this.#missed.get(inode)?.at ?? 0) > now) continue;
      this.#wanted.add(inode);
    }
    if (this.#wanted.size > 0) this.#timer ??= setTimeout(this.#searchOn, 0).unref();
  }

  /** True where a process has the socket open, whoever else has; looks once. */
  holds(pid: number, inode: number): boolean {
    if (this.#owners.get(inode)?.pid === pid) return true;
    const key = `${pid} ${inode}`;
    const known = this.#held.get(key);
    if (known !== undefined) return known;
    const fds = this.#socketsOf(pid);
    // A process that is gone, or may not be looked into, may be another one next time.
    if (!fds) return false;
    this.#held.set(key, fds.has(inode));
    const fd = fds.get(inode);
    if (fd !== undefined && !this.#owners.has(inode)) this.#found(inode, { pid, fd });
    return fd !== undefined;
  }

  /** Searches to the end without a budget, but still bit by bit. */
  async searchNow(): Promise<void> {
    while (this.#wanted.size > 0) {
      this.#searchFor(SLICE_MS);
      await setImmediate();
    }
  }

  readonly #searchOn = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    this.#savedMs = Math.min(
      MOST_SAVED_MS,
      this.#savedMs + ((now - this.#savedAt) / 1000) * BUDGET_MS_PER_SECOND,
    );
    this.#savedAt = now;
    const before = process.cpuUsage();
    this.#searchFor(Math.min(SLICE_MS, this.#savedMs));
    // Not by the clock: where other programs have the processor, their time would be spent, and the search take minutes.
    const { user, system } = process.cpuUsage(before);
    this.#savedMs -= (user + system) / 1000;
    if (this.#wanted.size > 0) this.#timer = setTimeout(this.#searchOn, PAUSE_MS).unref();
  };

  #searchFor(durationMs: number): void {
    const end = performance.now() + durationMs;
    while (this.#wanted.size > 0 && performance.now() < end) this.#searchOne();
    if (this.#wanted.size > 0) return;
    this.#pids = [];
    this.#passInodes.clear();
  }

  /** Looks into one process; at the end of a pass, gives up what was in none. */
  #searchOne(): void {
    const pid = this.#pids.pop();
    if (pid === undefined) {
      for (const inode of this.#passInodes) if (this.#wanted.has(inode)) this.#miss(inode);
      this.#passInodes = new Set(this.#wanted);
      this.#pids = this.#wanted.size > 0 ? this.#pidsToSearch() : [];
      return;
    }
    for (const [inode, fd] of this.#socketsOf(pid) ?? []) {
      if (this.#wanted.has(inode)) this.#found(inode, { pid, fd });
    }
  }

  /** All processes, the likeliest last: the newest, and after them those that have UDP sockets already. */
  #pidsToSearch(): number[] {
    const owners = new Set([...this.#owners.values()].map(({ pid }) => pid));
    const pids = list(this.#proc).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
    return pids.sort((a, b) => Number(owners.has(a)) - Number(owners.has(b)) || a - b);
  }

  #found(inode: number, owner: Owner): void {
    this.#wanted.delete(inode);
    this.#missed.delete(inode);
    this.#owners.set(inode, owner);
  }

  #miss(inode: number): void {
    this.#wanted.delete(inode);
    const tries = (this.#missed.get(inode)?.tries ?? 0) + 1;
    const wait = Math.min(RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS);
    this.#missed.set(inode, { tries, at: performance.now() + wait });
  }

  /** An owner may have ended and left its socket to a child. */
  #verifySome(): void {
    this.#round = (this.#round + 1) % VERIFY_PART;
    for (const [inode, { pid, fd }] of this.#owners) {
      if (inode % VERIFY_PART !== this.#round) continue;
      if (socketInode(`${this.#proc}/${pid}/fd/${fd}`) !== inode) this.#owners.delete(inode);
    }
  }

  /** Inode → file descriptor of the sockets that a process has open; undefined where it may not be seen or is gone. */
  #socketsOf(pid: number): Map<number, string> | undefined {
    const folder = `${this.#proc}/${pid}/fd`;
    const sockets = new Map<number, string>();
    try {
      for (const fd of readdirSync(folder)) {
        const inode = socketInode(`${folder}/${fd}`);
        if (inode !== undefined) sockets.set(inode, fd);
      }
      return sockets;
    } catch {
      return undefined;
    }
  }
}

/** The inode of `socket:[12345]`; undefined for anything else, and where it is gone. */
function socketInode(path: string): number | undefined {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
    return inode === undefined ? undefined : Number(inode);
  } catch {
    return undefined;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
