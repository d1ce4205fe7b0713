import type { Socket } from "node:dgram";
import { dirname } from "node:path";
import { CONTROL_VARIABLE, TOKEN_VARIABLE } from "../../core/wire/control_variables.ts";
import type { Originals } from "./originals.ts";
import { isOwnFolder } from "./own_folder.ts";
import type { LoadPart } from "./parts.ts";
import type { SwitchedRules } from "./rules.ts";

/** A socket, and the rules that it may be given. */
export interface Controlled {
  readonly socket: Socket;
  readonly rules: Pick<SwitchedRules, "set" | "keep">;
}

/** A program that has ended by then is asked nothing, and never learns of all this. */
const START_MS = 100;

/**
 * The thread's bound sockets, for the extension to send from and to close. What listens for its requests is in a
 * file of its own, read a moment after the first of them is bound, and only where the environment asks for it.
 */
export class Control {
  readonly #originals: Originals;
  readonly #loadPart: LoadPart;
  /** By number, counting the thread's sockets from 1. */
  readonly #sockets = new Map<number, Controlled>();
  #isStarted = false;
  #stop = (): void => {};

  constructor(originals: Originals, loadPart: LoadPart) {
    this.#originals = originals;
    this.#loadPart = loadPart;
  }

  bound(number: number, controlled: Controlled): void {
    this.#sockets.set(number, controlled);
    if (this.#isStarted) return;
    this.#isStarted = true;
    const place = process.env[CONTROL_VARIABLE];
    const token = process.env[TOKEN_VARIABLE];
    if (!place || !token) return;
    this.#originals.setTimeout(() => this.#listen(place, token), START_MS).unref();
  }

  closed(number: number): void {
    this.#sockets.delete(number);
  }

  /** The program ends; does not throw. */
  end(): void {
    this.#stop();
  }

  #listen(place: string, token: string): void {
    try {
      // What the path begins with is a folder, and perhaps the beginning of a name.
      if (!isOwnFolder(this.#originals.fs, dirname(`${place}0`))) return;
      const { listen } = this.#loadPart("control_server") as typeof import("./control_server.ts");
      this.#stop = listen(place, token, this.#sockets);
    } catch {
      // Not on this runtime, or not permitted: the extension sends from a socket of its own then.
    }
  }
}
