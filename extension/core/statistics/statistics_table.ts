import type { GroupTally } from "./group_tally.ts";
import type { Grouping, GroupName } from "./grouping.ts";
import type { MeasuredJitter } from "./jitter.ts";
import type { SequenceCounts } from "./sequence.ts";
import type { Tally } from "./tally.ts";

/** Of what goes forward, and of what comes back. */
export interface BothWays {
  readonly forward: number;
  readonly back: number;
}

/** Times in microseconds; percentiles are told to 0.8 %. */
export interface Intervals {
  readonly min: number;
  readonly median: number;
  readonly p99: number;
  /** Standard deviation. */
  readonly deviation: number;
}

/** What is counted of a group. Forward is the way of a conversation's first datagram; of an end or a port, what it sent. */
export interface GroupStatistics {
  readonly datagrams: BothWays;
  /** Payload bytes on the wire. */
  readonly bytes: BothWays;
  /** Sent to where somebody watches, and not received; also among the datagrams. */
  readonly lost: BothWays;
  /** Received once more than they were sent; also among the datagrams. */
  readonly duplicates: number;
  /** Microseconds since 1970 of the first and the last datagram. */
  readonly firstTime: number;
  readonly lastTime: number;
  /** Datagrams a second that went forward; undefined below two. */
  readonly rate: number | undefined;
  /** Its part of all datagrams, from 0 to 1. */
  readonly share: number;
  /** Between two that went forward; undefined below two. */
  readonly interval: Intervals | undefined;
  /** Of what went forward, as RFC 3550 has it, in microseconds; undefined where nothing tells when it was sent. */
  readonly jitter: MeasuredJitter | undefined;
  /** From requests to answers, in microseconds; undefined where none is known to be one. */
  readonly answers:
    | { readonly count: number; readonly median: number; readonly p99: number }
    | undefined;
  /** Payload bytes. */
  readonly sizes: { readonly min: number; readonly median: number; readonly max: number };
  /** Of the field that counts; undefined where there is none. */
  readonly sequence: SequenceCounts | undefined;
}

/** One group: what it is, and what is counted of it. */
export interface StatisticsRow extends GroupName, GroupStatistics {}

export interface StatisticsTable {
  /** In the order of their first datagrams. */
  readonly rows: readonly StatisticsRow[];
  /** Those that have no group of their own, as there are too many; undefined where all have one. */
  readonly others: GroupStatistics | undefined;
  /** Over all datagrams, each counted once. */
  readonly total: {
    readonly datagrams: number;
    readonly bytes: number;
    readonly lost: number;
    readonly duplicates: number;
  };
}

/** @param keys of the groups, by their numbers */
export function statisticsTable(
  tally: Tally,
  keys: readonly string[],
  grouping: Pick<Grouping, "nameOf">,
): StatisticsTable {
  const { datagrams, bytes, lost, duplicates, others } = tally;
  return {
    rows: tally.groups.map((group, number) => ({
      ...turned(grouping.nameOf(keys[number] ?? ""), group.isTurned),
      ...statisticsOf(group, datagrams),
    })),
    others: others && statisticsOf(others, datagrams),
    total: { datagrams, bytes, lost, duplicates },
  };
}

/** Of a conversation the end that began comes first. */
function turned(group: GroupName, isTurned: boolean): GroupName {
  const { name, peer, filter } = group;
  return isTurned && peer !== undefined ? { name: peer, peer: name, filter } : group;
}

function statisticsOf(group: GroupTally, all: number): GroupStatistics {
  const { intervals, answers, sizes } = group;
  return {
    datagrams: { forward: group.forward, back: group.back },
    bytes: { forward: group.bytesForward, back: group.bytesBack },
    lost: { forward: group.lostForward, back: group.lostBack },
    duplicates: group.duplicates,
    firstTime: group.first,
    lastTime: group.last,
    rate: group.rate,
    share: all === 0 ? 0 : group.datagrams / all,
    interval:
      intervals.count === 0
        ? undefined
        : {
            min: intervals.min,
            median: intervals.percentile(0.5) ?? 0,
            p99: intervals.percentile(0.99) ?? 0,
            deviation: intervals.deviation,
          },
    jitter: group.jitter?.measured,
    answers:
      answers.count === 0
        ? undefined
        : {
            count: answers.count,
            median: answers.percentile(0.5) ?? 0,
            p99: answers.percentile(0.99) ?? 0,
          },
    sizes: { min: sizes.min, median: sizes.percentile(0.5) ?? 0, max: sizes.max },
    sequence: group.sequence?.counts,
  };
}
