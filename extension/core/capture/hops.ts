import { Direction } from "../files/capture_sink.ts";
import type { Capture } from "./capture.ts";

/** What a program holds back longer than that is not told as passed on. Microseconds. */
const LONGEST_STAY_US = 2_000_000;
/** Records that are looked at either way: a millisecond. Where more passed in that time, nothing is told. */
const MOST_LOOKED_AT = 16_384;
/** Of the same bytes, which a chat may pass on to many. */
const MOST_SENDINGS = 16;

/**
 * The ways of a datagram through a watched program that passes datagrams on, a relay or a proxy: it received the bytes and
 * sent the same ones to somebody else soon after. Nobody writes down which receipt a sending is of, so it is told only
 * where there is one that it can be: the same bytes came in once in that time.
 */
export interface Hops {
  /** The record of its receipt by the program that sent it here, and of the sendings by the one that received it. */
  readonly before: number | undefined;
  readonly after: readonly number[];
}

/** Of a row: what its sender had received, and what its receiver sent on. */
export function hopsOf(capture: Capture, id: number): Hops {
  const isOut = capture.flow(id).direction === Direction.out;
  const receipt = isOut ? (capture.isReceived(id) ? capture.partner(id) : undefined) : id;
  return {
    before: isOut ? receiptOf(capture, id) : undefined,
    after: receipt === undefined ? [] : sendingsOf(capture, receipt),
  };
}

/** The only receipt that a sending can be of; one from who it goes to counts as well: it may be an answer. */
function receiptOf(capture: Capture, sending: number): number | undefined {
  const found = equals(capture, sending, -1, (id) => isTold(capture, id), 2);
  const [receipt] = found;
  if (receipt === undefined || found.length > 1) return undefined;
  return isPassedOn(capture, receipt, sending) ? receipt : undefined;
}

function sendingsOf(capture: Capture, receipt: number): number[] {
  if (!isTold(capture, receipt)) return [];
  const isOut = (id: number) => capture.flow(id).direction === Direction.out;
  const sendings = equals(capture, receipt, 1, isOut, MOST_SENDINGS);
  return sendings.filter((id) => receiptOf(capture, id) === receipt);
}

/**
 * Records of the same payload that the same program has, after it (1) or before it (-1), the nearest first, and `most` of
 * them; none where it would take long to find all.
 */
function equals(
  capture: Capture,
  record: number,
  step: 1 | -1,
  isMeant: (id: number) => boolean,
  most: number,
): number[] {
  const time = capture.time(record);
  const writer = writerOf(capture, record);
  if (writer === undefined) return [];
  const found: number[] = [];
  // Those of the same microsecond are on either side.
  let position = capture.positionAt(step > 0 ? time : time + 1) - (step > 0 ? 0 : 1);
  for (let looked = 0; position >= 0 && position < capture.length; position += step) {
    const id = capture.idAt(position);
    if (Math.abs(capture.time(id) - time) > LONGEST_STAY_US) break;
    if (++looked > MOST_LOOKED_AT) return [];
    if (
      id !== record &&
      capture.digest(id) === capture.digest(record) &&
      capture.wireLength(id) === capture.wireLength(record) &&
      writerOf(capture, id) === writer &&
      isMeant(id) &&
      found.push(id) === most
    ) {
      break;
    }
  }
  return found;
}

/** To somebody else than who had sent it: what goes back is an answer. */
function isPassedOn(capture: Capture, receipt: number, sending: number): boolean {
  const [into, out] = [capture.flow(receipt), capture.flow(sending)];
  return (
    into.sourcePort !== out.destinationPort ||
    into.sourceAddress.join() !== out.destinationAddress.join()
  );
}

/** Whether the program got it: a rule may have kept it from it. */
function isTold(capture: Capture, id: number): boolean {
  const isReceipt = capture.flow(id).direction === Direction.in;
  return isReceipt && capture.datagrams.ruleEffect(id)?.dropped === undefined;
}

/** Undefined where no tap has recorded it. */
function writerOf(capture: Capture, record: number): string | undefined {
  const { tapped, program } = capture.socket(capture.flow(record).socket);
  return tapped && program.writer;
}
