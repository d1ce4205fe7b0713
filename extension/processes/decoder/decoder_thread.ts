/**
 * Runs the decoder of another extension in a thread of its own, one payload at a time, for as long as somebody waits: what it
 * does to this thread, it does not do to the extension host.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { DecoderAnswer, DecoderThreadData, DecoderThreadMessage } from "./messages.ts";

type Call = (payload: Uint8Array) => unknown;

void main(workerData as DecoderThreadData);

async function main({ module, control, request, answer }: DecoderThreadData): Promise<void> {
  const tell = (message: DecoderThreadMessage) => parentPort?.postMessage(message);
  let decode: Call;
  let speaks: Call | undefined;
  try {
    const loaded = (await import(module)) as Record<string, unknown>;
    const inner = loaded.default as Record<string, unknown> | undefined;
    const find = (name: string) =>
      [loaded[name], inner?.[name]].find((it) => typeof it === "function");
    speaks = find("speaks") as Call | undefined;
    const found = find("decode") as Call | undefined;
    if (!found) throw new Error("it exports no function decode");
    decode = found;
  } catch (error) {
    tell({ kind: "failed", reason: wordsOf(error) });
    return;
  }
  tell({ kind: "ready", speaks: speaks !== undefined });
  const numbers = new Int32Array(control);
  for (let asked = 0; ; ) {
    Atomics.wait(numbers, 0, asked);
    asked = Atomics.load(numbers, 0);
    const payload = new Uint8Array(request).slice(0, Atomics.load(numbers, 2));
    const call = Atomics.load(numbers, 3) === 1 ? speaks : decode;
    Atomics.store(numbers, 2, write(answerOf(call, payload), answer));
    Atomics.store(numbers, 1, asked);
    Atomics.notify(numbers, 1);
  }
}

function answerOf(call: Call | undefined, payload: Uint8Array): DecoderAnswer {
  try {
    return { result: call?.(payload) };
  } catch (error) {
    return { error: wordsOf(error) };
  }
}

/** The length of what was written. */
function write(answer: DecoderAnswer, to: SharedArrayBuffer): number {
  let text: string;
  try {
    text = JSON.stringify(answer, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
  } catch (error) {
    text = JSON.stringify({ error: wordsOf(error) } satisfies DecoderAnswer);
  }
  // Of shared memory the encoder takes a copy alone.
  const bytes = Buffer.from(text);
  if (bytes.length > to.byteLength) return write({ error: "" }, to);
  new Uint8Array(to).set(bytes);
  return bytes.length;
}

function wordsOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).slice(0, 500) || "?";
}
