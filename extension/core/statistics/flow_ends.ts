import type { Flow, FlowTable } from "../capture/flow_table.ts";
import { formatAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";

/** Pairs of ports of which addresses are known; beyond them, a socket of all addresses is told as such. */
const MOST_PAIRS = 1 << 17;

/** Several addresses may be meant. */
const SEVERAL = "";

/**
 * The two ends of flows, so that what both ends recorded has the same ones. A socket that is bound to all addresses is recorded
 * as `0.0.0.0`; whoever it talks with knows it by another address. That one is meant, where one alone has the two ports in common
 * with it; else it stays as it is.
 */
export class FlowEnds {
  readonly #flows: FlowTable;
  /** Two ports → the address that has the first of them, or {@link SEVERAL}. */
  readonly #addresses = new Map<number, string>();
  /** Two ports, the first of a socket that is bound to all addresses. */
  readonly #wide = new Set<number>();
  readonly #widePorts = new Set<number>();
  #known = 0;
  #size = 0;

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  /**
   * Takes in what flows there are now; `isAnew`: some that were there may have gone. True where something else may be told of
   * those that were there.
   */
  update(isAnew: boolean): boolean {
    const { size, end } = this.#flows;
    if (isAnew) this.#forget();
    else if (size === this.#size && end === this.#known) return false;
    let isOther = isAnew;
    // Where some have gone, others may have got their places.
    const hasGaps = size < end;
    const flows = hasGaps ? this.#flows.values() : this.#from(this.#known);
    for (const flow of flows) if (this.#note(flow)) isOther = true;
    this.#known = end;
    this.#size = size;
    return isOther;
  }

  source(flow: Flow): Endpoint {
    const { sourcePort: port, destinationPort: other } = flow;
    return { address: this.#address(flow.sourceAddress, port, other), port };
  }

  destination(flow: Flow): Endpoint {
    const { destinationPort: port, sourcePort: other } = flow;
    return { address: this.#address(flow.destinationAddress, port, other), port };
  }

  /** True for a port of a socket that is bound to all addresses: what it sent is found by the port alone. */
  isWide(port: number): boolean {
    return this.#widePorts.has(port);
  }

  *#from(first: number): Iterable<Flow> {
    for (let id = first; id < this.#flows.end; id++) yield this.#flows.get(id);
  }

  #forget(): void {
    this.#addresses.clear();
    this.#wide.clear();
    this.#widePorts.clear();
    this.#known = 0;
  }

  #address(bytes: Uint8Array, port: number, other: number): string {
    if (!isWildcard(bytes)) return addressText(bytes);
    const known = this.#addresses.get(pairOf(port, other));
    return known === undefined || known === SEVERAL ? addressText(bytes) : known;
  }

  /** True where something else is told of other flows now. */
  #note(flow: Flow): boolean {
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = flow;
    const source = this.#noteEnd(sourceAddress, sourcePort, destinationPort);
    return this.#noteEnd(destinationAddress, destinationPort, sourcePort) || source;
  }

  #noteEnd(bytes: Uint8Array, port: number, other: number): boolean {
    const pair = pairOf(port, other);
    if (isWildcard(bytes)) {
      this.#wide.add(pair);
      this.#widePorts.add(port);
      return false;
    }
    const known = this.#addresses.get(pair);
    const address = addressText(bytes);
    if (known === address || known === SEVERAL) return false;
    if (known === undefined && this.#addresses.size >= MOST_PAIRS) return false;
    this.#addresses.set(pair, known === undefined ? address : SEVERAL);
    return this.#wide.has(pair);
  }
}

function pairOf(port: number, other: number): number {
  return port * 65_536 + other;
}

function isWildcard(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function addressText(bytes: Uint8Array): string {
  return formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16);
}
