import type { Endpoint } from "../wire/endpoint.ts";
import { socketAddress } from "./socket_address.ts";
import { bytesOf, fieldOf, hasFlag, type Item, listOf, numberOf, type Value } from "./values.ts";

/** A datagram as a call was given it, or has given it. */
export interface Message {
  /** The bytes that strace has written. */
  readonly payload: Uint8Array;
  /** How many there were in all; more than `payload` where strace was not to write more. */
  readonly length: number;
  /** The address that stood beside it. */
  readonly peer: Endpoint | undefined;
  readonly oddity: Oddity | undefined;
}

/**
 * What a reader has to know of a datagram. `cut`: the program's buffer was smaller. `segments`: several in one call
 * (UDP_SEGMENT). `merged`: may be several (UDP_GRO). `incomplete`: strace has not written all of it.
 */
export type Oddity = "cut" | "segments" | "merged" | "incomplete";

/** The number of UDP_SEGMENT and UDP_GRO, which strace 6.1 does not know as control messages (linux/udp.h). */
const SEGMENT_TYPES = ["UDP_SEGMENT", 103] as const;
const MERGED_TYPES = ["UDP_GRO", 104] as const;

/** The parts of a `struct iovec` list in one piece, `length` bytes of them; undefined where strace could not read them. */
export function joinedParts(
  parts: Value | undefined,
  length?: number,
): Omit<Message, "peer" | "oddity"> | undefined {
  const items = listOf(parts);
  const pieces: Uint8Array[] = [];
  let kept = 0;
  let all = 0;
  let isWhole = true;
  for (const { value } of items) {
    const bytes = bytesOf(fieldOf(value, "iov_base"));
    const asked = numberOf(fieldOf(value, "iov_len")) ?? 0;
    all += asked;
    if (asked === 0) continue;
    if (!bytes && (length === undefined || kept < length)) return undefined;
    if (!bytes || !isWhole) continue;
    pieces.push(bytes);
    kept += bytes.length;
    // Behind a part that was cut, nothing is in its place.
    isWhole = bytes.length === asked;
  }
  const payload = new Uint8Array(kept);
  let at = 0;
  for (const piece of pieces) {
    payload.set(piece, at);
    at += piece.length;
  }
  return {
    payload: length === undefined ? payload : payload.subarray(0, length),
    length: length ?? all,
  };
}

/** The datagram of a `struct msghdr`. @param length bytes that the call returned; what was asked for where it failed. */
export function messageOf(header: Value | undefined, length?: number): Message | undefined {
  const parts = joinedParts(fieldOf(header, "msg_iov"), length);
  if (!parts) return undefined;
  const peer = socketAddress(fieldOf(header, "msg_name"));
  return { ...parts, peer, oddity: controlOddity(listOf(fieldOf(header, "msg_control"))) };
}

/** Whether the system says that it has cut the datagram to fit (recvmsg(2)). */
export function isTruncated(header: Value | undefined): boolean {
  return hasFlag(fieldOf(header, "msg_flags"), "MSG_TRUNC");
}

function controlOddity(messages: readonly Item[]): Oddity | undefined {
  const isOf = ([name, number]: readonly [string, number]) =>
    messages.some(({ value }) => {
      const type = fieldOf(value, "cmsg_type");
      const level = fieldOf(value, "cmsg_level");
      const isUdp = level?.kind === "word" && level.text === "SOL_UDP";
      return isUdp && (hasFlag(type, name) || numberOf(type) === number);
    });
  if (isOf(SEGMENT_TYPES)) return "segments";
  return isOf(MERGED_TYPES) ? "merged" : undefined;
}
