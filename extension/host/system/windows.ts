import { join } from "node:path";
import { parseWin32Processes } from "../../core/system/process_lists.ts";
import type { SystemProcess } from "../../core/system/processes.ts";
import type { MulticastGroup, SystemSocket } from "../../core/system/system_socket.ts";
import { parseWindowsTcp, parseWindowsUdp } from "../../core/system/windows_netstat.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import type { OperatingSystem } from "./operating_system.ts";
import { output, ProcessList, requiredOutput } from "./process_list.ts";

/** JSON in UTF-8, whatever the code page of the system. */
const LIST_PROCESSES =
  "[Console]::OutputEncoding = [Text.Encoding]::UTF8; Get-CimInstance Win32_Process | " +
  "Select-Object ProcessId,ParentProcessId,Name,CommandLine | ConvertTo-Json -Compress";

/**
 * Windows, asked through netstat: it knows all that Get-NetUDPEndpoint does, and costs a fiftieth of starting
 * PowerShell, which is only asked for names, when a process is new.
 */
export class Windows implements OperatingSystem {
  readonly isSearching = false;
  readonly isExpensive = true;
  readonly #system = join(process.env.SystemRoot ?? "C:\\Windows", "System32");
  readonly #netstat = join(this.#system, "netstat.exe");
  readonly #processes = new ProcessList(async () =>
    parseWin32Processes(
      await output(join(this.#system, "WindowsPowerShell\\v1.0\\powershell.exe"), [
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        LIST_PROCESSES,
      ]),
    ),
  );

  /** The table itself tells them. */
  async findOwners(): Promise<void> {}

  async udpSockets(): Promise<SystemSocket[]> {
    const [udp, udp6] = await Promise.all([
      requiredOutput(this.#netstat, ["-ano", "-p", "UDP"]),
      // A machine may have no IPv6.
      output(this.#netstat, ["-ano", "-p", "UDPv6"]),
    ]);
    return parseWindowsUdp(`${udp}\n${udp6}`);
  }

  holds(pid: number, socket: SystemSocket): boolean {
    return socket.pid === pid;
  }

  async tcpListeners(): Promise<Endpoint[]> {
    const [tcp, tcp6] = await Promise.all(
      ["TCP", "TCPv6"].map((protocol) => output(this.#netstat, ["-ano", "-p", protocol])),
    );
    return parseWindowsTcp(`${tcp}\n${tcp6}`);
  }

  async groups(): Promise<MulticastGroup[]> {
    return [];
  }

  process(pid: number): Promise<SystemProcess | undefined> {
    return this.#processes.get(pid);
  }
}
