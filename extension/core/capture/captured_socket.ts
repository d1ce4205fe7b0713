import { parseAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";

/** A program that recorded datagrams, as far as its files tell. */
export interface CapturedProgram {
  /** What ties the segments of one writer together: the same for all files that it wrote. */
  readonly writer: string;
  /** Basename of the script, `udp_server.ts`; the application of a file that no tap wrote; or "". */
  readonly name: string;
  /** Script path and arguments, or "". */
  readonly command: string;
  /** Runtime and version, `node 24.21.0`, or "". */
  readonly runtime: string;
  /** Process id; undefined where no tap wrote the file. */
  readonly pid: number | undefined;
  /** Process id of the parent, which is what a terminal knows when a launcher such as tsx stands between. */
  readonly ppid: number | undefined;
}

/**
 * `bound`: open, as far as the file tells. `closed`: the program closed it, or ended.
 * `failed`: it could not be bound at all.
 */
export type SocketState = "bound" | "closed" | "failed";

/**
 * One UDP socket of a program, over all segments that it appears in. An open one is the same object as long as it is
 * open; of all others an object is made when it is asked for, and tells what was known then.
 */
export interface CapturedSocket {
  /** Counts from 0 in the order of appearance, and is never given twice. */
  readonly id: number;
  /** What its flows know it by; another socket may get it when this one is gone. */
  readonly place: number;
  readonly program: CapturedProgram;
  /** Which one of its program's it is, as the tap counts them; undefined where no tap wrote the file. */
  readonly tapped: { readonly thread: number; readonly socket: number } | undefined;
  /** `if_name`: the local end, `127.0.0.1:9999`; anything at all in a file that no tap wrote. */
  readonly name: string;
  /** The local end where `name` is one. */
  readonly local: Endpoint | undefined;
  readonly state: SocketState;
  /** When it was bound, microseconds since 1970; undefined where the file does not tell. */
  readonly boundAt: number | undefined;
  /** When it was closed; undefined while it is open, and where it is not known. */
  readonly closedAt: number | undefined;
  /** Why it could not be bound, `EADDRINUSE`; "" unless `failed`. */
  readonly failure: string;
  /** Datagrams recorded since the capture was cleared last, also those whose files were given up. */
  readonly received: number;
  readonly sent: number;
  /** Of those, how many a rule kept from the network, or from the program. */
  readonly droppedByRules: number;
  /** Records that the writer says it left out since then. */
  readonly notRecorded: number;
}

/** Reads `127.0.0.1:9999` or `[::1]:9999`; undefined for anything else. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+:[^\]]*)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (address === undefined || !parseAddress(address) || port > 0xffff) return undefined;
  return { address, port };
}
