import { once } from "node:events";
import { waitUntil } from "../support/wait_until.ts";

/** How late an event loop was for what it had to do, in milliseconds. */
export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Where a Node.js process that gets SIGUSR1 listens for debuggers. */
const INSPECTOR = "http://127.0.0.1:9229/json/list";
/** Milliseconds between two looks; what the loop is late for one is its delay. */
const RESOLUTION_MS = 1;

/**
 * How late the event loop of another Node.js process is while `task` runs. Asked through its debugger, because VS Code
 * lets nobody preload anything into its extension host; nothing is traced, so that it runs as it does otherwise.
 */
export async function delaysWhile<T>(
  pid: number,
  task: () => Promise<T>,
): Promise<{ readonly result: T; readonly delays: Delays }> {
  process.kill(pid, "SIGUSR1");
  const address = await waitUntil("a debugger of the extension host", debuggerAddress);
  const socket = new WebSocket(address);
  try {
    await once(socket, "open");
    const found = await evaluate(socket, "process.pid");
    if (found !== pid) throw new Error(`Cannot ask process ${pid}: ${found} has its debugger port`);
    const monitor = `process.getBuiltinModule("node:perf_hooks").monitorEventLoopDelay({ resolution: ${RESOLUTION_MS} })`;
    await evaluate(socket, `(globalThis.benchDelays = ${monitor}).enable()`);
    const result = await task();
    const [p50, p99, max] = (await evaluate(
      socket,
      "[benchDelays.disable() && benchDelays.percentile(50), benchDelays.percentile(99), benchDelays.max]",
    )) as [number, number, number];
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    return { result, delays: { p50: late(p50), p99: late(p99), max: late(max) } };
  } finally {
    socket.close();
  }
}

async function debuggerAddress(): Promise<string> {
  const [target] = (await (await fetch(INSPECTOR)).json()) as { webSocketDebuggerUrl: string }[];
  return target?.webSocketDebuggerUrl ?? "";
}

/** The value of an expression in the other process (Chrome DevTools Protocol, Runtime.evaluate). */
async function evaluate(socket: WebSocket, expression: string): Promise<unknown> {
  const answered = once(socket, "message");
  const params = { expression, returnByValue: true };
  socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params }));
  const [{ data }] = (await answered) as [MessageEvent];
  const { result } = JSON.parse(String(data));
  if (result?.exceptionDetails) throw new Error(`Cannot evaluate ${expression} there: ${data}`);
  return result?.result?.value;
}
