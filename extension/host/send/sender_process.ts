import { type ChildProcess, fork } from "node:child_process";
import { dirname } from "node:path";
import type {
  Answer,
  Batch,
  Destination,
  Order,
  ReplayResult,
} from "../../processes/sender/messages.ts";

/** Answers may come for so long after the last datagram; then the process goes, and its sockets with it. */
const IDLE_MS = 60_000;
/** Batches of a replay that are under way: enough not to run dry, few enough for flat memory. */
const BATCHES_AHEAD = 4;

export interface SenderOptions {
  /** Path of udp_sender.cjs. */
  readonly path: string;
  /** Path of tap.cjs, by which what it sends is recorded; left out: it is not. */
  readonly tap?: string;
  /** Variables for the tap. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder that goes with it when the window ends, if it is empty then: where the tap has it listen. */
  readonly folder?: string | undefined;
}

/** What the system said when it refused a datagram. */
export class RefusedError extends Error {
  /** `EMSGSIZE` */
  readonly code: string;

  constructor(code: string) {
    super(`Cannot send: ${code}`);
    this.code = code;
  }
}

export interface ReplayJob {
  readonly to: Destination;
  readonly batches: AsyncIterable<Batch>;
  readonly signal: AbortSignal;
  readonly onProgress: (sent: number, failed: number) => void;
}

/** The process that sends from sockets of its own: started when it is needed, gone a minute after. */
export class SenderProcess {
  readonly #options: () => SenderOptions;
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(options: () => SenderOptions) {
    this.#options = options;
  }

  /** Undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves with the local end that it was sent from; throws a {@link RefusedError}. */
  send(to: Destination, payload: Uint8Array): Promise<string> {
    const id = ++this.#lastId;
    return this.#answer(id, (finish, fail) => {
      this.#waiting.set(id, (answer) => {
        if (answer?.what === "sent") finish(answer.from);
        else fail(new RefusedError(answer?.what === "failed" ? answer.error : "EPIPE"));
      });
      this.#tell({ id, do: "send", to, payload });
    });
  }

  /** Resolves when all are sent, or after a cancel; throws a {@link RefusedError} where no socket could be had. */
  replay({ to, batches, signal, onProgress }: ReplayJob): Promise<ReplayResult> {
    const id = ++this.#lastId;
    let room = BATCHES_AHEAD;
    let wake = () => {};
    let isOver = false;
    const feed = async () => {
      for await (const batch of batches) {
        while (room === 0 && !isOver && !signal.aborted) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (isOver || signal.aborted) return;
        room--;
        this.#tell({ id, do: "batch", batch });
      }
    };
    const cancel = () => {
      this.#tell({ id, do: "cancel" });
      wake();
    };
    return this.#answer<ReplayResult>(id, (finish, fail) => {
      this.#waiting.set(id, (answer) => {
        if (answer?.what === "progress") onProgress(answer.sent, answer.failed);
        else if (answer?.what === "room") {
          room++;
          wake();
        } else if (answer?.what === "done") finish(answer.result);
        else fail(new RefusedError(answer?.what === "failed" ? answer.error : "EPIPE"));
      });
      this.#tell({ id, do: "replay", to });
      signal.addEventListener("abort", cancel);
      if (signal.aborted) cancel();
      feed().catch((error) => {
        cancel();
        fail(error);
      });
    }).finally(() => {
      isOver = true;
      signal.removeEventListener("abort", cancel);
      wake();
    });
  }

  /** At the end of the window. */
  dispose(): void {
    clearTimeout(this.#idle);
    const child = this.#child;
    this.#child = undefined;
    if (child?.connected) child.disconnect();
  }

  async #answer<T>(
    id: number,
    ask: (finish: (value: T) => void, fail: (error: unknown) => void) => void,
  ): Promise<T> {
    clearTimeout(this.#idle);
    try {
      return await new Promise<T>(ask);
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) {
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => this.#end(), IDLE_MS);
        this.#idle.unref();
      }
    }
  }

  /** Until it is needed again. */
  #end(): void {
    this.#child?.send({ id: 0, do: "end" } satisfies Order, () => {});
    this.#child = undefined;
  }

  #tell(order: Order): void {
    this.#child ??= this.#start();
    // A process that is gone has told so by its exit.
    this.#child.send(order, () => {});
  }

  #start(): ChildProcess {
    const { path, tap, environment, folder } = this.#options();
    const child = fork(path, folder === undefined ? [] : [folder], {
      cwd: dirname(path),
      execArgv: tap === undefined ? [] : ["--require", tap],
      // The extension host of desktop VS Code is Electron, which must be told to be Node.
      env: { ...process.env, NODE_OPTIONS: "", ELECTRON_RUN_AS_NODE: "1", ...environment },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    child.on("message", (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
    const ended = () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      for (const fail of [...this.#waiting.values()]) fail(undefined);
    };
    child.on("error", ended);
    child.on("exit", ended);
    return child;
  }
}
