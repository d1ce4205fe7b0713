#!/usr/bin/env node
/**
 * A UDP server in one file. It answers `Hello, NAME!` to whoever sends a name,
 * and can be an echo, a chat or a template instead. A bad network in front of
 * it is udp_relay.ts.
 *
 *     node udp_server.ts                          Node 22.18 or newer
 *     npx tsx udp_server.ts                       Node 20
 *     deno run --allow-net udp_server.ts
 *     bun udp_server.ts --port 8080 --reply upper
 *
 * The whole idea is five lines, which run as they stand:
 *
 * ```js
 * import { createSocket } from "node:dgram";
 * const socket = createSocket("udp4");
 * socket.on("message", (name, { port, address }) =>
 *   socket.send(`Hello, ${name}!`, port, address));
 * socket.bind(9999, "127.0.0.1");
 * ```
 *
 * The rest of this file makes these five lines fit for daily use, in chapters:
 *
 *  1 hear and answer        4 printing hostile bytes 7 options
 *  2 what to answer         5 running                8 small things
 *  3 whom not to answer     6 for speed
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import { parseArgs } from "node:util";
import { parentPort, Worker, workerData } from "node:worker_threads";

/*
 * 1. Hear and answer
 *
 * UDP knows no connections. One socket hears everybody, and each datagram comes
 * whole or not at all, with the address of its sender, to which the answer
 * goes. It may be lost, late, twice or out of order, and nobody is told: not
 * the sender, and not the server. So a server keeps nothing about those who
 * ask, and each answer is made of one datagram alone.
 *
 * Nor is a sender told when a program has no time to read. The system keeps
 * what has come in the socket's receive buffer (on Linux 208 KiB, if nothing
 * else is asked for), and what finds no room there is gone. Between programs of
 * one machine this is the only place where datagrams are lost: there is no
 * wire. Whatever takes time in this handler makes it more likely.
 */

/** Answers whatever the socket receives, until `stop` was called. */
function serve(server: Server): void {
  const { options, socket, own, note, tally, stop } = server;
  const { json, buffer, count } = options;
  const peerOf = createPeers(own);
  const refusal = createGuard(options, own);
  const send = sender(server);
  const ask = options.reply === "chat" ? chat(server) : undefined;
  const reply = replyOf(options.reply);
  let handled = 0;

  socket.on("message", (payload, from) => {
    if (tally.received === count) return; // --count was reached
    // Node reads up to 64 KiB, more than any datagram has: nothing is cut
    // unseen, as recvfrom(1024) does it in other languages.
    const lost = payload.length - buffer;
    const data = lost > 0 ? payload.subarray(0, buffer) : payload;
    const peer = peerOf(from);
    const datagram = { data, peer, seq: ++tally.received };
    const line = lineOf(datagram, peer, options);
    note(line, json && fieldsOf(peer, own, data, payload.length));
    if (lost > 0) {
      add(tally, "truncated");
      note(`Kept ${data.length} of ${payload.length} bytes: ${lost} lost\n`);
    }
    if (ask) void ask(datagram).then((it) => answer(it, data, peer));
    else answer(reply(datagram), data, peer);
  });
  // Some runtimes tell that a client has gone, which is its own affair: without
  // a listener it would end the server for all the others.
  socket.on("error", () => add(tally, "unreachable"));

  function answer(bytes: Buffer | undefined, to: Buffer, peer: Peer): void {
    const reason = bytes && refusal(peer, to, bytes.length);
    if (reason) {
      add(tally, "refused");
      note(`Not answered: ${peer.name} ${reason}\n`);
    } else if (bytes) {
      send(bytes, peer);
    }
    // Not the last one's turn: a chat may refuse it before others are answered.
    if (++handled === count) setTimeout(stop, LINGER_MS);
  }
}

/**
 * Sends answers, and counts and prints them. That a datagram was sent means
 * that the system has taken it, not that it arrives.
 */
function sender({ options, socket, own, note, tally }: Server) {
  const { json, verbose } = options;
  const onSent = (error: Error | null) => {
    if (!error) return;
    tally.sent--;
    add(tally, "failed");
    note(`Cannot answer: ${error.message}\n`);
  };
  const callback = asksHowItWent(own) ? onSent : undefined;
  return (answer: Buffer, to: Endpoint): void => {
    tally.sent++;
    socket.send(answer, to.port, to.address, callback);
    if (!json && !verbose) return;
    const words = `Answered ${nameOf(to)}: ${printable(answer)}\n`;
    note(words, json && fieldsOf(own, to, answer));
  };
}

/** What was received, and what an answer can be made of. */
export interface Datagram {
  readonly data: Buffer;
  readonly peer: Endpoint;
  /** 1 for the first datagram. */
  readonly seq: number;
}

/** One end of a datagram's way. */
interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Somebody who has sent something, with what is the same each time. */
interface Peer extends Endpoint {
  readonly name: string;
  /** What is printed of a datagram, where that says no more. */
  readonly line: Buffer;
  /** Why it must never be answered, or undefined where it may be. */
  readonly never: string | undefined;
  /** Whether another machine may have this address. */
  readonly isOutside: boolean;
  /** Whether the first datagram was text. */
  isText?: boolean;
  /** See onlyAcknowledges(): when, what and how often it has said. */
  heardAt: number;
  first?: Buffer;
  same?: Buffer;
  repeats: number;
  unanswered: number;
}

/** What the parts of a running server share. */
interface Server {
  readonly options: Options;
  readonly socket: Socket;
  /** What is bound. */
  readonly own: Endpoint;
  readonly note: Print;
  readonly tally: Tally;
  readonly stop: () => void;
}

/** How long a server stays that has answered enough: the last may be under way. */
const LINGER_MS = 100;

/** How many datagrams were received, sent, refused and so on. */
type Tally = { received: number; sent: number; [event: string]: number };

/*
 * 2. What to answer
 *
 * A payload is bytes, and its length is all that UDP says about it: no type, no
 * encoding, no end of a line. Text is what both sides agree upon. So answers
 * are put together of bytes: to decode what is no UTF-8 and to encode it again
 * gives others (each wrong byte becomes the three of U+FFFD).
 */

/** Makes the answer to a datagram. */
type Reply = (it: Datagram) => Buffer | undefined;

const FIELDS = new Map<string, (datagram: Datagram) => Buffer>([
  ["{data}", ({ data }) => data],
  ["{hex}", ({ data }) => Buffer.from(data.toString("hex"))],
  ["{from}", ({ peer }) => Buffer.from(plain(peer.address))],
  ["{port}", ({ peer }) => Buffer.from(`${peer.port}`)],
  ["{length}", ({ data }) => Buffer.from(`${data.length}`)],
  ["{seq}", ({ seq }) => Buffer.from(`${seq}`)],
  ["{time}", () => Buffer.from(new Date().toISOString())],
]);

/**
 * Joins bytes and never decodes them, so that any payload survives. A name in
 * braces that is none of FIELDS stays as it was typed.
 */
export function fromTemplate(template: string): (it: Datagram) => Buffer {
  const parts = template.split(/(\{\w+\})/).map((part) => {
    const text = Buffer.from(part);
    return FIELDS.get(part) ?? (() => text);
  });
  const pieces: Buffer[] = [];
  return (datagram) => {
    parts.forEach((part, at) => {
      pieces[at] = part(datagram);
    });
    return join(pieces);
  };
}

/** By Unicode, or by ASCII alone where the bytes are not UTF-8. */
export function upperCase({ data }: Pick<Datagram, "data">): Buffer {
  if (isUtf8(data)) return Buffer.from(data.toString().toUpperCase());
  const upper = data.map((it) => (it > 0x60 && it < 0x7b ? it - 0x20 : it));
  return Buffer.from(upper.buffer, upper.byteOffset, upper.length);
}

const REPLIES = new Map<string, Reply>([
  ["greet", fromTemplate("Hello, {data}!")],
  ["upper", upperCase],
  ["echo", ({ data }) => data],
  ["none", () => undefined],
]);

/** By its name, or a template. */
function replyOf(kind: string): Reply {
  return REPLIES.get(kind) ?? fromTemplate(kind);
}

/**
 * Lets the person at the keyboard answer one message after the other. Several
 * may write meanwhile, and each gets the answer to its own message.
 */
function chat({ tally, note, stop }: Server) {
  const input = { input: process.stdin, terminal: false };
  const keyboard = createInterface(input)[Symbol.asyncIterator]();
  let hasTyped = false;
  const over = (why: string) => {
    note(`${why}: the chat is over\n`);
    stop();
  };
  /** Reads a line ahead, to know at once that nobody will answer any more. */
  const readLine = async () => {
    const line = await keyboard.next();
    // Lines of a pipe are used up before somebody asks again, and says bye.
    if (line.done && (isatty(0) || !hasTyped)) over("Nobody types any more");
    hasTyped = true;
    return line;
  };
  let line = readLine();
  const answerTo = async (peer: Endpoint): Promise<Buffer | undefined> => {
    note(`Answer ${nameOf(peer)}: `);
    const { value, done } = await line;
    if (done) return void over("\nNobody types any more");
    line = readLine();
    const answer = typed(value);
    return answer ? Buffer.from(answer) : answerTo(peer);
  };
  let turn = Promise.resolve<Buffer | undefined>(undefined);
  return async ({ data, peer }: Datagram) => {
    if (`${data}`.trim() === "bye")
      return void over(`${nameOf(peer)} said bye`);
    // Nobody can answer a flood, and it must not fill memory.
    if (tally.unanswered === 100) return void add(tally, "refused");
    add(tally, "unanswered");
    turn = turn.then(() => answerTo(peer));
    const answer = await turn;
    if (answer) add(tally, "unanswered", -1);
    if (tally.unanswered === 0) delete tally.unanswered;
    return answer;
  };
}

/**
 * What a person typed, without what a terminal types by itself: a datagram that
 * was printed somewhere else may have asked it for its name or its clipboard.
 */
export function typed(line: string): string {
  return line.replace(TERMINAL_ANSWER, "").trim();
}

// Control sequences such as \x1b[0n, control strings, and single characters.
const TERMINAL_ANSWER =
  /(\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(\x07|\x1b\\|\x9c|$)|\x1bO.|\x1b[ -/]*[0-~]|\p{Cc}/gu;

/*
 * 3. Whom not to answer, and why
 *
 * The sender's address is a claim: whoever can write raw packets puts any there
 * (BCP 38, RFC 2827, asks networks to stop this, and many do not). To answer is
 * therefore to send to somebody who may never have asked:
 *
 * - In a loop. Two servers that answer everything answer each other for ever
 *   when a single datagram was sent in the name of one to the other. The echo
 *   and chargen services of 1983 had it (CERT CA-1996-01), and servers of DNS,
 *   NTP and TFTP were found to have it again in 2024 (CVE-2024-2169). No server
 *   sees from one datagram that it is in a loop; what it can do is to stop.
 * - To itself, which is the same loop with one server.
 * - To many: an answer to a broadcast or a group reaches everybody in it.
 *   RFC 1122 (section 3.2.1.3) forbids such an address as a source.
 * - To nobody: port 0 means that no answer is wanted (RFC 768).
 * - A machine that sends no text: who sends bytes of its own protocol can do
 *   nothing with a greeting, and may take it for a command.
 * - Where it only acknowledges. Many a device confirms whatever it gets, and to
 *   confirm a greeting with "OK" is to ask for the next one: to the device each
 *   answer is a command.
 * - In a flood: a server that sends on what it gets is a weapon in the hands of
 *   whoever can name a victim, and the more so where the answer is longer than
 *   the question (US-CERT TA14-017A). RFC 8085, section 3, asks for a limit.
 */

/**
 * Addresses of nobody in particular: 0.0.0.0/8 (this network), 224.0.0.0/4 and
 * ff00::/8 (groups), 240.0.0.0/4 with 255.255.255.255 (reserved, and all).
 */
const NOBODY = /^(0|22[4-9]|2[3-5]\d)\.|^ff/i;

/** Why a sender must never be answered, or undefined where it may be. */
function whyNever(own: Endpoint, address: string, port: number) {
  if (port === own.port && isOwnAddress(own, address))
    return "is this server itself";
  if (port === 0) return "has port 0, which is nobody's";
  return NOBODY.test(address) ? "is no single machine" : undefined;
}

/**
 * Whether a datagram from there may be from this machine. Who hears on all
 * interfaces has all of their addresses.
 */
function isOwnAddress(own: Endpoint, address: string): boolean {
  if (address === own.address || isLoopback(address)) return true;
  if (!/^(0\.0\.0\.0|::)$/.test(own.address)) return false;
  // Deno asks a person before it tells them: then none may be answered.
  const sys = { name: "sys", kind: "networkInterfaces" };
  if (Deno && Deno.permissions.querySync(sys).state !== "granted") return true;
  const bare = plain(address).replace(/%.*/, "");
  const all = Object.values(networkInterfaces()).flat();
  return all.some((it) => it?.address === bare);
}

/** More than a greeting adds is refused to other machines. */
const FREE_BYTES = 8;

/** How many times as long as a datagram its answer is, both with headers. */
function amplification(reply: Reply): number {
  const peer = { address: "192.0.2.1", port: 9 };
  const factors = [0, 1, 1000].map((length) => {
    const data = Buffer.alloc(length, "x");
    return (28 + (reply({ data, peer, seq: 1 })?.length ?? 0)) / (28 + length);
  });
  return Math.max(...factors);
}

/** So often one may say the same at once, who has said another thing first. */
const REPEATS = 100;
const MOMENT_MS = 250;

/**
 * Whether a peer says nothing but "I have got your answer": the same short
 * thing more often than all else, at once each time, and not from the
 * beginning. Who goes on saying it without being answered does not say it
 * because of answers, and is answered again.
 */
function onlyAcknowledges(peer: Peer, data: Buffer): boolean {
  peer.first ??= Buffer.from(data.subarray(0, 64));
  if (peer.first.equals(data)) return false;
  const isSame = peer.same?.equals(data) ?? false;
  // Where nothing is repeated, as in most floods, no clock has to be read.
  if (isSame || peer.repeats > 0) {
    const now = Date.now();
    if (now - peer.heardAt > MOMENT_MS) peer.repeats = 0;
    peer.heardAt = now;
  }
  // What is more than half of all stays, whatever comes between (Boyer, Moore).
  if (isSame) peer.repeats = Math.min(peer.repeats + 1, 2 * REPEATS);
  else if (peer.repeats > 0) peer.repeats--;
  else if (peer.same?.length === data.length) peer.same.set(data);
  else if (data.length <= 64) peer.same = Buffer.from(data);
  if (peer.repeats < REPEATS) peer.unanswered = 0;
  if (peer.repeats < REPEATS || !isSame) return false;
  return ++peer.unanswered <= REPEATS;
}

/** As grep and git tell it: bytes that have a NUL are no text. */
function isText(data: Buffer): boolean {
  return isUtf8(data) && !data.includes(0);
}

/** What the threads of a server count together: a limit is one for all. */
const shared: SharedArrayBuffer =
  workerData instanceof SharedArrayBuffer
    ? workerData
    : new SharedArrayBuffer(8 + 65_536 * 4);

/** After so many answers to a port it may be that these are what it answers. */
const LOOP = 65_536;

/**
 * Says why a sender must not be answered, or undefined where it may be. What is
 * counted is counted for each port, not for each address: that needs 256 KiB
 * however many there are, and an attacker has more addresses than we memory.
 */
function createGuard({ rate, ...options }: Options, own: Endpoint) {
  const isOpen = !isLoopback(own.address) && options.reply !== "chat";
  const mayGrow = options.amplify || !isOpen;
  const isGreeting = options.reply === "greet";
  const clock = new BigInt64Array(shared, 0, 1);
  const answered = new Uint32Array(shared, 8, 65_536);
  const seconds = () => Math.floor(Date.now() / 1000);
  /** The second and its answers are one number, so that no thread loses any. */
  const isTooOften = (): boolean => {
    const now = BigInt(seconds()) << 32n;
    const before = Atomics.load(clock, 0);
    const after = before >> 32n === now >> 32n ? before + 1n : now + 1n;
    if (Atomics.compareExchange(clock, 0, before, after) !== before)
      return isTooOften(); // another thread was quicker
    return after - now > rate;
  };
  /** One answer that is missing ends a loop, where one datagram goes round. */
  const mayBeLoop = (port: number): boolean =>
    (Atomics.add(answered, port, 1) + 1) % LOOP === 0;
  return (peer: Peer, data: Buffer, bytes: number): string | undefined => {
    if (peer.never) return peer.never;
    if (onlyAcknowledges(peer, data)) return "only acknowledges answers";
    // 65,535 of an IPv4 packet, less 20 of its header and 8 of UDP's. A
    // greeting that is greeted grows until it gets here: that loop ends, too.
    if (bytes > 65_507) return `would get ${bytes} bytes, which are too many`;
    peer.isText ??= isText(data);
    if (isGreeting && !peer.isText)
      return "sends no UTF-8 text, as a device does; see --reply";
    if (!mayGrow && bytes > data.length + FREE_BYTES && peer.isOutside)
      return `would get ${bytes} bytes for ${data.length}; see --amplify`;
    if (rate < MANY && isTooOften()) return "is over --rate";
    if (mayBeLoop(peer.port)) return "got 65535 answers and may answer them";
    return undefined;
  };
}

/*
 * 4. Printing hostile bytes
 *
 * A terminal obeys what is printed: `\x1b]52` writes the clipboard, `\x1b[6n`
 * makes it type an answer as if it came from the keyboard, U+202E turns the
 * text that follows around. Everybody who can send a datagram chooses these
 * bytes. So what is not plainly printable is escaped, and not left out: two
 * payloads that differ look different.
 */

/** What is printed of a datagram. */
function lineOf({ data }: Datagram, peer: Peer, options: Options) {
  const { reply, verbose } = options;
  if (reply === "upper")
    return `${framed(printable(data))} from ${peer.name}\n`;
  if (reply === "chat")
    return `Message from ${peer.name}: ${printable(data)}\n`;
  return verbose
    ? `Received from ${peer.name}: ${printable(data)}\n`
    : peer.line;
}

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

/** A datagram with Wireshark's names for its fields, which many know. */
function fieldsOf(
  from: Endpoint,
  to: Endpoint,
  data: Buffer,
  length = data.length, // more, where not all of it was kept
): object {
  // IPv4 is what was on the way, also where a socket for both has it in IPv6.
  const ends = [plain(from.address), plain(to.address)];
  const ip = ends.every(isIPv6) ? "ipv6" : "ip";
  const [src, dst] = ends.map((it) => (ip === "ip" && it === "::" ? ANY : it));
  return {
    "frame.time_epoch": Date.now() / 1000,
    [`${ip}.src`]: src,
    [`${ip}.dst`]: dst,
    "udp.srcport": from.port,
    "udp.dstport": to.port,
    "udp.length": length + 8,
    "data.len": data.length,
    "data.data": data.toString("hex"),
    "data.text": isUtf8(data) ? data.toString() : undefined,
  };
}

/** JSON in ASCII, so that no terminal acts on it. */
function toJson(object: object): string {
  return JSON.stringify(object).replace(/[^ -~]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/*
 * 5. Running
 *
 * To bind is to tell the system: what comes to this address and port is mine.
 * 127.0.0.1 can be reached from this machine alone, 0.0.0.0 and :: from
 * wherever there is a way. No second program gets the port, unless all ask for
 * it: with SO_REUSEADDR each hears what is sent to a group, with SO_REUSEPORT
 * the system spreads the senders over the sockets, so that threads can share.
 */

const REASONS: Record<string, string> = {
  EADDRINUSE:
    "address already in use (EADDRINUSE); stop its owner or try another --port",
  EADDRNOTAVAIL: "not an address of this machine (EADDRNOTAVAIL); see --host",
  EACCES: "permission denied (EACCES); choose a --port above 1023",
  ENOTFOUND: "no such host (ENOTFOUND); see --host",
  EAI_AGAIN: "no name server answers (EAI_AGAIN); see --host, or try again",
  ENODEV: "no such interface (ENODEV); see --interface",
  EINVAL: "no such group or interface (EINVAL); see --join and --interface",
  "EINVAL to bind": "it takes its interface, as in fe80::1%eth0 (EINVAL)",
};

interface DenoNamespace {
  readonly stdout: { readonly writable: never };
  readonly permissions: { querySync(what: object): { readonly state: string } };
}

const { Deno } = globalThis as { Deno?: DenoNamespace };

/** Resolves when the port can be heard; fails with one sentence. */
async function bind(options: Options): Promise<Socket> {
  const { host, port, group } = options;
  let attempt = `bind ${nameOf({ address: host, port })}`;
  let socket: Socket | undefined;
  try {
    // A socket is of one family: which one, the address has to say. IPv4 first,
    // as a client expects who is told a name: the runtimes differ in that.
    const { address, family } = await lookup(host, { verbatim: false });
    if (address !== host) {
      attempt = `bind ${nameOf({ address, port })} (${host})`;
      if (!parentPort) console.error(`${host} is ${address}`);
    }
    socket = createSocket({
      type: family === 6 ? "udp6" : "udp4",
      reuseAddr: group !== undefined, // several programs may hear a group
      reusePort: options.workers > 1,
      // Room for bursts (chapter 1); the system may give less, and Deno gets
      // slow with more.
      ...(!Deno && { recvBufferSize: 4 << 20 }),
      // No resolver is needed: whoever sent a datagram has an address.
      lookup: (peer, _, done) => done(null, peer, family),
    });
    const bound = once(socket, "listening");
    socket.bind(port, address);
    await bound;
    attempt = `join ${group}`;
    if (group) socket.addMembership(group, options.interface);
    return socket;
  } catch (error) {
    socket?.close();
    const { code = "", message } = error as NodeJS.ErrnoException;
    const isBind = attempt.startsWith("bind");
    const why = (isBind && REASONS[`${code} to bind`]) || REASONS[code];
    throw new Error(`Cannot ${attempt}: ${why ?? message}`);
  }
}

/** Says what strangers can make this server do. */
function warnOfOthers({ rate, reply, amplify }: Options): void {
  const times = amplification(replyOf(reply)).toFixed(1);
  const limit = amplify
    ? `up to ${times} times as long as what they send`
    : `at most ${FREE_BYTES} bytes longer than what they send, see --amplify`;
  const length = reply === "chat" ? "as long as you like" : limit;
  const limits = `they get ${rate} answers a second at most, ${length}`;
  console.error(`Open to other machines: ${limits}`);
}

/**
 * Threads that share the port: the system spreads the senders over them, by
 * their addresses and ports. A single sender always meets the same thread.
 */
async function startWorkers(options: Options, args: string[], tally: Tally) {
  const { port, workers } = options;
  if (parentPort || workers === 1) return [];
  // Binds it once more, to see whether that works here, for one clear sentence.
  const second = await bind(options).catch(() => {
    const why = "this runtime has no SO_REUSEPORT; leave --workers out";
    throw new Error(`Cannot share port ${port} among threads: ${why}`);
  });
  second.close();
  const argv = [...args, "--port", `${port}`];
  return Array.from({ length: workers - 1 }, () => {
    const own = { argv, workerData: shared };
    const worker = new Worker(new URL(import.meta.url), own);
    worker.on("message", (counts: Tally) => {
      for (const [what, many] of Object.entries(counts)) add(tally, what, many);
    });
    return { worker, end: once(worker, "exit") };
  });
}

/**
 * Serves until something ends it, and tells what has happened: UDP tells nobody
 * what was lost, so that one can only compare what the two ends have counted.
 */
async function run(options: Options, args: string[]): Promise<void> {
  const socket = await bind(options);
  const own = socket.address();
  const { address, port } = own;
  const ending = new AbortController();
  const ended = once(ending.signal, "abort");
  const stop = () => ending.abort();
  // More than once: a terminal and a launcher such as tsx may both signal.
  process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
  parentPort?.once("message", stop);
  const output = openOutput();
  const { tell, note, isFailing } = createPrinter(options, output);
  output.on("error", (error: NodeJS.ErrnoException) => {
    // A log that cannot be written must not stop the service. But whoever reads
    // no more (as `| head -1` does) wants no more.
    if (!cannotPrint(error)) stop();
  });
  const tally: Tally = { received: 0, sent: 0 };
  try {
    const workers = await startWorkers({ ...options, port }, args, tally);
    serve({ options, socket, own, note, tally, stop });
    const bound = { bound: { address, port } };
    if (!parentPort) tell(`Bind UDP on ${port}...\n`, bound);
    if (!parentPort && !isLoopback(address)) warnOfOthers(options);
    await ended;
    for (const { worker, end } of workers) {
      worker.postMessage("stop");
      await end;
    }
    const counts = Object.entries(tally).map((it) => it.reverse().join(" "));
    if (hasComplained && isFailing()) console.error(counts.join(", "));
    else if (!parentPort) tell(`${counts.join(", ")}\n`, tally);
    parentPort?.postMessage(tally);
  } finally {
    socket.close();
    process.stdin.pause();
  }
}

/*
 * 6. For speed
 *
 * Where a server has no time left it loses datagrams (chapter 1): that is what
 * speed is for. Nothing here does what the rest could not do without it, and
 * each piece says what it earns: how much more processor time an answer takes
 * without it, on Node 24, each datagram printing its line to a file. These are
 * medians of 18 rounds in turns with and without; two runs of the very same
 * differ by up to 7 % on the machine that has measured them.
 */

/**
 * Knows the last peers again, with all that is the same for each of their
 * datagrams: most come many times. Without it an answer takes 7 % more.
 */
function createPeers(own: Endpoint): (from: Endpoint) => Peer {
  const known: Peer[] = [];
  return ({ address, port }) => {
    const last = known[port % 1024];
    if (last?.port === port && last.address === address) return last;
    const name = nameOf({ address, port });
    const line = Buffer.from(`Received from ${name}.\n`);
    const peer = {
      address,
      port,
      name,
      line,
      never: whyNever(own, address, port),
      isOutside: !isLoopback(address),
      heardAt: 0,
      repeats: 0,
      unanswered: 0,
    };
    known[port % 1024] = peer;
    return peer;
  };
}

let slab = Buffer.alloc(0);
let used = 0;

/**
 * Like Buffer.concat(), but many answers share an allocation. Without it an
 * answer takes 15 % more on Bun and 5 % more on Deno; Node does so by itself.
 */
function join(pieces: Buffer[]): Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (used + length > slab.length) {
    slab = Buffer.alloc(length + 8192);
    used = 0;
  }
  const start = used;
  for (const piece of pieces) {
    slab.set(piece, used);
    used += piece.length;
  }
  return slab.subarray(start, used);
}

/**
 * Whether to be told that an answer could not be sent. On loopback none fails,
 * and a callback for each answer takes 7 % more.
 */
function asksHowItWent(own: Endpoint): boolean {
  return !isLoopback(own.address);
}

/** Prints words or, with --json, an object. */
type Print = (words: string | Buffer, object?: object | false) => void;

/** Lines a second: nobody reads more, and they would slow everything down. */
const TERMINAL_RATE = 5000;

/**
 * Prints in batches, and as bytes: to join strings costs a multiple of it. With
 * a write for each line an answer takes 19 % more. What is too much for a
 * terminal, or cannot be written, is counted.
 */
function createPrinter({ json, quiet }: Options, output: Writable) {
  const batch = Buffer.alloc(65_536);
  let filled = 0;
  let lines = 0;
  let left = 0;
  let failing = false;
  const send = (text: string | Buffer, lost: number) => {
    output.write(text, (error) => {
      failing = Boolean(error);
      if (error) left += lost;
    });
  };
  const write = () => {
    const gap = json ? toJson({ left_out: left }) : `${left} lines left out`;
    if (left > 0) send(`${gap}\n`, left);
    left = 0;
    if (filled > 0) send(Buffer.from(batch.subarray(0, filled)), lines);
    filled = 0;
    lines = 0;
  };
  /** Tells what nobody may miss. */
  const tell: Print = (words, object) => {
    const text = json
      ? `${toJson(object || { note: `${words}`.trim() })}\n`
      : words;
    const line = typeof text === "string" ? Buffer.from(text) : text;
    if (filled === 0) setTimeout(write, 10);
    if (filled + line.length > batch.length) write();
    if (line.length > batch.length) return send(line, 1);
    batch.set(line, filled);
    filled += line.length;
    lines++;
  };
  let room = isatty(1) ? TERMINAL_RATE : Number.POSITIVE_INFINITY;
  const renew = () => {
    room = TERMINAL_RATE;
    if (left > 0) write();
  };
  if (isatty(1)) setInterval(renew, 1000).unref();
  const note: Print = (words, object) => {
    if (quiet) return;
    if (room-- <= 0 || output.writableLength > 1 << 20) left++;
    else tell(words, object);
  };
  return { tell, note, isFailing: () => failing };
}

/**
 * Standard output, never waiting for the terminal as process.stdout does: while
 * it waits, nothing is received, and datagrams are lost (chapter 1).
 */
function openOutput(): Writable {
  if (Deno) return Writable.fromWeb(Deno.stdout.writable);
  const { isTTY } = process.stdout;
  return isTTY ? createWriteStream("", { fd: 1 }) : process.stdout;
}

/*
 * 7. Options
 *
 * Said once: the help text is also what is accepted.
 */

export const USAGE = `Usage: udp_server [options]

Binds a UDP port and answers every datagram, until Ctrl+C.

  --host ADDRESS       address to bind (default 127.0.0.1)
  --port PORT          port to bind, 0 for any free one (default 9999)
  --reply KIND         greet, upper, echo, none, chat (you answer), or any
                       text with {data} {hex} {from} {port} {length} {seq}
                       {time} filled in (default greet)
  --count N            end after N datagrams
  --verbose            print payloads and answers, too
  --help               print this text

More:

  --buffer BYTES       keep no more than this of a datagram (default 65535)
  --rate N             answers a second at most, of all workers (default 1000
                       where other machines can reach the port, else without
                       limit)
  --amplify            let other machines get answers that are longer than what
                       they send by more than 8 bytes
  --workers N          threads that share the port (default 1)
  --broadcast          hear broadcasts: binds 0.0.0.0
  --join GROUP         hear a multicast group
  --interface ADDRESS  the interface on which to join it
  --json               print JSON lines with Wireshark's field names
  --quiet              print no line per datagram
`;

type Options = ReturnType<typeof readOptions>;
const MANY = Number.MAX_SAFE_INTEGER;

const NEVER_EMPTY = ["host", "join", "interface"];

/** The options are those of the help text, where capitals stand for a value. */
export function readOptions(args: string[]) {
  const known = USAGE.matchAll(/^ {2}--(\w+)( [A-Z]+)?/gm);
  const options = Array.from(known, ([, name, value]) => {
    return [name, { type: value ? "string" : "boolean" } as const];
  });
  const parsed = parseArgs({ args, options: Object.fromEntries(options) });
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
  const number = (name: string, usual: number, min: number, max: number) =>
    readNumber(name, text(name) ?? `${usual}`, min, max);

  const group = text("join");
  const toMany = group !== undefined || on("broadcast");
  const host = isIPv6(group ?? "") ? "::" : toMany ? "0.0.0.0" : "127.0.0.1";
  // On loopback nobody else can be hurt.
  const given = text("host")?.replace(/^\[(.*)\]$/, "$1"); // as in [::1]:9999
  const usualRate = isLoopback(given ?? host) ? MANY : 1000;
  if (on("broadcast") && text("host")) {
    throw new Error("--broadcast binds 0.0.0.0: leave --host out");
  }
  if (on("broadcast") && isIPv6(group ?? "")) {
    throw new Error(`--broadcast is of IPv4, --join ${group} of IPv6: run two`);
  }
  const kind = text("reply") ?? "greet";
  const kinds = [...REPLIES.keys(), "chat"];
  // A slip of the hand, not a text that somebody wants to be answered.
  if (!kinds.includes(kind) && kinds.includes(kind.toLowerCase().trim())) {
    throw new Error(`--reply has no ${kind}: it is one of ${kinds.join(", ")}`);
  }
  const workers = number("workers", 1, 1, 256);
  if (workers > 1 && (text("count") || kind === "chat")) {
    throw new Error("--workers allows neither --count nor --reply chat");
  }
  if (text("interface") && !group) {
    throw new Error("--interface says where to --join a group: name the group");
  }
  return {
    host: given ?? host,
    port: number("port", 9999, 0, 65_535),
    reply: kind,
    buffer: number("buffer", 65_535, 0, 65_535),
    count: number("count", MANY, 1, MANY),
    rate: number("rate", usualRate, 1, MANY),
    amplify: on("amplify"),
    workers,
    group,
    interface: text("interface"),
    json: on("json"),
    quiet: on("quiet"),
    verbose: on("verbose"),
    help: on("help"),
  };
}

/** Strict: Number() alone would also take "", "1e3" and "0x10". */
function readNumber(name: string, text: string, min: number, max: number) {
  const value = Number(/^\d+$/.test(text) ? text : Number.NaN);
  if (value >= min && value <= max) return value;
  const what = `a number from ${min} to ${max}`;
  throw new Error(`--${name} takes ${what}, not '${text}'`);
}

/*
 * 8. Small things
 *
 * And the start, which has to come last: what is a constant above exists only
 * when its line was reached.
 */

/** `127.0.0.1:9999` or `[::1]:9999`. */
function nameOf({ address, port }: Endpoint): string {
  const host = plain(address);
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** IPv4 as itself, where a socket for both families has it inside IPv6. */
function plain(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

const ANY = "0.0.0.0";

function isLoopback(address: string): boolean {
  return /^(127\.|::1$|localhost$)/.test(plain(address));
}

function add(tally: Tally, what: string, many = 1): void {
  tally[what] = (tally[what] ?? 0) + many;
}

function printHelp(): void {
  try {
    process.stdout.on("error", cannotPrint).write(USAGE);
  } catch (error) {
    cannotPrint(error as Error); // some runtimes throw
  }
}

let hasComplained = false;

/** Says once that nothing can be printed; false where only nobody reads it. */
function cannotPrint({ code, message }: NodeJS.ErrnoException): boolean {
  if (code === "EPIPE") return false;
  if (!hasComplained) console.error(`Cannot print: ${message}`);
  hasComplained = true;
  process.exitCode = 1;
  return true;
}

/**
 * Takes the arguments of the command line; resolves to the exit code: 0, 1
 * where it did not work, 2 for misuse. Every failure is one sentence.
 */
export async function main(args: string[]): Promise<number> {
  let failure = 2; // misuse
  try {
    const options = readOptions(args);
    failure = 1; // it did not work
    if (options.help) printHelp();
    else await run(options, args);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return failure;
  }
}

// False where the file was imported; Node 20 does not know, and Bun's threads.
const { main: isMain } = import.meta as { main?: boolean };
if (isMain !== false || parentPort) {
  void main(process.argv.slice(2)).then((exitCode) => {
    process.exitCode ||= exitCode; // 1 where something could not be printed
  });
}
