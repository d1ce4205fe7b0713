#!/usr/bin/env node
/**
 * A UDP client in one file. It sends each message as one datagram, prints the
 * answers, and tells what was lost.
 *
 *     node udp_client.ts                          Node 22.18 or newer
 *     npx tsx udp_client.ts                       Node 20
 *     deno run --allow-net udp_client.ts
 *     bun udp_client.ts --port 8080 --interactive
 *
 * The whole idea is five lines, which run as they stand. The last one is there
 * because an answer may never come:
 *
 * ```js
 * import { createSocket } from "node:dgram";
 * const socket = createSocket("udp4");
 * socket.on("message", (answer) => console.log(`${answer}`));
 * socket.send("Michael", 9999, "127.0.0.1");
 * setTimeout(() => socket.close(), 1000);
 * ```
 *
 * The rest of this file makes these five lines fit for daily use, in chapters:
 *
 *  1 send, and wait for the answer    5 printing hostile bytes
 *  2 which answer is whose            6 statistics
 *  3 one message after the other      7 running
 *  4 from messages to bytes           8 options    9 small things
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { on, once } from "node:events";
import { readFileSync } from "node:fs";
import { isIP, isIPv6 } from "node:net";
import process from "node:process";
import {
  setImmediate as nextTurn,
  setTimeout as sleep,
} from "node:timers/promises";
import { parseArgs } from "node:util";

/*
 * 1. Send, and wait for the answer
 *
 * send() succeeds as soon as the system has taken the datagram. Whether it
 * arrives is not known, nor whether the answer is on its way: all that a client
 * can do is to wait, to give up, and to ask again, which is safe only where it
 * does no harm that a message is acted upon twice. How long to wait is a guess;
 * too short counts as lost what is only slow, and adds load where there is too
 * much of it already.
 */

/** Sends messages, finds out which of them an answer belongs to, and counts. */
class Client {
  readonly tally: Tally = { sent: 0, received: 0, lost: 0 };
  readonly rtts: number[] = [];
  /** Aborted by a signal, a `bye` or an error. */
  readonly ending = new AbortController();
  error: Error | undefined;
  readonly #options: Options;
  readonly #socket: Socket;
  readonly #to: Endpoint;
  readonly #isGroup: boolean;
  /** The oldest first; who waits no more may be answered again, or late. */
  readonly #requests: Request[] = [];
  /** Those that are not counted yet, as received or as lost. */
  readonly #open = new Set<Request>();
  #asked = 0;
  #newest = 0;
  #sends = Promise.resolve(true);

  constructor(options: Options, socket: Socket, to: Endpoint) {
    this.#options = options;
    this.#socket = socket;
    this.#to = to;
    this.#isGroup = isGroup(options, to);
    socket.on("message", (data, peer) => this.#receive(data, peer));
    socket.on("error", (error) => this.end(error));
  }

  end(error?: Error): void {
    this.error ??= error;
    this.ending.abort();
  }

  /** Counts what nobody waits for any more. */
  settle(): void {
    for (const { answeredBy } of this.#open) {
      add(this.tally, answeredBy.size ? "received" : "unanswered");
    }
    this.#open.clear();
  }

  /**
   * Sends one datagram, and again where nobody answers. Resolves when an answer
   * came, or did not in time, or all is over.
   */
  async ask(payload: Buffer): Promise<void> {
    const request: Request = {
      text: fold(payload),
      seq: ++this.#asked,
      sentAt: 0,
      givenUpAt: 0,
      attempts: 0,
      answeredBy: new Set(),
      waiting: new AbortController(),
    };
    this.#requests.push(request);
    // Late and doubled answers come soon; to remember all would fill memory.
    if (this.#requests[1000]?.sentAt) this.#requests.shift();
    const { retries, timeoutMs } = this.#options;
    const ended = this.ending.signal;
    const signal = AbortSignal.any([request.waiting.signal, ended]);
    while (!ended.aborted && !request.answeredBy.size) {
      if (request.attempts > retries) break;
      request.sentAt = performance.now();
      if (!(await this.#send(payload))) return;
      add(this.tally, request.attempts++ === 0 ? "sent" : "retried");
      this.#open.add(request);
      // Woken early where the answer comes: the signal is aborted then.
      await sleep(timeoutMs, null, { signal }).catch(() => {});
    }
    request.waiting.abort();
    request.givenUpAt = performance.now();
    if (ended.aborted || !this.#open.delete(request)) return; // see settle()
    // A group has its whole time: nobody knows how many will answer.
    if (request.answeredBy.size) {
      add(this.tally, "received");
    } else {
      add(this.tally, "lost");
      const text = framed(printable(payload));
      console.error(`No answer to '${text}' within ${timeoutMs} ms`);
    }
  }

  /** Sends one datagram, and asks for nothing. */
  async tell(payload: Buffer): Promise<void> {
    if (await this.#send(payload)) add(this.tally, "sent");
  }

  /** Sends after all that was to be sent before: Deno mixes them up. */
  #send(payload: Buffer): Promise<boolean> {
    this.#sends = this.#sends.then(() => this.#sendNow(payload));
    return this.#sends;
  }

  /** Resolves to whether the system has taken it; a failure ends everything. */
  #sendNow(payload: Buffer): Promise<boolean> {
    const { address, port } = this.#to;
    const { length } = payload;
    const most = isIPv6(address) ? 65_527 : 65_507;
    const why = `a datagram holds at most ${most}; send less at a time`;
    return new Promise((resolve) => {
      const done = (error: Error | null) => {
        if (error) this.end(error);
        resolve(!error);
      };
      if (this.ending.signal.aborted) resolve(false);
      else if (length > most)
        done(new Error(`Cannot send ${length} bytes: ${why}`));
      else if (this.#isGroup) this.#socket.send(payload, port, address, done);
      else this.#socket.send(payload, done);
    });
  }

  /** Finds the request, tells duplicates and late answers, and wakes ask(). */
  #receive(data: Buffer, peer: Endpoint): void {
    const now = performance.now();
    // Several machines may answer a group, each once.
    const from = nameOf(peer);
    const isAwaited = this.#requests.some(waits);
    const lateSince = now - this.#options.timeoutMs;
    const { request, isSure } = whose(fold(data), this.#requests, lateSince);
    let rttMs: number | undefined;
    if (!request) {
      add(this.tally, "unexpected");
    } else if (request.answeredBy.has(from)) {
      add(this.tally, "duplicated");
    } else {
      request.answeredBy.add(from);
      if (!waits(request)) add(this.tally, "late");
      if (request.seq < this.#newest) add(this.tally, "out_of_order");
      this.#newest = Math.max(request.seq, this.#newest);
      // Where it is not known which of several datagrams was answered, no time
      // is better than a wrong one (Karn's algorithm, RFC 6298, section 3).
      if (isSure && request.attempts === 1) rttMs = now - request.sentAt;
      if (rttMs !== undefined) this.rtts.push(rttMs);
      if (!this.#isGroup) request.waiting.abort();
    }
    this.#show(data, peer, rttMs, isAwaited);
    if (this.#options.interactive && `${data}`.trim() === "bye") this.end();
  }

  #show(
    data: Buffer,
    peer: Endpoint,
    rttMs: number | undefined,
    isAwaited: boolean,
  ): void {
    const { json, quiet, interactive, verbose } = this.#options;
    if (quiet) return;
    const isFrom = interactive || verbose || this.#isGroup;
    const from = isFrom ? ` from ${nameOf(peer)}` : "";
    const time = verbose && rttMs ? `, ${rttMs.toFixed(3)} ms` : "";
    const bare = printable(data);
    const text = isFrom ? `${framed(bare)}${from}${time}` : bare;
    if (json) print(toJson(peer, this.#socket.address(), data, rttMs));
    // Unasked or late, it comes while a person is asked for a message.
    else if (interactive && !isAwaited) write(`\n${text}\n${PROMPT}`);
    else print(text);
  }
}

/*
 * 2. Which answer is whose
 *
 * Nothing in UDP says which question an answer belongs to. Protocols put a
 * number into both (DNS has 16 bits for it, CoAP and STUN have their own), and
 * this client, which knows no protocol, has to look: an echo and a greeting
 * have the message in them. Where that tells nothing, since all messages are
 * the same or the answers have nothing of them, the oldest message that waits
 * is counted as answered. How many are lost is right also then; how long an
 * answer took is not known, if there is more than one that it may belong to.
 */

/** A message that waits, or has waited, for its answer. */
interface Request {
  /** Folded, to be looked for in answers. */
  readonly text: string;
  readonly seq: number;
  /** By `performance.now()`; 0 before. */
  sentAt: number;
  /** When it was waited for no more; 0 before. */
  givenUpAt: number;
  attempts: number;
  /** Who has answered: several, where a group was asked. */
  readonly answeredBy: Set<string>;
  /** Aborted when there is nothing more to wait for. */
  readonly waiting: AbortController;
}

function waits({ waiting }: Request): boolean {
  return !waiting.signal.aborted;
}

/**
 * Which request an answer is for, by the longest text that is in it, and
 * whether no other can be meant: none that waits, nor one that was given up
 * after `lateSince`, since its answer may still come.
 */
function whose(answer: string, requests: Request[], lateSince: number) {
  const fitting = requests.filter(({ text }) => holds(answer, text));
  const most = Math.max(...fitting.map(({ text }) => text.length));
  const best = fitting.filter(({ text }) => text.length === most);
  const likely = best.length > 0 ? best : requests;
  const request = likely.find(waits) ?? best[0];
  const maybe = likely.filter((it) => {
    return waits(it) || (!it.answeredBy.size && it.givenUpAt > lateSince);
  });
  return { request, isSure: maybe.every((it) => it === request) };
}

/**
 * Text for looking up a message in its answer, which may be in upper case. Each
 * byte becomes one character, so that nothing is changed by decoding.
 */
function fold(bytes: Buffer): string {
  return bytes.toString("latin1").toLowerCase();
}

/**
 * Whether an answer has the message in it, and not just `x1` as in `x10`: who
 * numbers messages with {seq} has many that begin alike.
 */
function holds(answer: string, message: string): boolean {
  const at = answer.indexOf(message);
  const end = at + message.length;
  const splits = (it: number) => /^\d\d$/.test(answer.slice(it - 1, it + 1));
  return at >= 0 && !splits(at) && !splits(end);
}

/*
 * 3. One message after the other
 *
 * Whoever sends the next message when the one before was answered has a single
 * one on its way: nothing can overflow, and a slow server slows its client
 * down. With --interval they leave at their time, answered or not, as those of
 * a sensor or a game do. UDP has nothing that holds a sender back: what is too
 * fast for the network or for the receiver is lost, and the sender is not told
 * (RFC 8085, section 3.1, asks programs to hold themselves back).
 */

/** What a timer is late by is made good; what a pause was long is not. */
const LATE_MS = 10;

/**
 * Sends everything: each after the answer to the one before, or at its time.
 * What was sent at its time is waited for in the end, all of it at once.
 */
async function sendAll(client: Client, options: Options): Promise<void> {
  const { intervalMs, wait } = options;
  const { signal } = client.ending;
  const waiting = new Set<Promise<void>>();
  let due = performance.now();
  for await (const payload of payloads(options)) {
    // The input, or the process, may have stood still: no burst comes of that.
    due = Math.max(due, performance.now() - LATE_MS);
    const done = wait ? client.ask(payload) : client.tell(payload);
    if (intervalMs === undefined) {
      await done;
    } else {
      waiting.add(done);
      void done.then(() => waiting.delete(done));
      due += intervalMs;
      const earlyMs = due - performance.now();
      // Timers count whole milliseconds; above 1000 a second several are due.
      if (earlyMs < 1) await nextTurn();
      else await sleep(earlyMs, null, { signal }).catch(() => {});
    }
    if (signal.aborted) return;
  }
  await Promise.all(waiting);
}

const PROMPT = ">>: ";

/**
 * Asks a person for messages, until there are no more or somebody says bye.
 * A blank line sends nothing: it is what a person types who thinks.
 */
async function converse(client: Client, options: Options): Promise<void> {
  const { format, json } = options;
  // Lines of JSON stay lines of JSON.
  const prompt = () => (json ? process.stderr.write(PROMPT) : write(PROMPT));
  prompt();
  for await (const line of inputLines()) {
    const message = typed(line.toString());
    if (message === "bye") return client.tell(Buffer.from(message));
    try {
      if (message) await client.ask(decode(Buffer.from(message), format));
    } catch (error) {
      console.error((error as Error).message);
    }
    if (client.ending.signal.aborted) return;
    prompt();
  }
}

/*
 * 4. From messages to bytes
 *
 * One message is one datagram and one receive, whatever their lengths: UDP
 * neither joins nor splits, as TCP does. An empty one is a datagram, too.
 *
 * The largest has 65,507 bytes: an IPv4 packet has 65,535 at most (its length
 * is a number of 16 bits), of which 20 are the IP header and 8 that of UDP. The
 * length of an IPv6 packet leaves out its own header: 65,527. What is larger
 * than the network takes at once (1,472 bytes on Ethernet) is sent in fragments
 * of which not one may be lost, so that larger datagrams are lost more often.
 */

/**
 * The lines of standard input without their ends (LF or CR LF), byte for byte.
 * Not by node:readline, which decodes: bytes that are no UTF-8 would be others.
 */
async function* inputLines(): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const [chunk] of on(process.stdin, "data", { close: ["end"] })) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      yield rest.subarray(0, rest[end - 1] === 0x0d ? end - 1 : end);
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield rest;
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`Cannot read the file: ${(error as Error).message}`);
  }
}

/** The payloads to be sent, one per datagram. */
async function* payloads(options: Options): AsyncGenerator<Buffer> {
  const { file, messages, count, format } = options;
  // Once: a pipe or a device has nothing the second time, or waits for ever.
  const content = file === undefined ? undefined : readFile(file);
  let seq = 0;
  for (let round = 0; round < count; round++) {
    if (content) {
      seq++;
      yield decode(content, format);
    }
    for (const message of messages) {
      if (message !== "-") {
        yield fill(message, ++seq, format);
        continue;
      }
      for await (const line of inputLines()) {
        seq++;
        yield decode(line, format);
      }
    }
  }
}

/** The bytes that a message stands for, exactly. */
export function decode(message: Buffer, format: string): Buffer {
  const bytes = DECODERS.get(format)?.(message);
  if (bytes) return bytes;
  const text = framed(printable(message));
  throw new Error(`'${text}' is not ${format}; see --help`);
}

/** A message with the number of its datagram, as bytes. */
function fill(message: string, seq: number, format: string): Buffer {
  return decode(Buffer.from(message.replaceAll("{seq}", `${seq}`)), format);
}

const DECODERS = new Map<string, (message: Buffer) => Buffer | undefined>([
  ["text", (message) => message],
  ["escape", decodeEscapes],
  ["hex", decodeHex],
  ["base64", decodeBase64],
]);

/** The last alternative is what is none: an empty match, which is refused. */
const ESCAPE = /\\(?:([nrt\\])|x([\da-fA-F]{2})|u\{([\da-fA-F]{1,6})\}|)/g;

/** Reads what printable() writes, so that what was printed can be sent. */
function decodeEscapes(message: Buffer): Buffer | undefined {
  let bad = false;
  const text = message.toString("latin1");
  const bytes = text.replace(ESCAPE, (all, letter, byte, character) => {
    if (letter) return JSON.parse(`"${all}"`);
    if (byte) return String.fromCharCode(Number.parseInt(byte, 16));
    const code = Number.parseInt(character, 16);
    // Halves of UTF-16 are no characters, and UTF-8 has no bytes for them.
    const surrogate = code >= 0xd800 && code < 0xe000;
    if (code <= 0x10ffff && !surrogate)
      return Buffer.from(String.fromCodePoint(code)).toString("latin1");
    bad = true;
    return "";
  });
  return bad ? undefined : Buffer.from(bytes, "latin1");
}

/**
 * `41 6c`, `41:6C`, `0x41, 0x6c` or `416c`, as other tools print bytes; one
 * digit alone is a byte, too. An odd number of digits is refused: nobody knows
 * which byte has lost one.
 */
function decodeHex(message: Buffer): Buffer | undefined {
  const groups = message
    .toString("latin1")
    .split(/[\s:;,.-]+/)
    .map((group) => group.replace(/^0x(?=.)/i, ""))
    .map((group) => (group.length === 1 ? `0${group}` : group));
  const right = groups.every((group) => /^([\da-f]{2})*$/i.test(group));
  return right ? Buffer.from(groups.join(""), "hex") : undefined;
}

/**
 * With or without padding, in either alphabet (RFC 4648): who copies a text from
 * somewhere does not know which one it is.
 */
function decodeBase64(message: Buffer): Buffer | undefined {
  const text = message.toString("latin1").replace(/\s/g, "");
  const bytes = Buffer.from(text, "base64");
  // Node leaves out what it does not know; then this is not the same again.
  const plain = text.replace(/={0,2}$/, "");
  const same = plain.replaceAll("+", "-").replaceAll("/", "_");
  return bytes.toString("base64url") === same ? bytes : undefined;
}

/** What a person typed, without what a terminal types by itself. */
export function typed(line: string): string {
  return line.replace(TERMINAL_ANSWER, "").trim();
}

// Control sequences such as \x1b[0n, control strings, and single characters.
const TERMINAL_ANSWER =
  /(\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(\x07|\x1b\\|\x9c|$)|\x1bO.|\x1b[ -/]*[0-~]|\p{Cc}/gu;

/*
 * 5. Printing hostile bytes
 *
 * A terminal obeys what is printed: `\x1b]52` writes the clipboard, `\x1b[6n`
 * makes it type an answer, which this client would send as the next message.
 * Everybody who knows the client's port can send it such bytes. So what is not
 * plainly printable is escaped, and not left out: two payloads that differ look
 * different, and --format escape reads what was printed.
 */

/** Of latin1 text, where a character is a byte: UTF-8, or what is none. */
const UTF8_OR_BYTE =
  /[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[^ -[\]-~]/g;
const MARK = /\p{M}/u;
const MOST_MARKS = 8;

/** Control and format characters, all spaces but one, and what is not drawn. */
const HIDDEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Bytes as text that cannot move the cursor, hide or reorder anything. What is
 * not plainly printable becomes `\n`, `\r`, `\t`, `\\`, `\xNN` (a byte) or
 * `\u{NNNN}` (a character), so that no two payloads look the same. Accents are
 * drawn on what stands before them, which must not be a word of ours, and no
 * more of them than any language has.
 */
export function printable(bytes: Buffer): string {
  let end = 0;
  let marks = MOST_MARKS;
  return bytes.toString("latin1").replace(UTF8_OR_BYTE, (match, at: number) => {
    const raw = Buffer.from(match, "latin1");
    const text = raw.toString();
    if (at > end) marks = 0; // letters stand between
    end = at + match.length;
    const isMark = MARK.test(text);
    if (isUtf8(raw) && raw.length > 1 && !HIDDEN.test(text)) {
      marks = isMark ? marks + 1 : 0;
      if (marks <= MOST_MARKS) return text;
    }
    marks = MOST_MARKS;
    if ("\n\r\t\\".includes(text)) return JSON.stringify(text).slice(1, -1);
    if (raw.length === 1 || !isUtf8(raw))
      return raw.toString("hex").replace(/../g, "\\x$&");
    return `\\u{${text.codePointAt(0)?.toString(16)}}`;
  });
}

/**
 * Printable text in the middle of a line. Hebrew and Arabic letters turn around
 * what follows, until something says otherwise: U+200E does, and is not drawn.
 */
function framed(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u200e${text}\u200e` : text;
}

/** All that Unicode has, and keeps for, letters of this direction. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * JSON with Wireshark's names, so that its users need not learn others; ASCII,
 * so that no terminal acts on it.
 */
function toJson(from: Endpoint, to: Endpoint, data: Buffer, rttMs?: number) {
  const [src, dst] = [plain(from.address), plain(to.address)];
  const ip = isIPv6(src) ? "ipv6" : "ip";
  const fields = {
    "frame.time_epoch": Date.now() / 1000,
    [`${ip}.src`]: src,
    [`${ip}.dst`]: dst,
    "udp.srcport": from.port,
    "udp.dstport": to.port,
    "udp.length": data.length + 8,
    "data.len": data.length,
    "data.data": data.toString("hex"),
    "data.text": isUtf8(data) ? data.toString() : undefined,
    rtt_ms: rttMs,
  };
  return JSON.stringify(fields).replace(/[^ -~]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Not console.log(), which hides on some runtimes that nobody reads it. */
function print(line: string): void {
  write(`${line}\n`);
}

/** What fails comes to the listeners of "error", also where it is thrown. */
function write(text: string): void {
  try {
    process.stdout.write(text);
  } catch (error) {
    process.stdout.emit("error", error);
  }
}

/*
 * 6. Statistics
 *
 * Lost is what was not answered in time. On which of its two ways it was lost,
 * or whether the server refused to answer, nobody can know from here. Of the
 * round-trip times the least is nearest to what the way itself takes, the
 * median is what is usual, and the 99th percentile is what people complain of.
 */

/**
 * How many datagrams were sent, received, lost and so on. Of those that were to
 * be answered, `sent` is the sum of `received`, `lost` and `unanswered`; the
 * others say more about some of them.
 */
type Tally = Record<string, number>;

function add(tally: Tally, what: string): number {
  const sum = (tally[what] ?? 0) + 1;
  tally[what] = sum;
  return sum;
}

/** Milliseconds, as `ping` has them; jitter as in RFC 3550, section 6.4.1. */
export function roundTrips(rtts: readonly number[]): Record<string, number> {
  const sorted = rtts.toSorted((a, b) => a - b);
  const rank = (share: number) =>
    sorted[Math.max(Math.ceil(share * sorted.length), 1) - 1] ?? 0;
  let jitter = 0;
  for (const [at, rtt] of rtts.entries()) {
    jitter += (Math.abs(rtt - (rtts[at - 1] ?? rtt)) - jitter) / 16;
  }
  if (rtts.length === 0) return {};
  const [min, median, p99, max] = [rank(0), rank(0.5), rank(0.99), rank(1)];
  return { min, median, p99, max, jitter };
}

/**
 * The statistics in words, as those of `ping`. What never happened is left out,
 * but for what everybody looks for: sent, received and lost.
 */
function describe(tally: Tally, rtts: readonly number[]): string {
  const { sent = 0, lost = 0 } = tally;
  const counts = Object.entries(tally).map(([what, n]) => `${n} ${what}`);
  const share = ((100 * lost) / Math.max(sent, 1)).toFixed(1);
  const text = `${counts.join(", ").replaceAll("_", " ")}, ${share} % loss`;
  const times = Object.entries(roundTrips(rtts));
  if (times.length === 0) return text;
  const values = times.map(([, ms]) => ms.toFixed(3)).join("/");
  return `${text}\nRTT ${times.map(([what]) => what).join("/")} = ${values} ms`;
}

/*
 * 7. Running
 *
 * A client binds, too: to a port that the system chooses, where its answers
 * come to. That it connects sends nothing and reserves nothing anywhere. It
 * tells the system whom this socket talks to, and has two effects: what others
 * send is dropped, and when the other side answers with ICMP that nobody has
 * the port, the socket is told (ECONNREFUSED). Who asks everybody must not
 * connect, since the answers come from addresses that are not known before.
 */

const REASONS: Record<string, string> = {
  ECONNREFUSED: "nobody has that port (ECONNREFUSED); start the server first",
  EACCES: "permission denied (EACCES); a broadcast address takes --broadcast",
  EADDRINUSE: "address already in use (EADDRINUSE); see --bind",
  EADDRNOTAVAIL: "not an address of this machine (EADDRNOTAVAIL); see --bind",
  ENETUNREACH: "no route to that network (ENETUNREACH); see --host",
  ENOTFOUND: "no such host (ENOTFOUND); see --host",
  EAI_AGAIN: "no name server answers (EAI_AGAIN); see --host, or try again",
};

/** `Cannot send to 127.0.0.1:9999: nobody has that port (ECONNREFUSED); ...` */
function explain(
  { host, port }: Options,
  error: NodeJS.ErrnoException,
  address = host,
): Error {
  // What is said in our own words, of the file or of a message, says it all.
  if (/^(Cannot|')/.test(error.message)) return error;
  // Deno and Bun do not say that a broadcast was denied.
  const usual = host.endsWith(".255") ? REASONS.EACCES : error.message;
  const why = REASONS[error.code ?? ""] ?? usual;
  const name = address === host ? "" : ` (${host})`;
  const target = nameOf({ address, port });
  return new Error(`Cannot send to ${target}${name}: ${why}`);
}

/**
 * Whether many may answer: a broadcast or multicast address (224.0.0.0/4,
 * ff00::/8). Which address of a network is its broadcast depends on its mask,
 * so that --broadcast has to say it.
 */
function isGroup({ broadcast }: Options, { address }: Endpoint): boolean {
  return broadcast || /^(22[4-9]|23\d)\.|^ff/i.test(address);
}

/** A socket that can send; connected, it is told at once of a closed port. */
async function open(options: Options, to: Endpoint): Promise<Socket> {
  const { bind, broadcast, ttl, interface: leavingBy } = options;
  const type = isIPv6(to.address) ? "udp6" : "udp4";
  if (bind && isIPv6(bind.address) !== isIPv6(to.address)) {
    const why = "one of them is IPv6 and the other IPv4; see --bind";
    throw new Error(
      `Cannot send from ${nameOf(bind)} to ${nameOf(to)}: ${why}`,
    );
  }
  // Room for bursts of answers: what finds none is lost. The system may give
  // less, and Deno gets slow with more.
  const buffer = !("Deno" in globalThis) && { recvBufferSize: 4 << 20 };
  const socket = createSocket({ type, ...buffer });
  try {
    const bound = once(socket, "listening");
    socket.bind(bind?.port ?? 0, bind?.address);
    await bound;
    // The system asks for this permission, so that nobody shouts by mistake.
    if (broadcast) socket.setBroadcast(true);
    // Each router takes 1 away, and drops what has none left. For a group it is
    // 1 if nothing else is said: such datagrams stay in their network.
    if (ttl) socket.setTTL(ttl);
    if (ttl) socket.setMulticastTTL(ttl);
    // Else the one with the usual route, which need not be where the group is.
    if (leavingBy) leaveBy(socket, leavingBy);
    if (isGroup(options, to)) return socket;
    const connected = once(socket, "connect");
    socket.connect(to.port, to.address);
    await connected;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Without this sentence it would be told of an address to bind. */
function leaveBy(socket: Socket, address: string): void {
  try {
    socket.setMulticastInterface(address);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = `no interface has this address (${code}); see --interface`;
    throw new Error(`Cannot send by ${address}: ${why}`);
  }
}

/** Resolves to the exit code: 1 when an answer did not come. */
async function run(options: Options): Promise<number> {
  const { host, port, json, quiet, verbose, interactive, count } = options;
  // IPv4 first, which is what `localhost` means to a server that was told no
  // address; left to themselves, the runtimes choose differently.
  const { address } = await lookup(host, { verbatim: false });
  const failed = (error: Error) => explain(options, error, address);
  const socket = await open(options, { address, port }).catch((error) => {
    throw failed(error);
  });
  const client = new Client(options, socket, { address, port });
  // Also a signal ends with the statistics: they are what was waited for.
  const end = () => client.end();
  // More than once: a terminal and a launcher such as tsx may both signal.
  process.on("SIGINT", end).on("SIGTERM", end).on("SIGHUP", end);
  process.stdout.on("error", end); // for whom should it go on?
  const ended = once(client.ending.signal, "abort");
  try {
    const work = interactive ? converse : sendAll;
    await Promise.race([work(client, options), ended]);
  } finally {
    client.end(); // whatever still waits
    client.settle();
    socket.close();
    process.stdin.pause();
  }
  const { tally, rtts, error } = client;
  const several = count > 1 || options.intervalMs !== undefined;
  const isMissing = tally.lost || (tally.unanswered && !error);
  const wanted = quiet || verbose || several || isMissing;
  const statistics = { ...tally, rtt_ms: roundTrips(rtts) };
  if (json) print(JSON.stringify(statistics));
  else if (wanted) print(describe(tally, rtts));
  if (error) throw failed(error);
  return tally.lost ? 1 : 0;
}

/*
 * 8. Options
 *
 * Said once: the help text is also what is accepted.
 */

export const USAGE = `Usage: udp_client [options] [message ...]

Sends each message (default: Michael Tracy Sarah) as one datagram and prints
its answer. The message - stands for every line of standard input.

  --host ADDRESS       where to send (default 127.0.0.1)
  --port PORT          where to send (default 9999)
  --interactive        ask for messages, until one of the two says bye
  --timeout TIME       how long to wait for an answer (default 1s)
  --verbose            print senders, round-trip times and statistics, too
  --help               print this text

More:

  --bind ADDRESS:PORT  where to send from (default: any free port)
  --file PATH          send the content of a file as one datagram
  --format FORMAT      how messages are written: text, escape (\\n, \\xff,
                       \\u{20ac}), hex or base64 (default text)
  --count N            send the messages N times, {seq} being replaced by
                       the number of the datagram (default 1)
  --interval TIME      send one each TIME (50ms, 2s, 1m), answered or not
  --rate N             the same, as datagrams a second
  --retries N          how often to send again after that (default 0)
  --no-wait            wait for no answer
  --broadcast          permit sending to a broadcast address
  --ttl N              how many networks a datagram may cross
  --interface ADDRESS  the interface that multicast is sent on
  --json               print JSON lines with Wireshark's field names
  --quiet              print the statistics alone
`;

type Options = ReturnType<typeof readOptions>;

const NEVER_EMPTY = ["host", "interface"];

/** The options are those of the help text, where capitals stand for a value. */
export function readOptions(args: string[]) {
  const known = USAGE.matchAll(/^ {2}--([\w-]+)( [A-Z]+)?/gm);
  const types = Array.from(known, ([, name, value]) => {
    return [name, { type: value ? "string" : "boolean" } as const];
  });
  const options = Object.fromEntries(types);
  const parsed = parseArgs({ args, options, allowPositionals: true });
  // parseArgs() cannot know the types of options that were not written down.
  const values: Record<string, unknown> = parsed.values;
  const on = (name: string) => values[name] === true;
  const text = (name: string) => {
    const value = values[name] as string | undefined;
    // It comes of a variable that is not set, and would stand for any address.
    if (value === "" && NEVER_EMPTY.includes(name))
      throw new Error(`--${name} takes an address or a name, not ''`);
    return value;
  };
  // Who asks for help needs no other mistake to be told first.
  if (on("help") && args.length > 1) return readOptions(["--help"]);
  const number = (name: string, min: number, max: number) =>
    readNumber(name, text(name), min, max);
  const time = (name: string) =>
    readNumber(name, text(name), 0, 86_400_000, { ms: 1, s: 1000, m: 60_000 });

  const rate = number("rate", 1, 1_000_000);
  const interval = time("interval");
  // What would be left without effect is said: who writes an option wants it.
  if (rate && interval !== undefined) {
    throw new Error(
      "--rate and --interval say the same: leave one of them out",
    );
  }
  if (on("no-wait") && text("retries")) {
    throw new Error("--retries is for what is not answered: no --no-wait then");
  }
  const alone = ["file", "count", "interval", "rate", "no-wait"];
  const other = alone.find((name) => values[name] !== undefined);
  if (on("interactive") && (other || parsed.positionals.length > 0)) {
    const what = other ? `--${other}` : "a message";
    throw new Error(`--interactive asks for messages: leave ${what} out`);
  }
  const format = text("format") ?? "text";
  const messages = parsed.positionals;
  if (!DECODERS.has(format)) {
    const names = [...DECODERS.keys()].join(", ");
    throw new Error(`--format takes one of ${names}, not '${format}'`);
  }
  const count = number("count", 1, Number.MAX_SAFE_INTEGER) ?? 1;
  const inputs = messages.filter((message) => message === "-").length;
  if (inputs > 1 || (inputs > 0 && count > 1)) {
    throw new Error("Standard input ends once: take - once, without --count");
  }
  for (const message of messages) {
    // Fails where it is not right, before anything is sent.
    if (message !== "-") fill(message, 1, format);
  }
  if (messages.length === 0 && text("file") === undefined) {
    messages.push("Michael", "Tracy", "Sarah");
  }
  return {
    host: text("host")?.replace(/^\[(.*)\]$/, "$1") ?? "127.0.0.1",
    port: number("port", 1, 65_535) ?? 9999,
    bind: readEndpoint("bind", text("bind")),
    interactive: on("interactive"),
    file: text("file"),
    messages,
    format,
    count,
    intervalMs: rate ? 1000 / rate : interval,
    timeoutMs: time("timeout") ?? 1000,
    retries: number("retries", 0, 1000) ?? 0,
    wait: !on("no-wait"),
    broadcast: on("broadcast"),
    ttl: number("ttl", 1, 255),
    interface: text("interface"),
    json: on("json"),
    quiet: on("quiet"),
    verbose: on("verbose"),
    help: on("help"),
  };
}

/** Strict: Number() alone would also take "", "1e3" and "0x10". */
function readNumber(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
  units: Record<string, number> = { "": 1 },
): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ""] = /^(\d+|\d+\.\d+(?=\D))(\D*)$/.exec(text) ?? [];
  const value = Number(digits) * (units[unit] ?? Number.NaN);
  if (value >= min && value <= max) return value;
  const names = Object.keys(units).join(", ");
  const what = names ? `with a unit (${names})` : `from ${min} to ${max}`;
  throw new Error(`--${name} takes a number ${what}, not '${text}'`);
}

function readEndpoint(name: string, text: string | undefined) {
  if (text === undefined) return undefined;
  const [, bracketed, address = bracketed, port] =
    /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
  if (address && isIP(address) && Number(port) <= 65_535) {
    return { address, port: Number(port) };
  }
  throw new Error(`--${name} takes ADDRESS:PORT, not '${text}'`);
}

/*
 * 9. Small things
 */

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** `127.0.0.1:9999` or `[::1]:9999`. */
function nameOf({ address, port }: Endpoint): string {
  const host = plain(address);
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** IPv4 as itself, where a socket for both families has it inside IPv6. */
function plain(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

let hasComplained = false;

/** Says once that nothing can be printed. That nobody reads it is no error. */
function cannotPrint({ code, message }: NodeJS.ErrnoException): void {
  if (code === "EPIPE") return;
  if (!hasComplained) console.error(`Cannot print: ${message}`);
  hasComplained = true;
  process.exitCode = 1;
}

/** Takes the arguments of the command line; resolves to the exit code. */
export async function main(args: string[]): Promise<number> {
  let options: Options | undefined;
  process.stdout.on("error", cannotPrint);
  try {
    options = readOptions(args);
    if (!options.help) return await run(options);
    write(USAGE);
    return 0;
  } catch (error) {
    const { message } = options
      ? explain(options, error as Error)
      : (error as Error);
    console.error(message);
    return options ? 1 : 2; // it did not work, or misuse
  }
}

// False where the file was imported; Node 20 does not know.
if ((import.meta as { main?: boolean }).main !== false) {
  void main(process.argv.slice(2)).then((exitCode) => {
    process.exitCode ||= exitCode; // 1 where something could not be printed
  });
}
