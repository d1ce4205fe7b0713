import type { Neighbour, Route } from "../system/proc_routes.ts";
import type { MulticastGroup, SystemSocket } from "../system/system_socket.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import type { InterfaceAddress } from "../wire/reach.ts";
import type { Traffic } from "./traffic.ts";

/** What somebody wonders about: why nothing arrives. */
export interface SilenceQuestion {
  /** Where nothing arrives: an address, or a wildcard where a socket is bound to that. */
  readonly to: Endpoint;
  /** Who sends, or should; undefined where that is not known. A wildcard where a socket is bound to that. */
  readonly from: Endpoint | undefined;
  /** The process whose socket at `to` is meant; undefined where any is. */
  readonly pid: number | undefined;
  /** Payload bytes of what was sent, where that is known. */
  readonly length: number | undefined;
}

/** A socket of this machine, with its program. */
export interface OwnedSocket extends SystemSocket {
  /** What people call it, or "". Hostile text. */
  readonly program: string;
}

/** How the system itself would send there: it was asked without sending anything. */
export type Way =
  | { readonly source: string; readonly device: string | undefined }
  /** `ENETUNREACH`. */
  | { readonly error: string };

/** What came of one empty datagram, where the person permitted it. */
export interface Probe {
  readonly answeredBy: Endpoint | undefined;
  /** What the system has told of it, `ECONNREFUSED`; "" where nothing. */
  readonly error: string;
  /** Messages of routers that came meanwhile, that a datagram had passed as many as it may. */
  readonly expired: number | undefined;
}

/** What keeps this machine's programs apart from the one that the person sits at. */
export type Surroundings = "remote" | "wsl" | "container" | undefined;

/** Everything that the checks look at. What could not be read is undefined: unknown is not "none". */
export interface SilenceFacts {
  readonly question: SilenceQuestion;
  readonly traffic: Traffic;
  /** Microseconds since 1970. */
  readonly now: number;
  /** All UDP sockets; `receiveQueue` is the least of two looks, so that what was on its way does not count. */
  readonly sockets: readonly OwnedSocket[] | undefined;
  readonly tcpListeners: readonly Endpoint[];
  readonly addresses: readonly InterfaceAddress[];
  /** Interface → the largest packet that it takes, in bytes. */
  readonly mtus: ReadonlyMap<string, number>;
  /** From this machine to `to`; undefined where nobody could be asked, and where `to` is a wildcard. */
  readonly way: Way | undefined;
  readonly routes: readonly Route[] | undefined;
  readonly neighbours: readonly Neighbour[];
  /** Undefined where the system does not tell. */
  readonly groups: readonly MulticastGroup[] | undefined;
  /** Whether what is bound to `::` at this port takes IPv4 as well. */
  readonly takesIpv4: boolean | undefined;
  /** Messages of routers since the system was started; undefined where it does not tell. */
  readonly expired: number | undefined;
  readonly surroundings: Surroundings;
  /** The machine that the window's programs run on, where that is another one. */
  readonly remoteName: string;
  /** A firewall that is known to be on, `ufw`; "" where none is known. */
  readonly firewall: string;
  readonly probe: Probe | undefined;
}
