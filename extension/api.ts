import type { Event } from "vscode";
import type { Endpoint } from "./core/wire/endpoint.ts";

/**
 * What `activate()` returns, for tests and other extensions:
 *
 *     const udp = await vscode.extensions.getExtension<UdpWorkbench>("udp-workbench.udp-workbench")?.activate();
 */
export interface UdpWorkbench {
  /** The ports that tapped programs have bound now. */
  ports(): BoundPort[];
  /**
   * The UDP sockets of this machine that no tap has told of, as the operating system lists them now. Brings
   * {@link BoundPort.lostInReceiveBuffer} up to date as well. Empty where the system cannot be asked.
   */
  otherSockets(): Promise<OtherSocket[]>;
  /**
   * Captured datagrams in the order of their time, from position `from` (default 0) up to, but not including, `to`
   * (default: all there are). Positions move when a record of another program arrives late.
   *
   * @throws RangeError when `from` or `to` is no whole number from 0 on.
   */
  datagrams(range?: { from?: number; to?: number }): Promise<Datagram[]>;
  /** Fires after datagrams, ports or their counts have changed, at most 20 times a second. */
  readonly onDidCapture: Event<CaptureState>;
}

export interface CaptureState {
  /** Datagrams in the table. */
  readonly datagrams: number;
  /** Records that are known to be missing. */
  readonly notRecorded: number;
}

/** A UDP socket that is bound. `address` is a wildcard (`0.0.0.0`, `::`) where the program asked for one. */
export interface BoundPort extends Endpoint {
  /** Process id of the program. */
  readonly pid: number | undefined;
  /** Basename of the program, `udp_server.ts`. */
  readonly program: string;
  /** Datagrams so far. */
  readonly received: number;
  readonly sent: number;
  /** Records that the tap had to leave out. */
  readonly notRecorded: number;
  /**
   * Datagrams that the system threw away before the program could receive them, as of the latest look at its table: at
   * most a second ago while the Bound Ports view is visible. Undefined where it is not known: only Linux tells.
   */
  readonly lostInReceiveBuffer: number | undefined;
  /** Those that were heard last first; of more than 100,000 only so many. */
  readonly peers: readonly Peer[];
  /**
   * What passed between the port and others than {@link peers}: their datagrams had to go because the capture folder was
   * full, or there are more than 100,000 peers.
   */
  readonly others: { readonly received: number; readonly sent: number };
}

/** A UDP socket of a program that is not tapped. */
export interface OtherSocket extends Endpoint {
  /** The zone of a link-local address, `eth0` or `12`; "" where there is none. */
  readonly zone: string;
  /** The other end where it is connected. */
  readonly peer: Endpoint | undefined;
  /** Process id; undefined where the system does not tell us. */
  readonly pid: number | undefined;
  /** What people call the process, `udp_server.ts` or `chrome`; "" where it is not known. Hostile text. */
  readonly program: string;
  /** Bytes that wait for the program; undefined where the system does not tell. */
  readonly receiveQueue: number | undefined;
  readonly lostInReceiveBuffer: number | undefined;
  /** True for a JavaScript program in a terminal of this window: run with auto attach, its datagrams would be seen. */
  readonly isUntappedScript: boolean;
}

/** The other end of datagrams that passed a bound port. */
export interface Peer extends Endpoint {
  readonly received: number;
  readonly sent: number;
  /** Microseconds since 1970 of the latest datagram. */
  readonly lastTime: number;
}

/** One record: what one socket saw of one datagram. */
export interface Datagram {
  /** Stays the same until Clear Datagrams or a window reload. */
  readonly id: number;
  /** Microseconds since 1970. */
  readonly time: number;
  /** Seen from the local end; `unknown` where the file does not tell. */
  readonly direction: "in" | "out" | "unknown";
  readonly local: Endpoint;
  readonly peer: Endpoint;
  /** Payload bytes on the wire. */
  readonly length: number;
  /** Payload bytes that were captured: all of them, unless the tap was told to cut. */
  readonly payload: Uint8Array;
  /** What was out of the ordinary (`send failed: EMSGSIZE`), or "". */
  readonly comment: string;
}
