#!/usr/bin/env node
/**
 * A bad network in one file. It stands between a UDP client and its server and
 * passes datagrams on, some of them late, wrong, twice or never.
 *
 *     node udp_relay.ts --to 127.0.0.1:9999       Node 22.18 or newer
 *     npx tsx udp_relay.ts --to 127.0.0.1:9999    Node 20
 *     deno run --allow-net udp_relay.ts --to 127.0.0.1:9999 --drop 30%
 *     bun udp_relay.ts --to 127.0.0.1:9999 --delay 50ms --jitter 10ms
 *
 * The whole idea is ten lines, which run as they stand, for one client:
 *
 * ```js
 * import { createSocket } from "node:dgram";
 * const [front, back] = [createSocket("udp4"), createSocket("udp4")];
 * let client;
 * front.on("message", (payload, from) => {
 *   client = from;
 *   if (Math.random() > 0.3) back.send(payload, 9999, "127.0.0.1");
 * });
 * back.on("message", (payload) =>
 *   front.send(payload, client.port, client.address));
 * front.bind(9998, "127.0.0.1");
 * ```
 *
 * The rest of this file makes these lines fit for daily use, in chapters:
 *
 *  1 pass on                4 the clients            7 for speed
 *  2 the rule               5 printing hostile bytes 8 options
 *  3 what it does           6 running                9 small things
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createWriteStream, existsSync, realpathSync } from "node:fs";
import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import process from "node:process";
import { Writable } from "node:stream";
import { isatty } from "node:tty";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/*
 * 1. Pass on
 *
 * A server tells its clients apart by address and port, and what is passed on
 * has those of the relay. So each client gets a socket of its own towards the
 * target: what comes back to it is for this client and for nobody else. Home
 * routers do the same (RFC 4787 calls it a mapping), and as they do, the relay
 * forgets a client that has been silent for a while: UDP has no end of a
 * connection that would tell.
 */

/** Passes on what clients and target send. */
function relay(it: Relay): void {
  const { options, front, note, tally, clients } = it;
  const up = createWay(it, "up");
  const down = createWay(it, "down");
  const inTurn = createTurns();

  front.on("message", (payload, from) => {
    const client = clients.of(from);
    if (typeof client === "string") {
      add(tally.up, "refused");
      return note(`Not passed on: ${nameOf(from)} ${client}\n`);
    }
    up(payload, client, (bytes) => client.back.send(bytes));
  });
  // Some runtimes tell that a client has gone, which is its own affair: without
  // a listener it would end the relay for all the others.
  front.on("error", () => add(tally.down, "unreachable"));

  clients.onAnswer = (payload, client) => {
    const { address, port } = client.from;
    down(payload, client, (bytes) =>
      inTurn((done) =>
        front.send(bytes, port, address, (error) => {
          if (error) clients.onError("down", client, error);
          done();
        }),
      ),
    );
  };
  // A refusal goes no further: only a system sends ICMP. Here it is told.
  clients.onError = (way, client, error: NodeJS.ErrnoException) => {
    const what = error.code === "ECONNREFUSED" ? "unreachable" : "failed";
    for (const each of [tally, client.tally]) add(each[way], what);
    const to = way === "up" ? options.target : client.from;
    const why = REASONS[`${error.code} to send`] ?? error.message;
    note(`Cannot pass on to ${nameOf(to)}: ${why}\n`);
  };
  clients.onEnd = ({ from, tally }) => {
    const { address, port } = from;
    note(`Client ${nameOf(from)}: ${sums(tally)}\n`, {
      client: { address: plain(address), port, ...tally },
    });
  };
}

/** Which way a datagram goes: to the target, or back to a client. */
type Way = "up" | "down";

/** Lets datagrams pass one way as its rule has it, and counts them. */
function createWay({ options, note, tally, waiting }: Relay, way: Way) {
  const { target, rules, json, verbose, quiet } = options;
  const network = new BadNetwork(rules[way], isIPv6(target.address) ? 48 : 28);
  const starving = new Starving();
  const tell = (payload: Buffer, client: Endpoint, fate: Fate) => {
    const [from, to] = way === "up" ? [client, target] : [target, client];
    const bytes = `${payload.length} bytes`;
    const what = verbose ? framed(printable(payload)) : bytes;
    const told = [what, ...accidentsOf(fate)].join(", ");
    const facts = json && { ...fieldsOf(from, to, payload), way, fate };
    note(`${nameOf(from)} -> ${nameOf(to)}: ${told}\n`, facts);
  };
  return (payload: Buffer, client: Client, send: (it: Buffer) => void) => {
    const counts = [tally[way], client.tally[way]];
    const count = (what: string, many = 1) => {
      for (const each of counts) add(each, what, many);
    };
    count("received");
    const now = performance.now();
    const fate = network.fateOf(payload, now, waiting.length);
    if (!quiet) tell(payload, client.from, fate);
    if (fate.dropped) {
      count("dropped");
      const times = starving.dropped(payload);
      const who = `the same ${payload.length} bytes`;
      if (times) note(`Dropped ${who} ${times} times in a row: they starve\n`);
      return;
    }
    starving.passed(payload);
    if (fate.flippedBit !== undefined) count("corrupted");
    if (fate.delayMs > 0) count("delayed");
    if (fate.copies > 1) count("duplicated");
    const bytes = corrupted(payload, fate.flippedBit);
    const pass = () => {
      count("sent", fate.copies);
      for (let copy = 0; copy < fate.copies; copy++) send(bytes);
    };
    waiting.after(fate.delayMs, bytes.length * fate.copies, pass, now);
  };
}

/** One end of a datagram's way. */
interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What the parts of a running relay share. */
interface Relay {
  readonly options: Options & { readonly target: Endpoint };
  /** The socket that clients send to. */
  readonly front: Socket;
  readonly note: Print;
  readonly tally: Tallies;
  readonly clients: Clients;
  readonly waiting: Waiting;
}

/** How many datagrams were received, sent, dropped and so on. */
type Tally = { received: number; sent: number; [event: string]: number };
type Tallies = Readonly<Record<Way, Tally>>;

/*
 * 2. The rule
 *
 * What a network does to datagrams, as data: it can be written down, sent to a
 * program that runs, and read again. The words are those of netem, the bad
 * network inside Linux (tc-netem(8)), where it has one.
 */

/** What happens to the datagrams of one way. What is left out does not. */
export interface Rule {
  /** Percent that are lost, each for itself. */
  readonly drop?: number;
  /** Losses that come in runs, after Gilbert and Elliott. */
  readonly burst?: Burst;
  /** Nothing passes for `lasts` of each `every` milliseconds, at their end. */
  readonly outage?: { readonly lasts: number; readonly every: number };
  /** Bytes of a packet, with its headers, that pass; larger ones are lost. */
  readonly mtu?: number;
  /** Percent that pass twice. */
  readonly duplicate?: number;
  /** Percent in which one bit is changed. */
  readonly corrupt?: number;
  /** Percent that are held back for another 100 ms: others overtake them. */
  readonly reorder?: number;
  /** Milliseconds that each datagram is late. */
  readonly delay?: number;
  /**
   * By how many milliseconds that differs. Datagrams that are closer to each
   * other than this overtake, as in netem, unless they are kept `inOrder`.
   */
  readonly jitter?: number;
  /** How it differs: up to jitter (the usual), or with it as deviation. */
  readonly distribution?: "uniform" | "normal";
  /** None overtakes another but by `reorder`: a late one delays the others. */
  readonly inOrder?: boolean;
  /** How many pass a second: datagrams, or bytes with their headers. */
  readonly rate?: { readonly datagrams: number } | { readonly bytes: number };
  /** How many may wait because of rate and delay; what finds no room is lost. */
  readonly limit?: number;
  /** Only these datagrams; all others pass. */
  readonly only?: Which;
  /** The same accidents again for the same number. */
  readonly seed?: number;
}

/** A good network turns bad, and good again: percent, asked per datagram. */
export interface Burst {
  /** That the network turns bad. */
  readonly begin: number;
  /** That it turns good again: runs are 100 / end datagrams long. */
  readonly end: number;
  /** What is lost while it is bad; all, when left out. */
  readonly drop?: number;
}

/** The datagrams that a rule is for: what fits all that is named. */
export interface Which {
  /** The first bytes of the payload, in hexadecimal. */
  readonly prefix?: string;
  /** Bytes of the payload: so many at least, at most. */
  readonly min?: number;
  readonly max?: number;
  /** Each Nth one of those that fit otherwise. */
  readonly every?: number;
}

const DAY_MS = 86_400_000;
const PERCENT = [0, 100] as const;
const LIMITS: Record<string, readonly [number, number]> = {
  drop: PERCENT,
  duplicate: PERCENT,
  corrupt: PERCENT,
  reorder: PERCENT,
  begin: PERCENT,
  end: PERCENT,
  delay: [0, DAY_MS],
  jitter: [0, DAY_MS],
  lasts: [0, DAY_MS],
  every: [1, DAY_MS],
  mtu: [28, 65_575],
  limit: [0, 1_000_000],
  datagrams: [0.001, 1e9],
  bytes: [1, 1e12],
  min: [0, 65_535],
  max: [0, 65_535],
  seed: [0, Number.MAX_SAFE_INTEGER],
};
const WHOLE = new Set(["mtu", "limit", "min", "max", "seed"]);
const PARTS: Record<string, readonly string[]> = {
  burst: ["begin", "end", "drop"],
  outage: ["lasts", "every"],
  rate: ["datagrams", "bytes"],
  only: ["prefix", "min", "max", "every"],
};
const RULE = ["drop", "duplicate", "corrupt", "reorder", "delay", "jitter"]
  .concat(["mtu", "limit", "seed", "distribution", "inOrder"])
  .concat(Object.keys(PARTS));

/**
 * A rule from what somebody else has written.
 *
 * @throws an Error with one sentence, where it is none.
 */
export function toRule(value: unknown): Rule {
  const rule = readPart("rule", value, RULE) as Rule;
  const { outage, rate, burst, only } = rule;
  if (burst && (burst.begin === undefined || burst.end === undefined))
    throw new Error("A rule's burst takes begin and end");
  if (outage && (outage.lasts === undefined || outage.every === undefined))
    throw new Error("A rule's outage takes lasts and every");
  if (outage && outage.lasts > outage.every)
    throw new Error("A rule's outage lasts no longer than every");
  if (rate && Object.keys(rate).length !== 1)
    throw new Error("A rule's rate takes either datagrams or bytes");
  if (only?.min !== undefined && only.max !== undefined && only.min > only.max)
    throw new Error("A rule's only takes a min that is no more than its max");
  return rule;
}

/** Takes what has one of these names, and is what such a thing must be. */
function readPart(name: string, value: unknown, known: readonly string[]) {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`A ${name} is an object, not ${JSON.stringify(value)}`);
  const part: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    if (each === undefined) continue;
    if (!known.includes(key))
      throw new Error(`A ${name} has no ${key}: it has ${known.join(", ")}`);
    part[key] =
      PARTS[key] && name === "rule"
        ? readPart(`rule's ${key}`, each, PARTS[key])
        : readValue(`${name}'s ${key}`, key, each);
  }
  return part;
}

function readValue(name: string, key: string, value: unknown): unknown {
  const [min, max] = LIMITS[key] ?? [];
  const isRight =
    min !== undefined && max !== undefined
      ? typeof value === "number" &&
        value >= min &&
        value <= max &&
        (Number.isInteger(value) || !WHOLE.has(key))
      : key === "inOrder"
        ? typeof value === "boolean"
        : typeof value === "string" &&
          (key === "prefix"
            ? /^([\da-f]{2} ?){1,256}$/i.test(value)
            : /^(uniform|normal)$/.test(value));
  if (isRight) return value;
  const number = `a ${WHOLE.has(key) ? "whole " : ""}number`;
  const what =
    min !== undefined
      ? `${number} from ${min} to ${max}`
      : key === "inOrder"
        ? "true or false"
        : key === "prefix"
          ? "bytes in hexadecimal"
          : "uniform or normal";
  throw new Error(`A ${name} is ${what}, not ${JSON.stringify(value)}`);
}

/*
 * 3. What it does
 *
 * The same seed has the same accidents, here and wherever else a rule applies:
 * what happens to the Nth datagram is a function of seed and N, and of nothing
 * that was drawn for others. To corrupt more loses no other datagrams.
 */

/** What becomes of a datagram. */
export interface Fate {
  /** Why it is lost; undefined where it passes. */
  readonly dropped?: "drop" | "burst" | "outage" | "mtu" | "limit";
  /** 0 where it is lost. */
  readonly copies: 0 | 1 | 2;
  /** After how many milliseconds it passes. */
  readonly delayMs: number;
  /** The bit that is changed: 0 is the lowest of the first byte. */
  readonly flippedBit?: number;
  /** Whether it was held back for others to overtake it. */
  readonly reordered?: boolean;
}

const UNTOUCHED: Fate = { copies: 1, delayMs: 0 };
const REORDER_MS = 100;
const USUAL_LIMIT = 10_000;

/** What is drawn for a datagram: each has numbers of its own. */
const DRAWS = { drop: 0, turn: 1, burst: 2, duplicate: 3, corrupt: 4, bit: 5 };
const LATE = { reorder: 6, jitter: 7, deviation: 8 };

/** A rule at work: the datagrams of one way, one after the other. */
export class BadNetwork {
  readonly #rule: Rule;
  readonly #headers: number;
  readonly #prefix: Buffer;
  #fitting = 0;
  #passing = 0;
  #isBad = false;
  #began: number | undefined;
  /** When the last one has passed the narrow place (rate). */
  #free = 0;
  /** When the last one arrives that was not reordered. */
  #last = 0;

  /** `headers`: bytes in front of a payload, 28 with IPv4 and 48 with IPv6. */
  constructor(rule: Rule, headers = 28) {
    this.#rule = rule;
    this.#headers = headers;
    const prefix = rule.only?.prefix ?? "";
    this.#prefix = Buffer.from(prefix.replaceAll(" ", ""), "hex");
  }

  /**
   * What becomes of the next datagram.
   *
   * @param now milliseconds of a clock that never goes back.
   * @param waiting how many datagrams wait at this moment.
   */
  fateOf(payload: Uint8Array, now: number, waiting: number): Fate {
    const { only, limit = USUAL_LIMIT, ...rule } = this.#rule;
    if (only && !this.#fits(only, payload)) return UNTOUCHED;
    const number = this.#passing++;
    const dropped = this.#isLost(number, payload.length, now);
    if (dropped) return { dropped, copies: 0, delayMs: 0 };
    const late = this.#late(number, payload.length, now);
    const { delayMs } = late;
    if (delayMs > 0 && waiting >= limit)
      return { dropped: "limit", copies: 0, delayMs: 0 };
    this.#free = late.free;
    if (!late.reordered) this.#last = Math.max(this.#last, now + delayMs);
    const isCorrupted =
      payload.length > 0 && this.#happens(rule.corrupt, number, DRAWS.corrupt);
    const bits = payload.length * 8;
    return {
      copies: this.#happens(rule.duplicate, number, DRAWS.duplicate) ? 2 : 1,
      delayMs,
      ...(isCorrupted && {
        flippedBit: Math.floor(this.#draw(number, DRAWS.bit) * bits),
      }),
      ...(late.reordered && { reordered: true }),
    };
  }

  #fits({ min = 0, max = 65_535, every = 1 }: Which, payload: Uint8Array) {
    const prefix = this.#prefix;
    return (
      payload.length >= min &&
      payload.length <= max &&
      prefix.every((byte, at) => payload[at] === byte) &&
      ++this.#fitting % every === 0
    );
  }

  #isLost(number: number, length: number, now: number): Fate["dropped"] {
    const { outage, mtu, burst, drop } = this.#rule;
    this.#began ??= now;
    if (burst) {
      // The chain goes on with each datagram, whatever else happens to it.
      const turns = this.#isBad ? burst.end : burst.begin;
      if (this.#happens(turns, number, DRAWS.turn)) this.#isBad = !this.#isBad;
    }
    if (outage) {
      const inPeriod = (now - this.#began) % outage.every;
      if (inPeriod >= outage.every - outage.lasts) return "outage";
    }
    if (mtu !== undefined && length + this.#headers > mtu) return "mtu";
    const isBad = burst && this.#isBad;
    if (isBad && this.#happens(burst.drop ?? 100, number, DRAWS.burst))
      return "burst";
    return this.#happens(drop, number, DRAWS.drop) ? "drop" : undefined;
  }

  /** How late a datagram arrives, and when the next one can pass after it. */
  #late(number: number, length: number, now: number) {
    const { rate, delay = 0, jitter = 0, inOrder, reorder } = this.#rule;
    let free = this.#free;
    if (rate) {
      const share =
        "bytes" in rate
          ? (length + this.#headers) / rate.bytes
          : 1 / rate.datagrams;
      free = Math.max(free, now) + share * 1000;
    }
    const waits = rate ? free - now : 0;
    let delayMs =
      waits +
      Math.max(0, jitter ? delay + jitter * this.#spread(number) : delay);
    const reordered = this.#happens(reorder, number, LATE.reorder);
    if (reordered) delayMs += REORDER_MS;
    // A nanosecond more, as sums are rounded: what is due at once has no order.
    else if (inOrder) delayMs = Math.max(delayMs, this.#last - now + 1e-6);
    return { delayMs, free, reordered };
  }

  /** From -1 to 1, or with 1 as deviation (Box and Muller's way). */
  #spread(number: number): number {
    const first = this.#draw(number, LATE.jitter);
    if (this.#rule.distribution !== "normal") return 2 * first - 1;
    const angle = 2 * Math.PI * this.#draw(number, LATE.deviation);
    return Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(angle);
  }

  #happens(percent: number | undefined, number: number, draw: number) {
    return percent ? this.#draw(number, draw) * 100 < percent : false;
  }

  #draw(number: number, draw: number): number {
    return random(this.#rule.seed ?? 0, number, draw);
  }
}

/**
 * From 0 to 1, 1 excluded, and the same for the same three numbers: each goes
 * through a mixer in which every bit changes about half of all others (that of
 * MurmurHash3). Math.random() takes no seed.
 */
export function random(seed: number, number: number, draw: number): number {
  let state = mix(seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1));
  state = mix(state ^ Math.imul(draw + 1, 0x85ebca77));
  state = mix(state + Math.imul(number + 1, 0x9e3779b1));
  return mix(state ^ number) / 2 ** 32;
}

function mix(value: number): number {
  let it = value;
  it = Math.imul(it ^ (it >>> 16), 0x85ebca6b);
  it = Math.imul(it ^ (it >>> 13), 0xc2b2ae35);
  return (it ^ (it >>> 16)) >>> 0;
}

/** A copy of a payload in which a bit is changed. */
export function corrupted(payload: Buffer, bit: number | undefined): Buffer {
  const bytes = Buffer.from(payload);
  if (bit === undefined) return bytes;
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes;
}

/** What happened to a datagram, in words. */
export function accidentsOf(fate: Fate): string[] {
  const { dropped, delayMs, flippedBit, copies } = fate;
  if (dropped) return [`dropped (${dropped})`];
  const words: string[] = [];
  if (delayMs > 0) words.push(`delayed ${delayMs.toFixed(1)} ms`);
  if (flippedBit !== undefined) words.push(`bit ${flippedBit} changed`);
  if (copies > 1) words.push("twice");
  return words;
}

/** What may wait at a time: a router, too, drops what finds no room. */
const MOST_BYTES = 64 << 20;

/**
 * What is late, until it is due: never before that, and in the order in which
 * it is due. Timers count whole milliseconds and may be early by one.
 */
export class Waiting {
  /** A heap: none is due before the one at half its index. */
  readonly #heap: {
    due: number;
    turn: number;
    size: number;
    run: () => void;
  }[];
  #bytes = 0;
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;

  constructor() {
    this.#heap = [];
  }

  /** How many wait; without end where there is no room for more bytes. */
  get length(): number {
    const isFull = this.#bytes > MOST_BYTES;
    return isFull ? Number.POSITIVE_INFINITY : this.#heap.length;
  }

  /**
   * Runs something so many milliseconds after `from`; at once where they are
   * none, but after what is due by then: timers are late in a busy program.
   */
  after(
    delayMs: number,
    size: number,
    run: () => void,
    from = performance.now(),
  ): void {
    if (delayMs <= 0 && this.#heap.length === 0) {
      run();
      return;
    }
    const due = from + Math.max(0, delayMs);
    this.#push({ due, turn: this.#turn++, size, run });
    this.#bytes += size;
    if (delayMs <= 0) this.#run();
    else this.#arm();
  }

  /** Forgets whatever waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDue = Number.POSITIVE_INFINITY;
    this.#heap.length = 0;
    this.#bytes = 0;
  }

  #arm(): void {
    const due = this.#heap[0]?.due ?? Number.POSITIVE_INFINITY;
    if (due >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    const ms = Math.max(1, Math.min(Math.ceil(due - performance.now()), 1e9));
    this.#timer = setTimeout(() => this.#run(), ms);
    // Nothing that is late keeps a relay alive that was told to end.
    this.#timer.unref();
  }

  #run(): void {
    this.#timerDue = Number.POSITIVE_INFINITY;
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      if (first.due > performance.now()) break;
      this.#pop();
      this.#bytes -= first.size;
      first.run();
    }
    this.#arm();
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (!a || !b) return b === undefined;
    return a.due < b.due || (a.due === b.due && a.turn < b.turn);
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (!a || !b) return;
    this.#heap[one] = b;
    this.#heap[other] = a;
  }

  #push(item: { due: number; turn: number; size: number; run: () => void }) {
    let at = this.#heap.push(item) - 1;
    for (let up = (at - 1) >> 1; at > 0 && this.#isBefore(at, up); ) {
      this.#swap(at, up);
      at = up;
      up = (at - 1) >> 1;
    }
  }

  #pop(): void {
    this.#swap(0, this.#heap.length - 1);
    this.#heap.pop();
    for (let at = 0; ; ) {
      let least = 2 * at + 1;
      if (least >= this.#heap.length) return;
      if (least + 1 < this.#heap.length && this.#isBefore(least + 1, least))
        least++;
      if (!this.#isBefore(least, at)) return;
      this.#swap(least, at);
      at = least;
    }
  }
}

/** So often a datagram that is sent again and again is told to be lost. */
const STARVING = 10;

/**
 * Notices what is sent again and again, and never passes: with --drop 30% one
 * in 170,000 does so ten times, with --drop 90% one in three, and a program
 * that waits for this one datagram waits for ever.
 */
export class Starving {
  readonly #times = new Map<string, number>();

  /** How often in a row, where that is to be told now. */
  dropped(payload: Uint8Array): number | undefined {
    const key = this.#keyOf(payload);
    const times = (this.#times.get(key) ?? 0) + 1;
    this.#times.delete(key);
    this.#times.set(key, times);
    // Those that have not come again for the longest time.
    const [oldest] = this.#times.keys();
    if (this.#times.size > 256 && oldest !== undefined)
      this.#times.delete(oldest);
    return times % STARVING === 0 ? times : undefined;
  }

  passed(payload: Uint8Array): void {
    if (this.#times.size > 0) this.#times.delete(this.#keyOf(payload));
  }

  #keyOf(payload: Uint8Array): string {
    const start = Buffer.from(
      payload.buffer,
      payload.byteOffset,
      Math.min(payload.length, 256),
    );
    return `${payload.length} ${start.toString("latin1")}`;
  }
}

/*
 * 4. The clients
 *
 * Whoever can name another's address can make the relay open a socket for it,
 * and the target answer it. So they are counted, and the oldest is not driven
 * out by a new one. A relay that was put in a ring with others sees a new
 * client for each round, which therefore ends, too.
 */

interface Client {
  readonly from: Endpoint;
  /** The socket that speaks to the target for it. */
  readonly back: Back;
  readonly tally: Tallies;
  heardAt: number;
}

/** A socket that can send once it knows where to. */
interface Back {
  send(bytes: Buffer): void;
  close(): void;
}

/** What may wait for a socket to be ready: more than any client sends first. */
const MOST_EARLY = 1000;

class Clients {
  onAnswer: (payload: Buffer, client: Client) => void = () => {};
  onError: (way: Way, client: Client, error: Error) => void = () => {};
  onEnd: (client: Client) => void = () => {};
  readonly #options: Relay["options"];
  readonly #all = new Map<string, Client>();
  /** The ports that the relay itself speaks from. */
  readonly #own = new Set<string>();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: Relay["options"]) {
    this.#options = options;
    const everyMs = Math.max(10, options.idleMs / 4);
    this.#sweep = setInterval(() => this.#forget(), everyMs).unref();
  }

  /** The client that has this address, or why there is none. */
  of(from: Endpoint): Client | string {
    const name = nameOf(from);
    const known = this.#all.get(name);
    if (known) {
      known.heardAt = performance.now();
      return known;
    }
    if (from.port === 0) return "has port 0, which is nobody's";
    if (this.#own.has(name)) return "is this relay itself";
    const { clients } = this.#options;
    if (this.#all.size >= clients) return `is over --clients ${clients}`;
    const tally = {
      up: { received: 0, sent: 0 },
      down: { received: 0, sent: 0 },
    };
    const heardAt = performance.now();
    const client: Client = {
      from,
      tally,
      heardAt,
      back: this.#open(() => client),
    };
    this.#all.set(name, client);
    return client;
  }

  close(): void {
    clearInterval(this.#sweep);
    for (const [name, client] of this.#all) this.#end(name, client);
  }

  #forget(): void {
    const before = performance.now() - this.#options.idleMs;
    for (const [name, client] of this.#all) {
      if (client.heardAt < before) this.#end(name, client);
    }
  }

  #end(name: string, client: Client): void {
    this.#all.delete(name);
    client.back.close();
    this.onEnd(client);
  }

  /**
   * A socket for one client. It is connected: the system then hands over what
   * comes from the target alone, and tells that nobody is there.
   */
  #open(client: () => Client): Back {
    const { address, port } = this.#options.target;
    const socket = createSocket({
      type: isIPv6(address) ? "udp6" : "udp4",
      ...(!Deno && { recvBufferSize: 1 << 20 }),
      lookup: (host, _, done) => done(null, host, isIPv6(host) ? 6 : 4),
    });
    const early: Buffer[] = [];
    let isReady = false;
    let isClosed = false;
    let own = "";
    const inTurn = createTurns();
    const send = (bytes: Buffer) =>
      inTurn((done) => {
        if (isClosed) return;
        socket.send(bytes, (error) => {
          if (error && !isClosed) this.onError("up", client(), error);
          done();
        });
      });
    socket.on("error", (error) => this.onError("up", client(), error));
    socket.on("message", (payload) => {
      client().heardAt = performance.now();
      this.onAnswer(payload, client());
    });
    socket.connect(port, address, () => {
      if (isClosed) return;
      isReady = true;
      own = nameOf(socket.address());
      this.#own.add(own);
      for (const bytes of early.splice(0)) send(bytes);
    });
    return {
      send: (bytes) => {
        if (isReady) send(bytes);
        else if (early.length < MOST_EARLY) early.push(bytes);
        else add(client().tally.up, "failed");
      },
      close: () => {
        isClosed = true;
        this.#own.delete(own);
        socket.close();
      },
    };
  }
}

/**
 * Lets one be sent after the other was, where the runtime mixes up what is sent
 * at once: Deno does.
 */
function createTurns(): (send: (done: () => void) => void) => void {
  if (!Deno) return (send) => send(() => {});
  let last = Promise.resolve();
  return (send) => {
    last = last.then(() => new Promise(send));
  };
}

/*
 * 5. Printing hostile bytes
 *
 * A terminal obeys what is printed: `\x1b]52` writes the clipboard, `\x1b[6n`
 * makes it type an answer as if it came from the keyboard, U+202E turns the
 * text that follows around. Everybody who can send a datagram chooses these
 * bytes. So what is not plainly printable is escaped, and not left out: two
 * payloads that differ look different.
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
 * 6. Running
 *
 * To bind is to tell the system: what comes to this address and port is mine.
 * 127.0.0.1 can be reached from this machine alone, 0.0.0.0 and :: from
 * wherever there is a way. Clients and target need not be of one family: each
 * side has sockets of its own.
 */

const REASONS: Record<string, string> = {
  EADDRINUSE:
    "address already in use (EADDRINUSE); stop its owner or try another port",
  EADDRNOTAVAIL: "not an address of this machine (EADDRNOTAVAIL); see --listen",
  EACCES: "permission denied (EACCES); choose a port above 1023",
  ENOTFOUND: "no such host (ENOTFOUND); see --listen and --to",
  EAI_AGAIN: "no name server answers (EAI_AGAIN); use an address",
  ENODEV: "no such interface (ENODEV); see --interface",
  EINVAL: "no such group or interface (EINVAL); see --join and --interface",
  "EINVAL to bind": "it takes its interface, as in fe80::1%eth0 (EINVAL)",
  "ECONNREFUSED to send": "nobody has that port (ECONNREFUSED)",
  "EMSGSIZE to send": "it is too long for that way (EMSGSIZE)",
  "ENETUNREACH to send": "there is no way to that network (ENETUNREACH)",
};

interface DenoNamespace {
  readonly stdout: { readonly writable: never };
  readonly permissions: { querySync(what: object): { readonly state: string } };
}

const { Deno } = globalThis as { Deno?: DenoNamespace };

/** An address for a name. IPv4 first, as the runtimes differ in that. */
async function resolve({ address, port }: Endpoint): Promise<Endpoint> {
  try {
    const found = await lookup(address, { verbatim: false });
    if (found.address !== address)
      console.error(`${address} is ${found.address}`);
    return { address: found.address, port };
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const why = REASONS[code] ?? message;
    throw new Error(`Cannot find ${address}: ${why}`);
  }
}

/** Resolves when the port can be heard; fails with one sentence. */
async function bind(options: Options): Promise<Socket> {
  const { group } = options;
  const { address, port } = await resolve(options.listen);
  let attempt = `bind ${nameOf({ address, port })}`;
  const socket = createSocket({
    type: isIPv6(address) ? "udp6" : "udp4",
    reuseAddr: group !== undefined, // several programs may hear a group
    // Room for bursts; the system may give less, and Deno gets slow with more.
    ...(!Deno && { recvBufferSize: 4 << 20 }),
    lookup: (host, _, done) => done(null, host, isIPv6(host) ? 6 : 4),
  });
  try {
    const bound = once(socket, "listening");
    socket.bind(port, address);
    await bound;
    attempt = `join ${group}`;
    if (group) socket.addMembership(group, options.interface);
    return socket;
  } catch (error) {
    socket.close();
    const { code = "", message } = error as NodeJS.ErrnoException;
    const isBind = attempt.startsWith("bind");
    const why = (isBind && REASONS[`${code} to bind`]) || REASONS[code];
    throw new Error(`Cannot ${attempt}: ${why ?? message}`);
  }
}

/** Whether what is sent to the target comes back to the relay's own port. */
function isItself(own: Endpoint, target: Endpoint): boolean {
  if (own.port !== target.port) return false;
  if (plain(own.address) === plain(target.address)) return true;
  if (!/^(0\.0\.0\.0|::)$/.test(own.address)) return false;
  if (isLoopback(target.address) || isAny(target.address)) return true;
  // Deno asks a person before it tells the addresses: then none is known.
  const sys = { name: "sys", kind: "networkInterfaces" };
  if (Deno && Deno.permissions.querySync(sys).state !== "granted") return false;
  const bare = plain(target.address).replace(/%.*/, "");
  const all = Object.values(networkInterfaces()).flat();
  return all.some((it) => it?.address === bare);
}

/** Relays until something ends it, and tells what has happened. */
async function run(options: Options): Promise<void> {
  const target = await resolve(options.to);
  const front = await bind(options);
  const own = front.address();
  const ending = new AbortController();
  const ended = once(ending.signal, "abort");
  const stop = () => ending.abort();
  // More than once: a terminal and a launcher such as tsx may both signal.
  process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
  const output = openOutput();
  const { tell, note, isFailing } = createPrinter(options, output);
  output.on("error", (error: NodeJS.ErrnoException) => {
    // A log that cannot be written must not stop the service. But whoever reads
    // no more (as `| head -1` does) wants no more.
    if (!cannotPrint(error)) stop();
  });
  const relayed = { ...options, target };
  const tally = {
    up: { received: 0, sent: 0 },
    down: { received: 0, sent: 0 },
  };
  const clients = new Clients(relayed);
  const waiting = new Waiting();
  try {
    if (isItself(own, target)) {
      const where = nameOf(target);
      throw new Error(`Cannot relay to ${where}: it is this relay's own port`);
    }
    relay({ options: relayed, front, note, tally, clients, waiting });
    const { address, port } = own;
    const words = `Bind UDP on ${port}, to ${nameOf(target)}...\n`;
    tell(words, { bound: { address, port }, to: target });
    if (hasAccidents(options.rules))
      console.error(`Accidents as with --seed ${options.seed}`);
    if (!isLoopback(address)) warnOfOthers(options);
    await ended;
    clients.close();
    if (hasComplained && isFailing()) console.error(sums(tally));
    else tell(`${sums(tally)}\n`, tally);
  } finally {
    waiting.clear();
    clients.close();
    front.close();
  }
}

/** Says what strangers can make this relay do. */
function warnOfOthers({ clients }: Options): void {
  const what = `${clients} of them reach the target through it, see --clients`;
  console.error(`Open to other machines: up to ${what}`);
}

/** Whether a rule does anything at all. */
function hasAccidents(rules: Readonly<Record<Way, Rule>>): boolean {
  const { up, down } = rules;
  return [up, down].some(({ seed, limit, only, ...rest }) =>
    Object.values(rest).some(Boolean),
  );
}

/*
 * 7. For speed
 *
 * A relay that has no time left loses datagrams of its own, which no rule has
 * asked for.
 */

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
 * 8. Options
 *
 * Said once: the help text is also what is accepted.
 */

export const USAGE = `Usage: udp_relay --to ADDRESS:PORT [options]

Passes datagrams on to another port and the answers back, as a bad network
does, until Ctrl+C.

  --to ADDRESS:PORT      the target
  --listen ADDRESS:PORT  where clients send to (default 127.0.0.1:9998)
  --drop PERCENT         lose so many, each for itself
  --delay TIME           hold all back (50ms, 2s, 1m)
  --seed N               have the same accidents each time
  --help                 print this text

More:

  --burst BEGIN/END      lose runs: with BEGIN percent the network turns bad,
                         with END percent good again (1%/25%)
  --outage TIME/TIME     let nothing pass for so long, every so often (5s/30s)
  --mtu BYTES            lose packets that are larger, headers included
  --duplicate PERCENT    let so many pass twice
  --corrupt PERCENT      change one bit in so many
  --reorder PERCENT      hold so many back 100ms more, so that others overtake
  --jitter TIME          hold back by so much more or less than --delay
  --normal               jitter is a standard deviation, not the most there is
  --keep-order           nothing overtakes but by --reorder
  --rate RATE            let no more pass a second: datagrams, or bytes with
                         headers (1000, 64KB, 1MB)
  --limit N              how many may wait for --rate and --delay; what finds
                         no room is lost (default 10000)
  --only WHICH           do all this only to datagrams of so many bytes (100-,
                         20-40), that begin so (4001, in hex), or to each Nth
                         (/10); with commas, to those that are all of it
  --clients N            how many clients at a time (default 1000)
  --idle TIME            forget a client that is silent so long (default 2m)
  --broadcast            hear broadcasts: listens on 0.0.0.0
  --join GROUP           hear a multicast group
  --interface ADDRESS    the interface on which to join it
  --verbose              print payloads, too
  --json                 print JSON lines with Wireshark's field names
  --quiet                print no line per datagram

What happens to datagrams is for both ways; with up: or down: in front of its
value, for those to the target or those that come back (--drop down:30%).
`;

type Options = ReturnType<typeof readOptions>;
const MANY = Number.MAX_SAFE_INTEGER;

/** Options of a rule: how its value is read. */
const RULES: Record<string, (name: string, text: string) => Partial<Rule>> = {
  drop: (name, text) => ({ drop: readPercent(name, text) }),
  duplicate: (name, text) => ({ duplicate: readPercent(name, text) }),
  corrupt: (name, text) => ({ corrupt: readPercent(name, text) }),
  reorder: (name, text) => ({ reorder: readPercent(name, text) }),
  delay: (name, text) => ({ delay: readTime(name, text) }),
  jitter: (name, text) => ({ jitter: readTime(name, text) }),
  mtu: (name, text) => ({ mtu: readNumber(name, text, 28, 65_575) }),
  limit: (name, text) => ({ limit: readNumber(name, text, 0, 1_000_000) }),
  burst: (name, text) => {
    const [begin, end] = halves(name, text, "1%/25%");
    return {
      burst: { begin: readPercent(name, begin), end: readPercent(name, end) },
    };
  },
  outage: (name, text) => {
    const [lasts, every] = halves(name, text, "5s/30s");
    return {
      outage: { lasts: readTime(name, lasts), every: readTime(name, every) },
    };
  },
  rate: (name, text) => {
    if (/^\d+$/.test(text))
      return { rate: { datagrams: readNumber(name, text, 1, 1e9) } };
    const units = { KB: 1000, MB: 1e6 };
    return { rate: { bytes: readNumber(name, text, 1, 1e12, units) } };
  },
  only: (_, text) => ({ only: readWhich(text) }),
};

/** The options are those of the help text, where capitals stand for a value. */
export function readOptions(args: string[]) {
  const known = USAGE.matchAll(/^ {2}--([\w-]+)( [A-Z]+)?/gm);
  const options = Array.from(known, ([, name = "", value]) => {
    const type = value ? ("string" as const) : ("boolean" as const);
    return [name, { type, multiple: name in RULES }];
  });
  const parsed = parseArgs({ args, options: Object.fromEntries(options) });
  // parseArgs() cannot know the types of options that were not written down.
  const values: Record<string, unknown> = parsed.values;
  const on = (name: string) => values[name] === true;
  const text = (name: string) => values[name] as string | undefined;
  // Who asks for help needs no other mistake to be told first.
  const help = on("help");
  const to = text("to");
  if (!to && !help) throw new Error("--to takes ADDRESS:PORT, the target");
  const group = text("join");
  const host = isIPv6(group ?? "") ? "::" : "0.0.0.0";
  const toMany = group !== undefined || on("broadcast");
  const usual = `${toMany ? (host === "::" ? "[::]" : host) : "127.0.0.1"}:9998`;
  if (
    on("broadcast") &&
    text("listen") &&
    !/^0\.0\.0\.0:/.test(text("listen") ?? "")
  )
    throw new Error("--broadcast listens on 0.0.0.0: leave --listen out");
  if (text("interface") && !group)
    throw new Error("--interface says where to --join a group: name the group");
  const seedText = text("seed");
  const seed = seedText
    ? readNumber("seed", seedText, 0, MANY)
    : Date.now() % 1_000_000;
  const shared = {
    seed,
    ...(on("normal") && { distribution: "normal" as const }),
    ...(on("keep-order") && { inOrder: true }),
  };
  const rules: Record<Way, Rule> = {
    up: { ...shared },
    down: { ...shared, seed: seed + 1 },
  };
  for (const [name, read] of Object.entries(RULES)) {
    for (const value of (values[name] ?? []) as string[]) {
      const [, way, rest = ""] = /^(?:(up|down):)?(.*)$/s.exec(value) ?? [];
      for (const each of ["up", "down"] as const) {
        if (way === undefined || way === each)
          rules[each] = { ...rules[each], ...read(name, rest) };
      }
    }
  }
  return {
    to: readEndpoint("to", to ?? "127.0.0.1:9999", 1),
    listen: readEndpoint("listen", text("listen") ?? usual, 0),
    rules: { up: toRule(rules.up), down: toRule(rules.down) },
    seed,
    clients: readNumber("clients", text("clients") ?? "1000", 1, 30_000),
    idleMs: readNumber("idle", text("idle") ?? "2m", 1, DAY_MS, TIME),
    group,
    interface: text("interface"),
    json: on("json"),
    quiet: on("quiet"),
    verbose: on("verbose"),
    help,
  };
}

function readPercent(name: string, text: string): number {
  return readNumber(name, text, 0, 100, { "%": 1 });
}

function readTime(name: string, text: string): number {
  return readNumber(name, text, 0, DAY_MS, TIME);
}

function halves(name: string, text: string, as: string): [string, string] {
  const [first, second, ...more] = text.split("/");
  if (first && second && more.length === 0) return [first, second];
  throw new Error(`--${name} takes two values as in ${as}, not '${text}'`);
}

/** `127.0.0.1:9999`, `[::1]:9999`, `name:9999` or, of this machine, `9999`. */
function readEndpoint(name: string, text: string, least: number): Endpoint {
  const match = /^(?:\[([^\]]+)\]:|([^:[\]]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match && port >= least && port <= 65_535)
    return { address: match[1] ?? match[2] ?? "127.0.0.1", port };
  const as = "as in 127.0.0.1:9999 or [::1]:9999";
  throw new Error(`--${name} takes ADDRESS:PORT ${as}, not '${text}'`);
}

/** `100-`, `20-40`, `4001`, `/10`, and several of them with commas. */
function readWhich(text: string): Which {
  let which: Which = {};
  for (const part of text.split(",")) {
    const [, min, max] = /^(\d+)-(\d*)$/.exec(part) ?? [];
    const [, every] = /^\/(\d+)$/.exec(part) ?? [];
    if (min !== undefined) {
      which = { ...which, min: Number(min), ...(max && { max: Number(max) }) };
    } else if (every !== undefined) {
      which = { ...which, every: Number(every) };
    } else if (/^([\da-f]{2})+$/i.test(part)) {
      which = { ...which, prefix: part };
    } else {
      const as = "a length (100-), first bytes (4001) or each Nth (/10)";
      throw new Error(`--only takes ${as}, not '${part}'`);
    }
  }
  return which;
}

const TIME = { ms: 1, s: 1000, m: 60_000 };

/** Strict: Number() alone would also take "", "1e3" and "0x10". */
function readNumber(
  name: string,
  text: string,
  min: number,
  max: number,
  units: Record<string, number> = { "": 1 },
): number {
  const [, digits, unit = ""] = /^(\d+|\d+\.\d+(?=\D))(\D*)$/.exec(text) ?? [];
  const value = Number(digits) * (units[unit] ?? Number.NaN);
  if (value >= min && value <= max) return value;
  const names = Object.keys(units).join(", ");
  const what = names ? `with a unit (${names})` : `from ${min} to ${max}`;
  throw new Error(`--${name} takes a number ${what}, not '${text}'`);
}

/*
 * 9. Small things
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

function isAny(address: string): boolean {
  return /^(0\.0\.0\.0|::)$/.test(address);
}

function add(tally: Tally, what: string, many = 1): void {
  tally[what] = (tally[what] ?? 0) + many;
}

/** `up 3 received, 3 sent; down 3 received, 2 sent, 1 dropped`. */
function sums(tally: Tallies): string {
  return Object.entries(tally)
    .map(([way, counts]) => {
      const words = Object.entries(counts).map((it) => it.reverse().join(" "));
      return `${way} ${words.join(", ")}`;
    })
    .join("; ");
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
    const options = readOptions(args.includes("--help") ? ["--help"] : args);
    failure = 1; // it did not work
    if (options.help) printHelp();
    else await run(options);
    return 0;
  } catch (error) {
    console.error((error as Error).message);
    return failure;
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
