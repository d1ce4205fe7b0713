import { existsSync } from "node:fs";

type WorkerClass = new (file: string | URL, options?: { preload?: string | string[] }) => object;

/**
 * Bun loads `--preload` in the main thread only, but has an option for workers that does the same: each that is made,
 * by the web's class or by that of Node.js, is asked to load this file before its own.
 * https://bun.com/docs/runtime/workers#preload-load-modules-before-the-worker-starts
 */
export function preloadInWorkers(file: string): void {
  const world = globalThis as unknown as { Worker: WorkerClass };
  world.Worker = preloading(world.Worker, file);
  // What is imported by default is wrapped by a helper that each program would read.
  const ofNode = require("node:worker_threads") as { Worker: WorkerClass };
  ofNode.Worker = preloading(ofNode.Worker, file);
}

/** The same class in all that can be asked of it; its own subclasses are made by it, too. */
function preloading(Worker: WorkerClass, file: string): WorkerClass {
  const patched = new Proxy(Worker, {
    construct(target, given, newTarget) {
      const [script, options, ...rest] = given;
      // An update of the editor may have taken it away: a worker that cannot load it does not start.
      if (given.length === 0 || !existsSync(file))
        return Reflect.construct(target, given, newTarget);
      const own = options?.preload ?? [];
      const all = { ...options, preload: [file, ...(Array.isArray(own) ? own : [own])] };
      return Reflect.construct(target, [script, all, ...rest], newTarget);
    },
  });
  // As it is defined there: writable, and not enumerable.
  Reflect.set(Worker.prototype, "constructor", patched);
  return patched;
}
