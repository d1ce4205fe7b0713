#!/usr/bin/env node
/**
 * Request files in one file: what is sent, and what has to come back.
 *
 *     node udp_run.ts device.udp            Node 22.18 or newer
 *     npx tsx udp_run.ts tests/*.udp        Node 20
 *     deno run --allow-net --allow-read udp_run.ts device.udp
 *     bun udp_run.ts device.udp --junit report.xml
 *
 * A request file is text. This one asks, and says what it expects:
 *
 *     ### Reads the temperature
 *     SEND 127.0.0.1:5683
 *     hex 40 01 "temp"
 *
 *     EXPECT 1 within 200ms
 *     bytes startsWith hex 60 45
 *
 * The whole idea is ten lines, which run as they stand:
 *
 * ```js
 * import { createSocket } from "node:dgram";
 * const socket = createSocket("udp4");
 * const end = (word) => socket.close(() => console.log(word));
 * const late = setTimeout(end, 200, "no answer");
 * socket.on("message", (answer) => {
 *   clearTimeout(late);
 *   const isRight = answer.toString("hex").startsWith("6045");
 *   end(isRight ? "passed" : "failed");
 * });
 * socket.send("@\x01temp", 5683, "127.0.0.1");
 * ```
 *
 * The rest of this file makes these lines fit for daily use, in chapters:
 *
 *  1 ask                    5 expectations           9 permission
 *  2 the file               6 serve                 10 running
 *  3 reading it             7 replay                11 options
 *  4 payloads               8 reports               12 small things
 *
 * The language is written down in docs/request_files.md.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { isIP, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/*
 * 1. Ask
 *
 * Who asks over UDP may get no answer, several, or one from somebody else, and
 * none of that is an error of the socket. So what is heard is kept with its
 * sender and its time, and the block says what it expects of it. A wait ends
 * as soon as enough has come. What comes too much, or too late, is still heard
 * afterwards, while the next block runs.
 */

/** A datagram that came back. */
export interface Heard {
  readonly payload: Buffer;
  readonly from: Endpoint;
  /** Milliseconds since the datagram was sent that it answers. */
  readonly delayMs: number;
}

/**
 * What has come and was not looked at yet. Strangers may send without an end:
 * so nothing is looked at twice, and what is kept has a bound. The rest is
 * counted.
 */
export class Inbox {
  /** In the order in which they came. */
  readonly kept: Heard[] = [];
  /** How many came that are not kept. */
  dropped = 0;
  /** So many of those were from who was asked. */
  #droppedOwn = 0;
  /** Where in `kept` those are that who was asked has sent. */
  readonly #own: number[] = [];
  /** The first that was not taken: of all, and of those in `#own`. */
  #next = 0;
  #nextOwn = 0;
  #bytes = 0;
  #strangers = 0;

  /** @param isOpen whether those of others count, too */
  add(heard: Heard, isOwn: boolean, isOpen: boolean) {
    const isOne = isOwn || isOpen || this.#strangers++ < MAX_STRANGERS;
    const bytes = this.#bytes + heard.payload.length + HEARD_BYTES;
    if (!isOne || bytes > MAX_HEARD_BYTES) {
      this.dropped++;
      if (isOwn) this.#droppedOwn++;
      return;
    }
    this.#bytes = bytes;
    if (isOwn) this.#own.push(this.kept.length);
    this.kept.push(heard);
  }

  /** How many have come that were not taken, from all or from who was asked. */
  count(isOpen: boolean): number {
    const dropped = isOpen ? this.dropped : this.#droppedOwn;
    return this.#waiting(isOpen) + dropped;
  }

  /** The next ones, at most so many, which stay where they are. */
  peek(count: number, isOpen: boolean): readonly Heard[] {
    const end = Math.min(count, this.#waiting(isOpen));
    if (isOpen) return this.kept.slice(this.#next, this.#next + end);
    return this.#own
      .slice(this.#nextOwn, this.#nextOwn + end)
      .map((at) => this.kept[at] as Heard);
  }

  /** The same, with what came before the last of them: that was looked at. */
  take(count: number, isOpen: boolean): readonly Heard[] {
    const taken = this.peek(count, isOpen);
    if (taken.length === 0) return taken;
    const last = this.#own[this.#nextOwn + taken.length - 1] ?? -1;
    this.#pass(isOpen ? this.#next + taken.length : last + 1);
    return taken;
  }

  /** Nothing of what has come is an answer to what is sent now. */
  skip() {
    this.#pass(this.kept.length);
    this.#strangers = 0;
  }

  /** One from somebody else, among those that were not taken. */
  stranger(target: Endpoint): Heard | undefined {
    return this.kept
      .slice(this.#next)
      .find(({ from }) => !sameEndpoint(from, target));
  }

  #waiting(isOpen: boolean): number {
    return isOpen
      ? this.kept.length - this.#next
      : this.#own.length - this.#nextOwn;
  }

  #pass(end: number) {
    this.#next = end;
    while ((this.#own[this.#nextOwn] ?? end) < end) this.#nextOwn++;
  }
}

/** What a block keeps of what it hears: the payloads, and what goes with each. */
const MAX_HEARD_BYTES = 64 * 2 ** 20;
const HEARD_BYTES = 256;

/** So many of others are kept for each datagram sent, to be told of. */
const MAX_STRANGERS = 20;

/** Sends to a target, and hears what comes back. */
class Conversation {
  readonly inbox = new Inbox();
  /** Many may answer. */
  readonly isGroup: boolean;
  /** True when ICMP has told that nobody has the port. */
  refused = false;
  readonly #sockets: readonly Socket[];
  readonly #target: Endpoint;
  readonly #signal: AbortSignal | undefined;
  #sentAt = 0;
  #wake = () => {};

  private constructor(
    sockets: readonly Socket[],
    target: Endpoint,
    isOpen: boolean,
    signal: AbortSignal | undefined,
  ) {
    this.#sockets = sockets;
    this.#target = target;
    this.#signal = signal;
    this.isGroup = isGroup(target);
    for (const socket of sockets) {
      socket.on("message", (payload, { address, port }) => {
        const from = { address: plain(address), port };
        const delayMs = performance.now() - this.#sentAt;
        const isOwn = sameEndpoint(from, target);
        const heard = { payload, from, delayMs };
        this.inbox.add(heard, isOwn, isOpen || this.isGroup);
        this.#wake();
      });
      socket.on("error", () => this.#refuse());
    }
  }

  /**
   * A connected socket is told when nobody has the port; but it hears nobody
   * else, and a device that answers from another port would be silent. So there
   * are two on one port: the system gives the connected one what is from the
   * target, and the other one the rest.
   *
   * @param isOpen whether those of others count, too
   * @param signal ends each wait
   */
  static async open(
    target: Endpoint,
    from: Source | undefined,
    isOpen: boolean,
    signal?: AbortSignal,
  ): Promise<Conversation> {
    const type = isIPv6(target.address) ? "udp6" : "udp4";
    const first = createSocket({ type, reuseAddr: true });
    const sockets = [first];
    try {
      await bind(first, from?.port ?? 0, from?.address);
      if (isGroup(target)) first.setBroadcast(true);
      else {
        const second = createSocket({ type, reuseAddr: true });
        // Where a system does not let two have one port, one is connected.
        await bind(second, first.address().port, from?.address).then(
          () => sockets.unshift(second),
          () => second.close(),
        );
        const connected = once(sockets[0] as Socket, "connect");
        sockets[0]?.connect(target.port, target.address);
        await connected;
      }
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
    return new Conversation(sockets, target, isOpen, signal);
  }

  get localPort(): number {
    return this.#sockets[0]?.address().port ?? 0;
  }

  /** Resolves when the system has taken it. */
  async send(payload: Buffer): Promise<void> {
    const [socket] = this.#sockets;
    const { address, port } = this.#target;
    this.refused = false;
    this.#sentAt = performance.now();
    await new Promise<void>((sent, failed) => {
      const done = (error: Error | null) => (error ? failed(error) : sent());
      if (this.isGroup) socket?.send(payload, port, address, done);
      else socket?.send(payload, done);
    }).catch((error: NodeJS.ErrnoException) => {
      // The refusal of the last datagram, which some runtimes tell here.
      if (error.code === "ECONNREFUSED") this.#refuse();
      else throw error;
    });
  }

  /** Resolves when `isEnough`, at once where it is so already; or after `ms`. */
  async until(isEnough: () => boolean, ms: number): Promise<void> {
    const ending = new AbortController();
    this.#wake = () => isEnough() && ending.abort();
    this.#wake();
    if (ending.signal.aborted || this.#signal?.aborted) return;
    const end = () => ending.abort();
    this.#signal?.addEventListener("abort", end);
    await sleep(Math.max(ms, 0), null, ending).catch(() => {});
    this.#signal?.removeEventListener("abort", end);
  }

  /** Has whoever waits look again whether it is enough. */
  wake() {
    this.#wake();
  }

  close() {
    for (const socket of this.#sockets) socket.close();
  }

  #refuse() {
    this.refused = true;
    this.#wake();
  }
}

async function bind(socket: Socket, port: number, address?: string) {
  const bound = once(socket, "listening");
  socket.bind(port, address);
  await bound;
}

/*
 * 2. The file
 *
 * What a file says, as data. Lines and columns count from 1, as editors do.
 */

export interface Span {
  readonly line: number;
  readonly column: number;
  /** The column behind it. */
  readonly end: number;
}

export interface Problem extends Span {
  readonly code: ProblemCode;
  /** What stands in the sentence for `{0}` and so on. */
  readonly given: readonly string[];
  readonly message: string;
}

/** A file of requests: names, and blocks that use them. */
export interface RequestFile {
  readonly path: string;
  readonly directives: Directives;
  readonly names: readonly Naming[];
  readonly blocks: readonly Block[];
  /** Each place where a name stands, for whoever renames or completes it. */
  readonly mentions: readonly Mention[];
  /** Each place where a definition is used. */
  readonly uses: readonly Use[];
  readonly problems: readonly Problem[];
}

/** `### Title` and what follows. */
export interface Block {
  readonly title: string;
  readonly span: Span;
  readonly lastLine: number;
  readonly directives: Directives;
  readonly steps: readonly Step[];
}

/** `# @timeout 500ms` and the like. */
export interface Directives {
  readonly timeout?: number;
  readonly retries?: number;
  readonly loop?: number;
  readonly sleep?: number;
  readonly disabled?: boolean;
  readonly tag?: readonly string[];
}

export type Step = Send | Expect | Serve | Replay | Naming;

/** `SEND 127.0.0.1:5683 from :40001`, with what is sent below it. */
export interface Send extends Span {
  readonly kind: "send";
  readonly target: readonly Part[];
  readonly from?: readonly Part[];
  readonly payload: readonly Part[];
}

/** `EXPECT 1.. within 200ms`, with what each answer has to be below it. */
export interface Expect extends Span {
  readonly kind: "expect";
  readonly min: number;
  readonly max: number;
  /** Nobody has the port, and that is right. */
  readonly refused: boolean;
  readonly withinMs?: number;
  /** All answers come from somebody else each. */
  readonly distinct: boolean;
  readonly checks: readonly Check[];
  readonly captures: readonly Capture[];
  /** As in the recording that was replayed, but for these bytes. */
  readonly same?: readonly Range[];
}

/** `SERVE 127.0.0.1:5683`, with what it answers below it. */
export interface Serve extends Span {
  readonly kind: "serve";
  readonly address: readonly Part[];
  readonly rules: readonly Reaction[];
}

/** `WHEN ... REPLY ...`: the first that fits answers, with all its replies. */
export interface Reaction {
  readonly when: readonly Check[];
  readonly replies: readonly Reply[];
}

export interface Reply extends Span {
  readonly payload: readonly Part[];
  readonly afterMs: number;
}

/** `REPLAY boot.pcapng to 127.0.0.1:5683`. */
export interface Replay extends Span {
  readonly kind: "replay";
  readonly capture: string;
  readonly target: readonly Part[];
}

/** `@device = 127.0.0.1:5683`. */
export interface Naming extends Span {
  readonly kind: "name";
  readonly name: string;
  readonly value: readonly Part[];
}

/** `@temp = u16be[2]` below an EXPECT. */
export interface Capture extends Span {
  readonly name: string;
  readonly of: Path;
}

export interface Mention extends Span {
  readonly name: string;
  readonly isDefinition: boolean;
}

/** A file of definitions, a field of one, or a payload that is written as its fields. */
export type Use = Span & Used;
export type Used =
  | { readonly kind: "file"; readonly path: string }
  /** The name of a type, and of a field in it: `sensor`, and `body.temp`. */
  | { readonly kind: "field"; readonly name: string; readonly field: string }
  /** Without a text where names stand in it, whose values are not known yet. */
  | { readonly kind: "fields"; readonly name: string; readonly text?: string };

/** A line that has to be true of an answer, or of what a server is asked. */
export interface Check extends Span {
  readonly of: Path;
  readonly isNot: boolean;
  readonly operator: Operator;
  readonly value: readonly Part[];
  readonly pattern?: RegExp;
  /** As it was written. */
  readonly text: string;
}

/** What a check looks at: `bytes[4..8]`, `u16be[0]`, `json.list[2].name`. */
export interface Path extends Span {
  readonly name: string;
  /** The names and numbers behind the first. */
  readonly steps: readonly (string | number | Range)[];
}

/** `[4..8]`: 4 bytes, those at 4, 5, 6 and 7. Without an end, all to the last. */
export interface Range {
  readonly start: number;
  readonly end?: number;
}

export const OPERATORS = [
  "==",
  "!=",
  "<=",
  ">=",
  "<",
  ">",
  "startsWith",
  "endsWith",
  "contains",
  "matches",
] as const;
type Operator = (typeof OPERATORS)[number];

/** A part of what is sent, of an address, or of the value of a name. */
export type Part =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  /** A word that is no bytes by itself: an address, a number, a time. */
  | { readonly kind: "word"; readonly text: string }
  | ({ readonly kind: "file"; readonly path: string } & Span)
  | ({
      readonly kind: "name";
      readonly name: string;
      readonly range?: Range;
      readonly type?: NumberType;
      /** Between quotes, where a number is written in decimal. */
      readonly isQuoted: boolean;
    } & Span)
  | ({ readonly kind: "computed" } & Computed & Span)
  | WrittenFields;

/** `sensor { id: 7 }`: a payload as the fields of its definition. Text, and names of which it has the values. */
export interface WrittenFields extends Span {
  readonly kind: "fields";
  readonly name: string;
  readonly pieces: (string | (Part & { readonly kind: "name" }))[];
  /** That of its last brace. */
  lastLine: number;
}

/** Bytes that are known when the datagram is sent. */
export interface Computed {
  readonly what: "seq" | "length" | "now" | "random" | "checksum";
  readonly bytes: number;
  readonly type?: NumberType;
  readonly checksum?: Checksum;
}

/*
 * 3. Reading it
 *
 * Line by line, and to the end: what is wrong is told with its place, and what
 * follows is read all the same, since an editor asks while one types. Nothing
 * here throws, and nothing is read but the text.
 */

const NAME = /^[A-Za-z_]\w*$/;
const FORMATS = new Set(["hex", "base64", "file"]);
/** What a line begins with that is no payload. */
const STEP = /^(@|(SEND|EXPECT|SERVE|WHEN|AND|REPLY|REPLAY)$)/;
const RESERVED = new Set(["seq", "length", "now", "random", "request", "from"]);

/** A token of a line: what is between blanks, or between quotes. */
export interface Token extends Span {
  readonly kind: "word" | "string" | "pattern";
  readonly text: string;
}

/**
 * Reads a file of requests.
 *
 * @param text UTF-8 that was decoded; the ends of its lines do not matter
 * @param given names that have a value from elsewhere
 * @param before what was read of it before it was edited. Only what has changed
 * is read again; the rest is taken from there, which is used up by that
 * @returns all that it says, and what is wrong with it, by line
 */
export function parseRequests(
  text: string,
  path = "",
  given: Iterable<string> = [],
  before?: RequestFile,
): RequestFile {
  const plain = text.startsWith("\ufeff") ? text.slice(1) : text;
  const ended = plain.includes("\r") ? plain.replace(/\r\n?/g, "\n") : plain;
  const lines = ended.split("\n");
  const known = before && READ.get(before);
  const sections = known
    ? readChanged(known, lines)
    : new Parser(lines).read(0, lines.length);
  const file = joined(path, sections, new Set(given));
  READ.set(file, { lines, sections });
  return file;
}

/** A block with its lines, or what stands above the first one. */
interface Section {
  /** The index of its first line. */
  from: number;
  readonly block: Draft | undefined;
  readonly directives: Record<string, unknown>;
  readonly names: Naming[];
  readonly mentions: Mention[];
  readonly uses: Use[];
  readonly problems: Problem[];
}

/** What an unfinished block has. */
interface Draft {
  title: string;
  span: Span;
  lastLine: number;
  directives: Record<string, unknown>;
  steps: Step[];
  /** What it does last. */
  does?: "send" | "replay" | "serve";
}

interface ReadSections {
  readonly lines: readonly string[];
  readonly sections: readonly Section[];
}

/** How the files that were read are made up. */
const READ = new WeakMap<RequestFile, ReadSections>();

function joined(
  path: string,
  sections: readonly Section[],
  given: ReadonlySet<string>,
): RequestFile {
  const [top] = sections as readonly [Section, ...Section[]];
  const blocks: Block[] = [];
  const mentions: Mention[] = [];
  const uses: Use[] = [];
  const problems: Problem[] = [];
  for (const section of sections) {
    if (section.block) blocks.push(section.block);
    for (const it of section.mentions) mentions.push(it);
    for (const it of section.uses) uses.push(it);
    for (const it of section.problems) problems.push(it);
  }
  const known = new Set(given);
  for (const { isDefinition, name } of mentions)
    if (isDefinition) known.add(name);
  for (const mention of mentions) {
    const { name } = mention;
    if (!known.has(name))
      problems.push(problemAt(mention, "unknownName", shorten(name)));
  }
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const { directives, names } = top;
  return { path, directives, names, blocks, mentions, uses, problems };
}

/** Reads the sections that have changed lines. */
function readChanged(
  before: ReadSections,
  lines: readonly string[],
): readonly Section[] {
  const { lines: old, sections } = before;
  const least = Math.min(old.length, lines.length);
  let [same, sameEnd] = [0, 0];
  while (same < least && old[same] === lines[same]) same++;
  const most = least - same;
  while (sameEnd < most && old.at(-1 - sameEnd) === lines.at(-1 - sameEnd))
    sameEnd++;
  // A section ends with the title of the next one: that has to be there still.
  let first = 0;
  while ((sections[first + 1]?.from ?? Infinity) < same) first++;
  let last = sections.length;
  const isKept = (at: number) =>
    (sections[at]?.from ?? 0) >= old.length - sameEnd;
  while (last - 1 > first && isKept(last - 1)) last--;
  const by = lines.length - old.length;
  const from = sections[first]?.from ?? 0;
  const to =
    last < sections.length ? (sections[last]?.from ?? 0) + by : lines.length;
  const behind = sections.slice(last);
  if (by !== 0) for (const section of behind) moveSection(section, by);
  return [
    ...sections.slice(0, first),
    ...new Parser(lines).read(from, to),
    ...behind,
  ];
}

/** Lines above it have come or gone. */
function moveSection(section: Section, by: number) {
  const { block, mentions, uses, problems } = section;
  section.from += by;
  for (const all of [mentions, uses, problems])
    for (const it of all) move(it, by);
  if (!block) return;
  const { title, span } = block;
  if (title === untitled(span.line)) block.title = untitled(span.line + by);
  move(span, by);
  block.lastLine += by;
  for (const step of block.steps) moveStep(step, by);
}

function moveStep(step: Step, by: number) {
  move(step, by);
  switch (step.kind) {
    case "send":
      for (const parts of [step.target, step.from, step.payload])
        moveParts(parts, by);
      break;
    case "expect":
      for (const check of step.checks) moveCheck(check, by);
      for (const capture of step.captures) {
        move(capture, by);
        move(capture.of, by);
      }
      break;
    case "serve":
      moveParts(step.address, by);
      for (const { when, replies } of step.rules) {
        for (const check of when) moveCheck(check, by);
        for (const reply of replies) {
          move(reply, by);
          moveParts(reply.payload, by);
        }
      }
      break;
    case "replay":
      moveParts(step.target, by);
      break;
    case "name":
      moveParts(step.value, by);
  }
}

function moveCheck(check: Check, by: number) {
  move(check, by);
  move(check.of, by);
  moveParts(check.value, by);
}

function moveParts(parts: readonly Part[] = [], by: number) {
  for (const part of parts) {
    if (!("line" in part)) continue;
    move(part, by);
    if (part.kind !== "fields") continue;
    part.lastLine += by;
    for (const it of part.pieces) if (typeof it !== "string") move(it, by);
  }
}

function move(span: Writable<Span>, by: number) {
  span.line += by;
}

function untitled(line: number): string {
  return `Line ${line}`;
}

/** `###`, and not more of them. */
function isTitle(line: string): boolean {
  return line.includes("###") && /^\s*###(?!#)/.test(line);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

class Parser {
  readonly #lines: readonly string[];
  #section = newSection(0, undefined);
  /** Something in the section is wrong: what it lacks may follow from that. */
  #isWrong = false;
  /** Fields that do not end in their line, and how many braces are open. */
  #fields: WrittenFields | undefined;
  #depth = 0;
  readonly #placeholders = new Map<
    string,
    ReturnType<typeof readPlaceholder>
  >();
  readonly #texts = new Map<string, Part>();
  #line = 0;
  #text = "";

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** The sections from a line that one begins with, up to another. */
  read(from: number, to: number): Section[] {
    const sections: Section[] = [];
    for (let start = from, at = from; at < to; start = at) {
      const hasTitle = isTitle(this.#lines[at] ?? "");
      if (start === 0 && hasTitle) sections.push(newSection(0, undefined));
      if (hasTitle) at++;
      while (at < to && !isTitle(this.#lines[at] ?? "")) at++;
      sections.push(this.#readSection(start, at, hasTitle));
    }
    return sections;
  }

  #readSection(from: number, to: number, hasTitle: boolean): Section {
    this.#text = this.#lines[from] ?? "";
    this.#line = from + 1;
    this.#isWrong = false;
    this.#section = newSection(from, hasTitle ? this.#newBlock() : undefined);
    for (let at = hasTitle ? from + 1 : from; at < to; at++) {
      this.#line = at + 1;
      this.#text = this.#lines[at] ?? "";
      if (this.#text !== "") this.#readLine(this.#text);
    }
    this.#endFields();
    if (this.#section.block) this.#finish(this.#section.block);
    return this.#section;
  }

  #newBlock(): Draft {
    const line = this.#line;
    const title = this.#text.trim().slice(3).trim();
    return {
      title: title || untitled(line),
      span: { line, column: 1, end: this.#text.length + 1 },
      lastLine: line,
      directives: {},
      steps: [],
    };
  }

  #readLine(text: string) {
    const { block } = this.#section;
    const start = behindBlanks(text, 0);
    if (text[start] === "#") {
      const directive = /^\s*#\s*(?=@)(.*)$/.exec(text);
      if (directive) this.#readDirectives(directive[1] ?? "");
      else if (block) block.lastLine = this.#line;
      return;
    }
    if (block && start < text.length) block.lastLine = this.#line;
    const { tokens, open } = tokensOf(text, this.#line, start);
    if (open) this.#wrong(open, UNENDED[open.kind]);
    const [first] = tokens;
    if (!first) return;
    if (this.#fields && STEP.test(first.text)) this.#endFields();
    if (first.kind === "word" && first.text.startsWith("@")) {
      return this.#readNaming(first, tokens.slice(1));
    }
    const keyword = first.kind === "word" ? first.text : "";
    if (!block) {
      return this.#wrong(first, "noBlock");
    }
    const last = block.steps.at(-1);
    switch (keyword) {
      case "SEND":
        return this.#readSend(block, first, tokens.slice(1));
      case "EXPECT":
        return this.#readExpect(block, first, tokens.slice(1));
      case "SERVE":
        return this.#readServe(block, first, tokens.slice(1));
      case "REPLAY":
        return this.#readReplay(block, first, tokens.slice(1));
      case "WHEN":
      case "AND":
      case "REPLY":
        if (last?.kind === "serve")
          return this.#readReaction(last, first, tokens.slice(1));
        return this.#wrong(first, "belowServe", keyword);
    }
    if (last?.kind === "send") {
      return this.#append(last.payload, this.#payload(tokens));
    }
    if (last?.kind === "expect") return this.#readCheck(last, tokens);
    const reply =
      last?.kind === "serve" ? last.rules.at(-1)?.replies.at(-1) : undefined;
    if (reply) return this.#append(reply.payload, this.#payload(tokens));
    this.#wrong(first, "unknownStep", shorten(first.text));
  }

  #readDirectives(text: string) {
    const start = this.#text.length - text.length;
    for (const match of matchesOf(DIRECTIVE, text)) {
      const [all, name = "", rest = ""] = match;
      const column = start + match.index + 1;
      const span = { line: this.#line, column, end: column + all.length };
      this.#readDirective(name, rest.trim(), span);
    }
  }

  #readDirective(name: string, value: string, span: Span) {
    const { block, directives } = this.#section;
    const into = block?.directives ?? directives;
    const wanted = DIRECTIVES[name];
    if (!wanted) {
      const known = Object.keys(DIRECTIVES).join(", @");
      return this.#wrong(span, "unknownDirective", shorten(name), known);
    }
    if (!block && !/^(timeout|retries|use)$/.test(name)) {
      return this.#wrong(span, "blockDirective", name);
    }
    const read = wanted.read(value);
    if (read === undefined) {
      return this.#wrong(span, wanted.takes, name, shorten(value));
    }
    // Definitions are for the whole file, as names are.
    if (name === "use") {
      const use = { ...span, kind: "file", path: value } as const;
      return void this.#section.uses.push(use);
    }
    const before = into[name];
    if (Array.isArray(read) && Array.isArray(before))
      for (const word of read) before.push(word);
    else into[name] = read;
  }

  /** `@name = value`, or below EXPECT `@name = path`. */
  #readNaming(first: Token, rest: readonly Token[]) {
    const [equals, ...values] = rest;
    const name = first.text.slice(1);
    const span = { ...first, column: first.column + 1 };
    if (!NAME.test(name)) {
      return this.#wrong(first, "badName");
    }
    if (RESERVED.has(name) || checksumOf(name)) {
      return this.#wrong(first, "reservedName", name);
    }
    if (equals?.text !== "=" || values.length === 0) {
      return this.#wrong(first, "noValue", name);
    }
    const { block, names, mentions } = this.#section;
    mentions.push({ ...spanOf(span), name, isDefinition: true });
    const last = block?.steps.at(-1);
    if (last?.kind === "expect") {
      const of = this.#readPath(values);
      if (of) (last.captures as Capture[]).push({ ...spanOf(first), name, of });
      return;
    }
    const naming: Naming = {
      ...spanOf(first),
      kind: "name",
      name,
      value: this.#value(values),
    };
    (block?.steps ?? names).push(naming);
  }

  #readSend(block: Draft, first: Token, rest: readonly Token[]) {
    const [target, from, source, ...more] = rest;
    if (!target) return this.#wrong(first, "noTarget");
    if (from && (from.text !== "from" || !source || more.length > 0)) {
      return this.#wrong(from, "behindTarget");
    }
    block.does = "send";
    block.steps.push({
      ...spanOf(first),
      kind: "send",
      target: this.#address(target),
      ...(source && { from: this.#address(source) }),
      payload: [],
    });
  }

  #readExpect(block: Draft, first: Token, rest: readonly Token[]) {
    const expect: Writable<Expect> = {
      ...spanOf(first),
      kind: "expect",
      min: 1,
      max: 1,
      refused: false,
      distinct: false,
      checks: [],
      captures: [],
    };
    if (!block.does || block.does === "serve")
      this.#wrong(first, "nothingSent");
    const tokens = [...rest];
    const [what] = tokens;
    const count = /^(\d{1,7})?(\.\.)?(\d{1,7})?$/.exec(what?.text ?? "");
    if (what?.text === "refused") {
      Object.assign(expect, { refused: true, min: 0, max: 0 });
      tokens.shift();
    } else if (what?.text === "same") {
      Object.assign(expect, {
        same: this.#exceptions(tokens),
        min: 0,
        max: Infinity,
      });
      if (block.does !== "replay") this.#wrong(what, "sameOfReplay");
    } else if (what && count && what.text !== "..") {
      const [, min, dots, max] = count;
      expect.min = Number(min ?? 0);
      expect.max = dots ? Number(max ?? Infinity) : expect.min;
      if (expect.max < expect.min) {
        this.#wrong(what, "emptyCount", `${expect.min}`, `${expect.max}`);
      }
      tokens.shift();
    }
    const [within, time, extra] = tokens;
    if (within) {
      const ms = time && readTime(time.text);
      if (within.text !== "within" || ms === undefined || extra) {
        return this.#wrong(extra ?? within, "badExpect");
      }
      expect.withinMs = ms;
    }
    block.steps.push(expect);
  }

  /** `same except bytes[4..8], bytes[12]`: takes the tokens that it has read. */
  #exceptions(tokens: Token[]): readonly Range[] {
    tokens.shift();
    const ranges: Range[] = [];
    const [except] = tokens;
    if (except?.text !== "except") return ranges;
    tokens.shift();
    while (tokens.length > 0 && tokens[0]?.text !== "within") {
      const token = tokens.shift() as Token;
      for (const text of token.text.split(",").filter(Boolean)) {
        const range = readRange(/^bytes(\[.*\])$/.exec(text)?.[1] ?? "");
        if (range) ranges.push(range);
        else this.#wrong(token, "badException");
      }
    }
    if (ranges.length === 0) this.#wrong(except, "noException");
    return ranges;
  }

  #readServe(block: Draft, first: Token, rest: readonly Token[]) {
    const [address, extra] = rest;
    if (!address || extra) {
      return this.#wrong(extra ?? first, "noAddress");
    }
    if (block.does) {
      return this.#wrong(first, "ownBlock");
    }
    block.does = "serve";
    block.steps.push({
      ...spanOf(first),
      kind: "serve",
      address: this.#address(address),
      rules: [],
    });
  }

  #readReaction(serve: Serve, first: Token, rest: readonly Token[]) {
    const rules = serve.rules as Reaction[];
    if (first.text === "WHEN") rules.push({ when: [], replies: [] });
    // Without a condition, it answers all.
    if (rules.length === 0) rules.push({ when: [], replies: [] });
    const rule = rules.at(-1) as Reaction;
    if (first.text !== "REPLY") {
      if (first.text === "AND" && rule.replies.length > 0) {
        return this.#wrong(first, "behindWhen");
      }
      if (rest.length === 0)
        return this.#wrong(first, "noCondition", first.text);
      const check = this.#check(rest);
      if (check) (rule.when as Check[]).push(check);
      return;
    }
    let [payload, afterMs] = [rest, 0];
    const [word, time] = rest.slice(-2);
    if (word?.kind === "word" && word.text === "after" && time) {
      const ms = readTime(time.text);
      if (ms === undefined) return this.#wrong(time, "noDelay");
      [payload, afterMs] = [rest.slice(0, -2), ms];
    }
    const reply = {
      ...spanOf(first),
      payload: this.#payload(payload),
      afterMs,
    };
    (rule.replies as Reply[]).push(reply);
  }

  #readReplay(block: Draft, first: Token, rest: readonly Token[]) {
    const [capture, to, target, extra] = rest;
    if (!capture || to?.text !== "to" || !target || extra) {
      return this.#wrong(extra ?? first, "badReplay");
    }
    block.does = "replay";
    block.steps.push({
      ...spanOf(first),
      kind: "replay",
      capture: capture.text,
      target: this.#address(target),
    });
  }

  #readCheck(expect: Expect, tokens: readonly Token[]) {
    if (
      tokens[0]?.text === "from" &&
      tokens[1]?.text === "distinct" &&
      !tokens[2]
    ) {
      (expect as Writable<Expect>).distinct = true;
      return;
    }
    const check = this.#check(tokens);
    if (check) (expect.checks as Check[]).push(check);
  }

  #check(tokens: readonly Token[]): Check | undefined {
    const at = tokens.findIndex(({ kind, text }) => {
      return kind === "word" && (text === "not" || isOperator(text));
    });
    const [first] = tokens;
    const last = tokens.at(-1);
    if (!first || !last) return undefined;
    const span = { line: this.#line, column: first.column, end: last.end };
    if (at < 1) {
      this.#wrong(span, "badCheck", OPERATORS.slice(1).join(", "));
      return undefined;
    }
    const isNot = tokens[at]?.text === "not";
    const operator = tokens[at + Number(isNot)];
    const values = tokens.slice(at + 1 + Number(isNot));
    const of = this.#readPath(tokens.slice(0, at));
    if (!operator || !isOperator(operator.text) || values.length === 0) {
      this.#wrong(operator ?? last, "noOperator", of?.name ?? first.text);
      return undefined;
    }
    if (!of) return undefined;
    const text = this.#text.slice(span.column - 1, span.end - 1);
    const check = { ...span, of, isNot, operator: operator.text, text };
    if (operator.text !== "matches")
      return { ...check, value: this.#value(values) };
    const [pattern] = values;
    const [, source = "", flags] =
      /^\/(.*)\/([a-z]*)$/s.exec(pattern?.text ?? "") ?? [];
    try {
      if (pattern?.kind !== "pattern" || values.length > 1)
        throw new Error("no pattern");
      return { ...check, value: [], pattern: new RegExp(source, flags) };
    } catch (error) {
      if (pattern?.kind !== "pattern")
        this.#wrong(pattern ?? last, "badPattern");
      else this.#wrong(pattern, "wrongPattern", (error as Error).message);
      return undefined;
    }
  }

  #readPath(tokens: readonly Token[]): Path | undefined {
    const [token, extra] = tokens;
    if (!token) return undefined;
    const [, name, rest = ""] =
      (!extra && token.kind === "word" && PATH.exec(token.text)) || [];
    if (name === undefined) {
      this.#wrong(extra ?? token, "badPath");
      return undefined;
    }
    const steps = matchesOf(PATH_STEP, rest).map(([, key, range, index]) => {
      return key ?? (range ? (readRange(range) ?? "") : Number(index));
    });
    const path = { ...spanOf(token), name, steps };
    const why = whyNoPath(path);
    if (why) this.#wrong(token, ...why);
    else if (isField(path)) {
      const field = fieldOf(path);
      const use = { ...spanOf(token), kind: "field", name, field } as const;
      this.#section.uses.push(use);
    }
    return why ? undefined : path;
  }

  /** The value of a name, or what something is compared with. */
  #value(tokens: readonly Token[]): readonly Part[] {
    const [first] = tokens;
    const isPayload =
      first?.kind === "string" ||
      (first?.kind === "word" && FORMATS.has(first.text)) ||
      beginsFields(tokens, 0);
    if (isPayload) {
      const payload = this.#payload(tokens);
      this.#endFields();
      return payload;
    }
    if (first && tokens.length === 1) return this.#word(first);
    return tokens.flatMap((token, index) => {
      const blank = index > 0 ? [{ kind: "word", text: " " } as const] : [];
      return [...blank, ...this.#word(token)];
    });
  }

  /** An address; what a name stands for in it is not known yet. */
  #address(token: Token): readonly Part[] {
    const isKnown = token.kind === "word" && !token.text.includes("{{");
    if (token.kind !== "word" || (isKnown && !splitEndpoint(token.text))) {
      this.#wrong(token, "badAddress", shorten(token.text));
    }
    return this.#word(token);
  }

  /** A word with names in it: `{{host}}:5683`. */
  #word(token: Token): readonly Part[] {
    return this.#split(token, (text) => ({ kind: "word", text }));
  }

  /** `hex 40 01 {{seq u16be}} "temp"`, `base64 aGk=`, `file boot.bin`, `sensor { id: 7 }`. */
  #payload(tokens: readonly Token[]): readonly Part[] {
    const parts: Part[] = [];
    let mode = "";
    this.#fields?.pieces.push("\n");
    for (const [index, whole] of tokens.entries()) {
      if (!this.#fields && beginsFields(tokens, index)) {
        parts.push(this.#beginFields(whole));
      }
      const token = this.#fields
        ? this.#continueFields(this.#fields, whole)
        : whole;
      if (!token) continue;
      if (token.kind === "string") {
        this.#append(parts, this.#string(token));
        if (mode === "file") this.#wrong(token, "quotedPath");
      } else if (FORMATS.has(token.text)) mode = token.text;
      else if (mode === "file") {
        parts.push({ kind: "file", path: token.text, ...spanOf(token) });
        mode = "";
      } else {
        const literal = (text: string) => this.#literal(token, mode, text);
        if (token.text.includes("{{")) {
          this.#append(parts, this.#split(token, literal));
        } else {
          const part = literal(token.text);
          if (part) parts.push(part);
        }
      }
    }
    const last = tokens.at(-1);
    if (mode === "file" && last) this.#wrong(last, "noFile");
    return parts;
  }

  #beginFields({ text, line, column }: Token): WrittenFields {
    const name = text.replace(/\{.*/s, "");
    const span = { line, column, end: column + name.length };
    this.#depth = 0;
    this.#fields = {
      ...span,
      kind: "fields",
      name,
      pieces: [],
      lastLine: line,
    };
    return this.#fields;
  }

  /**
   * Takes a token as it stands, for whoever knows the definition; but names
   * have their values from here.
   *
   * @returns what is behind the last brace
   */
  #continueFields(fields: WrittenFields, token: Token): Token | undefined {
    const { text, line, kind } = token;
    const { pieces } = fields;
    const isQuoted = kind === "string";
    if (pieces.length > 0) pieces.push(" ");
    for (const match of matchesOf(isQuoted ? QUOTED : BRACES, text)) {
      const [all, name] = match;
      const column = token.column + match.index;
      const span = { line, column, end: column + all.length };
      const isName = name !== undefined && !COMPUTED.test(name);
      const part = isName ? this.#placeholder(name, span, isQuoted) : undefined;
      pieces.push(part?.kind === "name" ? part : all);
      if (!isQuoted && all === "{") this.#depth++;
      if (isQuoted || all !== "}" || --this.#depth > 0) continue;
      this.#fields = undefined;
      fields.lastLine = line;
      const isKnown = pieces.every((piece) => typeof piece === "string");
      this.#section.uses.push({
        ...spanOf(fields),
        kind: "fields",
        name: fields.name,
        ...(isKnown && { text: pieces.join("") }),
      });
      const rest = text.slice(match.index + 1);
      return rest ? { ...token, text: rest, column: column + 1 } : undefined;
    }
    return undefined;
  }

  /** Where fields cannot go on any more. */
  #endFields() {
    if (this.#fields)
      this.#wrong(this.#fields, "openFields", this.#fields.name);
    this.#fields = undefined;
  }

  #literal(token: Token, mode: string, text: string): Part | undefined {
    const byte = mode === "hex" ? ONE_BYTE.get(text) : undefined;
    if (byte) return byte;
    if (mode === "hex" && /^([\da-f]{2})+$/i.test(text)) {
      return { kind: "bytes", bytes: Buffer.from(text, "hex") };
    }
    if (mode === "base64" && /^[\w+/-]+=*$/.test(text)) {
      return { kind: "bytes", bytes: Buffer.from(text, "base64") };
    }
    const code = { hex: "badHex", base64: "badBase64" }[mode] ?? "badPayload";
    this.#wrong(token, code as ProblemCode, shorten(text));
    return undefined;
  }

  /** Splits a word at its `{{names}}`. */
  #split(
    token: Token,
    literal: (text: string) => Part | undefined,
  ): readonly Part[] {
    if (!token.text.includes("{{")) {
      const part = literal(token.text);
      return part ? [part] : [];
    }
    const parts: Part[] = [];
    let from = 0;
    const add = (text: string) => {
      const part = text === "" ? undefined : literal(text);
      if (part) parts.push(part);
    };
    for (const match of matchesOf(PLACEHOLDER, token.text)) {
      add(token.text.slice(from, match.index));
      from = match.index + match[0].length;
      const column = token.column + match.index;
      const span = { line: token.line, column, end: column + match[0].length };
      const part = this.#placeholder(match[1] ?? "", span, false);
      if (part) parts.push(part);
    }
    add(token.text.slice(from));
    return parts;
  }

  #string(token: Token): readonly Part[] {
    const parts: Part[] = [];
    const inner = token.text.slice(1, -1);
    if (!/[\\{]/.test(inner)) return [this.#plainText(inner)];
    for (const match of matchesOf(STRING, inner)) {
      const [all, name, escaped] = match;
      const column = token.column + 1 + match.index;
      const span = { line: token.line, column, end: column + all.length };
      if (name !== undefined) {
        const part = this.#placeholder(name, span, true);
        if (part) parts.push(part);
      } else if (escaped === undefined) {
        parts.push({ kind: "bytes", bytes: Buffer.from(all) });
      } else {
        const bytes = bytesOfEscape(escaped);
        if (bytes) parts.push({ kind: "bytes", bytes });
        else this.#wrong(span, "badEscape");
      }
    }
    return parts;
  }

  #plainText(text: string): Part {
    // The same ones stand in block after block.
    let part = this.#texts.get(text);
    if (!part) {
      part = { kind: "bytes", bytes: Buffer.from(text) };
      this.#texts.set(text, part);
    }
    return part;
  }

  /** What stands between `{{` and `}}`. */
  #placeholder(text: string, span: Span, isQuoted: boolean): Part | undefined {
    let read = this.#placeholders.get(text);
    if (!read) {
      read = readPlaceholder(text);
      this.#placeholders.set(text, read);
    }
    if (isWrong(read)) {
      this.#wrong(span, ...read);
      return undefined;
    }
    if ("what" in read) return { kind: "computed", ...read, ...span };
    const { name } = read;
    if (!RESERVED.has(name) && !/^\d+$/.test(name)) {
      const column = span.column + 2 + text.search(/\S/);
      const end = column + name.length;
      const { line } = span;
      const mention = { line, column, end, name, isDefinition: false };
      this.#section.mentions.push(mention);
    }
    return { kind: "name", ...read, isQuoted, ...span };
  }

  #append(payload: readonly Part[], parts: readonly Part[]) {
    for (const part of parts) (payload as Part[]).push(part);
  }

  /** What a block lacks as a whole, which may follow from another mistake. */
  #finish(block: Draft) {
    if (this.#isWrong) return;
    const { steps, span } = block;
    for (const step of steps) {
      if (step.kind === "send" && step.payload.length === 0) {
        this.#wrong(step, "noPayload");
      }
    }
    if (steps.every(({ kind }) => kind === "name")) {
      this.#wrong(span, "emptyBlock");
    }
  }

  #wrong(span: Span, ...[code, ...given]: Wrong) {
    this.#isWrong = true;
    this.#section.problems.push(problemAt(span, code, ...given));
  }
}

function newSection(from: number, block: Draft | undefined): Section {
  return {
    from,
    block,
    directives: {},
    names: [],
    mentions: [],
    uses: [],
    problems: [],
  };
}

function problemAt(
  { line, column, end }: Span,
  ...[code, ...given]: Wrong
): Problem {
  const message = sentenceOf(code, given);
  return { line, column, end, code, given, message };
}

/** Most bytes of a long file stand alone: it has few different ones. */
const ONE_BYTE: ReadonlyMap<string, Part> = new Map(
  Array.from({ length: 256 }, (_, byte) => byte).flatMap((byte) => {
    const digits = byte.toString(16).padStart(2, "0");
    const part: Part = { kind: "bytes", bytes: Buffer.from([byte]) };
    return [digits, digits.toUpperCase()].map((it) => [it, part] as const);
  }),
);

/** In none of them can a part be read in two ways, which would take for ever. */
const FORMS = {
  string: /"(?:[^"\\]|\\.)*"/y,
  pattern: /\/(?:[^/\\]|\\.)*\/[a-z]*/y,
  word: /(?:\{\{[^{}]*\}\}|[^\s"#{]|\{(?!\{))+/y,
};
const UNENDED = {
  string: "openString",
  pattern: "openPattern",
  word: "openPlaceholder",
} as const;

/**
 * The tokens of a line, up to its comment.
 *
 * @returns them, and where the first begins that has no end
 */
export function tokensOf(
  text: string,
  line: number,
  start = behindBlanks(text, 0),
): {
  readonly tokens: readonly Token[];
  readonly open?: Span & Pick<Token, "kind">;
} {
  const tokens: Token[] = [];
  for (let at = start; at < text.length && text[at] !== "#"; ) {
    const isPattern = text[at] === "/" && tokens.at(-1)?.text === "matches";
    const kind = text[at] === '"' ? "string" : isPattern ? "pattern" : "word";
    const end =
      (kind === "word" && behindPlain(text, at)) ||
      behind(FORMS[kind], text, at);
    const column = at + 1;
    if (end === at) {
      return { tokens, open: { line, column, end: text.length + 1, kind } };
    }
    const word = text.slice(at, end);
    tokens.push({ line, column, end: end + 1, kind, text: word });
    at = behindBlanks(text, end);
  }
  return { tokens };
}

/** Where the blanks end that begin here. */
function behindBlanks(text: string, at: number): number {
  let end = at;
  while (end < text.length && isBlank(text.charCodeAt(end), text, end)) end++;
  return end;
}

function isBlank(code: number, text: string, at: number): boolean {
  if (code === 32) return true;
  return (code < 14 || code > 127) && /\s/.test(text[at] ?? "");
}

/** Where a word ends that has nothing special in it; 0 where it has, or is none. */
function behindPlain(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 32 || code === HASH || code === QUOTE) break;
    if (code === BRACE || code < 32 || code > 126) return 0;
  }
  return end === at ? 0 : end;
}
const [QUOTE, HASH, BRACE] = [34, 35, 123];

/** Where what begins here, and has this form, ends; here, where nothing does. */
function behind(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  return form.test(text) ? form.lastIndex : at;
}

const DIRECTIVE = /@(\S*)((?:\s+(?!@)\S+)*)/g;
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** `body.points[0]`, `bytes[4..8]`. */
const PATH = /^([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\d+(?:\.\.\d*)?\])*)$/;
const PATH_STEP = /\.(\w+)|(\[\d+\.\.\d*\])|\[(\d+)\]/g;

/** In what is written as fields: a name, a brace, or what is as it is. */
const BRACES = /\{\{([^{}]*)\}\}|[{}]|[^{}]+/g;
const QUOTED = /\{\{([^{}]*)\}\}|(?:[^{]|\{(?!\{[^{}]*\}\}))+/g;
/** What no name is: its bytes depend on the field that it is written for. */
const COMPUTED = /^\s*(seq|length|now|random|(crc|sum)\d*(\/\S*)?)(\s|$)/;

/** Whether what is written as fields begins here: `sensor {`, `sensor{`. */
function beginsFields(tokens: readonly Token[], at: number): boolean {
  const [token, next] = [tokens[at], tokens[at + 1]];
  if (token?.kind !== "word") return false;
  const { text } = token;
  if (text.includes("{")) return /^[A-Za-z_]\w*\{(?!\{)/.test(text);
  const isOpen = next?.kind === "word" && /^\{(?!\{)/.test(next.text);
  return isOpen && NAME.test(text) && !FORMATS.has(text);
}

/** All that has this form. `matchAll` would copy the form for each text. */
function matchesOf(form: RegExp, text: string): readonly RegExpExecArray[] {
  const matches: RegExpExecArray[] = [];
  form.lastIndex = 0;
  for (let match = form.exec(text); match; match = form.exec(text))
    matches.push(match);
  return matches;
}

/** In a string: a name, what stands behind a \, or what is as it is. */
const STRING =
  /\{\{([^{}]*)\}\}|\\(x[\da-fA-F]{2}|u\{[\da-fA-F]{1,6}\}|.)|(?:[^\\{]|\{(?!\{))+|\{\{/gsu;

const DIRECTIVES: Record<
  string,
  { takes: ProblemCode; read(text: string): unknown }
> = {
  timeout: { takes: "takesTime", read: readTime },
  retries: {
    takes: "takesRetries",
    read: (text) => readCount(text, 0, 1000),
  },
  loop: {
    takes: "takesTurns",
    read: (text) => readCount(text, 1, 1e6),
  },
  sleep: { takes: "takesTime", read: readTime },
  disabled: {
    takes: "takesNothing",
    read: (text) => (text === "" ? true : undefined),
  },
  tag: {
    takes: "takesWords",
    read: (text) => (text === "" ? undefined : text.split(/[\s,]+/)),
  },
  use: {
    takes: "takesPath",
    read: (text) => text || undefined,
  },
};

/**
 * What can be wrong with a file, in English; `{0}` and so on stand for what is
 * given with it. Who shows them in another language has its own sentences.
 */
export const REQUEST_PROBLEMS = {
  noBlock: "A block begins with ###, and its title",
  belowServe: "{0} stands below SERVE",
  unknownStep: "A block says SEND, EXPECT, SERVE or REPLAY, not {0}",
  unknownDirective: "No directive is called @{0}: there are @{1}",
  blockDirective: "@{0} is for a block: write it below ###",
  takesTime: "@{0} takes a time (500ms, 2s), not '{1}'",
  takesRetries: "@{0} takes a number to 1000, not '{1}'",
  takesTurns: "@{0} takes a number from 1 on, not '{1}'",
  takesNothing: "@{0} takes nothing, not '{1}'",
  takesWords: "@{0} takes words, not '{1}'",
  takesPath: "@{0} takes the path of a definition, not '{1}'",
  badName: "A name is letters, digits and _, behind an @",
  reservedName: "{0} has a meaning of its own: choose another name",
  noValue: "A name is given a value: @{0} = ...",
  noTarget: "SEND says where to: SEND 127.0.0.1:9999",
  behindTarget: "Behind the target may stand: from :PORT, or from ADDRESS:PORT",
  nothingSent: "EXPECT stands behind what is sent: SEND or REPLAY",
  sameOfReplay: "EXPECT same stands behind REPLAY",
  emptyCount: "From {0} to {1} there is nothing",
  badExpect:
    "EXPECT takes a number of answers and a time: EXPECT 1, EXPECT 2.., EXPECT 0..3, EXPECT refused, with: within 200ms",
  badException: "What may differ is written as bytes[4] or bytes[4..8]",
  noException: "except says which bytes: bytes[4..8]",
  noAddress: "SERVE says where: SERVE 127.0.0.1:9999",
  ownBlock: "SERVE has a block of its own: write ### above it",
  behindWhen: "AND stands behind WHEN, and above REPLY",
  noCondition: "{0} says of what: WHEN length == 4",
  noDelay: "after takes a time: after 20ms",
  badReplay:
    "REPLAY takes a capture file and a target: REPLAY boot.pcapng to 127.0.0.1:9999",
  badCheck: "An expectation is of the form: length == 8, or with {0}",
  noOperator: "Behind {0} stand an operator and a value: length == 8",
  badPattern: "matches takes a pattern between slashes, as JavaScript has them",
  wrongPattern:
    "matches takes a pattern between slashes, as JavaScript has them: {0}",
  badPath:
    "What is looked at is written as length, bytes[4..8], text, u16be[0], from, delay, json.name",
  badAddress:
    "An address is written as 127.0.0.1:9999 or [::1]:9999, not '{0}'",
  quotedPath: "The path of a file is written without quotes",
  noFile: "file says which one: file boot.bin",
  badHex: "hex takes pairs of hexadecimal digits, and '{0}' is none",
  badBase64: "base64 takes letters, digits, + and /, and '{0}' has others",
  badPayload:
    "A payload is \"text\", hex 40 01, base64 QAE= or file PATH, not '{0}'",
  badEscape: 'In a string \\ stands before n, r, t, 0, ", \\, xff or u{20ac}',
  badPlaceholder:
    "Between {{ and }} stand a name, its bytes as name[2..4], or a name and a type as u16be",
  openString: 'A string begins and ends with "',
  openPattern: "A pattern begins and ends with /",
  openPlaceholder: "What begins with {{ ends with }}",
  noPayload:
    'SEND has what is sent below it; an empty datagram is written as ""',
  emptyBlock: "A block has something to do: SEND, SERVE or REPLAY",
  unknownName:
    "Nothing is called {0}: write @{0} = ... above, or give it with --var",
  noIndex: "{0} says at which byte: {0}[0]",
  badBytes: "Bytes are written as bytes, bytes[4] or bytes[4..8]",
  noParts: "{0} has no parts: write it alone",
  unknownPath:
    "Nothing of a datagram is called {0}: there are length, bytes, text, u16be[0] and its like, from, delay, json",
  badRandom: "random takes a number of bytes: {{random 4}}",
  noType: "{0} takes a type, which says its bytes: {1}",
  unknownChecksum: "No checksum is called {0}: there are {1}",
  badOrder: "Behind {0} may stand the order of its bytes: be or le",
  openFields: "What begins with { ends with }: the fields of {0} do not",
  noDefinitionFile: "There is no definition {0}",
  badDefinition: "{0} cannot be used: line {1}: {2}",
  noDefinition:
    "No definition has a type {0}: write {0}.ksy beside this file, or name one that has: # @use PATH.ksy",
  noField: "{0} has no field {1}: there are {2}",
  noSingleValue: "{0} is no single value: say which part of it",
  badFields: "{0} cannot be written so: {1}",
} as const;

export type ProblemCode = keyof typeof REQUEST_PROBLEMS;

/** What is wrong, and what stands in the sentence. */
type Wrong = readonly [code: ProblemCode, ...given: string[]];

function isWrong(it: object): it is Wrong {
  return Array.isArray(it);
}

function sentenceOf(code: ProblemCode, given: readonly string[]): string {
  return REQUEST_PROBLEMS[code].replace(/\{(\d)\}/g, (all, index) => {
    return given[Number(index)] ?? all;
  });
}

function readCount(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  return value >= min && value <= max ? value : undefined;
}

/** Milliseconds of `20ms`, `1.5s`, `2m`; nothing where it is no time. */
function readTime(text: string): number | undefined {
  const [, digits, unit = ""] =
    /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const ms =
    Number(digits) * { ms: 1, s: 1000, m: 60_000 }[unit as "ms" | "s" | "m"];
  return ms <= 86_400_000 ? ms : undefined;
}

/** `[4]`, `[4..8]`, `[4..]`. */
function readRange(text: string): Range | undefined {
  const [, from, dots, to] =
    /^\[(\d{1,5})(\.\.)?(\d{1,5})?\]$/.exec(text) ?? [];
  if (from === undefined || (to !== undefined && !dots)) return undefined;
  const start = Number(from);
  if (!dots) return { start, end: start + 1 };
  if (to === undefined) return { start };
  return Number(to) < start ? undefined : { start, end: Number(to) };
}

function isOperator(text: string): text is Operator {
  return (OPERATORS as readonly string[]).includes(text);
}

function bytesOfEscape(text: string): Buffer | undefined {
  const simple: Record<string, string> = {
    n: "\n",
    r: "\r",
    t: "\t",
    0: "\0",
    '"': '"',
    "\\": "\\",
  };
  if (simple[text] !== undefined) return Buffer.from(simple[text]);
  if (/^x..$/.test(text)) return Buffer.from(text.slice(1), "hex");
  const code = /^u\{(.+)\}$/.exec(text)?.[1];
  const point = Number.parseInt(code ?? "", 16);
  return point <= 0x10ffff
    ? Buffer.from(String.fromCodePoint(point))
    : undefined;
}

function spanOf({ line, column, end }: Span): Span {
  return { line, column, end };
}

/** What somebody has written, in a sentence: not all of it, where it is long. */
function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/*
 * 4. Payloads
 *
 * What is sent is exact: nothing is trimmed, and nothing is added but what the
 * file says. The sum of a datagram is computed over all bytes before it, when
 * these are known.
 */

/** A number in bytes: its length, and how it is read and written. */
interface NumberType {
  readonly bytes: number;
  readonly min: number;
  readonly max: number;
  read(from: DataView, at: number): number | bigint;
  write(into: DataView, at: number, value: number): void;
}

const NUMBER_TYPES: Record<string, NumberType> = Object.fromEntries(
  ["be", "le"].flatMap((order) => {
    const little = order === "le";
    const whole = [8, 16, 32, 64].flatMap((bits) =>
      ["u", "i"].map((sign): [string, NumberType] => {
        const size = 2 ** (sign === "u" ? bits : bits - 1);
        const kind = sign === "u" ? "Uint" : "Int";
        const big = bits === 64 ? "Big" : "";
        const get = `get${big}${kind}${bits}` as "getUint16";
        const set = `set${big}${kind}${bits}` as "setUint16";
        return [
          bits === 8 ? `${sign}8` : `${sign}${bits}${order}`,
          {
            bytes: bits / 8,
            min: sign === "u" ? 0 : -size,
            max: size - 1,
            read: (from, at) => from[get](at, little),
            write: (into, at, value) =>
              into[set](at, (big ? BigInt(value) : value) as number, little),
          },
        ];
      }),
    );
    const real = [32, 64].map((bits): [string, NumberType] => {
      const get = `getFloat${bits}` as "getFloat32";
      const set = `setFloat${bits}` as "setFloat32";
      return [
        `f${bits}${order}`,
        {
          bytes: bits / 8,
          min: -Infinity,
          max: Infinity,
          read: (from, at) => from[get](at, little),
          write: (into, at, value) => into[set](at, value, little),
        },
      ];
    });
    const medium = ["u", "i"].map((sign): [string, NumberType] => [
      `${sign}24${order}`,
      threeBytes(sign === "i", little),
    ]);
    return [...whole, ...medium, ...real];
  }),
);

/** No DataView has them, and many devices do. */
function threeBytes(isSigned: boolean, little: boolean): NumberType {
  // The byte that is the highest, and where the two others begin.
  const [high, low] = little ? [2, 0] : [0, 1];
  return {
    bytes: 3,
    min: isSigned ? -(2 ** 23) : 0,
    max: isSigned ? 2 ** 23 - 1 : 2 ** 24 - 1,
    read: (from, at) => {
      const top = isSigned ? from.getInt8(at + high) : from.getUint8(at + high);
      return top * 2 ** 16 + from.getUint16(at + low, little);
    },
    write: (into, at, value) => {
      into.setUint8(at + high, value >> 16);
      into.setUint16(at + low, value, little);
    },
  };
}

export const NUMBER_TYPE_NAMES: readonly string[] = Object.keys(NUMBER_TYPES);

/**
 * A checksum as the catalogue of parametrised CRC algorithms has it
 * (reveng.sourceforge.io/crc-catalogue): a CRC of so many bits, or with no
 * polynomial the sum of all bytes, or what is left of them after exclusive or.
 */
export interface Checksum {
  readonly bits: number;
  readonly polynomial?: number;
  readonly initial: number;
  /** Bits are taken from the lowest on, and the sum goes lowest byte first. */
  readonly isReflected: boolean;
  readonly xorOut: number;
}

function crc(
  bits: number,
  polynomial: number,
  initial: number,
  isReflected: boolean,
  xorOut: number,
): Checksum {
  return { bits, polynomial, initial, isReflected, xorOut };
}

/** By the catalogue's names, in small letters. */
export const CHECKSUMS: Readonly<Record<string, Checksum>> = {
  "crc8/smbus": crc(8, 0x07, 0, false, 0),
  "crc8/maxim-dow": crc(8, 0x31, 0, true, 0),
  "crc8/autosar": crc(8, 0x2f, 0xff, false, 0xff),
  "crc8/sae-j1850": crc(8, 0x1d, 0xff, false, 0xff),
  "crc16/arc": crc(16, 0x8005, 0, true, 0),
  "crc16/modbus": crc(16, 0x8005, 0xffff, true, 0),
  "crc16/usb": crc(16, 0x8005, 0xffff, true, 0xffff),
  "crc16/kermit": crc(16, 0x1021, 0, true, 0),
  "crc16/ibm-sdlc": crc(16, 0x1021, 0xffff, true, 0xffff),
  "crc16/mcrf4xx": crc(16, 0x1021, 0xffff, true, 0),
  "crc16/ibm-3740": crc(16, 0x1021, 0xffff, false, 0),
  "crc16/xmodem": crc(16, 0x1021, 0, false, 0),
  "crc16/genibus": crc(16, 0x1021, 0xffff, false, 0xffff),
  "crc16/dnp": crc(16, 0x3d65, 0, true, 0xffff),
  "crc32/iso-hdlc": crc(32, 0x04c11db7, 0xffffffff, true, 0xffffffff),
  "crc32/iscsi": crc(32, 0x1edc6f41, 0xffffffff, true, 0xffffffff),
  "crc32/bzip2": crc(32, 0x04c11db7, 0xffffffff, false, 0xffffffff),
  "crc32/mpeg-2": crc(32, 0x04c11db7, 0xffffffff, false, 0),
  "crc32/cksum": crc(32, 0x04c11db7, 0, false, 0xffffffff),
  sum8: { bits: 8, initial: 0, isReflected: false, xorOut: 0 },
  sum16: { bits: 16, initial: 0, isReflected: false, xorOut: 0 },
};

/** Names that people use, and what the catalogue calls them. */
const ALIASES: Readonly<Record<string, string>> = {
  crc32: "crc32/iso-hdlc",
  crc32c: "crc32/iscsi",
  "crc16/ccitt-false": "crc16/ibm-3740",
  "crc16/x-25": "crc16/ibm-sdlc",
};

function checksumOf(name: string): Checksum | undefined {
  return CHECKSUMS[ALIASES[name] ?? name];
}

/** The sum of these bytes. */
export function checksum(of: Checksum, bytes: Uint8Array): number {
  const { bits, polynomial, initial, isReflected, xorOut } = of;
  const mask = 2 ** bits - 1;
  if (polynomial === undefined) {
    let sum = initial;
    for (const byte of bytes) sum = (sum + byte) & mask;
    return sum ^ xorOut;
  }
  // Bit by bit, in the upper bits of 32: datagrams are short.
  const shift = 32 - bits;
  const divisor = isReflected
    ? reversed(polynomial, bits)
    : polynomial << shift;
  let rest = isReflected ? initial : initial << shift;
  for (const byte of bytes) {
    rest ^= isReflected ? byte : byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      if (isReflected) rest = rest & 1 ? (rest >>> 1) ^ divisor : rest >>> 1;
      else rest = rest < 0 ? (rest << 1) ^ divisor : rest << 1;
    }
  }
  return ((isReflected ? rest : rest >>> shift) ^ xorOut) >>> 0;
}

function reversed(value: number, bits: number): number {
  let back = 0;
  for (let bit = 0; bit < bits; bit++)
    back |= ((value >>> bit) & 1) << (bits - 1 - bit);
  return back >>> 0;
}

/** A name, with its bytes or its type; what is computed; or what is wrong. */
function readPlaceholder(
  text: string,
): Wrong | Computed | Pick<Part & { kind: "name" }, "name" | "range" | "type"> {
  const [first = "", second, third] = text.trim().split(/\s+/);
  const computed = readComputed(first, second, third);
  if (computed) return computed;
  const [, name, range] = /^(\w+)(\[.*\])?$/.exec(first) ?? [];
  const type = second === undefined ? undefined : NUMBER_TYPES[second];
  const bytes = range === undefined ? undefined : readRange(range);
  const isRight = (!second || type) && (range === undefined || bytes);
  if (!name || third || !isRight) return ["badPlaceholder"];
  return { name, ...(bytes && { range: bytes }), ...(type && { type }) };
}

/**
 * `seq u16be`, `length u8`, `now u32be`, `random 4`, `crc16/modbus`.
 *
 * @returns nothing where it is a name, and a sentence where it is wrong
 */
function readComputed(
  what: string,
  second: string | undefined,
  third: string | undefined,
): Computed | Wrong | undefined {
  if (what === "random") {
    const bytes =
      third === undefined ? readCount(second ?? "", 1, 65_507) : undefined;
    return bytes ? { what, bytes } : ["badRandom"];
  }
  if (what === "seq" || what === "length" || what === "now") {
    const type = third === undefined ? NUMBER_TYPES[second ?? ""] : undefined;
    return type
      ? { what, type, bytes: type.bytes }
      : ["noType", what, `{{${what} u16be}}`];
  }
  const sum = checksumOf(what);
  if (!sum) {
    if (!/^(crc|sum)\d*(\/|$)/.test(what)) return undefined;
    const known = Object.keys(CHECKSUMS).join(", ");
    return ["unknownChecksum", shorten(what), known];
  }
  if (
    third !== undefined ||
    (second !== undefined && !/^[bl]e$/.test(second))
  ) {
    return ["badOrder", what];
  }
  const order = second ?? (sum.isReflected ? "le" : "be");
  const name = sum.bits === 8 ? "u8" : `u${sum.bits}${order}`;
  const type = NUMBER_TYPES[name];
  return {
    what: "checksum",
    bytes: sum.bits / 8,
    checksum: sum,
    ...(type && { type }),
  };
}

/** The value of a name. */
export type Value = string | number | bigint | boolean | Buffer | Member;

/** A number that has a name, as those of an enum have. */
export interface Member {
  readonly name: string;
  readonly number: number | bigint;
  /** All names that it might have. */
  readonly names: readonly string[];
}

/**
 * What knows definitions, so that payloads can be read and written as their
 * fields. This file alone does not: whoever embeds it may.
 */
export interface Definitions {
  /** What is wrong with a use, as far as that is known before it runs. */
  check(
    use: Used,
  ): readonly [code: ProblemCode, ...given: string[]] | undefined;
  /** A field of a payload; or why there is none. */
  look(name: string, field: string, payload: Uint8Array): Found<FieldValue>;
  /**
   * The bytes of fields as they are written, `sensor { id: 7 }`.
   *
   * @param values what computed bytes are made of; `now` in microseconds
   */
  write(
    text: string,
    values: {
      readonly sequence: bigint;
      readonly now: bigint;
      random(count: number): Uint8Array;
    },
  ): Found<Uint8Array>;
}
type Found<T> = { readonly value: T } | { readonly said: Said };
type FieldValue = Exclude<Value, Buffer> | Uint8Array;

/** Reads the definitions that a file names. */
export type ReadDefinitions = (file: RequestFile) => Promise<Definitions>;

/** What is wrong with how a file uses definitions. */
export function useProblems(
  { uses }: RequestFile,
  definitions: Definitions,
): readonly Problem[] {
  return uses.flatMap((use) => {
    const wrong = definitions.check(use);
    return wrong ? [problemAt(use, ...wrong)] : [];
  });
}

/** What the parts of a payload may ask for. */
export interface Context {
  readonly names: ReadonlyMap<string, Value>;
  /** The number of the datagram, from 1 on. */
  readonly seq: number;
  /** The folder that paths of files begin from. */
  readonly folder: string;
  readonly definitions?: Definitions | undefined;
  /** What a server was asked, and the groups of the pattern that it fits. */
  readonly request?: Buffer;
  readonly groups?: readonly string[];
}

/**
 * The bytes of a payload.
 *
 * @throws an Error with one sentence, where a name or a file is not there, or a
 * number has no room
 */
export function payloadOf(parts: readonly Part[], context: Context): Buffer {
  const pieces = parts.map((part) => {
    return part.kind === "computed"
      ? Buffer.alloc(part.bytes)
      : bytesOf(part, context);
  });
  const payload = Buffer.concat(pieces);
  if (payload.length > MAX_PAYLOAD) {
    throw new Trouble("tooLarge", MAX_PAYLOAD, payload.length);
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  // Sums last, from left to right: they are over what stands before them.
  for (const isSum of [false, true]) {
    let at = 0;
    for (const [index, part] of parts.entries()) {
      const piece = pieces[index] as Buffer;
      if (part.kind === "computed" && (part.what === "checksum") === isSum) {
        compute(part, view, at, payload, context);
      }
      at += piece.length;
    }
  }
  return payload;
}

const MAX_PAYLOAD = 65_507; // of an IP packet of 65,535 bytes, RFC 768 and 791

function compute(
  { what, type, bytes, checksum: sum }: Computed,
  view: DataView,
  at: number,
  payload: Buffer,
  { seq }: Context,
) {
  if (!type) return void randomBytes(bytes).copy(payload, at);
  if (what === "checksum") {
    return type.write(
      view,
      at,
      sum ? checksum(sum, payload.subarray(0, at)) : 0,
    );
  }
  const values = {
    seq,
    length: payload.length,
    now: Math.floor(Date.now() / 1000),
    random: 0,
  };
  // Counters begin again, as those of devices do.
  const room = type.max - type.min + 1;
  const value = what === "seq" ? values.seq % room : values[what];
  writeNumber(type, view, at, value, what);
}

function writeNumber(
  type: NumberType,
  view: DataView,
  at: number,
  value: number,
  what: string,
) {
  if (!(value >= type.min && value <= type.max)) {
    throw new Trouble("noRoom", what, value, type.bytes);
  }
  type.write(view, at, value);
}

function bytesOf(part: Part, context: Context): Buffer {
  switch (part.kind) {
    case "bytes":
      return part.bytes;
    case "word":
      return Buffer.from(part.text);
    case "file":
      return readPart(part.path, context);
    case "computed":
      throw new Trouble("onlySent", part.what);
    case "name":
      return bytesOfName(part, context);
    case "fields":
      return bytesOfFields(part, context);
  }
}

function bytesOfFields({ name, pieces }: WrittenFields, context: Context) {
  const { definitions, seq } = context;
  if (!definitions) throw new Trouble("noDefinitions", `${name} { ... }`);
  const texts = pieces.map((piece) => {
    return typeof piece === "string" ? piece : pieceOf(piece, context);
  });
  const values = {
    sequence: BigInt(seq),
    now: BigInt(Date.now()) * 1000n,
    random: randomBytes,
  };
  return Buffer.from(valueIn(definitions.write(texts.join(""), values)));
}

function valueIn<T>(found: Found<T>): T {
  if ("said" in found) throw new Trouble(found.said);
  return found.value;
}

/** A value as fields have it: what an answer has said becomes no brace there. */
function pieceOf(part: Part & { readonly kind: "name" }, context: Context) {
  const { name, range, type, isQuoted } = part;
  const isBytes = range !== undefined || type !== undefined;
  const value = isBytes
    ? bytesOfName(part, context)
    : valueOfName(name, context);
  if (Buffer.isBuffer(value)) {
    const digits = value.toString("hex");
    return isQuoted ? digits.replace(/../g, "\\x$&") : digits;
  }
  const text = asText(value);
  const escaped = text.replace(/["\\]/g, "\\$&");
  if (isQuoted) return escaped;
  const isPlain = typeof value !== "string" || /^[\w.+-]+$/.test(text);
  return isPlain ? text : `"${escaped}"`;
}

function readPart(path: string, { folder }: Context): Buffer {
  try {
    return readFileSync(resolve(folder, path));
  } catch (error) {
    throw new Trouble("cannotRead", path, (error as Error).message);
  }
}

function bytesOfName(
  part: Part & { readonly kind: "name" },
  context: Context,
): Buffer {
  const { name, range, type, isQuoted } = part;
  const value = valueOfName(name, context);
  if (type) {
    const bytes = Buffer.alloc(type.bytes);
    writeNumber(
      type,
      new DataView(bytes.buffer, bytes.byteOffset),
      0,
      Number(isMember(value) ? value.number : value),
      name,
    );
    return bytes;
  }
  if (Buffer.isBuffer(value)) return cut(value, range, name);
  if (range) throw new Trouble("noBytesOf", name, describe(value));
  if (typeof value === "string" || isQuoted) return Buffer.from(asText(value));
  throw new Trouble("noForm", name, describe(value), `{{${name} u16be}}`);
}

function cut(bytes: Buffer, range: Range | undefined, name: string): Buffer {
  if (!range) return bytes;
  const end = range.end ?? bytes.length;
  if (range.start > bytes.length || end > bytes.length) {
    throw new Trouble("tooShort", name, bytes.length, range.start, end);
  }
  return bytes.subarray(range.start, end);
}

function valueOfName(name: string, { names, request, groups }: Context): Value {
  if (name === "request" && request) return request;
  const group = /^\d+$/.test(name) ? groups?.[Number(name)] : undefined;
  const value = group ?? names.get(name);
  if (value !== undefined) return value;
  if (/^\d+$/.test(name)) throw new Trouble("noGroup", `{{${name}}}`);
  throw new Trouble("noValueYet", name);
}

/** The text of an address, a path or a time. */
function wordOf(parts: readonly Part[], context: Context): string {
  return parts.map((part) => bytesOf(part, context).toString()).join("");
}

/** What a name is given: bytes where it is a payload, else a word. */
function givenValue(parts: readonly Part[], context: Context): Value {
  const [first] = parts;
  if (
    parts.length === 1 &&
    first?.kind === "name" &&
    !first.range &&
    !first.type
  ) {
    return valueOfName(first.name, context);
  }
  const isWord = parts.every(({ kind }) => kind === "word" || kind === "name");
  return isWord ? wordOf(parts, context) : payloadOf(parts, context);
}

/*
 * 5. Expectations
 *
 * Each answer is looked at by itself. What does not fit is told with both
 * sides, and where bytes differ, with the place.
 */

/**
 * What can be said of a block that fails, in English; `{0}` and so on stand for
 * what is given with it. Who shows it in another language has its own sentences.
 */
export const RUN_PROBLEMS = {
  // Of what is sent.
  tooLarge: "A datagram takes at most {0} bytes, and this one has {1}",
  noRoom: "{0} is {1}, for which {2} bytes are too few",
  onlySent: "{0} is for what is sent, not for what is expected",
  cannotRead: "Cannot read {0}: {1}",
  noBytesOf: "{0} has no bytes to take [..] of: it is {1}",
  noForm: "{0} is {1}: say how it is written, as in {2}",
  tooShort: "{0} has {1} bytes, and [{2}..{3}] are asked for",
  noGroup:
    "{0} stands for a group of a pattern, and there is none with this number",
  noValueYet:
    "Nothing is called {0} here: it gets its value further below, or not at all",
  noDefinitions:
    "{0} is of a definition, and this one file reads none: run it in the editor, or with the udp_run of the package udp-workbench",
  notPermitted:
    "Nothing was sent to {0}, which is not this machine: permit it with --allow {1}",
  cannotSend: "Cannot send to {0}: {1}",
  cannotSendFrom: "Cannot send to {0} from {1}: {2}",
  noEndpoint:
    "An address is written as 127.0.0.1:9999 or [::1]:9999, not '{0}'",
  cannotFind: "Cannot find {0}: {1}",
  cannotServe: "Cannot serve on {0}: {1}",
  cannotReplay: "Cannot replay {0}: {1}",
  noDatagrams: "it has no datagrams",
  noCapture: "it is no capture file (pcapng or pcap)",
  noHeader: "it ends within its header",
  tooManyWait: "So many answers wait already that this one was left out",
  // Of what came.
  expectedBut: "expected {0}, but {1}",
  expectedBytes: "expected {0} bytes, got {1}",
  expectedGot: "expected {0}, got {1}",
  expectedWithin: "expected {0} within {1} ms, got {2}",
  oneOf: "answer {0} of {1}: {2}",
  notAsRecorded: "answer {0} of {1} is not as recorded: expected {2}, got {3}",
  sameSender: "expected answers from {0} different senders, got {1}",
  fromOther: "{0}; one came from {1}, not from {2}",
  late: "{0}; one came after {1} ms",
  notAllKept:
    "{0}, of which {1} fit into {2} MiB: the others were not looked at",
  expectedRefusal: "expected that nobody has port {0}, but {1}",
  notRefused: "nothing was refused within {0} ms",
  cameInstead: "{0} came",
  denoIsSilent: "{0}; Deno does not tell of it",
  refused:
    "nobody has port {0} (ECONNREFUSED): start the server first, or write EXPECT refused where that is right",
  noneToTake: "{0} is of an answer, and none came",
  none: "none",
  noAnswer: "no answer",
  oneAnswer: "1 answer",
  answers: "{0} answers",
  atLeast: "at least {0}",
  upTo: "{0} to {1}",
  recordedAnswers: "the {0} answers of the recording",
  // Of a definition; the words are mostly sentences of those who know it.
  misfit: "the payload does not fit {0}: {1}",
  noSuchField: "{0} has no field {1}",
  noValue: "{0} is no single value, or not there",
  unwritable: "{0} cannot be written so: {1}",
  // Of a payload.
  tooShortFor: "{0}[{1}] takes {2} bytes, and there are {3}",
  noText: "the payload is no text (UTF-8)",
  noJson: "the payload is no JSON",
  noKey: "the payload's JSON has no {0}",
  noNumber: "'{0}' is no number to compare with",
  noMember: "'{0}' is no number and none of {1}",
  // Of the system.
  EACCES: "permission denied (EACCES)",
  EADDRINUSE: "address already in use (EADDRINUSE)",
  EADDRNOTAVAIL: "not an address of this machine (EADDRNOTAVAIL)",
  ECONNREFUSED: "nobody has that port (ECONNREFUSED)",
  EMSGSIZE: "too large for one datagram (EMSGSIZE)",
  ENETUNREACH: "no route to that network (ENETUNREACH)",
  ENOTFOUND: "no such host (ENOTFOUND)",
  EAI_AGAIN: "no name server answers (EAI_AGAIN)",
} as const;

/** A sentence: one of those, and its words, which may be sentences themselves. */
export interface Said {
  readonly code: FailureCode;
  readonly given: readonly (string | Said)[];
  /** Of a sentence that is not of this file: it in English, and by what it may be found elsewhere. */
  readonly text?: string;
  readonly key?: string;
}
export type FailureCode = keyof typeof RUN_PROBLEMS;

function say(code: FailureCode, ...given: (string | number | Said)[]): Said {
  const words = given.map((it) => (typeof it === "number" ? `${it}` : it));
  return { code, given: words };
}

/** In English. */
function textOf(said: string | Said): string {
  if (typeof said === "string") return said;
  if (said.text !== undefined) return said.text;
  return RUN_PROBLEMS[said.code].replace(/\{(\d)\}/g, (all, index) => {
    const word = said.given[Number(index)];
    return word === undefined ? all : textOf(word);
  });
}

/** Carries such a sentence to the block that it is about. */
class Trouble extends Error {
  readonly said: Said;

  constructor(first: FailureCode | Said, ...given: (string | number | Said)[]) {
    const said = typeof first === "string" ? say(first, ...given) : first;
    super(textOf(said));
    this.said = said;
  }
}

/** What was thrown, as a sentence or as a part of one. */
function saidBy(error: unknown): string | Said {
  return error instanceof Trouble ? error.said : (error as Error).message;
}

function failureAt(line: number, said: string | Said): Failure {
  const message = textOf(said);
  return typeof said === "string" ? { line, message } : { line, message, said };
}

/** What a check looks at: an answer, or what a server is asked. */
export interface Subject {
  readonly payload: Buffer;
  readonly from: Endpoint;
  readonly delayMs?: number;
}

/** One thing that is not as the file says. */
export interface Failure {
  readonly line: number;
  readonly message: string;
  /** The message, for who shows it in another language. */
  readonly said?: Said;
  readonly expected?: Buffer;
  readonly got?: Buffer;
}

/** Why nothing can be of this form; a field's name may be anything. */
function whyNoPath({ name, steps }: Path): Wrong | undefined {
  const [step, ...more] = steps;
  const isIndex = typeof step === "number";
  if (NUMBER_TYPES[name]) {
    return isIndex && more.length === 0 ? undefined : ["noIndex", name];
  }
  if (name === "bytes") {
    return more.length === 0 && typeof step !== "string"
      ? undefined
      : ["badBytes"];
  }
  const isPlain = /^(length|text|from|delay)$/.test(name);
  if (isPlain && steps.length > 0) return ["noParts", name];
  if (isPlain || name === "json" || typeof step === "string") return undefined;
  return ["unknownPath", shorten(name)];
}

/** Whether this is a field of a definition, of a path that has a right form. */
function isField({ name, steps: [step] }: Path): boolean {
  return name !== "json" && typeof step === "string";
}

/** `body.points[0].x`: what stands behind the name of the definition. */
function fieldOf({ steps }: Path): string {
  const texts = steps.map((it) => {
    if (typeof it === "string") return `.${it}`;
    return typeof it === "number"
      ? `[${it}]`
      : `[${it.start}..${it.end ?? ""}]`;
  });
  return texts.join("").slice(1);
}

/** @throws an Error with one sentence, where the payload has no such thing */
function look(
  path: Path,
  { payload, from, delayMs }: Subject,
  { definitions }: Context,
): Value {
  const { name, steps } = path;
  const [step] = steps;
  const type = NUMBER_TYPES[name];
  if (type && typeof step === "number") {
    if (step + type.bytes > payload.length) {
      const left = Math.max(payload.length - step, 0);
      throw new Trouble("tooShortFor", name, step, type.bytes, left);
    }
    return type.read(
      new DataView(payload.buffer, payload.byteOffset, payload.length),
      step,
    );
  }
  switch (name) {
    case "length":
      return payload.length;
    case "bytes": {
      const range =
        typeof step === "number" ? { start: step, end: step + 1 } : step;
      return cut(payload, range as Range | undefined, "the payload");
    }
    case "text":
      if (!isUtf8(payload)) throw new Trouble("noText");
      return payload.toString();
    case "from":
      return nameOf(from);
    case "delay":
      return delayMs ?? 0;
    case "json":
      return lookInJson(steps, payload);
  }
  const field = fieldOf(path);
  if (!definitions) throw new Trouble("noDefinitions", `${name}.${field}`);
  const value = valueIn(definitions.look(name, field, payload));
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

function lookInJson(steps: Path["steps"], payload: Buffer): Value {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    throw new Trouble("noJson");
  }
  for (const step of steps) {
    const isThere =
      typeof value === "object" &&
      value !== null &&
      Object.hasOwn(value, String(step));
    if (!isThere) throw new Trouble("noKey", String(step));
    value = (value as Record<string, unknown>)[String(step)];
  }
  if (/^(string|number|boolean)$/.test(typeof value)) return value as Value;
  return JSON.stringify(value);
}

/**
 * Looks whether a line is true.
 *
 * @returns what is not as it should be, and nothing where it is true
 */
export function whyNot(
  check: Check,
  subject: Subject,
  context: Context,
): Failure | undefined {
  const { line, isNot, operator, text } = check;
  const fail = (said: Said, more: Partial<Failure> = {}) => ({
    ...failureAt(line, said),
    ...more,
  });
  let left: Value;
  let right: Value;
  try {
    left = look(check.of, subject, context);
    right = check.pattern ? "" : alike(left, check.value, context);
  } catch (error) {
    return fail(say("expectedBut", text, saidBy(error)));
  }
  const holds = check.pattern
    ? check.pattern.test(asText(left))
    : compare(comparedAs(left, right), operator, right);
  if (holds !== isNot) return undefined;
  if (check.of.name === "length" && operator === "==" && !isNot) {
    return fail(say("expectedBytes", `${right}`, `${left}`));
  }
  const isExact = /^(==|startsWith)$/.test(operator) && !isNot;
  if (isExact && Buffer.isBuffer(left) && Buffer.isBuffer(right)) {
    const got = operator === "==" ? left : left.subarray(0, right.length);
    return fail(say("expectedGot", text, describe(got)), {
      expected: right,
      got,
    });
  }
  return fail(say("expectedGot", text, describe(left)));
}

/** The value that is compared, of the kind of what it is compared with. */
function alike(left: Value, parts: readonly Part[], context: Context): Value {
  if (Buffer.isBuffer(left)) return payloadOf(parts, context);
  const value = givenValue(parts, context);
  if (isMember(left)) return memberOf(left, asText(value));
  if (typeof left === "string") return asText(value);
  if (typeof left === "boolean") return asText(value) === "true";
  if (typeof value === "number" || typeof value === "bigint") return value;
  const text = asText(value);
  const number = readTime(text) ?? readNumber(text);
  if (number === undefined) throw new Trouble("noNumber", shorten(text));
  return number;
}

function readNumber(text: string): number | undefined {
  return /^[-+]?(0x[\da-f]+|[\d.]+(e[-+]?\d+)?)$/i.test(text)
    ? Number(text)
    : undefined;
}

/** A number, or a name: one that it cannot have is a slip. */
function memberOf({ names }: Member, text: string): Value {
  const number = readNumber(text);
  if (number !== undefined || names.includes(text)) return number ?? text;
  const known = names.slice(0, 20).join(", ");
  throw new Trouble("noMember", shorten(text), known);
}

function isMember(value: Value): value is Member {
  return typeof value === "object" && !Buffer.isBuffer(value);
}

/** Of a number with a name, that which it is compared by. */
function comparedAs(left: Value, right: Value): Value {
  if (!isMember(left)) return left;
  return typeof right === "string" ? left.name : left.number;
}

function asText(value: Value): string {
  return isMember(value) ? value.name : String(value); // of bytes, as UTF-8
}

function compare(left: Value, operator: Operator, right: Value): boolean {
  if (Buffer.isBuffer(left) && Buffer.isBuffer(right)) {
    switch (operator) {
      case "startsWith":
        return left.subarray(0, right.length).equals(right);
      case "endsWith":
        return (
          left.length >= right.length &&
          left.subarray(left.length - right.length).equals(right)
        );
      case "contains":
        return left.includes(right);
      default:
        return ordered(Buffer.compare(left, right), operator);
    }
  }
  switch (operator) {
    case "startsWith":
      return asText(left).startsWith(asText(right));
    case "endsWith":
      return asText(left).endsWith(asText(right));
    case "contains":
      return asText(left).includes(asText(right));
    default:
      return ordered(
        left === right || Number(left) === Number(right)
          ? 0
          : left < right
            ? -1
            : 1,
        operator,
      );
  }
}

function ordered(sign: number, operator: Operator): boolean {
  switch (operator) {
    case "==":
      return sign === 0;
    case "!=":
      return sign !== 0;
    case "<":
      return sign < 0;
    case "<=":
      return sign <= 0;
    case ">":
      return sign > 0;
    default:
      return sign >= 0;
  }
}

/** What somebody has sent, in a sentence: as text where it is that. */
export function describe(value: Value): string {
  if (typeof value === "string")
    return JSON.stringify(shorten(printable(value)));
  if (isMember(value)) return `${value.name} (${value.number})`;
  if (!Buffer.isBuffer(value)) return String(value);
  if (value.length === 0) return "no bytes";
  const shown = value.subarray(0, 16);
  const isText = /^[ -~\n\r\t]+$/.test(shown.toString("latin1"));
  const text = isText
    ? JSON.stringify(shown.toString())
    : `hex ${hexOf(shown)}`;
  return value.length > shown.length
    ? `${text} and ${value.length - shown.length} more`
    : text;
}

function hexOf(bytes: Buffer): string {
  return bytes.toString("hex").replace(/..(?!$)/g, "$& ");
}

/** Printed, others' bytes must not move the cursor or look like ours. */
function printable(text: string): string {
  return text.replace(/[^ -~]/gu, (character) => {
    return /[\p{L}\p{N}\p{S}\p{P}]/u.test(character)
      ? character
      : `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

/** Two lines of bytes around the first that differ, and marks below them. */
export function diffOf(expected: Buffer, got: Buffer): readonly string[] {
  const length = Math.max(expected.length, got.length);
  let first = 0;
  while (first < length && expected[first] === got[first]) first++;
  const start = Math.max(0, first - (first % 16));
  const indices = Array.from(
    { length: Math.min(16, length - start) },
    (_, at) => start + at,
  );
  const row = (bytes: Buffer) =>
    indices
      .map((at) => bytes[at]?.toString(16).padStart(2, "0") ?? "--")
      .join(" ");
  const marks = indices
    .map((at) => (expected[at] === got[at] ? "  " : "^^"))
    .join(" ");
  const at = `[${start}]`;
  const blank = " ".repeat(at.length);
  return [
    `${at} expected ${row(expected)}`,
    `${blank} got      ${row(got)}`,
    `${blank}          ${marks}`.trimEnd(),
  ];
}

/*
 * 6. Serve
 *
 * A device to test against: it answers what fits, and nothing else.
 */

/** A SERVE block that runs. */
class Mock {
  readonly counts = { received: 0, answered: 0 };
  /** The first reply that could not be made, as a failure of its block. */
  failure: Failure | undefined;
  readonly #socket: Socket;
  readonly #waiting = new Set<NodeJS.Timeout>();
  #waitingBytes = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws where the port is taken, or not of this machine */
  static async start(serve: Serve, it: Running): Promise<Mock> {
    const text = wordOf(serve.address, contextOf(it));
    const { address, port } = await endpointOf(text);
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const mock = new Mock(socket);
    try {
      await bind(socket, port, address);
    } catch (error) {
      socket.close();
      throw new Trouble("cannotServe", text, reasonOf(error));
    }
    socket.on("error", () => {}); // that a client has gone is its own affair
    socket.on("message", (payload, { address, port }) => {
      mock.counts.received++;
      mock.#answer(
        serve,
        { payload, from: { address: plain(address), port } },
        it,
      );
    });
    return mock;
  }

  close() {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#socket.close();
  }

  #answer(serve: Serve, subject: Subject, it: Running) {
    const found = ruleFor(serve, subject, contextOf(it));
    if (!found) return;
    const { rule, context } = found;
    if (rule.replies.length > 0) this.counts.answered++;
    for (const reply of rule.replies) {
      try {
        const payload = payloadOf(reply.payload, { ...context, seq: ++it.seq });
        this.#send(payload, subject.from, reply.afterMs);
      } catch (error) {
        this.failure ??= failureAt(reply.line, saidBy(error));
      }
    }
  }

  #send(payload: Buffer, { address, port }: Endpoint, afterMs: number) {
    const send = () => this.#socket.send(payload, port, address, () => {});
    if (afterMs === 0) return send();
    const bytes = payload.length + HEARD_BYTES;
    if (this.#waitingBytes + bytes > MAX_HEARD_BYTES)
      throw new Trouble("tooManyWait");
    this.#waitingBytes += bytes;
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      this.#waitingBytes -= bytes;
      send();
    }, afterMs);
    this.#waiting.add(timer);
  }
}

/** The first rule that fits what came, and what its replies may use of that. */
export function ruleFor(
  { rules }: Serve,
  subject: Subject,
  names: Context,
): { readonly rule: Reaction; readonly context: Context } | undefined {
  const context = { ...names, request: subject.payload };
  const rule = rules.find(({ when }) =>
    when.every((check) => !whyNot(check, subject, context)),
  );
  if (!rule) return undefined;
  const text = subject.payload.toString();
  const groups = rule.when.flatMap(({ pattern }) =>
    Array.from(pattern?.exec(text) ?? [], (group) => group ?? ""),
  );
  return { rule, context: { ...context, groups } };
}

/*
 * 7. Replay
 *
 * A capture has what was said then. The side that spoke first asks again; each
 * of its datagrams is sent when as many answers have come as came before it
 * then, or when it has been waited long enough for them.
 */

/** A datagram of a capture. */
export interface Recorded {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly payload: Buffer;
  /** Recorded by who received it, by who sent it; unknown in most captures. */
  readonly direction?: "in" | "out";
}

/**
 * What was asked first, and by whom, with the answers to that.
 *
 * @throws an Error with one sentence, where nothing was asked
 */
export function askedIn(
  records: readonly Recorded[],
): { readonly isQuestion: boolean; readonly payload: Buffer }[] {
  const [first] = records;
  if (!first) throw new Trouble("noDatagrams");
  const [client, server] = [nameOf(first.from), nameOf(first.to)];
  // Where both ends have recorded, each datagram is there twice: what the
  // client has of it is what counts, as it asks again.
  const questions = records.filter(
    ({ from, to }) => nameOf(from) === client && nameOf(to) === server,
  );
  const answers = records.filter(
    ({ from, to }) => nameOf(from) === server && nameOf(to) === client,
  );
  const hasBoth = (of: readonly Recorded[]) =>
    of.some(({ direction }) => direction === "in") &&
    of.some(({ direction }) => direction === "out");
  const [hasBothQuestions, hasBothAnswers] = [
    hasBoth(questions),
    hasBoth(answers),
  ];
  const kept = new Set([
    ...questions.filter(
      ({ direction }) => direction !== "in" || !hasBothQuestions,
    ),
    ...answers.filter(
      ({ direction }) => direction !== "out" || !hasBothAnswers,
    ),
  ]);
  return records
    .filter((record) => kept.has(record))
    .map((record) => ({
      isQuestion: nameOf(record.from) === client,
      payload: record.payload,
    }));
}

/**
 * The datagrams of a capture file, pcapng or pcap.
 *
 * @throws an Error with one sentence, where it is neither
 */
export function readCapture(file: Buffer): Recorded[] {
  const magic = file.length >= 4 ? file.readUInt32BE(0) : 0;
  if (magic === 0x0a0d0d0a) return readPcapng(file);
  const isLittle = magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1;
  if (!isLittle && magic !== 0xa1b2c3d4 && magic !== 0xa1b23c4d) {
    throw new Trouble("noCapture");
  }
  const u32 = (at: number) =>
    isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at);
  const records: Recorded[] = [];
  if (file.length < 24) throw new Trouble("noHeader");
  const linkType = u32(20) & 0xffff;
  for (let at = 24; at + 16 <= file.length; ) {
    const length = u32(at + 8);
    const packet = file.subarray(at + 16, at + 16 + length);
    const record =
      packet.length === length ? readPacket(packet, linkType) : undefined;
    if (record) records.push(record);
    at += 16 + length;
  }
  return records;
}

/** Blocks of draft-ietf-opsawg-pcapng: sections, interfaces and packets. */
function readPcapng(file: Buffer): Recorded[] {
  const records: Recorded[] = [];
  let isLittle = true;
  let linkTypes: number[] = [];
  const u32 = (at: number) =>
    isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at);
  const u16 = (at: number) =>
    isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at);
  for (let at = 0; at + 12 <= file.length; ) {
    const isSection = file.readUInt32BE(at) === 0x0a0d0d0a;
    if (isSection) [isLittle, linkTypes] = [file[at + 8] === 0x4d, []];
    const [type, length] = [u32(at), u32(at + 4)];
    const end = at + length;
    if (length < 12 || length % 4 > 0 || end > file.length) break;
    if (!isSection && type === 1 && length >= 20) linkTypes.push(u16(at + 8));
    if (!isSection && type === 6 && length >= 32) {
      const captured = u32(at + 20);
      const packet = file.subarray(
        at + 28,
        Math.min(at + 28 + captured, end - 4),
      );
      const record = readPacket(packet, linkTypes[u32(at + 8)] ?? -1);
      const options = at + 28 + Math.ceil(captured / 4) * 4;
      const flags = flagsOf(options, end - 4, u16);
      if (record) records.push({ ...record, ...DIRECTIONS[flags] });
    }
    at = end;
  }
  return records;
}

const DIRECTIONS: Record<number, Pick<Recorded, "direction">> = {
  1: { direction: "in" },
  2: { direction: "out" },
};

/** The flags of a packet, epb_flags. */
function flagsOf(
  from: number,
  end: number,
  u16: (at: number) => number,
): number {
  for (let at = from; at + 8 <= end; ) {
    const [code, length] = [u16(at), u16(at + 2)];
    if (code === 0) break;
    // Its two lowest bits are in the first two bytes or in the last.
    if (code === 2) return u16(at + 4) & 3 || u16(at + 6) & 3;
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return 0;
}

/** Where the IP packet begins in what an interface of this type records. */
const IP_BEGINS: Record<number, (packet: Buffer) => number> = {
  0: () => 4, // BSD loopback
  1: (packet) => {
    const isTagged = packet.length > 14 && packet.readUInt16BE(12) === 0x8100;
    return isTagged ? 18 : 14;
  },
  101: () => 0,
  108: () => 4,
  113: () => 16, // Linux cooked
  228: () => 0,
  229: () => 0,
  276: () => 20, // Linux cooked, version 2
};

function readPacket(packet: Buffer, linkType: number): Recorded | undefined {
  const ip = packet.subarray(IP_BEGINS[linkType]?.(packet) ?? packet.length);
  const version = (ip[0] ?? 0) >> 4;
  const [is4, is6] = [
    version === 4 && ip.length >= 20,
    version === 6 && ip.length >= 40,
  ];
  if (!is4 && !is6) return undefined;
  // A fragment has a part of a datagram.
  if (is4 && (ip.readUInt16BE(6) & 0x3fff) !== 0) return undefined;
  if ((is4 ? ip[9] : ip[6]) !== 17) return undefined;
  const udp = ip.subarray(is4 ? ((ip[0] ?? 0) & 15) * 4 : 40);
  if (udp.length < 8) return undefined;
  const length = udp.readUInt16BE(4);
  if (length < 8 || length > udp.length) return undefined;
  const address = (at: number) =>
    is4 ? ip.subarray(at, at + 4).join(".") : ipv6Of(ip.subarray(at, at + 16));
  return {
    from: { address: address(is4 ? 12 : 8), port: udp.readUInt16BE(0) },
    to: { address: address(is4 ? 16 : 24), port: udp.readUInt16BE(2) },
    payload: udp.subarray(8, length),
  };
}

function ipv6Of(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    bytes.readUInt16BE(at * 2).toString(16),
  );
  return groups.join(":");
}

/*
 * 8. Reports
 *
 * One result for each block: for people, for programs (JSON lines), and in the
 * two formats that build servers read.
 */

/** What came of a block. */
export interface Result {
  readonly file: string;
  readonly title: string;
  readonly line: number;
  readonly outcome: "passed" | "failed" | "disabled";
  readonly ms: number;
  readonly failures: readonly Failure[];
  /** How often it was sent again because nothing had come. */
  readonly retries: number;
  readonly sent: readonly Passed[];
  readonly received: readonly Passed[];
  /** How many more came than were kept. */
  readonly dropped: number;
  /** The names that were given a value of an answer, and that, as it is told. */
  readonly captured: readonly Captured[];
}

export interface Captured {
  readonly line: number;
  readonly name: string;
  readonly value: string;
}

/** A datagram that was sent or received. */
export interface Passed {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly payload: Buffer;
}

const MARKS = { passed: "passed  ", failed: "FAILED  ", disabled: "disabled" };

function told(result: Result, isVerbose: boolean): string {
  const { title, outcome, ms, failures, retries } = result;
  const again =
    retries > 0
      ? `, sent again ${retries === 1 ? "once" : `${retries} times`}`
      : "";
  const time = outcome === "disabled" ? "" : ` (${ms.toFixed(0)} ms${again})`;
  const lines = [`  ${MARKS[outcome]} ${printable(title)}${time}`];
  const pass = (what: string, { from, to, payload }: Passed) =>
    `      ${what} ${nameOf(from)} -> ${nameOf(to)}: ${describe(payload)}`;
  if (isVerbose || failures.length > 0) {
    const [sent, received] = [result.sent, result.received];
    lines.push(...sent.slice(0, 20).map((it) => pass("sent    ", it)));
    lines.push(...received.slice(0, 20).map((it) => pass("received", it)));
    const more = received.length - 20 + result.dropped;
    if (more > 0) lines.push(`      and ${more} more`);
  }
  for (const { line, message, expected, got } of failures) {
    lines.push(`      line ${line}: ${message}`);
    const diff = expected && got ? diffOf(expected, got) : [];
    lines.push(...diff.map((text) => `        ${text}`));
  }
  return `${lines.join("\n")}\n`;
}

/** The field names are Wireshark's. */
function jsonOf(result: Result): string {
  const fields = ({ from, to, payload }: Passed) => ({
    "ip.src": from.address,
    "udp.srcport": from.port,
    "ip.dst": to.address,
    "udp.dstport": to.port,
    "udp.length": payload.length + 8,
    "data.data": payload.toString("hex"),
  });
  return JSON.stringify({
    ...result,
    failures: result.failures.map(({ expected, got, ...failure }) => ({
      ...failure,
      ...(expected && { expected: expected.toString("hex") }),
      ...(got && { got: got.toString("hex") }),
    })),
    sent: result.sent.slice(0, MAX_LISTED).map(fields),
    received: result.received.slice(0, MAX_LISTED).map(fields),
    dropped: result.dropped + Math.max(0, result.received.length - MAX_LISTED),
  });
}

/** So many datagrams of a block are in its line of JSON. */
const MAX_LISTED = 1000;

/** Test Anything Protocol, version 13. */
export function tapOf(results: readonly Result[]): string {
  const lines = results.map(({ outcome, title, failures }, index) => {
    const ok = outcome === "failed" ? "not ok" : "ok";
    const skip = outcome === "disabled" ? " # SKIP disabled" : "";
    const name = printable(title).replaceAll("#", "\\#");
    const why = failures.map(
      ({ line, message }) => `# line ${line}: ${printable(message)}\n`,
    );
    return `${ok} ${index + 1} - ${name}${skip}\n${why.join("")}`;
  });
  return `TAP version 13\n1..${results.length}\n${lines.join("")}`;
}

/** What build servers read: a suite for each file, a case for each block. */
export function junitOf(results: readonly Result[]): string {
  const files = new Map<string, Result[]>();
  for (const result of results) {
    const cases = files.get(result.file) ?? [];
    files.set(result.file, cases);
    cases.push(result);
  }
  const suites = Array.from(files, ([file, cases]) => {
    const count = (outcome: string) =>
      cases.filter((it) => it.outcome === outcome).length;
    const time = (ms: number) => (ms / 1000).toFixed(3);
    const tests = cases.map(({ title, outcome, ms, failures }) => {
      const name = `name="${xml(title)}" classname="${xml(file)}" time="${time(ms)}"`;
      const body = failures.map(({ line, message, expected, got }) => {
        const diff = expected && got ? diffOf(expected, got) : [];
        const text = [`${file}:${line}: ${message}`, ...diff].join("\n");
        return `<failure message="${xml(message)}">${xml(text)}</failure>`;
      });
      if (outcome === "disabled") body.push("<skipped/>");
      return `    <testcase ${name}>${body.join("")}</testcase>\n`;
    });
    const sum = time(cases.reduce((all, { ms }) => all + ms, 0));
    const counts = `tests="${cases.length}" failures="${count("failed")}" skipped="${count("disabled")}"`;
    return `  <testsuite name="${xml(file)}" ${counts} time="${sum}">\n${tests.join("")}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("")}</testsuites>\n`;
}

/** XML 1.0 has no place for most control characters, not even escaped. */
function xml(text: string): string {
  const names: Record<string, string> = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    '"': "&quot;",
  };
  return text
    .replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[<>&"]/g, (character) => names[character] ?? "");
}

/*
 * 9. Permission
 *
 * A file comes with a repository, and whoever runs it may not have read it. So
 * nothing leaves this machine unless its user says so, once for each address.
 */

/** Asks a person; true means that it may be sent there. */
export type Ask = (target: Endpoint) => Promise<boolean>;

async function permit(target: Endpoint, it: Running): Promise<void> {
  if (isOwn(target.address)) return;
  const { allowed, ask } = it.options;
  const isAllowed = allowed.some((network) =>
    isWithin(target.address, network),
  );
  if (isAllowed) return;
  if (!it.asked.has(target.address)) {
    it.asked.set(target.address, (await ask?.(target)) ?? false);
  }
  if (it.asked.get(target.address)) return;
  throw new Trouble("notPermitted", nameOf(target), target.address);
}

/**
 * Where a file sends to, as far as that is known before it runs: what asks its
 * user beforehand tells it by --allow.
 *
 * @param lines only of the blocks at these; all, where there are none
 */
export function targetsOf(
  file: RequestFile,
  vars: ReadonlyMap<string, string>,
  lines?: ReadonlySet<number>,
): readonly string[] {
  const targets = new Set<string>();
  eachKnown(file, vars, (block, step, context) => {
    if (step.kind !== "send" && step.kind !== "replay") return;
    if (isAtLine(block, lines)) targets.add(wordOf(step.target, context));
  });
  return [...targets];
}

/**
 * Goes through a file without running it. What is of an answer is not known:
 * `visit` may throw where it needs that.
 */
export function eachKnown(
  file: RequestFile,
  vars: ReadonlyMap<string, string>,
  visit: (block: Block, step: Step, context: Context) => void,
  definitions?: Definitions,
) {
  const names = new Map<string, Value>(vars);
  const context = { names, seq: 1, folder: dirname(file.path), definitions };
  const attempt = (run: () => void) => {
    try {
      run();
    } catch {
      // it is of an answer
    }
  };
  const name = ({ name, value }: Naming) =>
    attempt(() =>
      names.set(name, vars.get(name) ?? givenValue(value, context)),
    );
  for (const naming of file.names) name(naming);
  for (const block of file.blocks) {
    for (const step of block.steps) {
      if (step.kind === "name") name(step);
      attempt(() => visit(block, step, context));
    }
  }
}

/** Deno asks for that, too; where it is not permitted, nothing is known. */
function ownInterfaces() {
  try {
    return Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  } catch {
    return [];
  }
}

/** An address of this machine: what is sent there does not leave it. */
function isOwn(address: string): boolean {
  const own = ownInterfaces();
  return (
    /^127\./.test(address) ||
    address === "::1" ||
    own.some((it) => it.address === address)
  );
}

/** A broadcast or multicast address (224.0.0.0/4, ff00::/8): many may answer. */
function isGroup({ address }: Endpoint): boolean {
  const own = ownInterfaces();
  return (
    /^(22[4-9]|23\d)\.|^ff/i.test(address) ||
    address === "255.255.255.255" ||
    own.some(
      (it) =>
        isIP(it.address) === 4 &&
        broadcastOf(it.address, it.netmask) === address &&
        !/^127\./.test(it.address),
    )
  );
}

function broadcastOf(address: string, netmask: string): string {
  const mask = netmask.split(".").map(Number);
  const bytes = address.split(".").map(Number);
  return bytes.map((byte, at) => byte | (~(mask[at] ?? 255) & 255)).join(".");
}

/** A network, as `192.168.1.0/24`. */
export interface Network {
  readonly bits: string;
  readonly prefix: number;
}

function readNetwork(text: string): Network {
  const [, address = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = bitsOf(address);
  const length = prefix === undefined ? bits.length : Number(prefix);
  if (bits === "" || length > bits.length) {
    throw new Error(`--allow takes ADDRESS or ADDRESS/PREFIX, not '${text}'`);
  }
  return { bits, prefix: length };
}

function isWithin(address: string, { bits, prefix }: Network): boolean {
  const own = bitsOf(address);
  return (
    own.length === bits.length && own.slice(0, prefix) === bits.slice(0, prefix)
  );
}

/** 32 or 128 digits; none where it is no address. */
function bitsOf(address: string): string {
  if (isIP(address) === 4) {
    return address
      .split(".")
      .map((byte) => Number(byte).toString(2).padStart(8, "0"))
      .join("");
  }
  if (isIP(address) !== 6) return "";
  const [, last] = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address) ?? [];
  const ipv4 = last?.split(".").map(Number) ?? [];
  const hex = (at: number) =>
    (((ipv4[at] ?? 0) << 8) | (ipv4[at + 1] ?? 0)).toString(16);
  const text = last ? address.replace(last, `${hex(0)}:${hex(2)}`) : address;
  const [head = "", tail] = text.replace(/%.*/, "").split("::");
  const split = (part: string) => (part === "" ? [] : part.split(":"));
  const [before, after] = [split(head), split(tail ?? "")];
  const zeros = Array.from(
    { length: 8 - before.length - after.length },
    () => "0",
  );
  return [...before, ...(tail === undefined ? [] : zeros), ...after]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0"))
    .join("");
}

/*
 * 10. Running
 *
 * What serves starts first, and runs while the others ask, in the order of the
 * file. A block is told when its last wait is over, which may be while the next
 * one runs: what comes too much or too late is part of what came of it.
 */

/** How a file is run. What is left out does not matter. */
export interface RunOptions {
  /** Values of names that stand for those of the file. */
  readonly vars: ReadonlyMap<string, string>;
  /** Only blocks that have one of these tags; all, where there is none. */
  readonly tags: readonly string[];
  /** Only the blocks at these lines; all, where there are none. */
  readonly lines?: ReadonlySet<number>;
  /** Milliseconds to wait for answers where the file says nothing. */
  readonly timeoutMs: number;
  /** After the first block that fails, no other one is run. */
  readonly bail: boolean;
  readonly allowed: readonly Network[];
  readonly ask?: Ask | undefined;
  readonly definitions?: Definitions | undefined;
  /** Is told of each block when it is known what came of it. */
  readonly onResult?: (result: Result) => void;
  /** Ends the run, and what serves. */
  readonly signal?: AbortSignal;
}

/** What the blocks of a file that runs share. */
interface Running {
  readonly file: RequestFile;
  readonly options: RunOptions;
  readonly names: Map<string, Value>;
  readonly asked: Map<string, boolean>;
  /** Who still listens on a port that a block has named, by that port. */
  readonly listening: Map<string, Asking>;
  seq: number;
}

/**
 * Runs the blocks of a file that has no problems.
 *
 * @returns what came of each, in the order in which they were run, without the
 * datagrams, which `onResult` is told; a block that serves comes last, and runs
 * until `signal` where nobody asks
 */
export async function runRequests(
  file: RequestFile,
  options: RunOptions,
): Promise<readonly Result[]> {
  const it: Running = {
    file,
    options,
    names: new Map<string, Value>(options.vars),
    asked: new Map(),
    listening: new Map(),
    seq: 0,
  };
  for (const naming of file.names) giveName(naming, it);
  const { bail, signal, onResult } = options;
  const mocks = await startMocks(it);
  const results: Promise<Result>[] = [];
  let hasFailed = mocks.some(({ mock }) => !mock);
  const tell = async (pending: Promise<Result>) => {
    const result = await pending;
    if (result.outcome === "failed") hasFailed = true;
    onResult?.(result);
    // A file may run for days: what has been told is not kept.
    return { ...result, sent: [], received: [] };
  };
  const asking = chosenIn(it).filter((block) => !isServe(block));
  for (const block of asking) {
    const { loop = 1, disabled = false } = block.directives;
    for (let turn = 1; turn <= (disabled ? 1 : loop); turn++) {
      if (signal?.aborted || (bail && hasFailed)) break;
      const title =
        loop > 1 ? `${block.title} (${turn} of ${loop})` : block.title;
      const before = results.at(-1);
      const { settled } = await runBlock(block, title, it);
      // In order, although one may be known before the one above it.
      results.push(tell(settled.finally(() => before)));
      await results.at(bail ? -1 : -MAX_WATCHED);
    }
  }
  const all = await Promise.all(results);
  if (
    asking.length === 0 &&
    mocks.some(({ mock }) => mock) &&
    signal &&
    !signal.aborted
  ) {
    await once(signal, "abort");
  }
  const served = mocks.map((each) => endMock(each, it));
  for (const result of served) onResult?.(result);
  return [...all, ...served];
}

function isServe({ steps }: Block): boolean {
  return steps.some(({ kind }) => kind === "serve");
}

/** The blocks that are to be run; what serves is needed by whoever asks. */
function chosenIn({
  file,
  options: { tags, lines },
}: Running): readonly Block[] {
  return file.blocks.filter((block) => {
    if (isServe(block)) return true;
    const hasTag =
      tags.length === 0 ||
      block.directives.tag?.some((tag) => tags.includes(tag));
    return hasTag && isAtLine(block, lines);
  });
}

function isAtLine({ span, lastLine }: Block, lines?: ReadonlySet<number>) {
  for (let line = span.line; lines && line <= lastLine; line++)
    if (lines.has(line)) return true;
  return lines === undefined;
}

function giveName({ name, value }: Naming, it: Running) {
  const given = it.options.vars.get(name);
  it.names.set(name, given ?? givenValue(value, contextOf(it)));
}

function contextOf({ names, seq, file, options }: Running): Context {
  const { definitions } = options;
  return { names, seq, folder: dirname(file.path), definitions };
}

interface Started {
  readonly block: Block;
  readonly mock?: Mock;
  readonly failure?: Failure;
}

async function startMocks(it: Running): Promise<readonly Started[]> {
  const started: Started[] = [];
  for (const block of chosenIn(it).filter(isServe)) {
    for (const step of block.directives.disabled ? [] : block.steps) {
      try {
        if (step.kind === "name") giveName(step, it);
        if (step.kind === "serve")
          started.push({ block, mock: await Mock.start(step, it) });
      } catch (error) {
        const failure = failureAt(step.line, saidBy(error));
        started.push({ block, failure });
      }
    }
    if (block.directives.disabled) started.push({ block });
  }
  return started;
}

function endMock(
  { block, mock, failure = mock?.failure }: Started,
  { file: { path } }: Running,
): Result {
  mock?.close();
  const { received = 0, answered = 0 } = mock?.counts ?? {};
  const isDisabled = block.directives.disabled === true;
  return {
    file: path,
    title: isDisabled
      ? block.title
      : `${block.title}: ${received} received, ${answered} answered`,
    line: block.span.line,
    outcome: isDisabled ? "disabled" : failure ? "failed" : "passed",
    ms: 0,
    failures: failure ? [failure] : [],
    retries: 0,
    sent: [],
    received: [],
    dropped: 0,
    captured: [],
  };
}

/** Resolves when the next block may begin; `settled`, when all is known. */
async function runBlock(
  block: Block,
  title: string,
  it: Running,
): Promise<{ readonly settled: Promise<Result> }> {
  const began = performance.now();
  const asking = new Asking(block, it);
  const resultOf = (outcome: Result["outcome"], ms: number): Result => ({
    file: it.file.path,
    title,
    line: block.span.line,
    outcome,
    ms,
    failures: asking.failures,
    retries: asking.retries,
    sent: asking.sent,
    received: asking.received,
    dropped: asking.dropped,
    captured: asking.captured,
  });
  if (block.directives.disabled)
    return { settled: Promise.resolve(resultOf("disabled", 0)) };
  const { sleep: pauseMs } = block.directives;
  if (pauseMs)
    await sleep(pauseMs, null, { signal: it.options.signal }).catch(() => {});
  for (const step of block.steps) {
    if (asking.failures.length > 0) break;
    try {
      if (step.kind === "name") giveName(step, it);
      if (step.kind === "send") await asking.send(step);
      if (step.kind === "replay") await asking.replay(step);
      if (step.kind === "expect") await asking.expect(step);
    } catch (error) {
      asking.failures.push(failureAt(step.line, saidBy(error)));
    }
  }
  const ms = performance.now() - began;
  const settled = asking.finish().then(() => {
    return resultOf(asking.failures.length > 0 ? "failed" : "passed", ms);
  });
  return { settled };
}

/** How long is heard at most what comes behind all that was expected. */
const WATCHED_MS = 1000;

/** So many blocks may still be heard while the next one runs. */
const MAX_WATCHED = 32;

/** A block that asks. */
class Asking {
  readonly failures: Failure[] = [];
  readonly sent: Passed[] = [];
  readonly received: Passed[] = [];
  readonly captured: Captured[] = [];
  /** How many more came than are kept. */
  dropped = 0;
  retries = 0;
  readonly #block: Block;
  readonly #it: Running;
  #talk: Conversation | undefined;
  #target: Endpoint = { address: "", port: 0 };
  #source = "";
  #payload: Buffer = Buffer.alloc(0);
  /** Answers from somebody else count, wherever the block looks at who it was. */
  readonly #isOpen: boolean;
  /** What was expected last, while more may come than that. */
  #watched:
    | { readonly expect: Expect; readonly ms: number; readonly until: number }
    | undefined;
  /** What is missing, while it may still come too late. */
  #missing: { readonly index: number; readonly ms: number } | undefined;
  readonly #answers: Buffer[] = [];
  #isEnding = false;
  #ended: Promise<void> | undefined;

  constructor(block: Block, it: Running) {
    this.#block = block;
    this.#it = it;
    this.#isOpen = block.steps.some(
      (step) => step.kind === "expect" && looksAtSender(step),
    );
  }

  async send({ target, from, payload }: Send): Promise<void> {
    const context = { ...contextOf(this.#it), seq: this.#it.seq + 1 };
    const bytes = payloadOf(payload, context);
    await this.#open(wordOf(target, context), from && wordOf(from, context));
    this.#it.seq++;
    this.#payload = bytes;
    await this.#send();
  }

  async replay({ capture, target }: Replay): Promise<void> {
    const context = contextOf(this.#it);
    await this.#open(wordOf(target, context));
    const records = await replayed(resolve(context.folder, capture), capture);
    let answers = 0;
    for (const { isQuestion, payload } of records) {
      if (isQuestion) {
        const enough = answers;
        await this.#talk?.until(
          () => this.#count() >= enough,
          this.#timeoutMs(),
        );
        this.#payload = payload;
        await this.#send();
      } else {
        this.#answers.push(payload);
        answers++;
      }
    }
  }

  async expect(expect: Expect): Promise<void> {
    const talk = this.#talk;
    if (!talk) return;
    const ms = this.#timeoutMs(expect);
    const isOpen = talk.isGroup || looksAtSender(expect);
    const enough = expect.same ? this.#answers.length : Math.max(expect.max, 1);
    const min = expect.same ? this.#answers.length : expect.min;
    const { retries = this.#it.file.directives.retries ?? 0 } =
      this.#block.directives;
    for (let attempt = 0; ; attempt++) {
      const isDone = () => talk.refused || this.#count(isOpen) >= enough;
      await talk.until(isDone, ms);
      const isEnough = this.#count(isOpen) >= min || talk.refused;
      if (isEnough || attempt >= retries || this.#stopped) break;
      this.retries++;
      await this.#send();
    }
    this.#judgeCount(expect, this.#count(isOpen), ms);
    const most = expect.same ? Infinity : expect.max;
    const taken = talk.inbox.take(most, isOpen);
    if (this.failures.length > 0) return;
    if (expect.same) this.#judgeSame(expect, taken);
    for (const [index, heard] of taken.entries()) {
      this.#judge(expect, heard, index, taken.length);
    }
    const senders = new Set(taken.map(({ from }) => nameOf(from)));
    if (expect.distinct && senders.size < taken.length) {
      const said = say("sameSender", taken.length, senders.size);
      this.#fail(expect.line, said);
    }
    this.#capture(expect, taken[0]);
    const until = performance.now() + Math.min(ms, WATCHED_MS);
    this.#watched = { expect, ms, until };
  }

  /** Waits for what may come too much or too late. */
  finish(): Promise<void> {
    this.#ended ??= this.#finish();
    return this.#ended;
  }

  /** Ends these waits: somebody else takes the port. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#talk?.wake();
    await this.finish();
  }

  async #finish(): Promise<void> {
    const talk = this.#talk;
    if (!talk) return;
    const missing = this.#missing;
    if (missing && !this.#stopped) {
      const count = this.#count();
      const isLate = () => this.#isEnding || this.#count() > count;
      await talk.until(isLate, Math.min(Math.max(missing.ms, 250), 2000));
      const late = talk.inbox.peek(count + 1, talk.isGroup)[count];
      const failure = this.failures[missing.index];
      if (late && failure) {
        const before = failure.said ?? failure.message;
        const said = say("late", before, late.delayMs.toFixed(0));
        this.failures[missing.index] = failureAt(failure.line, said);
      }
    } else if (this.#watched && this.failures.length === 0 && !this.#stopped) {
      const { expect, until } = this.#watched;
      const isOpen = talk.isGroup || looksAtSender(expect);
      const isTooMuch = () => this.#isEnding || this.#count(isOpen) > 0;
      if (expect.max < Infinity)
        await talk.until(isTooMuch, until - performance.now());
      this.#judgeRest();
    }
    this.#leave();
    if (this.#it.listening.get(this.#source) === this)
      this.#it.listening.delete(this.#source);
  }

  get #stopped(): boolean {
    return this.#it.options.signal?.aborted === true;
  }

  async #open(targetText: string, sourceText?: string): Promise<void> {
    this.#judgeRest();
    const target = await endpointOf(targetText);
    await permit(target, this.#it);
    const isSame =
      nameOf(target) === nameOf(this.#target) &&
      (sourceText ?? "") === this.#source;
    if (!this.#talk || !isSame) {
      this.#leave();
      const from = sourceText === undefined ? undefined : sourceOf(sourceText);
      // Who had this port last does not hear on it any more.
      await this.#it.listening.get(sourceText ?? "")?.end();
      try {
        const { signal } = this.#it.options;
        this.#talk = await Conversation.open(
          target,
          from,
          this.#isOpen,
          signal,
        );
      } catch (error) {
        const [to, why] = [nameOf(target), reasonOf(error)];
        throw sourceText === undefined
          ? new Trouble("cannotSend", to, why)
          : new Trouble("cannotSendFrom", to, sourceText, why);
      }
      [this.#target, this.#source] = [target, sourceText ?? ""];
      if (sourceText !== undefined) this.#it.listening.set(sourceText, this);
    }
    this.#talk.inbox.skip();
  }

  #leave() {
    if (!this.#talk) return;
    const { kept, dropped } = this.#talk.inbox;
    const to = this.#local(this.#talk);
    for (const { from, payload } of kept)
      this.received.push({ from, to, payload });
    this.dropped += dropped;
    this.#talk.close();
    this.#talk = undefined;
  }

  async #send(): Promise<void> {
    const talk = this.#talk as Conversation;
    this.sent.push({
      from: this.#local(talk),
      to: this.#target,
      payload: this.#payload,
    });
    try {
      await talk.send(this.#payload);
    } catch (error) {
      const to = nameOf(this.#target);
      throw new Trouble("cannotSend", to, reasonOf(error));
    }
  }

  #local(talk: Conversation): Endpoint {
    const address = isIPv6(this.#target.address) ? "::" : "0.0.0.0";
    return { address, port: talk.localPort };
  }

  #timeoutMs(expect?: Expect): number {
    return (
      expect?.withinMs ??
      this.#block.directives.timeout ??
      this.#it.file.directives.timeout ??
      this.#it.options.timeoutMs
    );
  }

  #count(isOpen = this.#talk?.isGroup === true): number {
    return this.#talk?.inbox.count(isOpen) ?? 0;
  }

  #fail(line: number, said: Said, more: Partial<Failure> = {}) {
    this.failures.push({ ...failureAt(line, said), ...more });
  }

  #judgeCount(expect: Expect, count: number, ms: number) {
    const talk = this.#talk as Conversation;
    const { line } = expect;
    const target = nameOf(this.#target);
    const got = count === 0 ? say("none") : `${count}`;
    if (expect.refused) {
      if (talk.refused) return;
      const what =
        count === 0 ? say("notRefused", ms) : say("cameInstead", got);
      const said = say("expectedRefusal", target, what);
      const isDeno = "Deno" in globalThis;
      return this.#fail(line, isDeno ? say("denoIsSilent", said) : said);
    }
    const min = expect.same ? this.#answers.length : expect.min;
    if (talk.refused && (count < min || expect.max === 0)) {
      return this.#fail(line, say("refused", target));
    }
    const wanted = expect.same
      ? say("recordedAnswers", min)
      : answersIn(expect);
    const said = say("expectedWithin", wanted, ms, got);
    if (count < min) {
      const stranger = talk.inbox.stranger(this.#target);
      this.#missing = { index: this.failures.length, ms };
      if (!stranger) return this.#fail(line, said);
      const from = nameOf(stranger.from);
      return this.#fail(line, say("fromOther", said, from, target));
    }
    if (count > (expect.same ? min : expect.max)) this.#fail(line, said);
    if (expect.max < Infinity || talk.inbox.dropped === 0) return;
    const isOpen = talk.isGroup || looksAtSender(expect);
    const kept = talk.inbox.peek(count, isOpen).length;
    const room = MAX_HEARD_BYTES / 2 ** 20;
    if (kept < count) this.#fail(line, say("notAllKept", said, kept, room));
  }

  /** What came after all that was expected. */
  #judgeRest() {
    const watched = this.#watched;
    this.#watched = undefined;
    const talk = this.#talk;
    if (!talk || !watched || watched.expect.max === Infinity) return;
    const { expect, ms } = watched;
    const more = talk.inbox
      .peek(Infinity, talk.isGroup || looksAtSender(expect))
      .filter(({ delayMs }) => delayMs <= ms).length;
    if (more > 0) {
      const got = expect.max + more;
      const said = say("expectedWithin", answersIn(expect), ms, got);
      this.#fail(expect.line, said);
    }
  }

  #judge(expect: Expect, heard: Heard, index: number, count: number) {
    for (const check of expect.checks) {
      const failure = whyNot(check, heard, contextOf(this.#it));
      if (!failure) continue;
      const said = say(
        "oneOf",
        index + 1,
        count,
        failure.said ?? failure.message,
      );
      const told = count > 1 ? failureAt(failure.line, said) : {};
      this.failures.push({ ...failure, ...told });
    }
  }

  #judgeSame({ line, same = [] }: Expect, answers: readonly Heard[]) {
    for (const [index, { payload }] of answers.entries()) {
      const expected = this.#answers[index];
      if (!expected || without(expected, same).equals(without(payload, same)))
        continue;
      const both = [describe(expected), describe(payload)];
      const said = say("notAsRecorded", index + 1, answers.length, ...both);
      this.#fail(line, said, {
        expected: without(expected, same),
        got: without(payload, same),
      });
    }
  }

  #capture({ captures, line }: Expect, first: Heard | undefined) {
    for (const { name, of, line: at } of captures) {
      if (!first) return this.#fail(line, say("noneToTake", name));
      const value = look(of, first, contextOf(this.#it));
      this.#it.names.set(name, value);
      this.captured.push({ line: at, name, value: describe(value) });
    }
  }
}

/** Answers from somebody else count where the file looks at who it was. */
function looksAtSender({ checks, distinct }: Expect): boolean {
  return distinct || checks.some(({ of }) => of.name === "from");
}

/** These bytes, with zeros where they may differ. */
function without(bytes: Buffer, ranges: readonly Range[]): Buffer {
  const rest = Buffer.from(bytes);
  for (const { start, end } of ranges)
    rest.fill(
      0,
      Math.min(start, rest.length),
      Math.min(end ?? rest.length, rest.length),
    );
  return rest;
}

async function replayed(path: string, name: string) {
  try {
    return askedIn(readCapture(readFileSync(path)));
  } catch (error) {
    throw new Trouble("cannotReplay", name, saidBy(error));
  }
}

function answersIn({ min, max }: Expect): Said {
  const many = (n: number) => (n === 1 ? say("oneAnswer") : say("answers", n));
  if (max === 0) return say("noAnswer");
  if (min === max) return many(min);
  return max === Infinity
    ? say("atLeast", many(min))
    : say("upTo", min, many(max));
}

function reasonOf(error: unknown): string | Said {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return /^E/.test(code) && code in RUN_PROBLEMS
    ? say(code as Said["code"])
    : message;
}

/** Prints what came of each block; resolves to the exit code. */
async function run(
  options: Options,
  readDefinitions: ReadDefinitions | undefined,
): Promise<number> {
  const files = await Promise.all(
    readFiles(options).map(async ({ file, lines }) => {
      const definitions =
        file.uses.length > 0 ? await readDefinitions?.(file) : undefined;
      const misused = definitions ? useProblems(file, definitions) : [];
      return { file, lines, definitions, misused };
    }),
  );
  const problems = files.flatMap(({ file, lines, misused }) =>
    [...file.problems, ...misused].map((it) => caret(file.path, it, lines)),
  );
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    return 2;
  }
  const ending = new AbortController();
  const end = () => ending.abort();
  process.on("SIGINT", end).on("SIGTERM", end).on("SIGHUP", end);
  process.stdout.on("error", end); // for whom should it go on?
  const results: Result[] = [];
  for (const { file, definitions } of files) {
    if (ending.signal.aborted) break;
    const isTold = !options.json && !options.tap;
    if (isTold) write(`${printable(file.path)}\n`);
    const asked = await runRequests(file, {
      ...options,
      definitions,
      ask:
        isTold && process.stdin.isTTY && process.stdout.isTTY
          ? question
          : undefined,
      signal: ending.signal,
      onResult: (result) => {
        if (options.json) write(`${jsonOf(result)}\n`);
        else if (isTold) write(told(result, options.verbose));
      },
    });
    for (const result of asked) results.push(result);
    if (options.bail && asked.some(({ outcome }) => outcome === "failed"))
      break;
  }
  const count = (outcome: string) =>
    results.filter((it) => it.outcome === outcome).length;
  const counts = {
    passed: count("passed"),
    failed: count("failed"),
    disabled: count("disabled"),
  };
  if (options.tap) write(tapOf(results));
  else if (options.json) write(`${JSON.stringify(counts)}\n`);
  else
    write(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.disabled} disabled\n`,
    );
  if (options.junit) writeReport(options.junit, junitOf(results));
  if (counts.passed + counts.failed === 0) {
    console.error(
      "Nothing was run: no block has what was asked for, or all are disabled",
    );
    return 2;
  }
  return counts.failed > 0 || ending.signal.aborted ? 1 : 0;
}

function writeReport(path: string, text: string) {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new Error(
      `Cannot write the report ${path}: ${(error as Error).message}`,
    );
  }
}

async function question(target: Endpoint): Promise<boolean> {
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
  });
  const what = `This sends to ${nameOf(target)}, which is not this machine. Send? [y/N] `;
  const answer = await terminal.question(what);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function readFiles({ paths, vars }: Options) {
  return paths.map((path) => {
    try {
      const bytes = readFileSync(path === "-" ? 0 : path);
      if (!isUtf8(bytes)) throw new Error("it is no text (UTF-8)");
      const text = bytes.toString();
      return {
        file: parseRequests(text, path, vars.keys()),
        lines: text.split(/\r\n|\n|\r/),
      };
    } catch (error) {
      throw new Error(`Cannot read ${path}: ${(error as Error).message}`);
    }
  });
}

/** The problem, its line, and a mark below it. */
function caret(
  path: string,
  problem: Problem,
  lines: readonly string[],
): string {
  const { line, column, end, message } = problem;
  const text = printable((lines[line - 1] ?? "").replaceAll("\t", " ")).slice(
    0,
    200,
  );
  const mark = "^".repeat(Math.max(1, Math.min(end, text.length + 1) - column));
  return `${path}:${line}:${column}: ${message}\n  ${text}\n  ${" ".repeat(column - 1)}${mark}`;
}

/*
 * 11. Options
 *
 * Said once: the help text is also what is accepted.
 */

export const USAGE = `Usage: udp_run [options] file ...

Runs the blocks of request files: sends what they say, and compares what comes
back. The file - stands for standard input.

  --var NAME=VALUE     the value of a name, instead of the file's
  --tag TAG            only blocks with this tag
  --timeout TIME       how long to wait for answers where the file does not
                       say it (default 1s)
  --allow ADDRESS/PREFIX  may be sent to, besides this machine
  --verbose            print what was sent and received, too
  --help               print this text

More:

  --vars PATH          values of names: a JSON object; - is standard input
  --line N             only the block at this line of the file
  --bail               run no other block after the first that fails
  --junit PATH         write a report as JUnit does, for build servers
  --tap                print the Test Anything Protocol
  --json               print JSON lines with Wireshark's field names

The exit code is 0 when all passed, 1 when something failed, and 2 when a file
or an option is wrong, or nothing was run.
`;

type Options = ReturnType<typeof readOptions>;

/** The options are those of the help text, where capitals stand for a value. */
export function readOptions(args: string[]) {
  const known = USAGE.matchAll(/^ {2}--([\w-]+)( [A-Z]\S*)?/gm);
  const types = Array.from(known, ([, name, value]) => {
    const multiple = /^(var|tag|allow|line)$/.test(name ?? "");
    return [name, { type: value ? "string" : "boolean", multiple } as const];
  });
  const options = Object.fromEntries(types);
  const parsed = parseArgs({ args, options, allowPositionals: true });
  // parseArgs() cannot know the types of options that were not written down.
  const values: Record<string, unknown> = parsed.values;
  const on = (name: string) => values[name] === true;
  const list = (name: string) => (values[name] ?? []) as readonly string[];
  // Who asks for help needs no other mistake to be told first.
  if (on("help") && args.length > 1) return readOptions(["--help"]);
  const vars = list("var").map((text): [string, string] => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new Error(`--var takes NAME=VALUE, not '${text}'`);
    }
    return [name, value];
  });
  const time = values.timeout as string | undefined;
  const timeoutMs = time === undefined ? 1000 : readTime(time);
  if (timeoutMs === undefined) {
    throw new Error(
      `--timeout takes a number with a unit (ms, s, m), not '${time}'`,
    );
  }
  if (on("tap") && on("json")) {
    throw new Error(
      "--tap and --json print different things: leave one of them out",
    );
  }
  if (parsed.positionals.length === 0 && !on("help")) {
    throw new Error("Say which file to run, or --help");
  }
  const lines = list("line").map((text) => {
    const line = readCount(text, 1, 1e9);
    if (line === undefined) {
      throw new Error(`--line takes the number of a line, not '${text}'`);
    }
    return line;
  });
  return {
    paths: parsed.positionals,
    ...(lines.length > 0 && { lines: new Set(lines) }),
    vars: new Map([...readVars(values.vars as string | undefined), ...vars]),
    tags: list("tag"),
    timeoutMs,
    allowed: list("allow").map(readNetwork),
    bail: on("bail"),
    junit: values.junit as string | undefined,
    tap: on("tap"),
    json: on("json"),
    verbose: on("verbose"),
    help: on("help"),
  };
}

/** Values of names from a file, which those on the command line stand for. */
function readVars(path: string | undefined): [string, string][] {
  if (path === undefined) return [];
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path === "-" ? 0 : path, "utf8"));
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${(error as Error).message}`);
  }
  const entries = Object.entries(given ?? []);
  const isRight = entries.every(([name, value]) => {
    return NAME.test(name) && /^(string|number)$/.test(typeof value);
  });
  if (!isRight || Array.isArray(given)) {
    throw new Error(
      `--vars takes a JSON object of names and their values, and ${path} is none`,
    );
  }
  return entries.map(([name, value]) => [name, String(value)]);
}

/*
 * 12. Small things
 */

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Where to send from; without an address, whichever leads to the target. */
type Source = Partial<Endpoint> & Pick<Endpoint, "port">;

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  if (a.port !== b.port || a.address === b.address) return a.port === b.port;
  return bitsOf(a.address) === bitsOf(b.address);
}

/** `127.0.0.1:9999`, `[::1]:9999`, `localhost:9999`; `:9999` is this machine. */
function splitEndpoint(
  text: string,
): { host: string; port: number } | undefined {
  const [, ipv6, host = ipv6, port] =
    /^(?:\[([^\]]+)\]|([^:\s]*)):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host: host || "127.0.0.1", port: Number(port) };
}

/** @throws an Error with one sentence, where it is none or has no address */
async function endpointOf(text: string): Promise<Endpoint> {
  const split = splitEndpoint(text);
  if (!split) throw new Trouble("noEndpoint", shorten(text));
  try {
    // IPv4 first, which is what `localhost` means to most servers.
    const { address } = await lookup(split.host, { verbatim: false });
    return { address, port: split.port };
  } catch (error) {
    throw new Trouble("cannotFind", shorten(split.host), reasonOf(error));
  }
}

/** `:40001` or `127.0.0.1:40001`: where to send from. */
function sourceOf(text: string): Source {
  const split = splitEndpoint(text);
  if (!split) throw new Trouble("noEndpoint", shorten(text));
  return text.startsWith(":")
    ? { port: split.port }
    : { address: split.host, port: split.port };
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

/** What fails comes to the listeners of "error", also where it is thrown. */
function write(text: string) {
  try {
    process.stdout.write(text);
  } catch (error) {
    process.stdout.emit("error", error);
  }
}

let hasComplained = false;

/** Says once that nothing can be printed. That nobody reads it is no error. */
function cannotPrint({ code, message }: NodeJS.ErrnoException) {
  if (code === "EPIPE") return;
  if (!hasComplained) console.error(`Cannot print: ${message}`);
  hasComplained = true;
  process.exitCode = 1;
}

/**
 * Takes the arguments of the command line; resolves to the exit code.
 *
 * @param readDefinitions what there is to read definitions with
 */
export async function main(
  args: string[],
  readDefinitions?: ReadDefinitions,
): Promise<number> {
  let options: Options | undefined;
  process.stdout.on("error", cannotPrint);
  try {
    options = readOptions(args);
    if (!options.help) return await run(options, readDefinitions);
    write(USAGE);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return 2;
  }
}

/** Whether this file is the program, and not a part of another one. */
function isProgram(): boolean {
  const { main, url } = import.meta as { main?: boolean; url?: string };
  const [, path] = process.argv;
  if (main !== undefined || !url || !path) return main === true;
  if (!existsSync(path)) return false; // it is no path there
  return url === pathToFileURL(realpathSync(path)).href; // Node 20
}

if (isProgram()) {
  void main(process.argv.slice(2)).then((exitCode) => {
    process.exitCode ||= exitCode; // 1 where something could not be printed
  });
}
