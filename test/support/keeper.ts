// Runs a command for as long as its own stdin is open, then ends it and everything that it started. Whoever starts
// a keeper holds the other end of that pipe, and the system closes it however its owner dies: no hook is needed
// for Ctrl+C, a crash or SIGKILL, and nothing is left behind.
//
// Whatever is written into that pipe kills the command itself, as a crash does.
//
//     node keeper.ts MARK COMMAND [ARGUMENT...]

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { endMarked, MARK } from "./marked_processes.ts";

const [mark = "", command = "", ...args] = process.argv.slice(2);
const child = spawn(command, args, {
  stdio: ["ignore", "inherit", "inherit"],
  env: { ...process.env, [MARK]: mark },
});
const exited = once(child, "exit");
process.stdin.on("data", () => child.kill("SIGKILL"));
await Promise.race([exited, once(process.stdin, "close")]);
if (process.platform === "win32" && child.exitCode === null) {
  spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"]);
}
await endMarked(mark);
await exited;
process.exit(child.exitCode ?? 0);
