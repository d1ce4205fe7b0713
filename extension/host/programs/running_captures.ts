import type { Disposable } from "vscode";
import { setContextKey } from "../base/context_key.ts";
import type { CommandCapture } from "../capture/command_capture.ts";

/** The commands that capture now. They end with the window. */
export class RunningCaptures implements Disposable {
  readonly #running = new Map<number, CommandCapture>();
  readonly #onEnd: (summary: string) => void;

  /** `onEnd` is told in a sentence how each of them ended. */
  constructor(onEnd: (summary: string) => void) {
    this.#onEnd = onEnd;
  }

  add(capture: CommandCapture): void {
    const { pid } = capture;
    this.#running.set(pid, capture);
    this.#tell();
    void capture.ended.then((summary) => {
      this.#running.delete(pid);
      this.#tell();
      this.#onEnd(summary);
    });
  }

  /** Ends the one with that process, or all; resolves when they have ended. */
  async stop(pid?: number): Promise<{ stopped: number }> {
    const stopped = [...this.#running.values()].filter(
      (capture) => pid === undefined || capture.pid === pid,
    );
    for (const capture of stopped) capture.stop();
    await Promise.all(stopped.map(({ ended }) => ended));
    return { stopped: stopped.length };
  }

  dispose(): void {
    for (const capture of this.#running.values()) capture.dispose();
  }

  #tell(): void {
    setContextKey("udpWorkbench.capturing", this.#running.size > 0);
  }
}
