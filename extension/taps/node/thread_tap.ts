import type { Socket } from "node:dgram";
import { AddressCache } from "./address_cache.ts";
import { Control } from "./control.ts";
import type { Originals } from "./originals.ts";
import { describeProgram } from "./program.ts";
import { Recorder } from "./recorder.ts";
import type { Settings } from "./settings.ts";
import { SocketObserver } from "./socket_observer.ts";
import { tapSocket } from "./tap_socket.ts";

/** What records the sockets of one thread; made with the first of them. */
export class ThreadTap {
  readonly #recorder: Recorder;
  readonly #addresses = new AddressCache();
  readonly #control: Control;
  #sockets = 0;

  constructor(settings: Settings, originals: Originals) {
    const recorder = new Recorder(settings, describeProgram(), originals);
    this.#recorder = recorder;
    this.#control = new Control(originals);
    process.on("exit", () => neverThrows(() => recorder.finish()));
    // Deno has no exit event after an uncaught exception. A monitor does not change what one does.
    process.on("uncaughtExceptionMonitor", () => {
      const isTheEnd = process.listenerCount("uncaughtException") === 0;
      neverThrows(() => (isTheEnd ? recorder.finish() : recorder.flush()));
    });
  }

  add(socket: Socket): void {
    const number = ++this.#sockets;
    const observer = new SocketObserver(socket, number, this.#recorder, this.#addresses);
    observer.onBound = () => this.#control.bound(number, socket);
    observer.onClosed = () => this.#control.closed(number);
    tapSocket(socket, observer);
  }
}

/** A fault of the tap must not change how the program ends. */
function neverThrows(task: () => void): void {
  try {
    task();
  } catch {
    // Nobody to tell.
  }
}
