import type { SystemProcess } from "../../core/system/processes.ts";
import type { MulticastGroup, SystemSocket } from "../../core/system/system_socket.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import { LazySystem } from "./lazy_system.ts";

/** What the operating system tells of the sockets and processes of this machine. */
export interface OperatingSystem {
  /**
   * The UDP sockets that are bound now. Owners that have to be looked for may come with a later call; then
   * {@link isSearching} is true. Rejects with a short reason where the system cannot be asked.
   */
  udpSockets(): Promise<SystemSocket[]>;
  /** True while there are sockets whose owner is still being looked for. */
  readonly isSearching: boolean;
  /** Looks for them without sparing anything, because somebody waits; the next call of `udpSockets` tells them. */
  findOwners(): Promise<void>;
  /** True where each question starts another program, so that asking often is expensive. */
  readonly isExpensive: boolean;
  /** True where this process holds this socket, too: it can be inherited. */
  holds(pid: number, socket: SystemSocket): boolean;
  /** The local ends that are listened on over TCP. */
  tcpListeners(): Promise<Endpoint[]>;
  /** The multicast groups that the interfaces of this machine have joined; empty where the system does not tell. */
  groups(): Promise<MulticastGroup[]>;
  /** The process with that id, or undefined where there is none, or none that may be seen. */
  process(pid: number): Promise<SystemProcess | undefined>;
}

let shared: OperatingSystem | undefined;

/** The one that this extension host runs on; undefined where there is none that we can ask. */
export function thisSystem(): OperatingSystem | undefined {
  shared ??= makeSystem();
  return shared;
}

function makeSystem(): OperatingSystem | undefined {
  if (process.platform === "linux") {
    return new LazySystem(async () => new (await import("./linux.ts")).Linux());
  }
  // Other programs tell there, which have to be started.
  const isExpensive = true;
  if (process.platform === "darwin") {
    return new LazySystem(async () => new (await import("./macos.ts")).Macos(), isExpensive);
  }
  if (process.platform === "win32") {
    return new LazySystem(async () => new (await import("./windows.ts")).Windows(), isExpensive);
  }
  return undefined;
}
