import type { Socket } from "node:dgram";
import type { SendHandle } from "./internals.ts";
import type { SocketObserver } from "./socket_observer.ts";

type Emit = (this: Socket, ...args: unknown[]) => boolean;
type Bind = (this: Socket, ...args: unknown[]) => Socket;

/**
 * Lets `observer` see what passes a socket, without a difference for the program: each event and each
 * datagram takes its way with the same arguments, the same result and the same errors as before.
 */
export function tapSocket(socket: Socket, observer: SocketObserver): void {
  const emit = socket.emit as Emit;
  replace(socket, "emit", emit, function (this: Socket, ...args: unknown[]): boolean {
    observer.sawEvent(args[0], args[1], args[2]);
    return emit.apply(this, args);
  });
  const bind = socket.bind as Bind;
  replace(socket, "bind", bind, function (this: Socket, ...args: unknown[]): Socket {
    observer.sawBind(args);
    return bind.apply(this, args);
  });
  if (observer.handle) tapSends(observer.handle, observer);
}

/** Interposes below `send`: see internals.ts for why there. */
function tapSends(handle: SendHandle, observer: SocketObserver): void {
  const { send } = handle;
  replace(handle, "send", send, function (this: SendHandle, request, list, count, port, address) {
    const time = observer.now();
    // "has callback" is always true: a send that is queued tells its outcome only to a callback.
    const result =
      typeof port === "number"
        ? send.call(this, request, list, count, port, address, true)
        : send.call(this, request, list, count, true);
    if (result !== 0) {
      observer.sawSend(time, list, port, address, result);
      return result;
    }
    const saw = observer.expectSend(time, list, port, address);
    const { oncomplete } = request;
    request.oncomplete = function (this: unknown, status, sent) {
      saw(status);
      return oncomplete?.call(this, status, sent);
    };
    return result;
  } satisfies SendHandle["send"]);
}

/**
 * Replaces a method for this object alone, so that neither `Object.keys` nor `console.log` shows a difference.
 * (`for ... in` does: it leaves out what a hidden property covers.)
 */
function replace(target: object, name: string, original: Named, method: Named): void {
  const { name: ownName, length } = original;
  Object.defineProperties(method, { name: { value: ownName }, length: { value: length } });
  Object.defineProperty(target, name, {
    value: method,
    configurable: true,
    enumerable: Object.getOwnPropertyDescriptor(target, name)?.enumerable ?? false,
    writable: true,
  });
}

/** A function, as far as it shows. */
interface Named {
  readonly name: string;
  readonly length: number;
}
