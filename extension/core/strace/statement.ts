import { type Item, type Value, ValueReader } from "./values.ts";

/**
 * What a line of `strace -f -ttt -T -o FILE` says, apart from what it means:
 *
 *     29305 1796030547.260568 bind(3<UDP:[3214756]>, {sa_family=AF_INET, ...}, 16) = 0 <0.000018>
 *     29310 1796030547.264158 recvfrom(3<UDP:[127.0.0.1:35986]>,  <unfinished ...>
 *     29310 1796030547.368739 <... recvfrom resumed>"\x63", 100, 0, {...}, [16]) = 1 <0.104555>
 *     29310 1796030547.368833 +++ exited with 0 +++
 */
export type Statement = CallStatement | UnfinishedStatement | ResumedStatement | EndStatement;

interface AnyStatement {
  /** The thread's number, which for the first thread of a process is the process id. */
  readonly thread: number;
  /** Microseconds since 1970 when the call began; of one that is resumed, when it ended. */
  readonly time: number;
}

export interface CallStatement extends AnyStatement {
  readonly kind: "call";
  readonly name: string;
  /** The rest of the line behind the parenthesis, which is read by {@link parseCall} where somebody wants to know. */
  readonly text: string;
}

export interface UnfinishedStatement extends AnyStatement {
  readonly kind: "unfinished";
  readonly name: string;
  readonly text: string;
}

export interface ResumedStatement extends AnyStatement {
  readonly kind: "resumed";
  readonly name: string;
  readonly text: string;
}

export interface EndStatement extends AnyStatement {
  readonly kind: "ended";
  /** The thread in whose place this one runs a new program, `execve`; undefined where the thread is gone. */
  readonly supersededBy: number | undefined;
}

const HEAD =
  /^(\d{1,10}) +(\d{1,12})\.(\d{6}) (?:(<\.\.\. )?([a-z0-9_]{1,40})(\(| resumed>)|\+\+\+ )/;
const SUPERSEDED = /^superseded by execve in pid (\d{1,10}) \+\+\+/;
const ENDED = /^(?:exited|killed) /;
const UNFINISHED = / <(?:unfinished \.\.\.|pid changed to \d+ \.\.\.)>$/;

/** A call in the midst of which the thread was killed. */
const NEVER_RETURNED = / <unfinished \.\.\.>\)? *= \?$/;

/** Undefined for a signal, for a call that never returned, and for what is no line of strace. */
export function parseStatement(line: string): Statement | undefined {
  const head = HEAD.exec(line);
  if (!head) return undefined;
  const [all, threadText, seconds, micros, resumed, name, opening] = head;
  const thread = Number(threadText);
  const time = Number(seconds) * 1e6 + Number(micros);
  const rest = line.slice(all.length);
  if (name === undefined) {
    const superseding = SUPERSEDED.exec(rest)?.[1];
    if (superseding === undefined && !ENDED.test(rest)) return undefined;
    return {
      kind: "ended",
      thread,
      time,
      supersededBy: superseding === undefined ? undefined : Number(superseding),
    };
  }
  if ((resumed !== undefined) !== (opening !== "(")) return undefined;
  // The end alone is looked at: a line can be long.
  if (NEVER_RETURNED.test(rest.slice(-60))) return undefined;
  if (resumed !== undefined) return { kind: "resumed", thread, time, name, text: rest };
  const unfinished = UNFINISHED.exec(rest.slice(-40))?.[0];
  if (unfinished === undefined) return { kind: "call", thread, time, name, text: rest };
  return { kind: "unfinished", thread, time, name, text: rest.slice(0, -unfinished.length) };
}

/** A call and what came of it. */
export interface Call {
  readonly arguments: readonly Item[];
  /** What it returned; undefined where it failed, or never returned. */
  readonly result: Value | undefined;
  /** `EAGAIN`; "" where it did not fail. */
  readonly error: string;
  /** Microseconds that it took; 0 where that is not told. */
  readonly duration: number;
}

const RESULT = /\s*= (?:\?|-1 ([A-Z][A-Z0-9_]{1,40}))?/y;
const DURATION = /<(\d{1,9})\.(\d{6})>$/;

/** Reads what stands behind the parenthesis of a call; undefined where it is not understood. */
export function parseCall(text: string): Call | undefined {
  const reader = new ValueReader(text);
  const items = reader.arguments();
  if (!items) return undefined;
  RESULT.lastIndex = reader.at;
  const end = RESULT.exec(text);
  if (!end) return undefined;
  const error = end[1] ?? "";
  const isKnown = error === "" && !end[0].endsWith("?");
  reader.at = RESULT.lastIndex;
  const [, seconds = "0", micros = "0"] = DURATION.exec(text.slice(-20)) ?? [];
  return {
    arguments: items,
    result: isKnown ? reader.value() : undefined,
    error,
    duration: Number(seconds) * 1e6 + Number(micros),
  };
}
