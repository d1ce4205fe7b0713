import type { Capture } from "../capture/capture.ts";
import type { CapturedSocket } from "../capture/captured_socket.ts";
import { Delivery } from "../capture/delivery.ts";
import type { Flow } from "../capture/flow_table.ts";
import type { RefusalMessage } from "../capture/refusals.ts";
import type { DescribedField } from "../decode/described_field.ts";
import type { Direction, Refusal } from "../files/capture_sink.ts";
import { formatAddress } from "../wire/address.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { formatSocket } from "../wire/tap_identity.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** Characters of a comment that are kept: the writer of a hostile file could have put anything there. */
const MOST_COMMENT = 1000;

/** The datagrams that are to be exported. */
export interface ExportSource {
  readonly capture: Capture;
  /**
   * In the order of the file. What has been given up since is left out. Ends the export by throwing: that is how one
   * is cancelled; and as it is read step by step, it tells how far the export is.
   */
  readonly ids: Iterable<number>;
  /** All captured bytes of a payload. */
  readonly payload: (id: number) => Promise<Uint8Array>;
  /** What its decoder says of a payload; undefined where there is none. */
  readonly decoded?: (id: number, payload: Uint8Array) => ExportedFields | undefined;
}

/** What a decoder found in a payload. */
export interface ExportedFields {
  readonly decoder: string;
  readonly fields: readonly DescribedField[];
}

/** One datagram with what all formats tell of it. */
export interface ExportedDatagram {
  /** From 1, counted as Wireshark counts the file. */
  readonly number: number;
  /** Microseconds since 1970. */
  readonly time: number;
  readonly flow: Flow;
  /** Of the socket that recorded it: the same number for the same one. */
  readonly interface: ExportedInterface;
  readonly direction: Direction;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** Bytes of the payload on the wire; `payload` is shorter where it was cut. */
  readonly length: number;
  readonly payload: Uint8Array;
  readonly comment: string;
  readonly outcome: Outcome;
  /** Where it was refused, why, and the message that told so. */
  readonly refusal: (RefusalMessage & { readonly reason: Refusal }) | undefined;
  readonly decoded: ExportedFields | undefined;
}

/** Reads one datagram after the other, so that memory does not grow with the capture. */
export async function* exportedDatagrams(
  { capture, ids, payload: payloadOf, decoded }: ExportSource,
  interfaceOf = exportedInterfaces(capture),
): AsyncGenerator<ExportedDatagram, void> {
  const refusalOf = exportedRefusals(capture);
  let number = 0;
  for (const id of ids) {
    if (!capture.has(id)) continue;
    const flow = capture.flow(id);
    number++;
    // At once, with all that is read before the payload: its file may have to go while that is waited for.
    const told = {
      number,
      time: capture.time(id),
      flow,
      interface: interfaceOf(capture.socket(flow.socket)),
      direction: flow.direction,
      source: { address: addressText(flow.sourceAddress), port: flow.sourcePort },
      destination: { address: addressText(flow.destinationAddress), port: flow.destinationPort },
      length: capture.wireLength(id),
      comment: capture.comment(id).slice(0, MOST_COMMENT),
      outcome: outcomeOf(capture, id),
      refusal: refusalOf(id),
    };
    const payload = await payloadOf(id);
    yield { ...told, payload, decoded: capture.has(id) ? decoded?.(id, payload) : undefined };
  }
}

/** Looks up the messages about a flow when the first of its datagrams was refused. */
function exportedRefusals(capture: Capture): (id: number) => ExportedDatagram["refusal"] {
  const byFlow = new Map<number, ReadonlyMap<number, RefusalMessage>>();
  return (id) => {
    if (capture.delivery(id) !== Delivery.refused) return undefined;
    const flow = capture.flowId(id);
    const messages = byFlow.get(flow) ?? new Map(capture.refusals?.ofFlow(flow) ?? []);
    byFlow.set(flow, messages);
    const message = messages.get(id);
    const { refusal: reason } = capture.refusal(id) ?? {};
    return message && reason && { ...message, reason };
  };
}

/** A socket as an interface of a file. */
export interface ExportedInterface {
  /** {@link CapturedSocket.id} */
  readonly socket: number;
  readonly name: string;
  /** The program that has it, and for one that a tap recorded which of its sockets it is. */
  readonly description: string;
}

/**
 * How sockets are told as interfaces of one file.
 *
 * @param isTold whether a tap's socket is told as such
 */
export function exportedInterfaces(
  capture: Capture,
  isTold = true,
): (socket: CapturedSocket) => ExportedInterface {
  const numberOf = capture.sockets.orderNumbers();
  return ({ id, place, name, program, tapped }) => {
    const { pid = 0 } = program;
    const description =
      tapped && isTold
        ? formatSocket({ ...tapped, program: program.name, pid, socket: numberOf(place) })
        : program.name;
    return { socket: id, name, description };
  };
}

/** A moment up to which, or from which on, all that passed a socket is known. */
export interface LifeEdge {
  /** Microseconds since 1970. */
  readonly time: number;
  /** Something may be missing just before it. */
  readonly isGap: boolean;
  /** It was closed then, or was not seen any more. */
  readonly isEnd: boolean;
}

/** What is known of a socket, in the order of time: with that a reader tells of it what the capture does. */
export function exportedLife(
  capture: Capture,
  { boundAt = 0, state, closedAt, place }: CapturedSocket,
): LifeEdge[] {
  if (state === "failed") return [];
  const edges: LifeEdge[] = [];
  const spans = capture.sockets.spans.ofSocket(place);
  let known = boundAt;
  for (const { from, to, isSinceBound } of spans) {
    if (!isSinceBound) edges.push({ time: from, isGap: true, isEnd: false });
    if (to > Number.NEGATIVE_INFINITY) edges.push({ time: to, isGap: false, isEnd: false });
    known = Math.max(known, to);
  }
  // Of an open one nothing may be known, either.
  if (state === "closed" || (spans.at(-1)?.isStopped ?? true)) {
    const isGap = closedAt === undefined || known < closedAt || spans.length === 0;
    edges.push({ time: closedAt ?? known, isGap, isEnd: true });
  }
  return edges;
}

/** True for a socket that is or was bound to one of these ports or addresses. */
export function isBoundTo(
  { local, state }: CapturedSocket,
  ports: ReadonlySet<number>,
  addresses: ReadonlySet<string>,
): boolean {
  if (!local || state === "failed") return false;
  return ports.has(local.port) || addresses.has(local.address);
}

function addressText(bytes: Uint8Array): string {
  return formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16);
}
