import {
  BadNetwork,
  corrupted,
  type Fate,
  Starving,
  toRule,
  Waiting,
} from "../../../scripts/udp_relay.ts";
import { maxPayload } from "../../core/files/packet/packet.ts";
import { canonicalAddress, parseAddress } from "../../core/wire/address.ts";
import { formatRuleEffect } from "../../core/wire/rule_effect.ts";
import type { RuleDirection, SocketRule } from "../../core/wire/socket_rule.ts";
import { toSocketRules } from "../../core/wire/socket_rule.ts";
import { DROPPED } from "./dgram_errors.ts";
import type { SendRequest } from "./internals.ts";
import { neverThrows } from "./never_throws.ts";
import { bytesOf, joined } from "./payload.ts";
import type { Deliver, Leave, Rules } from "./rules.ts";
import type { SocketObserver } from "./socket_observer.ts";

/** One rule at work: what it does to the Nth datagram is what a relay with the same rule does to it. */
interface Network {
  readonly direction: RuleDirection;
  /** As text, `127.0.0.1 5000`; undefined: everybody. */
  readonly peer: string | undefined;
  readonly engine: BadNetwork;
  readonly starving: Starving;
  /** How many of its datagrams wait. */
  waiting: number;
}

/** When a datagram is due that waits for nothing but its turn. */
const IN_TURN = Number.NEGATIVE_INFINITY;

/** A datagram that may be held back. */
interface Held {
  readonly pass: () => void;
  /** It will not pass: its socket or its program ends. */
  readonly drop: () => void;
}

/** One that is. */
interface Late extends Held {
  /** When it passes, on the clock of `performance.now()`. */
  readonly due: number;
}

/**
 * A bad network for one socket, between its program and the system: below `dgram`'s `send` and above its listeners. Who sends
 * is told that it was sent, as a system tells that does not know what becomes of a datagram. This file and the engine
 * in it are read with the first rule that a program is given.
 */
export class SocketRules implements Rules {
  readonly #observer: SocketObserver;
  #networks: readonly Network[] = [];
  readonly #waiting = new Waiting();
  readonly #late = new Set<Late>();
  /** Of those, how many are due and wait for the program to be done with the one before. */
  #inTurn = 0;

  constructor(observer: SocketObserver) {
    this.#observer = observer;
    observer.unfinished.add(this.#dropAll);
  }

  /**
   * Takes these in place of the rules before. What waits because of those goes on waiting.
   *
   * @param rules as somebody has sent them; throws where they are none
   */
  set(rules: readonly unknown[]): void {
    const parsed = toSocketRules(rules, toRule);
    this.#networks = parsed.map((each) => network(each, this.#observer.isIpv6));
  }

  /** The network is good again: what waits passes now, in the order in which it was due. */
  stop(): void {
    this.#networks = [];
    this.#waiting.clear();
    for (const late of [...this.#late].sort((one, other) => one.due - other.due)) {
      if (late.due > IN_TURN) late.pass();
    }
  }

  /** The socket is closed: what waits never passes. */
  close(): void {
    this.#waiting.clear();
    this.#dropAll();
    this.#observer.unfinished.delete(this.#dropAll);
  }

  send(
    leave: Leave,
    request: SendRequest,
    list: readonly ArrayBufferView[],
    port: unknown,
    address: unknown,
  ): unknown {
    const payload = list.length === 1 ? bytesOf(list[0]) : joined(list);
    const network = this.#networkFor("out", port, address);
    // The system has something to say about such a one.
    const isTooLong = payload.length > maxPayload(this.#observer.isIpv6 ? 16 : 4);
    if (!network || isTooLong) return leave(request, list, "");
    const time = this.#observer.now();
    const now = performance.now();
    const fate = this.#fateOf(network, payload, now);
    // What the system says when it has taken it: the bytes, and one.
    const taken = payload.length + 1;
    const dropped = (why: string, timesInARow?: number): void => {
      const remark = formatRuleEffect({ dropped: why, timesInARow });
      this.#observer.sawSend(time, list, port, address, DROPPED, remark);
    };
    if (fate.dropped !== undefined) {
      dropped(fate.dropped, network.starving.dropped(payload));
      return taken;
    }
    network.starving.passed(payload);
    if (isUntouched(fate)) return leave(request, list, "");
    const bytes = corrupted(Buffer.from(payload), fate.flippedBit);
    const peer = this.#observer.peer;
    const leaveAs = (request: SendRequest, isCopy: boolean): unknown => {
      // It was for the peer that the socket was connected to, and for nobody else.
      if (this.#observer.peer !== peer) return dropped("end");
      return leave(request, [bytes], whatWasDone(fate, now, isCopy), time);
    };
    let result: unknown = taken;
    const isNow = fate.delayMs <= 0;
    this.#later(network, now, fate.delayMs, bytes.length * fate.copies, {
      pass: () => {
        if (isNow) result = leaveAs(request, false);
        // Of what leaves later dgram has been told already that it has left.
        else neverThrows(() => void leaveAs(anotherRequest(request, bytes), false));
        if (fate.copies > 1) neverThrows(() => void leaveAs(anotherRequest(request, bytes), true));
      },
      drop: () => {
        for (let copy = 0; copy < fate.copies; copy++) {
          const remark = formatRuleEffect({ dropped: "end" });
          this.#observer.sawSend(time, [bytes], port, address, DROPPED, remark);
        }
      },
    });
    return result;
  }

  hear(payload: unknown, from: unknown, deliver: Deliver): void {
    if (!(payload instanceof Uint8Array) || typeof from !== "object" || from === null) {
      deliver(payload, from);
      return;
    }
    const observer = this.#observer;
    const { port, address } = from as Readonly<Record<string, unknown>>;
    const network = observer.isBlocked(address) ? undefined : this.#networkFor("in", port, address);
    if (!network) {
      observer.sawMessage(0, payload, from);
      deliver(payload, from);
      return;
    }
    const now = performance.now();
    const fate = this.#fateOf(network, payload, now);
    const dropped = (why: string, timesInARow?: number) =>
      observer.sawMessage(0, payload, from, formatRuleEffect({ dropped: why, timesInARow }));
    if (fate.dropped !== undefined) {
      dropped(fate.dropped, network.starving.dropped(payload));
      return;
    }
    network.starving.passed(payload);
    const hand = (isCopy: boolean) => {
      const isAsItCame = fate.flippedBit === undefined && !isCopy;
      const bytes = isAsItCame ? payload : corrupted(Buffer.from(payload), fate.flippedBit);
      observer.sawMessage(0, bytes, from, whatWasDone(fate, now, isCopy));
      deliver(bytes, isCopy ? { ...from } : from);
    };
    const late = (isCopy: boolean) => ({
      pass: () => hand(isCopy),
      drop: () => dropped("end"),
    });
    // Nothing that is due already is overtaken by what is not held back.
    const isNow = fate.delayMs <= 0 && this.#inTurn === 0;
    const hold = (what: Held) => this.#later(network, now, fate.delayMs, payload.length, what);
    hold(isNow ? late(false) : this.#eachInTurn(late(false)));
    if (fate.copies > 1) hold(this.#eachInTurn(late(true)));
  }

  #networkFor(direction: RuleDirection, port: unknown, address: unknown): Network | undefined {
    const networks = this.#networks;
    // A connected socket sends without saying where to.
    const isSaid = typeof port === "number" && typeof address === "string";
    let peer: string | undefined;
    return networks.find((each) => {
      if (each.direction !== direction) return false;
      if (each.peer === undefined) return true;
      peer ??= isSaid ? peerName({ address, port }) : peerName(this.#observer.connectedTo);
      return each.peer === peer;
    });
  }

  #fateOf(network: Network, payload: Uint8Array, now: number): Fate {
    // Without end where there is no room for more bytes.
    const { length } = this.#waiting;
    const waiting = Number.isFinite(length) ? network.waiting : length;
    return network.engine.fateOf(payload, now, waiting);
  }

  /** Holds something back, and knows of it until it has passed. */
  #later(network: Network, now: number, delayMs: number, size: number, what: Held): void {
    const forget = () => {
      if (!this.#late.delete(late)) return false;
      network.waiting--;
      return true;
    };
    const late: Late = {
      due: now + delayMs,
      pass: () => {
        if (forget()) what.pass();
      },
      drop: () => {
        if (forget()) what.drop();
      },
    };
    this.#late.add(late);
    network.waiting++;
    this.#waiting.after(delayMs, size, late.pass, now);
  }

  /**
   * Passes it in a turn of the event loop of its own, as the system does: what the program awaits has then come for the one
   * before, and what its listener throws concerns no other one.
   */
  #eachInTurn(what: Held): Held {
    return {
      drop: what.drop,
      pass: () => {
        this.#inTurn++;
        const late: Late = {
          due: IN_TURN,
          pass: () => {
            if (!this.#late.delete(late)) return;
            this.#inTurn--;
            what.pass();
          },
          drop: () => {
            if (!this.#late.delete(late)) return;
            this.#inTurn--;
            what.drop();
          },
        };
        this.#late.add(late);
        // Without a reference it would not wake a program that waits: it came with whatever happened next.
        setImmediate(late.pass);
      },
    };
  }

  /** Their socket or their program ends. */
  readonly #dropAll = (): void => {
    for (const late of this.#late) late.drop();
  };
}

function network(
  { direction, peer, rule }: SocketRule<ReturnType<typeof toRule>>,
  isIpv6: boolean,
) {
  const engine = new BadNetwork(rule, isIpv6 ? 48 : 28);
  const starving = new Starving();
  return { direction, peer: peer && peerName(peer), engine, starving, waiting: 0 };
}

/** The same for the same end, however it is written: a socket for both families calls IPv4 addresses `::ffff:a.b.c.d`. */
function peerName(end: { readonly address: string; readonly port: number } | undefined): string {
  if (!end) return "";
  const address = end.address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  return `${parseAddress(address) ? canonicalAddress(address) : address} ${end.port}`;
}

function isUntouched({ copies, delayMs, flippedBit }: Fate): boolean {
  return copies === 1 && delayMs <= 0 && flippedBit === undefined;
}

/**
 * What a rule did to a datagram that it got at `since`, on the clock of `performance.now()`. One that passes as its rule ends
 * was not held back for as long as it was to be.
 */
function whatWasDone(fate: Fate, since: number, isCopy: boolean): string {
  const delayMs = Math.min(fate.delayMs, performance.now() - since);
  return formatRuleEffect({ ...fate, delayMs, dropped: undefined, isCopy });
}

/** As dgram makes one for each send; it holds the bytes for as long as the system needs them. */
function anotherRequest(request: SendRequest, bytes: Uint8Array): SendRequest {
  const made = Reflect.construct(request.constructor, []) as SendRequest;
  return Object.assign(made, { list: [bytes] });
}
