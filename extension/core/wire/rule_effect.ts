/**
 * What a rule (a bad network on demand) did to a datagram, as the comment of its record says it, for any reader of the
 * file: the parts of a comment stand behind each other with "; " between them.
 *
 * - `dropped by a rule (burst)`; why is `drop`, `burst`, `outage`, `mtu` or `limit`, or what ended while it waited: `end`
 * - `the same bytes 10 times in a row by a rule`, behind that: who waits for these may wait for ever
 * - `delayed 52.1 ms by a rule`
 * - `bit 5 of the byte at offset 9 changed by a rule`: bit 0 is the lowest, the first byte is at 0
 * - `a copy by a rule`
 */

export interface RuleEffect {
  /** Why it was dropped; undefined where it passed. */
  readonly dropped?: string | undefined;
  /** How often in a row the same bytes were dropped, where that is to be told: it may never pass. */
  readonly timesInARow?: number | undefined;
  /** Milliseconds that it was held back, to a tenth. */
  readonly delayMs?: number | undefined;
  /** The bit that was changed, counted from the lowest of the first byte. */
  readonly flippedBit?: number | undefined;
  /** It passed a second time. */
  readonly isCopy?: boolean | undefined;
}

/** The comment; "" where nothing was done. */
export function formatRuleEffect({
  dropped,
  timesInARow,
  delayMs = 0,
  flippedBit,
  isCopy,
}: RuleEffect): string {
  if (dropped !== undefined) {
    const again = timesInARow && `; the same bytes ${timesInARow} times in a row by a rule`;
    return `dropped by a rule (${dropped})${again || ""}`;
  }
  const parts: string[] = [];
  if (delayMs > 0) parts.push(`delayed ${delayMs.toFixed(1)} ms by a rule`);
  if (flippedBit !== undefined) {
    parts.push(`bit ${flippedBit & 7} of the byte at offset ${flippedBit >>> 3} changed by a rule`);
  }
  if (isCopy) parts.push("a copy by a rule");
  return parts.join("; ");
}

const EFFECT =
  /^(?:dropped by a rule \(([a-z]{1,20})\)|delayed (\d{1,9}\.\d) ms by a rule|bit ([0-7]) of the byte at offset (\d{1,5}) changed by a rule|(a copy) by a rule|the same bytes (\d{1,15}) times in a row by a rule)$/;

/** What a comment says of rules; undefined where it says nothing of them. */
export function parseRuleEffect(comment: string): RuleEffect | undefined {
  // Nearly all comments say something else, and each row asks.
  if (!comment.includes("by a rule")) return undefined;
  let effect: RuleEffect | undefined;
  for (const part of comment.split("; ")) {
    const [, dropped, delay, bit, offset, copy, times] = EFFECT.exec(part) ?? [];
    if (dropped) effect = { ...effect, dropped };
    if (delay) effect = { ...effect, delayMs: Number(delay) };
    if (bit) effect = { ...effect, flippedBit: Number(offset) * 8 + Number(bit) };
    if (times) effect = { ...effect, timesInARow: Number(times) };
    if (copy) effect = { ...effect, isCopy: true };
  }
  return effect;
}

/** What the comment says beside that: what was odd about it otherwise, or "". */
export function withoutRuleEffect(comment: string): string {
  return comment
    .split("; ")
    .filter((part) => !EFFECT.test(part))
    .join("; ");
}
