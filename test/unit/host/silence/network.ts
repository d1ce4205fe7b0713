import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { projectFolder } from "../../../support/cache_folder.ts";

// What a scenario of silence is made of. Runs in a network namespace of its own, as root there.

const TAP = join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs");
const children = new Set<ChildProcess>();

/** Ends what the scenario has started. */
export function endAll(): void {
  for (const child of children) child.kill("SIGKILL");
}

export function ip(words: string): void {
  execFileSync("ip", words.split(" "));
}

/** Two interfaces with a cable between them, both of this machine. */
export async function cable(one: string, other: string): Promise<void> {
  ip("link add v0 type veth peer name v1");
  ip(`addr add ${one}/24 dev v0`);
  ip(`addr add ${other}/24 dev v1`);
  ip("link set v0 up");
  ip("link set v1 up");
  await areUp("v0", "v1");
}

/** The kernel tells a moment later that a link runs, and Node lists no other. */
async function areUp(...devices: readonly string[]): Promise<void> {
  while (!devices.every((device) => networkInterfaces()[device])) await setTimeout(5);
}

/** Another machine: a network namespace, whose `device` is at the other end of a cable from `own`. */
export class Machine {
  readonly #pid: number;

  private constructor(pid: number) {
    this.#pid = pid;
  }

  static async start(): Promise<Machine> {
    const child = spawn("unshare", ["--net", "sh", "-c", "echo up; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.add(child);
    await once(child.stdout, "data");
    const machine = new Machine(child.pid ?? 0);
    machine.run("ip link set lo up");
    return machine;
  }

  /** Runs a line of sh there. */
  run(line: string): void {
    execFileSync("nsenter", ["-t", `${this.#pid}`, "-n", "sh", "-c", line]);
  }

  /** A cable from here to there. */
  async connect(own: string, other: string): Promise<void> {
    ip("link add v0 type veth peer name v1");
    ip(`link set v1 netns ${this.#pid}`);
    ip(`addr add ${own}/24 dev v0`);
    ip("link set v0 up");
    this.run(`ip addr add ${other}/24 dev v1 && ip link set v1 up`);
    await areUp("v0");
  }

  /** A cable from there to a third machine. */
  connectTo(third: Machine, own: string, other: string): void {
    this.run("ip link add w0 type veth peer name w1");
    this.run(`ip link set w1 netns ${third.#pid}`);
    this.run(`ip addr add ${own}/24 dev w0 && ip link set w0 up`);
    third.run(`ip addr add ${other}/24 dev w1 && ip link set w1 up`);
  }
}

export interface BindOptions {
  readonly address: string;
  readonly port: number;
  readonly reuseAddr?: boolean;
  readonly ipv6Only?: boolean;
}

/** A socket of this process. */
export async function bind({ address, port, ...options }: BindOptions): Promise<Socket> {
  const socket = createSocket({ type: address.includes(":") ? "udp6" : "udp4", ...options });
  const bound = once(socket, "listening");
  socket.bind({ port, address });
  await bound;
  socket.on("error", () => {});
  return socket;
}

export async function connect(socket: Socket, port: number, address: string): Promise<void> {
  const connected = once(socket, "connect");
  socket.connect(port, address);
  await connected;
}

export function send(socket: Socket, text: string, port?: number, address?: string): Promise<void> {
  return new Promise((resolve) => {
    const sent = () => resolve();
    if (port === undefined) socket.send(text, sent);
    else socket.send(text, port, address, sent);
  });
}

export interface Program {
  readonly pid: number;
  stop(signal: NodeJS.Signals): void;
  /** Its next line of output. */
  line(): Promise<string>;
}

/** A program in JavaScript that has `dgram`, and says a line when it is as it should be. With the tap it is watched. */
export async function program(source: string, folder?: string): Promise<Program> {
  const tapped = folder === undefined ? [] : ["--require", TAP];
  const child = spawn(
    process.execPath,
    [...tapped, "-e", `const dgram = require("dgram");${source}`],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        NODE_OPTIONS: "",
        ...(folder !== undefined && { UDP_TAP_DIR: folder }),
      },
    },
  );
  children.add(child);
  const line = async () => String((await once(child.stdout, "data"))[0]).trim();
  await line();
  return { pid: child.pid ?? 0, line, stop: (signal) => void child.kill(signal) };
}

/** A command that captures an interface into a file; resolves when it does. */
export async function dumpcap(device: string, file: string): Promise<Program> {
  const child = spawn("dumpcap", ["-q", "-i", device, "-w", file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  children.add(child);
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (text) => {
      said += text;
      if (/^File: /m.test(said)) resolve();
    });
    child.on("close", () => reject(new Error(said)));
  });
  return { pid: child.pid ?? 0, line: async () => "", stop: (signal) => void child.kill(signal) };
}

export function captureFolder(): string {
  return mkdtempSync(join(tmpdir(), "udp-workbench-silence-"));
}
