/** What is to be done when the program ends, or may be about to. Both may be called again, and never throw. */
export interface ProgramEnd {
  readonly finish: () => void;
  readonly flush: () => void;
}

/**
 * Calls back when the program ends, by itself, by `process.exit()` or by an uncaught exception: after all that it sent
 * before, and before its own listeners for `exit`. A listener of ours would count as one of the program's ten, and be
 * removed with them by `removeAllListeners`. So it is noticed that the runtime looks for the method that tells listeners.
 */
export function atProgramEnd(end: ProgramEnd): void {
  if (process.versions.bun) {
    watchBun(end);
    return;
  }
  watchEmit(end);
  // Deno has no exit event after an uncaught exception. A monitor does not change what one does.
  if (process.versions.deno) {
    process.on("uncaughtExceptionMonitor", () => {
      const isTheEnd = process.listenerCount("uncaughtException") === 0;
      if (isTheEnd) end.finish();
      else end.flush();
    });
  }
}

/** `process.emit` of Node and Deno becomes a property that is looked up; what it finds is what was there, or comes later. */
function watchEmit({ finish }: ProgramEnd): void {
  const prototype: object = Object.getPrototypeOf(process);
  const watch = (object: object, found: unknown): void => {
    let own = found;
    Object.defineProperty(object, "emit", {
      configurable: true,
      enumerable: true,
      get(): unknown {
        if (Reflect.get(process, "_exiting") === true) finish();
        return own ?? Reflect.get(Object.getPrototypeOf(object), "emit", this);
      },
      set(value: unknown) {
        // What the program puts into `process` itself is found before what is in its class.
        if (this === object) own = value;
        else watch(this, value);
      },
    });
  };
  watch(prototype, Object.getOwnPropertyDescriptor(prototype, "emit")?.value);
  const { value } = Object.getOwnPropertyDescriptor(process, "emit") ?? {};
  if (value !== undefined) watch(process, value);
}

/** Bun tells its listeners without a look at `emit`. `process.exit()` calls what `reallyExit` is. */
function watchBun({ finish }: ProgramEnd): void {
  process.on("exit", finish);
  const { reallyExit } = process as unknown as { reallyExit?: (code?: number) => never };
  if (reallyExit) {
    const method = function (this: unknown, code?: number): never {
      finish();
      return reallyExit.call(this, code);
    };
    Object.defineProperty(method, "name", { value: reallyExit.name });
    Object.assign(process, { reallyExit: method });
  }
}
