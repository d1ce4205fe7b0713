import { RULES_SILENCE_S } from "../../core/wire/control_message.ts";
import type { SendRequest } from "./internals.ts";
import { neverThrows } from "./never_throws.ts";
import type { Originals } from "./originals.ts";
import type { LoadPart } from "./parts.ts";
import type { SocketObserver } from "./socket_observer.ts";

/**
 * Hands a datagram to the system and sees what comes of it. `remark`: what a rule did to it, or "". `time`: when it was
 * to be sent, where that is not now.
 */
export type Leave = (
  request: SendRequest,
  list: readonly ArrayBufferView[],
  remark: string,
  time?: number,
) => unknown;

/** Hands a datagram to the program. */
export type Deliver = (payload: unknown, from: unknown) => void;

/** What stands between a socket and the system while rules are on. */
export interface Rules {
  /** In place of a handle's `send`, whose result it returns. */
  send(
    leave: Leave,
    request: SendRequest,
    list: readonly ArrayBufferView[],
    port: unknown,
    address: unknown,
  ): unknown;
  /** In place of what takes a datagram. */
  hear(payload: unknown, from: unknown, deliver: Deliver): void;
  close(): void;
}

/**
 * The rules of one socket, as the window sets them: they are on for as long as the window says so. What applies them is in a
 * file of its own, read with the first of them.
 */
export class SwitchedRules {
  readonly #observer: SocketObserver;
  readonly #originals: Originals;
  readonly #loadPart: LoadPart;
  /** Kept when they are off: something may still be on its way to the program. */
  #rules: import("./socket_rules.ts").SocketRules | undefined;
  /** Seconds in which the program ran and the window said nothing. */
  #silence = 0;
  #isCounting = false;

  constructor(observer: SocketObserver, originals: Originals, loadPart: LoadPart) {
    this.#observer = observer;
    this.#originals = originals;
    this.#loadPart = loadPart;
  }

  /** Throws where these are no rules; then those before stay. */
  set(rules: readonly unknown[]): void {
    if (rules.length === 0) {
      this.#stop();
      return;
    }
    this.#rules ??= this.#load();
    this.#rules.set(rules);
    this.#observer.rules = this.#rules;
    this.#silence = 0;
    this.#count();
  }

  /** The window is there; false where there is nothing to keep. */
  keep(): boolean {
    this.#silence = 0;
    return this.#observer.rules !== undefined;
  }

  #load() {
    const { setTimeout, clearTimeout, setImmediate, monotonicMs } = this.#originals;
    const part = this.#loadPart("socket_rules", {
      ...{ setTimeout, clearTimeout, setImmediate },
      performance: { now: monotonicMs },
    });
    const { SocketRules } = part as typeof import("./socket_rules.ts");
    const rules = new SocketRules(this.#observer);
    this.#observer.held = rules;
    return rules;
  }

  #stop(): void {
    if (!this.#observer.rules) return;
    this.#observer.rules = undefined;
    this.#rules?.stop();
  }

  /** By ticks, not by the clock: where a debugger holds the program, the window is not silent but unheard. */
  #count(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    const { setTimeout } = this.#originals;
    const tick = () => {
      this.#isCounting = false;
      if (!this.#observer.rules) return;
      if (++this.#silence > RULES_SILENCE_S) neverThrows(() => this.#stop());
      else this.#count();
    };
    setTimeout(tick, 1000).unref();
  }
}
