import { Worker } from "node:worker_threads";
import type { Disposable } from "vscode";
import type {
  DecoderAnswer,
  DecoderThreadData,
  DecoderThreadMessage,
} from "../../processes/decoder/messages.ts";

/** Longest payload of UDP, and longest answer. */
const MOST_PAYLOAD = 65_535;
const MOST_ANSWER = 1024 * 1024;
/** So long it may take until the module is loaded. */
const START_MS = 10_000;
/** Memory that the module may use. */
const MOST_MIB = 128;

/** What comes of a question; `late`: nothing in time, and the thread is gone. */
export type ThreadAnswer = DecoderAnswer | "late";

/** A decoder of another extension in its thread, which is asked while everything else waits, but no longer than it may. */
export class DecoderThread implements Disposable {
  readonly #worker: Worker;
  readonly #numbers = new Int32Array(new SharedArrayBuffer(16));
  readonly #request = new Uint8Array(new SharedArrayBuffer(MOST_PAYLOAD));
  readonly #answer = new Uint8Array(new SharedArrayBuffer(MOST_ANSWER));
  #isGone = false;
  /** It has something to say of whether a payload is one of its own. */
  speaks = false;

  private constructor(program: URL, module: string) {
    const data: DecoderThreadData = {
      module,
      control: this.#numbers.buffer as SharedArrayBuffer,
      request: this.#request.buffer as SharedArrayBuffer,
      answer: this.#answer.buffer as SharedArrayBuffer,
    };
    this.#worker = new Worker(program, {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MIB },
      // What it prints is nobody's.
      stdout: true,
      stderr: true,
    });
    this.#worker.unref();
    this.#worker.on("error", () => this.dispose());
    this.#worker.on("exit", () => this.dispose());
  }

  /**
   * Resolves once it can be asked.
   *
   * @param program decoder_thread.cjs
   * @param module URL of what decodes
   * @throws Error with the reason, where the module cannot be loaded
   */
  static async start(program: URL, module: string): Promise<DecoderThread> {
    const thread = new DecoderThread(program, module);
    const worker = thread.#worker;
    try {
      const message = await new Promise<DecoderThreadMessage>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not loaded in ${START_MS} ms`)), START_MS);
        const settle = (action: () => void) => {
          clearTimeout(timer);
          action();
        };
        worker.once("message", (message) => settle(() => resolve(message)));
        worker.once("error", (error) => settle(() => reject(error)));
        worker.once("exit", () => settle(() => reject(new Error("its thread has ended"))));
      });
      if (message.kind === "failed") throw new Error(message.reason);
      thread.speaks = message.speaks;
      return thread;
    } catch (error) {
      thread.dispose();
      throw error;
    }
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** What the module makes of a payload: what it says, or whether it is one of its own. Late after so long, and gone then. */
  ask(payload: Uint8Array, what: "says" | "speaks", patienceMs: number): ThreadAnswer {
    if (this.#isGone) return "late";
    const numbers = this.#numbers;
    const bytes = payload.subarray(0, MOST_PAYLOAD);
    this.#request.set(bytes);
    Atomics.store(numbers, 2, bytes.length);
    Atomics.store(numbers, 3, what === "speaks" ? 1 : 0);
    const before = Atomics.load(numbers, 1);
    Atomics.add(numbers, 0, 1);
    Atomics.notify(numbers, 0);
    if (Atomics.wait(numbers, 1, before, patienceMs) === "timed-out") {
      this.dispose();
      return "late";
    }
    const length = Math.min(Math.max(Atomics.load(numbers, 2), 0), MOST_ANSWER);
    try {
      return JSON.parse(Buffer.from(this.#answer.slice(0, length)).toString()) as DecoderAnswer;
    } catch {
      return { error: "" };
    }
  }

  dispose(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    void this.#worker.terminate();
  }
}
