// Runs a command for as long as its own stdin is open, then ends it and everything that it started. Whoever starts
// a keeper holds the other end of that pipe, and the system closes it however its owner dies: no hook is needed
// for Ctrl+C, a crash or SIGKILL, and nothing is left behind: not even the FOLDER that its files are in, unless that is
// "" or the command has ended before.
//
// Whatever is written into that pipe kills the command itself, as a crash does.
//
//     node keeper.ts MARK FOLDER COMMAND [ARGUMENT...]

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { endMarked, KEPT_NODE_OPTIONS, MARK, markedBy } from "./marked_processes.ts";

const [mark = "", folder = "", command = "", ...args] = process.argv.slice(2);
const { [KEPT_NODE_OPTIONS]: nodeOptions, ...env } = process.env;
const child = spawn(command, args, {
  stdio: ["ignore", "inherit", "inherit"],
  env: {
    ...env,
    ...(nodeOptions !== undefined && { NODE_OPTIONS: nodeOptions }),
    [MARK]: markedBy(mark),
  },
});
const exited = once(child, "exit");
process.stdin.on("data", () => child.kill("SIGKILL"));
const ownerGone = once(process.stdin, "close").then(() => true);
const isLeft = await Promise.race([exited.then(() => false), ownerGone]);
if (process.platform === "win32" && child.exitCode === null) {
  spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"]);
}
await endMarked(mark);
await exited;
if (isLeft && folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
process.exit(child.exitCode ?? 0);
