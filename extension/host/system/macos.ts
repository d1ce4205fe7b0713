import { parseMacosTcp, parseMacosUdp } from "../../core/system/macos_netstat.ts";
import { parsePs } from "../../core/system/process_lists.ts";
import type { SystemProcess } from "../../core/system/processes.ts";
import type { MulticastGroup, SystemSocket } from "../../core/system/system_socket.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import type { OperatingSystem } from "./operating_system.ts";
import { output, ProcessList, requiredOutput } from "./process_list.ts";

/** macOS, asked through netstat, which tells owners and queues of everybody's sockets; lsof only tells one's own. */
export class Macos implements OperatingSystem {
  readonly isSearching = false;
  readonly isExpensive = true;
  readonly #processes = new ProcessList(async () =>
    parsePs(await output("/bin/ps", ["-axwwo", "pid=,ppid=,command="])),
  );

  /** The table itself tells them. */
  async findOwners(): Promise<void> {}

  async udpSockets(): Promise<SystemSocket[]> {
    return parseMacosUdp(await requiredOutput("/usr/sbin/netstat", ["-anvW", "-p", "udp"]));
  }

  holds(pid: number, socket: SystemSocket): boolean {
    return socket.pid === pid;
  }

  async tcpListeners(): Promise<Endpoint[]> {
    return parseMacosTcp(await output("/usr/sbin/netstat", ["-anW", "-p", "tcp"]));
  }

  async groups(): Promise<MulticastGroup[]> {
    return [];
  }

  process(pid: number): Promise<SystemProcess | undefined> {
    return this.#processes.get(pid);
  }
}
