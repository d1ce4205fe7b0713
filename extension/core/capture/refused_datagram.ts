import { REFUSALS, type Refusal } from "../files/capture_sink.ts";

/** A message about a datagram, as a file tells it. */
export interface RefusalRecord {
  readonly flow: number;
  /** The file part that tells it. */
  readonly part: number;
  /** Microseconds since 1970. */
  readonly time: number;
  /** Payload bytes of the datagram on the wire. */
  readonly length: number;
  /** Of its payload; undefined where the message does not quote all of that. */
  readonly digest: number | undefined;
  /** A tap has made it of an error, which does not tell which datagram it is about. */
  readonly isByTap: boolean;
  readonly refusal: Refusal;
}

/** A datagram that was refused. */
export interface RefusedDatagram {
  readonly refusal: Refusal;
  /** It may have been another one that was sent shortly before it. */
  readonly isUnsure: boolean;
}

// What is told of a datagram fits into a byte: the reason, and whether it is unsure.
export const REASON = 7;
export const UNSURE = 8;

/** What {@link RefusalTable.refusal} holds, in words. */
export function refusedDatagram(code: number): RefusedDatagram | undefined {
  const refusal = REFUSALS[(code & REASON) - 1];
  return refusal && { refusal, isUnsure: (code & UNSURE) !== 0 };
}
