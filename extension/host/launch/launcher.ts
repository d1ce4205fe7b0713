import * as vscode from "vscode";
import type {
  ClientOptions,
  EndedClient,
  RelayOptions,
  RunningProgram,
  ServerOptions,
  StartedServer,
} from "../../api.ts";
import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { HumanError } from "../base/human_error.ts";
import { TASK_TYPE } from "../base/ids.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { bindFailureText } from "./bind_failure.ts";
import { fileTask } from "./file_task.ts";
import { type RunningTask, runTask } from "./running_task.ts";
import { ownRun } from "./tapped_task.ts";
import { refuseVariables, refuseVariablesInPath, withLiteralMessages } from "./task_variables.ts";
import { type TaskPlaces, type UdpTaskDefinition, udpTask } from "./udp_task.ts";

/** Thrown when a server could not bind; tells what it tried. */
export class BindError extends HumanError {
  /** The system's name for the reason, such as `EADDRINUSE`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** A program of the user's that runs. */
export interface RunningFile extends RunningProgram {
  /** The first socket that it could not bind; known when it has ended, undefined where it bound all. */
  readonly failed: Promise<CapturedSocket | undefined>;
}

/** Starts programs in terminals, with the tap, and tells from the capture how they fare. */
export class Launcher {
  readonly #live: LiveCapture;
  readonly #places: TaskPlaces;

  constructor(live: LiveCapture, places: TaskPlaces) {
    this.#live = live;
    this.#places = places;
  }

  /** Resolves once the server is bound; throws a {@link BindError} or another HumanError when it ends before. */
  startServer(options: ServerOptions): Promise<StartedServer> {
    return this.#startBound({ type: TASK_TYPE, program: "server", ...options });
  }

  /** The same for a relay: resolves with where clients send to. */
  startRelay(options: RelayOptions): Promise<StartedServer> {
    return this.#startBound({ type: TASK_TYPE, program: "relay", ...options });
  }

  async #startBound(definition: UdpTaskDefinition): Promise<StartedServer> {
    const known = this.#live.capture.sockets.added;
    const { pid, ended } = await this.#run(definition);
    const socket = await this.#firstSocket(pid, known, ended);
    if (socket?.state === "failed") throw new BindError(bindFailureText(socket), socket.failure);
    if (!socket?.local || socket.program.pid === undefined) {
      throw new HumanError(
        vscode.l10n.t(
          "Cannot start {0}: it ended before it was bound; its terminal says why.",
          `udp_${definition.program}`,
        ),
      );
    }
    return { ...socket.local, pid: socket.program.pid };
  }

  /** Resolves when the client has ended. */
  async startClient(options: ClientOptions): Promise<EndedClient> {
    const { ended } = await this.#run({
      type: TASK_TYPE,
      program: "client",
      ...withLiteralMessages(options),
    });
    const exitCode = await ended;
    await this.#live.scan();
    return { exitCode };
  }

  /** Resolves once the file's program runs, with the id of the process that its terminal has. */
  async runFile(uri: vscode.Uri, args: readonly string[]): Promise<RunningFile> {
    refuseVariablesInPath(uri.fsPath);
    refuseVariables({ args });
    const known = this.#live.capture.sockets.added;
    const { pid, ended } = await runTask(await fileTask(uri, args, this.#places));
    // What a program wrote in its last moment is read before.
    const failed = ended
      .then(() => this.#live.scan())
      .then(() => this.#socketsOf(pid, known).find(({ state }) => state === "failed"));
    return { pid, failed };
  }

  async #run(definition: UdpTaskDefinition): Promise<RunningTask> {
    refuseVariables(definition);
    return runTask(await udpTask(ownRun(definition), this.#places));
  }

  /** The first socket that the program binds or fails to bind; undefined when it ends without. */
  async #firstSocket(
    pid: number,
    known: number,
    ended: Promise<unknown>,
  ): Promise<CapturedSocket | undefined> {
    let listener: vscode.Disposable | undefined;
    const found = new Promise<CapturedSocket>((resolve) => {
      const look = () => {
        const socket = this.#socketOf(pid, known);
        if (socket) resolve(socket);
      };
      listener = this.#live.onDidChange(look);
      look();
    });
    try {
      // What a program wrote in its last moment is read before it is said that it bound nothing.
      const gone = ended.then(() => this.#live.scan()).then(() => this.#socketOf(pid, known));
      return await Promise.race([found, gone]);
    } finally {
      listener?.dispose();
    }
  }

  /** The first new socket of a program: one started with that id, or by a launcher such as tsx that has it. */
  #socketOf(pid: number, known: number): CapturedSocket | undefined {
    return this.#socketsOf(pid, known)[0];
  }

  #socketsOf(pid: number, known: number): CapturedSocket[] {
    return [...this.#live.capture.sockets]
      .filter(({ id }) => id >= known)
      .filter(({ program }) => program.pid === pid || program.ppid === pid)
      .sort((one, other) => one.id - other.id);
  }
}
