import { BURST_US, IN_ORDER_US } from "../../extension/core/capture/pairing.ts";
import type { Random } from "./random.ts";

/**
 * What happens in a world, in its order. Programs, sockets and windows are named by numbers that are taken modulo as many
 * as there are, so that a plan still makes sense when any of its events is left out: a failing plan can be made smaller.
 */
export type Event =
  /** A program starts. `untapped`: nobody watches it. `isThrifty`: its tap may fill the folder with little. */
  | {
      readonly kind: "start";
      readonly untapped: boolean;
      readonly workspace: number;
      readonly isThrifty?: boolean;
    }
  /** A command begins to capture all that goes over the loopback, `dumpcap -i any`; or the one that does so ends. */
  | { readonly kind: "sniff"; readonly workspace: number }
  | {
      readonly kind: "bind";
      readonly program: number;
      readonly address: string;
      readonly port: number;
    }
  | { readonly kind: "connect"; readonly socket: number; readonly to: number }
  | { readonly kind: "close"; readonly socket: number }
  /** Sends to the address of another socket, or to one where nobody listens. */
  | {
      readonly kind: "send";
      readonly socket: number;
      readonly to: number | "nobody";
      readonly payload: string;
      readonly fate: Fate;
      /** Milliseconds on the way. */
      readonly delay: number;
    }
  /** Many, of a thousand bytes each: the quota is soon used up. */
  | {
      readonly kind: "burst";
      readonly socket: number;
      readonly to: number;
      readonly count: number;
    }
  /** Many that are all equal, one after the other, of which several are always under way. */
  | {
      readonly kind: "stream";
      readonly socket: number;
      readonly to: number;
      readonly count: number;
      /** Milliseconds between two, and on the way. */
      readonly gap: number;
      readonly delay: number;
    }
  /** A program ends as it should, or is killed and writes nothing more. */
  | { readonly kind: "exit"; readonly program: number }
  | { readonly kind: "kill"; readonly program: number }
  /** The disk takes nothing until the next one with `isFull: false`. */
  | { readonly kind: "disk"; readonly isFull: boolean }
  /**
   * Somebody does something to one of the files in the folder: removes it, cuts its end off, takes it away for a while,
   * writes something else behind it, or puts another one there that looks like one of ours.
   */
  | {
      readonly kind: "harm";
      readonly how: "remove" | "cut" | "hide" | "plant" | "spoil";
      readonly workspace: number;
      readonly file: number;
    }
  /** Time passes. */
  | { readonly kind: "pass"; readonly milliseconds: number }
  /** Somebody sets the machine's clock. */
  | { readonly kind: "setClock"; readonly byMilliseconds: number }
  | { readonly kind: "openWindow"; readonly workspace: number }
  | { readonly kind: "look"; readonly window: number }
  /** It looks at some of the files alone, as its watcher names them: a bit for each, of the first eight. */
  | { readonly kind: "lookAt"; readonly window: number; readonly files: number }
  /** The window is reloaded: what it knew is gone, and it reads the folder again. */
  | { readonly kind: "reload"; readonly window: number }
  | { readonly kind: "closeWindow"; readonly window: number }
  | { readonly kind: "clear"; readonly window: number }
  /** Its grid is paused, or goes on; and shows what goes to a port alone, or all again. */
  | { readonly kind: "pause"; readonly window: number }
  | { readonly kind: "filter"; readonly window: number; readonly port: number };

/** What the network does with a datagram. */
export type Fate = "arrives" | "lost" | "doubled";

const PAYLOADS = ["", "a", "a", "ping", "ping", "ping", "0123456789"] as const;
const ADDRESSES = ["127.0.0.1", "127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::"] as const;

/** A plan of so many events. */
export function makePlan(random: Random, events: number): Event[] {
  const plan: Event[] = [
    { kind: "openWindow", workspace: 0 },
    { kind: "start", untapped: false, workspace: 0 },
    { kind: "start", untapped: random.chance(20), workspace: random.chance(10) ? 1 : 0 },
    { kind: "bind", program: 0, address: "127.0.0.1", port: 1 },
    { kind: "bind", program: 1, address: random.pick(ADDRESSES), port: random.integer(1, 3) },
  ];
  // Each world has its own climate: many worlds without a loss, some where hardly anything arrives.
  const climate = {
    loss: random.pick([0, 5, 30, 80]),
    doubling: random.pick([0, 0, 10]),
    delay: random.pick([1, 20, 400, 1500]),
    closing: random.pick([0, 2, 10]),
    killing: random.pick([0, 1]),
    disk: random.pick([0, 0, 2]),
    clock: random.pick([0, 0, 0, 1]),
    reloading: random.pick([1, 5]),
    clearing: random.pick([0, 0, 2]),
    bursts: random.pick([0, 0, 0, 3]),
    streams: random.chance(5) ? 2 : 0,
    sniffing: random.pick([0, 0, 1]),
    otherWorkspace: random.pick([0, 0, 20]),
    thrift: random.pick([0, 0, 50]),
    harm: random.pick([0, 0, 0, 2]),
    // Worlds of few payloads: keep-alives; others in which each is unique.
    isUnique: random.chance(40),
  };
  for (let number = 0; plan.length < events; number++) {
    plan.push(nextEvent(random, climate, number));
  }
  return plan;
}

interface Climate {
  readonly loss: number;
  readonly doubling: number;
  readonly delay: number;
  readonly closing: number;
  readonly killing: number;
  readonly disk: number;
  readonly clock: number;
  readonly reloading: number;
  readonly clearing: number;
  readonly bursts: number;
  readonly streams: number;
  readonly sniffing: number;
  /** How often something happens in a second workspace, percent; and a tap has to do with little. */
  readonly otherWorkspace: number;
  readonly thrift: number;
  readonly harm: number;
  readonly isUnique: boolean;
}

function nextEvent(random: Random, climate: Climate, number: number): Event {
  const any = () => random.integer(0, 99);
  const workspace = random.chance(climate.otherWorkspace) ? 1 : 0;
  const kind = random.weighted({
    start: 2,
    bind: 6,
    connect: 1,
    close: climate.closing,
    send: 60,
    exit: 1,
    kill: climate.killing,
    disk: climate.disk,
    pass: 20,
    setClock: climate.clock,
    openWindow: 1,
    look: 5,
    lookAt: 10,
    reload: climate.reloading,
    closeWindow: 1,
    pause: 1,
    filter: 1,
    clear: climate.clearing,
    burst: climate.bursts,
    stream: climate.streams,
    sniff: climate.sniffing,
    harm: climate.harm,
  });
  switch (kind) {
    case "start":
      return {
        kind,
        untapped: random.chance(20),
        workspace,
        isThrifty: random.chance(climate.thrift),
      };
    case "harm": {
      const how = random.pick(["remove", "cut", "hide", "hide", "plant", "spoil"] as const);
      return { kind, how, workspace, file: any() };
    }
    case "sniff":
      return { kind, workspace };
    case "burst":
      return { kind, socket: any(), to: any(), count: random.integer(10, 40) };
    case "stream": {
      const gap = random.pick([0.2, 1, 5, 20]);
      // Where others are always under way, and not in order, nobody knows which one a record is of that is missing later.
      const most = (gap < BURST_US / 1000 ? IN_ORDER_US / 1000 : gap) - 1;
      const delay = 0.5 + random.next() * most;
      return { kind, socket: any(), to: any(), count: random.integer(100, 700), gap, delay };
    }
    case "bind":
      return { kind, program: any(), address: random.pick(ADDRESSES), port: random.integer(1, 5) };
    case "connect":
      return { kind, socket: any(), to: any() };
    case "send":
      return {
        kind,
        socket: any(),
        to: random.chance(5) ? "nobody" : any(),
        payload: climate.isUnique ? `${number}` : random.pick(PAYLOADS),
        fate: random.chance(climate.loss)
          ? "lost"
          : random.chance(climate.doubling)
            ? "doubled"
            : "arrives",
        delay: random.next() * climate.delay,
      };
    case "close":
      return { kind, socket: any() };
    case "exit":
    case "kill":
      return { kind, program: any() };
    case "disk":
      return { kind, isFull: random.chance(50) };
    case "pass":
      return { kind, milliseconds: random.pick([1, 5, 30, 200, 1100]) };
    case "setClock":
      return { kind, byMilliseconds: random.pick([-3_600_000, -500, 500, 3_600_000]) };
    case "openWindow":
      return { kind, workspace };
    case "filter":
      return { kind, window: any(), port: random.integer(1, 5) };
    case "lookAt":
      return { kind, window: any(), files: random.integer(1, 255) };
    default:
      return { kind, window: any() };
  }
}
