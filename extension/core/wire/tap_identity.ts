/**
 * What the tap says about its program and its sockets in free-text fields of pcapng, and how a reader
 * gets it back. Other writers' texts parse to undefined.
 *
 * - `shb_userappl`: `node 24.21.0, pid 4242, ppid 4200: /path/udp_server.ts --port 9999`
 *   (in a worker thread `..., ppid 4200, thread 2: ...`; nothing after the ppid where there is no script)
 * - `if_description`: `udp_server.ts, pid 4242, socket 1` (in a worker thread `..., pid 4242, thread 2, socket 1`)
 * - file name: `<start ms>-<pid>[.<thread>]-<segment>.pcapng`, the segment of six digits or more: names sort by age;
 *   `command` in place of the thread: no tap wrote it, but a command that captures
 *
 * A socket is the same socket wherever start, pid, thread and socket number are the same: in the next
 * segment, and under another `if_name` once it is connected.
 */

/** What `shb_userappl` of an exported capture begins with: records of taps and of others can be in it, side by side. */
export const EXPORTER = "UDP Workbench";

/** One thread of one program. */
export interface TapProcess {
  /** `node`, `deno` or `bun`. */
  readonly runtime: string;
  readonly version: string;
  readonly pid: number;
  readonly ppid: number;
  /** The worker thread's number; 0 for the main thread. */
  readonly thread: number;
  /** The script's path and arguments, as words of a command line; "" where there is no script. */
  readonly program: string;
}

/** One socket of one thread. */
export interface TapSocket {
  /** The script's file name, without its path; the runtime's name where there is no script. */
  readonly program: string;
  readonly pid: number;
  /** The worker thread's number; 0 for the main thread. */
  readonly thread: number;
  /** Counts a thread's sockets from 1 in the order of their creation. */
  readonly socket: number;
}

/** One file of a capture folder. */
export interface TapSegment {
  /** Milliseconds since 1970: when the thread's capture started; the same for all its segments. */
  readonly startMs: number;
  readonly pid: number;
  /** The worker thread's number; 0 for the main thread; `command` where no tap wrote the file. */
  readonly thread: number | "command";
  /** Counts a thread's segments from 1. */
  readonly segment: number;
}

/** The section comment (`opt_comment` of the Section Header Block) that a human reader of the file needs. */
export const RECONSTRUCTED_HEADERS =
  "Recorded inside the program: IP and UDP headers are reconstructed, payloads are real.";

/** The interface comment of a socket that could not be bound: `bind failed: EADDRINUSE`. */
export const BIND_FAILED = "bind failed: ";

/** The packet comment of a datagram that the operating system refused: `send failed: EMSGSIZE`. */
export const SEND_FAILED = "send failed: ";

/** The packet comment of a datagram that was queued when the program ended: sent or not, nobody knows. */
export const SEND_UNFINISHED = "send unfinished when the program ended";

/** The packet comment of a message that a tap has made of an error, which tells that a datagram was refused: `refused: ECONNREFUSED`. */
export const REFUSED = "refused: ";

/** The words of a command line as one text; a word is quoted as in JSON where it would not be clear. */
export function formatProgram(words: readonly string[]): string {
  return words
    .map((word) => (/^[^\s"\\\p{C}]+$/u.test(word) ? word : JSON.stringify(word)))
    .join(" ");
}

export function formatProcess(tapped: TapProcess): string {
  const { runtime, version, pid, ppid, thread, program } = tapped;
  const text = `${runtime} ${version}, pid ${pid}, ppid ${ppid}${formatThread(thread)}`;
  return program === "" ? text : `${text}: ${program}`;
}

export function parseProcess(text: string): TapProcess | undefined {
  const match = /^([a-z]+) ([^\s,]+), pid (\d+), ppid (\d+)(?:, thread (\d+))?(?:: (.*))?$/s.exec(
    text,
  );
  if (!match) return undefined;
  const [, runtime = "", version = "", pid, ppid, thread = "0", program = ""] = match;
  return {
    runtime,
    version,
    pid: Number(pid),
    ppid: Number(ppid),
    thread: Number(thread),
    program,
  };
}

export function formatSocket({ program, pid, thread, socket }: TapSocket): string {
  return `${program}, pid ${pid}${formatThread(thread)}, socket ${socket}`;
}

export function parseSocket(text: string): TapSocket | undefined {
  // The program's name may hold anything, also ", pid 1": what counts stands at the end.
  const match = /^(.*), pid (\d+)(?:, thread (\d+))?, socket (\d+)$/s.exec(text);
  if (!match) return undefined;
  const [, program = "", pid, thread = "0", socket] = match;
  return { program, pid: Number(pid), thread: Number(thread), socket: Number(socket) };
}

export function formatSegmentName({ startMs, pid, thread, segment }: TapSegment): string {
  const number = String(segment).padStart(6, "0");
  return `${startMs}-${pid}${thread === 0 ? "" : `.${thread}`}-${number}.pcapng`;
}

export function parseSegmentName(name: string): TapSegment | undefined {
  const match = /^(\d+)-(\d+)(?:\.(\d+|command))?-(\d+)\.pcapng$/.exec(name);
  if (!match) return undefined;
  const [, startMs, pid, thread = "0", segment] = match;
  return {
    startMs: Number(startMs),
    pid: Number(pid),
    thread: thread === "command" ? thread : Number(thread),
    segment: Number(segment),
  };
}

function formatThread(thread: number): string {
  return thread === 0 ? "" : `, thread ${thread}`;
}
