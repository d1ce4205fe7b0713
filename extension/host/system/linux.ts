import { readFile, readlink } from "node:fs/promises";
import { endianness } from "node:os";
import {
  ProcNetUdp,
  parseProcNetIgmp,
  parseProcNetIgmp6,
  parseProcNetTcp,
} from "../../core/system/proc_net.ts";
import { parseLinuxProcess } from "../../core/system/process_lists.ts";
import type { SystemProcess } from "../../core/system/processes.ts";
import type { MulticastGroup, SystemSocket } from "../../core/system/system_socket.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import type { OperatingSystem } from "./operating_system.ts";
import { SocketOwners } from "./socket_owners.ts";

/** Linux, asked through `/proc` alone: no other program is started. It shows the network namespace that we are in. */
export class Linux implements OperatingSystem {
  readonly isExpensive = false;
  readonly #owners: SocketOwners;
  readonly #proc: string;
  readonly #isLittleEndian = endianness() === "LE";
  /** A line of the table → the same with its owner. */
  readonly #owned = new WeakMap<SystemSocket, SystemSocket>();
  readonly #udp = new ProcNetUdp(this.#isLittleEndian);

  /** `proc` is where procfs is mounted. */
  constructor(proc = "/proc") {
    this.#proc = proc;
    this.#owners = new SocketOwners(proc);
  }

  get isSearching(): boolean {
    return this.#owners.isSearching;
  }

  findOwners(): Promise<void> {
    return this.#owners.searchNow();
  }

  async udpSockets(): Promise<SystemSocket[]> {
    const udp = readFile(`${this.#proc}/net/udp`, "utf8");
    const sockets = this.#udp.read(await Promise.all([udp, this.#net("udp6")]));
    this.#owners.follow(sockets.flatMap(({ inode }) => (inode === undefined ? [] : [inode])));
    return sockets.map((socket) => this.#withOwner(socket));
  }

  /** The same object as before where nothing has changed: then nobody has to look at it again. */
  #withOwner(socket: SystemSocket): SystemSocket {
    const pid = this.#owners.ownerOf(socket.inode);
    const known = this.#owned.get(socket) ?? socket;
    if (known.pid === pid) return known;
    const owned = { ...socket, pid };
    this.#owned.set(socket, owned);
    return owned;
  }

  holds(pid: number, { inode }: SystemSocket): boolean {
    return inode !== undefined && this.#owners.holds(pid, inode);
  }

  async tcpListeners(): Promise<Endpoint[]> {
    const [tcp, tcp6] = await Promise.all([this.#net("tcp"), this.#net("tcp6")]);
    return [tcp, tcp6].flatMap((text) => parseProcNetTcp(text, this.#isLittleEndian));
  }

  async groups(): Promise<MulticastGroup[]> {
    const [igmp, igmp6] = await Promise.all([this.#net("igmp"), this.#net("igmp6")]);
    return [...parseProcNetIgmp(igmp, this.#isLittleEndian), ...parseProcNetIgmp6(igmp6)];
  }

  async process(pid: number): Promise<SystemProcess | undefined> {
    const folder = `${this.#proc}/${pid}`;
    try {
      const [stat, commandLine, executable] = await Promise.all([
        readFile(`${folder}/stat`, "utf8"),
        readFile(`${folder}/cmdline`, "utf8").catch(() => ""),
        // Only for our own processes; the others have their name in stat.
        readlink(`${folder}/exe`).catch(() => ""),
      ]);
      return parseLinuxProcess(pid, stat, commandLine, executable);
    } catch {
      return undefined;
    }
  }

  /** A table of the network; empty where the kernel has none, as without IPv6. */
  #net(name: string): Promise<string> {
    return readFile(`${this.#proc}/net/${name}`, "utf8").catch(() => "");
  }
}
