import cluster from "node:cluster";
import { Socket } from "node:dgram";
import { EventEmitter } from "node:events";
import {
  findOwner,
  isUdpHandle,
  type SendHandle,
  type SendRequest,
  type UdpHandle,
} from "./internals.ts";
import type { Deliver, Leave } from "./rules.ts";
import type { SocketObserver } from "./socket_observer.ts";

/**
 * Lets observers see what passes their sockets, without a difference for the program: each call takes its way with the
 * same arguments, the same result and the same errors as before.
 *
 * A socket gets no property of its own, and none of its methods is called: what is patched into it, into its class or
 * into a subclass, sooner or later, works as ever. On Node and Deno all is seen at the handle below the socket, in the
 * methods that all handles share. Bun's handle only sends; there, what comes is seen in `emit` of dgram's class.
 */
export class SocketTaps {
  readonly #bySocket = new WeakMap<object, SocketObserver>();
  readonly #byHandle = new WeakMap<object, SocketObserver>();
  /** Of sockets at whose handle not all is seen. */
  readonly #byEvents = new WeakMap<object, SocketObserver>();
  /** Ours, by what they stand for, and each by itself. */
  readonly #methods = new WeakMap<Method, Method>();

  add(socket: Socket, observer: SocketObserver): void {
    this.#bySocket.set(socket, observer);
    this.#tapBind();
    if (cluster.isWorker) this.#tapPrimary();
    const { handle } = observer;
    if (!handle || !isUdpHandle(handle)) this.#tapEvents(socket, observer);
    if (!handle) return;
    this.#byHandle.set(handle, observer);
    this.#tapSends(handle);
    if (isUdpHandle(handle)) this.#tapHandle(handle, observer);
  }

  /** What the program asks for: it knows the port also where the name of the host leads nowhere. */
  #tapBind(): void {
    const observers = this.#bySocket;
    this.#replace(
      Socket.prototype,
      "bind",
      (bind) =>
        function (this: object, ...args: unknown[]) {
          const observer = observers.get(this);
          if (!observer) return bind.apply(this, args);
          observer.sawBind(args);
          try {
            return bind.apply(this, args);
          } finally {
            observer.sawBound();
          }
        },
    );
  }

  /** A worker of a cluster asks its primary to bind, in a method that Node.js has for its own modules (lib/internal/cluster/child.js). */
  #tapPrimary(): void {
    const observers = this.#bySocket;
    this.#replace(
      cluster,
      "_getServer",
      (getServer) =>
        function (this: unknown, socket: object, options: object, done: Method, ...rest) {
          const observer = observers.get(socket);
          if (!observer) return getServer.call(this, socket, options, done, ...rest);
          const { address, port } = options as Readonly<Record<string, unknown>>;
          const told: Method = (error: unknown, ...others) => {
            if (error) observer.sawBindFail(error, address, port);
            return done(error, ...others);
          };
          return getServer.call(this, socket, options, told, ...rest);
        },
    );
  }

  #tapEvents(socket: Socket, observer: SocketObserver): void {
    const observers = this.#byEvents;
    observers.set(socket, observer);
    const { prototype } = Socket;
    if (!Object.hasOwn(prototype, "emit")) {
      // The next one is looked up when it is called: it may be patched by then.
      const emit = function (this: object, ...args: unknown[]): unknown {
        return (EventEmitter.prototype.emit as Method).apply(this, args);
      };
      dressAs(EventEmitter.prototype.emit, emit);
      const inherited = Object.getOwnPropertyDescriptor(EventEmitter.prototype, "emit");
      Object.defineProperty(prototype, "emit", { ...inherited, value: emit });
    }
    this.#replace(
      prototype,
      "emit",
      (emit) =>
        function (this: object, ...args: unknown[]) {
          const observer = observers.get(this);
          if (observer?.rules && args[0] === "message") {
            observer.rules.hear(args[1], args[2], emitting(this, emit));
            return true;
          }
          observer?.sawEvent(args[0], args[1], args[2]);
          return emit.apply(this, args);
        },
    );
  }

  #tapSends(handle: SendHandle): void {
    const observerOf = this.#observerOf;
    this.#replace(
      handle,
      "send",
      (send) =>
        function (this: SendHandle, request, list, count, port, address, hasCallback) {
          const observer = observerOf(this);
          if (!observer) return send.call(this, request, list, count, port, address, hasCallback);
          const { rules } = observer;
          if (!rules) return leave(this, send, observer, request, list, port, address, "");
          const leaving = leavingBy(this, send, observer, port, address);
          return rules.send(leaving, request, list, port, address);
        } satisfies SendHandle["send"],
    );
  }

  #tapHandle(handle: UdpHandle, observer: SocketObserver): void {
    const observerOf = this.#observerOf;
    this.#replace(
      handle,
      "recvStart",
      (recvStart) =>
        function (this: UdpHandle) {
          const observer = observerOf(this);
          if (observer) tapMessages(this, observer);
          const result = recvStart.call(this);
          observer?.sawListening();
          return result;
        },
    );
    this.#replace(
      handle,
      "bind",
      (bind) =>
        function (this: object, address, port, flags) {
          const result = bind.call(this, address, port, flags);
          if (result) observerOf(this)?.sawBindFail(result, address, port);
          return result;
        },
    );
    this.#replace(
      handle,
      "connect",
      (connect) =>
        function (this: object, address, port) {
          const result = connect.call(this, address, port);
          if (!result) observerOf(this)?.sawConnect(address, port);
          return result;
        },
    );
    this.#replace(
      handle,
      "close",
      (close) =>
        function (this: object, ...args: unknown[]) {
          observerOf(this)?.sawClose();
          return close.apply(this, args);
        },
    );
    tapLookup(handle, observer);
  }

  readonly #observerOf = (handle: object): SocketObserver | undefined => {
    const known = this.#byHandle.get(handle);
    if (known) return known;
    const owner = findOwner(handle);
    const observer = owner && this.#bySocket.get(owner);
    if (observer) this.#byHandle.set(handle, observer);
    return observer;
  };

  /** Replaces a method where it is: that of a class stays one of the class. */
  #replace(object: object, name: string, make: (original: Method) => Method): void {
    let holder: object | null = object;
    while (holder && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder);
    const descriptor = holder && Object.getOwnPropertyDescriptor(holder, name);
    const original: unknown = descriptor?.value;
    if (!holder || typeof original !== "function") return;
    let method = this.#methods.get(original as Method);
    if (!method) {
      method = make(original as Method);
      dressAs(original, method);
      this.#methods.set(original as Method, method);
      this.#methods.set(method, method);
    }
    if (method !== original) Object.defineProperty(holder, name, { ...descriptor, value: method });
  }
}

// Made apart: a function that makes one pays for it at each call, also where no rule asks for it.

function leavingBy(
  handle: SendHandle,
  send: SendHandle["send"],
  observer: SocketObserver,
  port: unknown,
  address: unknown,
): Leave {
  return (request, list, ...rest) =>
    leave(handle, send, observer, request, list, port, address, ...rest);
}

function emitting(socket: object, emit: Method): Deliver {
  return (payload, from) => emit.call(socket, "message", payload, from);
}

function delivering(handle: unknown, onmessage: Method, status: number, of: unknown): Deliver {
  return (payload, from) => onmessage.call(handle, status, of, payload, from);
}

/** Hands a datagram to the system, and lets the observer see what comes of that. */
function leave(
  handle: SendHandle,
  send: SendHandle["send"],
  observer: SocketObserver,
  request: SendRequest,
  list: readonly ArrayBufferView[],
  port: unknown,
  address: unknown,
  remark: string,
  time = observer.now(),
): unknown {
  // "has callback" is always true: a send that is queued tells its outcome only to a callback.
  const result =
    typeof port === "number"
      ? send.call(handle, request, list, list.length, port, address, true)
      : send.call(handle, request, list, list.length, true);
  if (result !== 0) {
    observer.sawSend(time, list, port, address, result, remark);
    return result;
  }
  tellOutcome(request, observer.expectSend(time, list, port, address, remark));
  return result;
}

function tellOutcome(request: SendRequest, saw: (status: unknown) => void): void {
  const { oncomplete } = request;
  request.oncomplete = function (this: unknown, status, sent) {
    saw(status);
    return oncomplete?.call(this, status, sent);
  };
}

/** dgram has just given it what takes a datagram: a property that each handle has then. */
function tapMessages(handle: UdpHandle, observer: SocketObserver): void {
  const { onmessage } = handle;
  if (typeof onmessage !== "function" || observer.heard.has(onmessage)) return;
  const method = function (
    this: unknown,
    status: unknown,
    of: unknown,
    payload: unknown,
    from: unknown,
  ) {
    if (observer.rules && typeof status === "number" && status >= 0) {
      return observer.rules.hear(payload, from, delivering(this, onmessage, status, of));
    }
    observer.sawMessage(status, payload, from);
    return onmessage.call(this, status, of, payload, from);
  };
  dressAs(onmessage, method);
  observer.heard.add(method);
  handle.onmessage = method;
}

/** Only for a name that `bind` asks for: whoever listens for the error would see where it came through. */
function tapLookup(handle: UdpHandle, observer: SocketObserver): void {
  const { lookup } = handle;
  const method: UdpHandle["lookup"] = function (this: unknown, address, done) {
    if (!observer.isBindingToName(address)) return lookup.call(handle, address, done);
    return lookup.call(handle, address, (error, ...rest) => {
      if (error) observer.sawBindFail(error);
      return done(error, ...rest);
    });
  };
  dressAs(lookup, method);
  handle.lookup = method;
}

// biome-ignore lint/suspicious/noExplicitAny: any method at all, as TypeScript's own Function has it.
type Method = (this: any, ...args: any[]) => unknown;

/** Gives a function the name and the length of the one that it stands for. */
function dressAs({ name, length }: Named, method: Named): void {
  Object.defineProperties(method, { name: { value: name }, length: { value: length } });
}

/** A function, as far as it shows. */
interface Named {
  readonly name: string;
  readonly length: number;
}
