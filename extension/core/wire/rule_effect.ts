/**
 * What a rule (a bad network on demand) did to a datagram, as the comment of its record says it, for any reader of the
 * file: the parts of a comment stand behind each other with "; " between them.
 *
 * - `dropped by a rule (burst)`; why is `drop`, `burst`, `outage`, `mtu` or `limit`, or what ended while it waited: `end`
 * - `delayed 52.1 ms by a rule`
 * - `bit 5 of the byte at offset 9 changed by a rule`: bit 0 is the lowest, the first byte is at 0
 * - `a copy by a rule`
 */

export interface RuleEffect {
  /** Why it was dropped; undefined where it passed. */
  readonly dropped?: string | undefined;
  /** Milliseconds that it was held back, to a tenth. */
  readonly delayMs?: number | undefined;
  /** The bit that was changed, counted from the lowest of the first byte. */
  readonly flippedBit?: number | undefined;
  /** It passed a second time. */
  readonly isCopy?: boolean | undefined;
}

const DROPPED = "dropped by a rule";
const COPY = "a copy by a rule";

/** The comment; "" where nothing was done. */
export function formatRuleEffect({ dropped, delayMs = 0, flippedBit, isCopy }: RuleEffect): string {
  if (dropped !== undefined) return `${DROPPED} (${dropped})`;
  const parts: string[] = [];
  if (delayMs > 0) parts.push(`delayed ${delayMs.toFixed(1)} ms by a rule`);
  if (flippedBit !== undefined) {
    parts.push(`bit ${flippedBit & 7} of the byte at offset ${flippedBit >>> 3} changed by a rule`);
  }
  if (isCopy) parts.push(COPY);
  return parts.join("; ");
}

/** What a comment says of rules; undefined where it says nothing of them. */
export function parseRuleEffect(comment: string): RuleEffect | undefined {
  // Nearly all comments say something else, and each row asks.
  if (!comment.includes("by a rule")) return undefined;
  const dropped = /(?:^|; )dropped by a rule \(([a-z]{1,20})\)(?:;|$)/.exec(comment)?.[1];
  const delay = /(?:^|; )delayed (\d{1,9}\.\d) ms by a rule(?:;|$)/.exec(comment)?.[1];
  const [, bit, offset] =
    /(?:^|; )bit ([0-7]) of the byte at offset (\d{1,5}) changed by a rule(?:;|$)/.exec(comment) ??
    [];
  const isCopy = /(?:^|; )a copy by a rule(?:;|$)/.test(comment);
  if (dropped === undefined && delay === undefined && bit === undefined && !isCopy) {
    return undefined;
  }
  return {
    ...(dropped !== undefined && { dropped }),
    ...(delay !== undefined && { delayMs: Number(delay) }),
    ...(bit !== undefined && { flippedBit: Number(offset) * 8 + Number(bit) }),
    ...(isCopy && { isCopy }),
  };
}

/** What the comment says beside that: what was odd about it otherwise, or "". */
export function withoutRuleEffect(comment: string): string {
  if (!comment.includes("by a rule")) return comment;
  return comment
    .split("; ")
    .filter((part) => parseRuleEffect(part) === undefined)
    .join("; ");
}
