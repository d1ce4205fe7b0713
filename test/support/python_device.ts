import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pythons } from "./pythons.ts";

/** The device of the documentation of request files, test/programs/device.py. */
export class PythonDevice {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(): Promise<PythonDevice> {
    const [python] = pythons;
    assert.ok(python, "no Python is installed");
    const path = join(import.meta.dirname, "../programs/device.py");
    const device = spawn(python.command, [path], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(device.stdout, "data");
    return new PythonDevice(device, Number(port));
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill();
    await ended;
  }
}
