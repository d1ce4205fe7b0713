import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { KeptProcess } from "./kept_process.ts";
import { MARK, markedBy } from "./marked_processes.ts";

export type ScriptName = "udp_server" | "udp_client" | "udp_relay" | "udp_run";

/** How the program at a path is run. `files`: whether it has to read files, for which Deno asks. */
type Command = (path: string, files: boolean) => string[];

/** A way to run the scripts. */
export interface Runtime {
  readonly name: string;
  /** Program and first arguments; undefined where this machine has none. */
  readonly command: Command | undefined;
  /** Where a script is. */
  readonly path: (script: ScriptName) => string;
  /** What it lacks, so that a test expects something else of it. */
  readonly lacks: ReadonlySet<"refused" | "reusePort" | "portZero">;
}

/** How a program ended. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "node_modules/.bin");
const NODE_24 = inModules("node");
const NODE_20 = nodeOnPath(20);
/**
 * Without the `tsx` command, which is another process before the script's: on a busy machine it kills a script that
 * has not reported Ctrl+C within 60 ms, and exits with 130.
 */
const TSX = ["--import", import.meta.resolve("tsx")];
const NO_REUSE_PORT = new Set(["reusePort"] as const);

const source = (script: ScriptName) => join(ROOT, `scripts/${script}.ts`);
const built = (script: ScriptName) =>
  join(ROOT, script === "udp_run" ? "dist/host/udp_run.js" : `dist/scripts/${script}.mjs`);

/** Everything that the scripts must run on, as a person starts them there. */
export const runtimes: readonly Runtime[] = [
  runtime("Node 24", NODE_24, (path) => [path]),
  runtime("tsx on Node 20", NODE_20, (path) => [...TSX, path], NO_REUSE_PORT),
  runtime(
    "Deno",
    inModules("deno"),
    (path, files) => {
      const allowed = files ? ["--allow-net", "--allow-read"] : ["--allow-net"];
      return ["run", "--no-prompt", "--no-config", ...allowed, path];
    },
    new Set(["refused", "reusePort"]),
  ),
  runtime("Bun", inModules("bun"), (path) => [path], new Set(["portZero"])),
];

/** The same, but without compiling anything on Node 20: for what depends on the runtime alone. */
export const quickRuntimes: readonly Runtime[] = runtimes.map((it) =>
  it.command && it.name.endsWith("Node 20") && isBuilt()
    ? { ...runtime("Node 20, built", NODE_20, (path) => [path], NO_REUSE_PORT), path: built }
    : it,
);

/** As in the first lesson: `npx tsx udp_server.ts`. */
export const tsxCommand: Runtime = runtime("the tsx command", NODE_20, (path) => [
  join(ROOT, "node_modules/tsx/dist/cli.mjs"),
  path,
]);

/** The one for what does not depend on the runtime. */
export const node24: Runtime = runtimes[0] ?? runtime("Node 24", undefined, () => []);

function runtime(
  name: string,
  program: string | undefined,
  args: Command,
  lacks: Runtime["lacks"] = new Set(),
): Runtime {
  const command: Command | undefined =
    program === undefined ? undefined : (path, files) => [program, ...args(path, files)];
  return { name, command, path: source, lacks };
}

/** Whether `npm run build` was after the last change; an old build would only confuse. */
function isBuilt(): boolean {
  const names: readonly ScriptName[] = ["udp_server", "udp_client", "udp_relay"];
  return names.every((name) => {
    const time = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return time(built(name)) >= time(source(name));
  });
}

function inModules(name: string): string | undefined {
  const path = join(BIN, name);
  return existsSync(path) ? path : undefined;
}

/** A Node of that major version that is not the project's own. */
function nodeOnPath(major: number): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, "node");
    if (folder.includes("node_modules") || !existsSync(path)) continue;
    const version = execFileSync(path, ["--version"], { encoding: "utf8" });
    if (version.startsWith(`v${major}.`)) return path;
  }
  return undefined;
}

const running = new Set<ChildProcess>();

let warden: KeptProcess | undefined;

/** What a program needs in its environment to end with these tests, also where they are killed. */
function markOfTests(): string {
  if (!warden) {
    warden = new KeptProcess(process.execPath, ["-e", "setInterval(() => {}, 1e9)"]);
    warden.unref();
  }
  return warden.mark;
}

/** Ends what a failed test has left behind, with all that it started in turn. */
export function endPrograms(): void {
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      // It ended in this moment.
    }
  }
  running.clear();
}

export interface StartOptions {
  /** Standard input: a text, or "open" to be written to later; nothing by default. */
  readonly input?: string | Buffer | "open";
  readonly environment?: NodeJS.ProcessEnv;
  /** Whether the script reads files. */
  readonly files?: boolean;
}

/** A program that was started, and what it has printed until now. */
export class Program {
  stdout = "";
  stderr = "";
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();

  constructor(command: readonly string[], options: StartOptions = {}) {
    const { input, environment = {} } = options;
    const [program = "", ...args] = command;
    const inherited = { ...process.env };
    // The tests themselves may run under the tap.
    for (const name of Object.keys(inherited)) {
      if (name.startsWith("UDP_TAP_") || name === "NODE_OPTIONS") delete inherited[name];
    }
    const child = spawn(program, args, {
      env: { ...inherited, [MARK]: markedBy(markOfTests()), ...environment },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true, // a group of its own, as a terminal makes
    });
    this.#child = child;
    running.add(child);
    child.stdin?.on("error", () => {});
    if (input !== undefined && input !== "open") child.stdin?.end(input);
    child.stdout?.setEncoding("utf8").on("data", (text) => this.#note("stdout", text));
    child.stderr?.setEncoding("utf8").on("data", (text) => this.#note("stderr", text));
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => {
        running.delete(child);
        resolve({ exitCode, stdout: this.stdout, stderr: this.stderr });
        for (const watcher of this.#watchers) watcher();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get #hasEnded(): boolean {
    return !running.has(this.#child);
  }

  /** Resolves to the match as soon as the output has it; fails when it cannot come any more. */
  seen(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (!match && !this.#hasEnded) return;
        this.#watchers.delete(look);
        if (match) resolve(match);
        else reject(new Error(`ended without ${pattern}: ${this.stdout}${this.stderr}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Types a line. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  closeInput(): void {
    this.#child.stdin?.end();
  }

  /** Reads no more, as `| head -1` does. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  /** Reads nothing for now, like a terminal that is slow. */
  pauseOutput(): void {
    this.#child.stdout?.pause();
  }

  resumeOutput(): void {
    this.#child.stdout?.resume();
  }

  /** Sends signals, as Ctrl+C does to the whole group, and waits for the end. Several come at the same moment. */
  stop(...signals: readonly NodeJS.Signals[]): Promise<Outcome> {
    const { pid } = this.#child;
    if (pid !== undefined && !this.#hasEnded) {
      const [signal = "SIGINT", ...others] = signals;
      // Stopped, the program can do nothing between the first one and the last.
      const sent =
        others.length > 0 ? (["SIGSTOP", signal, ...others, "SIGCONT"] as const) : [signal];
      for (const each of sent) process.kill(-pid, each);
    }
    return this.ended;
  }

  /** Lets it stand still for so long, as Ctrl+Z or a laptop that sleeps does. */
  async pause(milliseconds: number): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || this.#hasEnded) return;
    process.kill(-pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    process.kill(-pid, "SIGCONT");
  }

  #note(stream: "stdout" | "stderr", text: string): void {
    this[stream] += text;
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** A server that has said which port it has. */
export interface Server extends Program {
  readonly port: number;
}

/** The scripts on one runtime. */
export class Scripts {
  readonly runtime: Runtime;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** The command line that runs a script. */
  command(script: ScriptName, files = false): string[] {
    const { name, command, path } = this.runtime;
    if (!command) throw new Error(`This machine has no ${name}`);
    return command(path(script), files);
  }

  start(script: ScriptName, args: readonly string[], options?: StartOptions): Program {
    return new Program([...this.command(script, options?.files), ...args], options);
  }

  /** Starts a server on a free port; resolves when the port is bound. */
  async server(args: readonly string[] = [], options?: StartOptions): Promise<Server> {
    const words = args.includes("--port") ? args : ["--port", "0", ...args];
    return this.#bound(this.start("udp_server", words, options));
  }

  /** Starts a relay to a port of 127.0.0.1 on a free port; resolves when that is bound. */
  async relay(to: number | string, args: readonly string[] = []): Promise<Server> {
    const target = typeof to === "number" ? `127.0.0.1:${to}` : to;
    const words = args.includes("--listen") ? args : ["--listen", "127.0.0.1:0", ...args];
    return this.#bound(this.start("udp_relay", ["--to", target, ...words]));
  }

  async #bound(program: Program): Promise<Server> {
    const [, text, json] = await program.seen(/Bind UDP on (\d+)|"port":(\d+)\}/);
    return Object.assign(program, { port: Number(text ?? json) });
  }

  /** Runs a client to its end; it is patient, since the machine may be busy. */
  client(port: number, args: readonly string[] = [], options?: StartOptions): Promise<Outcome> {
    const words = args.includes("--timeout") ? args : ["--timeout", "30s", ...args];
    return this.start("udp_client", ["--port", `${port}`, ...words], options).ended;
  }
}
