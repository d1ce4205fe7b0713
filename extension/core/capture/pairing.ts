import type { Flow } from "./flow_table.ts";

/** Two programs read the same clock, but not at the same moment: a receipt may seem to be this much too early. */
const SKEW_US = 5_000;

/** What the pairing asks about records, by their id. */
export interface PairingTable {
  /** Microseconds since 1970. */
  time(id: number): number;
  flow(id: number): Flow;
  /** True when what leaves by `sent` can arrive by `received`: both have the same ports, do the addresses fit? */
  fits(sent: Flow, received: Flow): boolean;
}

/**
 * Which of these sendings have arrived, all with equal payloads and in the order of time: going back in time, each
 * receipt takes the latest sending that is left.
 */
export function arrivedSendings(
  table: PairingTable,
  sent: readonly number[],
  received: readonly number[],
): number[] {
  const left = [...sent];
  const arrived = new Set<number>();
  for (const receipt of received.toReversed()) {
    // What was sent after this receipt was sent after all earlier ones, too.
    while (left.length > 0 && !isInTime(table, left.at(-1) ?? 0, receipt)) left.pop();
    const at = left.findLastIndex((sending) => fits(table, sending, receipt));
    if (at >= 0) for (const sending of left.splice(at, 1)) arrived.add(sending);
  }
  return sent.filter((sending) => arrived.has(sending));
}

/** Sending → receipt: going on in time, each of the sendings that arrived takes the first receipt that is left. */
export function firstReceipts(
  table: PairingTable,
  arrived: readonly number[],
  received: readonly number[],
): Map<number, number> {
  const pairs = new Map<number, number>();
  const left = received.toReversed();
  for (const sending of arrived) {
    while (left.length > 0 && !isInTime(table, sending, left.at(-1) ?? 0)) left.pop();
    const at = left.findLastIndex((receipt) => fits(table, sending, receipt));
    if (at >= 0) for (const receipt of left.splice(at, 1)) pairs.set(sending, receipt);
  }
  return pairs;
}

/** Whether a record can be the receipt of a sending with the same payload. */
export function isReceiptOf(table: PairingTable, sending: number, receipt: number): boolean {
  return isInTime(table, sending, receipt) && fits(table, sending, receipt);
}

function isInTime(table: PairingTable, sending: number, receipt: number): boolean {
  return table.time(sending) <= table.time(receipt) + SKEW_US;
}

function fits(table: PairingTable, sending: number, receipt: number): boolean {
  return table.fits(table.flow(sending), table.flow(receipt));
}
