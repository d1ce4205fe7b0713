import type { SystemProcess } from "../../core/system/processes.ts";
import type { MulticastGroup, SystemSocket } from "../../core/system/system_socket.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import type { OperatingSystem } from "./operating_system.ts";

/** An operating system that is loaded when it is first asked: what nobody looks at costs an activation nothing. */
export class LazySystem implements OperatingSystem {
  readonly isExpensive: boolean;
  readonly #load: () => Promise<OperatingSystem>;
  #loading: Promise<OperatingSystem> | undefined;
  #system: OperatingSystem | undefined;

  constructor(load: () => Promise<OperatingSystem>, isExpensive = false) {
    this.#load = load;
    this.isExpensive = isExpensive;
  }

  async udpSockets(): Promise<SystemSocket[]> {
    return (await this.#loaded()).udpSockets();
  }

  get isSearching(): boolean {
    return this.#system?.isSearching ?? false;
  }

  async findOwners(): Promise<void> {
    await (await this.#loaded()).findOwners();
  }

  /** Only of sockets that it has told of, so it is there. */
  holds(pid: number, socket: SystemSocket): boolean {
    return this.#system?.holds(pid, socket) ?? false;
  }

  async tcpListeners(): Promise<Endpoint[]> {
    return (await this.#loaded()).tcpListeners();
  }

  async groups(): Promise<MulticastGroup[]> {
    return (await this.#loaded()).groups();
  }

  async process(pid: number): Promise<SystemProcess | undefined> {
    return (await this.#loaded()).process(pid);
  }

  async #loaded(): Promise<OperatingSystem> {
    this.#loading ??= this.#load();
    this.#system = await this.#loading;
    return this.#system;
  }
}
