import type { Socket } from "node:dgram";
import { AddressCache } from "./address_cache.ts";
import { Control } from "./control.ts";
import { neverThrows } from "./never_throws.ts";
import type { Originals } from "./originals.ts";
import type { LoadPart } from "./parts.ts";
import { describeProgram } from "./program.ts";
import { atProgramEnd } from "./program_end.ts";
import { Recorder } from "./recorder.ts";
import { SwitchedRules } from "./rules.ts";
import type { Settings } from "./settings.ts";
import { SocketObserver } from "./socket_observer.ts";
import { SocketTaps } from "./tap_socket.ts";

/** What records the sockets of one thread; made with the first of them. */
export class ThreadTap {
  readonly #recorder: Recorder;
  readonly #addresses = new AddressCache();
  readonly #control: Control;
  readonly #taps = new SocketTaps();
  readonly #originals: Originals;
  readonly #loadPart: LoadPart;
  #sockets = 0;
  #isFirstTold = false;

  constructor(settings: Settings, originals: Originals, loadPart: LoadPart) {
    const recorder = new Recorder(settings, describeProgram(), originals);
    this.#recorder = recorder;
    this.#control = new Control(originals, loadPart);
    this.#originals = originals;
    this.#loadPart = loadPart;
    atProgramEnd({
      finish: () => {
        neverThrows(() => recorder.finish());
        this.#control.end();
      },
      flush: () => neverThrows(() => recorder.flush()),
    });
  }

  flush(): void {
    neverThrows(() => this.#recorder.flush());
  }

  add(socket: Socket): void {
    const number = ++this.#sockets;
    const observer = new SocketObserver(socket, number, this.#recorder, this.#addresses);
    const rules = new SwitchedRules(observer, this.#originals, this.#loadPart);
    observer.onBound = () => {
      this.#control.bound(number, { socket, rules });
      // The first is in a file at once: a program may give up its rights next, and a thread may be ended.
      if (!this.#isFirstTold) this.#recorder.begin();
      this.#isFirstTold = true;
    };
    observer.onClosed = () => this.#control.closed(number);
    this.#taps.add(socket, observer);
  }
}
