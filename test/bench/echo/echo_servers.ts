import { join } from "node:path";
import { projectFolder } from "../../support/cache_folder.ts";
import { type Runtime, runtimes } from "../../support/runtimes.ts";
import { programTime } from "../peers.ts";
import { compiled } from "./compiled.ts";
import type { Command } from "./pinned.ts";

/** A server that the bench can start on a port. */
export interface EchoServer {
  readonly command: (port: number) => Command;
  readonly environment?: NodeJS.ProcessEnv;
  /** Where it records, if it does. */
  readonly captures?: string;
}

/** The runtimes that the two scripts promise a speed on. */
export type RuntimeName = "Node 24" | "Bun" | "Deno";

const TAP = join(projectFolder, "dist/node_modules/udp-workbench/tap.cjs");
const SCRIPT = join(projectFolder, "scripts/udp_server.ts");

/** Our server as it is shipped; undefined where the runtime is not installed. */
export function ownServer(
  name: RuntimeName,
  options: { readonly args?: readonly string[]; readonly script?: string } = {},
): EchoServer | undefined {
  const found = installed(name);
  return (
    found && {
      command: (port) => [
        found.command,
        ...found.runtime.bare(),
        options.script ?? SCRIPT,
        ...["--port", String(port), ...(options.args ?? [])],
      ],
    }
  );
}

/** The same with the tap, or another one, which records into a folder of its own in `folder`. */
export function tappedServer(
  name: RuntimeName,
  folder: string,
  tap: string = TAP,
): EchoServer | undefined {
  const found = installed(name);
  if (!found) return undefined;
  const captures = join(folder, `captures-${name.replace(" ", "-")}`);
  return {
    captures,
    command: (port) => [
      found.command,
      ...found.runtime.tapped(tap, captures),
      ...[SCRIPT, "--port", String(port)],
    ],
    environment: { UDP_TAP_DIR: captures },
  };
}

/** What the runtime itself costs: a socket of node:dgram that sends back what comes, and does nothing else. */
export function emptyLoop(): EchoServer {
  const loop = join(import.meta.dirname, "empty_loop.ts");
  return { command: (port) => [process.execPath, loop, String(port)] };
}

/** The first lesson's server in Python. */
export async function tutorialServer(): Promise<EchoServer | undefined> {
  try {
    await programTime("python3", "--version");
  } catch {
    return undefined;
  }
  const script = join(import.meta.dirname, "tutorial_server.py");
  return { command: (port) => ["python3", script, String(port)] };
}

/** What the system itself costs. */
export async function systemLoop(folder: string): Promise<EchoServer | undefined> {
  const program = await compiled("echo_loop", folder);
  return program === undefined ? undefined : { command: (port) => [program, String(port)] };
}

function installed(
  name: RuntimeName,
): { readonly runtime: Runtime; readonly command: string } | undefined {
  const runtime = runtimes.find((it) => it.name === name);
  return runtime?.command === undefined ? undefined : { runtime, command: runtime.command };
}
