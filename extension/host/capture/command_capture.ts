import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import * as vscode from "vscode";
import type { CaptureProblem } from "../../core/files/problem.ts";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { numberText } from "../base/number_text.ts";
import { CommandFiles } from "./command_files.ts";
import { captureProblemText } from "./problem_text.ts";

/** A command that writes a capture to its output. */
export interface CaptureCommand {
  /** The program, or a line for the shell where there are no `args`. */
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd: string;
}

/** How long a command may take to end before the next, harder signal. */
const PATIENCE_MS = 2000;
const SHELL_NOT_FOUND = 127;

/** A running command whose capture the panel shows. It ends with the window: nobody else would read its output. */
export class CommandCapture {
  /** Resolves when the output has proved to be a capture; rejects with a HumanError when it ends before. */
  readonly started: Promise<void>;
  /** Resolves with a sentence on how it went, when it has ended and everything is in the files. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #title: string;
  #lastLine = "";
  #isStopped = false;

  private constructor(
    child: ChildProcessByStdio<null, Readable, Readable>,
    title: string,
    folder: string,
  ) {
    this.#child = child;
    this.#title = title;
    const files = new CommandFiles(folder, child.pid ?? 0);
    let ended = Promise.resolve("");
    this.started = new Promise((resolve, reject) => {
      ended = this.#follow(files, resolve).catch((error: Error) => {
        reject(error);
        this.stop();
        return error.message;
      });
    });
    this.ended = ended;
    // Who starts it may not be the one who waits.
    this.started.catch(() => {});
  }

  /**
   * Starts the command; throws a HumanError where there is no such program.
   *
   * @param tell is called with each line of its error output.
   */
  static async start(
    { command, args, cwd }: CaptureCommand,
    folder: string,
    tell: (line: string) => void,
  ): Promise<CommandCapture> {
    const child = spawn(command, args ?? [], {
      cwd,
      shell: args === undefined,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that what a shell or sudo started ends with it.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    const title = printable([command, ...(args ?? [])].join(" "), { limit: 80 });
    try {
      await once(child, "spawn");
    } catch (error) {
      throw new HumanError(
        vscode.l10n.t(
          "Cannot capture from {0}: {1}; install it or correct the command.",
          title,
          error instanceof Error ? error.message : String(error),
        ),
      );
    }
    const capture = new CommandCapture(child, title, folder);
    capture.#followErrors(tell);
    return capture;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends the command as Ctrl+C would, so that it can flush what it has; then harder. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const timers = (["SIGINT", "SIGTERM", "SIGKILL"] as const).map((signal, step) =>
      setTimeout(() => this.#signal(signal), step * PATIENCE_MS),
    );
    this.#child.once("close", () => {
      for (const timer of timers) clearTimeout(timer);
    });
  }

  /** Ends it at once: the window closes. */
  dispose(): void {
    this.#isStopped = true;
    this.#signal("SIGTERM");
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null) return;
    try {
      process.kill(process.platform === "win32" ? pid : -pid, signal);
    } catch {
      // It has ended in between.
    }
  }

  async #follow(files: CommandFiles, start: () => void): Promise<string> {
    const closed = once(this.#child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
    const { splitter } = files;
    try {
      // Reading waits for writing: a command that is quicker than the disk is held up, as on any pipe.
      for await (const bytes of this.#child.stdout as AsyncIterable<Uint8Array>) {
        await files.write(bytes);
        if (splitter.problem !== undefined) throw this.#notCapture(splitter.problem);
        if (splitter.hasBegun) start();
      }
    } finally {
      await files.close();
    }
    const [code] = await closed;
    if (!splitter.hasBegun) throw this.#endedEarly(code);
    return this.#summary(code, files);
  }

  #summary(code: number | null, { splitter }: CommandFiles): string {
    const what =
      code === 0 || this.#isStopped
        ? vscode.l10n.t("{0} has ended.", this.#title)
        : vscode.l10n.t("{0} has ended with exit code {1}.", this.#title, code ?? "?");
    const counts = vscode.l10n.t(
      "{0} datagrams and {1} other packets were captured.",
      numberText(splitter.datagrams),
      numberText(splitter.otherPackets),
    );
    const rest =
      splitter.unfinished === 0
        ? ""
        : ` ${vscode.l10n.t("The last {0} bytes are no whole packet.", numberText(splitter.unfinished))}`;
    return `${what} ${counts}${rest}`;
  }

  #notCapture(problem: CaptureProblem): HumanError {
    return new HumanError(
      vscode.l10n.t(
        "Cannot capture from {0}: it must write pcap or pcapng to its output. {1}",
        this.#title,
        captureProblemText(problem),
      ),
    );
  }

  #endedEarly(code: number | null): HumanError {
    const said = this.#lastLine === "" ? "" : `: ${this.#lastLine}`;
    return new HumanError(
      code === SHELL_NOT_FOUND
        ? vscode.l10n.t(
            "Cannot capture from {0}: there is no such program{1}; install it or correct the command.",
            this.#title,
            said,
          )
        : vscode.l10n.t(
            "Cannot capture from {0}: it ended with exit code {1} and wrote no capture{2}.",
            this.#title,
            code ?? "?",
            said,
          ),
    );
  }

  /** What a command says is hostile as well: behind ssh, another machine says it. */
  #followErrors(tell: (line: string) => void): void {
    const decoder = new TextDecoder();
    let rest = "";
    const take = (text: string) => {
      const lines = `${rest}${text}`.split(/\r\n|\r|\n/);
      rest = (lines.pop() ?? "").slice(-MOST_LINE);
      for (const line of lines) {
        if (line === "") continue;
        this.#lastLine = printable(line, { limit: 200 });
        tell(printable(line, { limit: MOST_LINE }));
      }
    };
    this.#child.stderr.on("data", (bytes: Uint8Array) => {
      take(decoder.decode(bytes, { stream: true }));
    });
    this.#child.stderr.on("end", () => take("\n"));
  }
}

/** Characters of a line that are shown. */
const MOST_LINE = 1000;
