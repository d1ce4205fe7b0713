import { readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { thisSystem } from "./operating_system.ts";

/** USER_HZ: 100 on every Linux that Node supports. */
const CLOCK_TICKS_PER_SECOND = 100;
/** `btime` has whole seconds, and is corrected when the clock is. */
const START_TOLERANCE_MS = 2000;

/** Whether a process that exists is the one that wrote a capture file (Linux): it started before the file was made. Throws where it may not be looked at. */
export async function isWriterOf(pid: number, file: string): Promise<boolean> {
  const [status, kernel, { birthtimeMs, mtimeMs }] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile("/proc/stat", "utf8"),
    stat(file),
  ]);
  // Field 22 of proc_pid_stat(5), counted behind the command name, which may itself hold spaces and brackets.
  const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z") return false;
  const bootSeconds = Number(/^btime (\d+)$/m.exec(kernel)?.[1]);
  const startMs = (bootSeconds + Number(fields[19]) / CLOCK_TICKS_PER_SECOND) * 1000;
  const madeMs = birthtimeMs > 0 ? birthtimeMs : mtimeMs;
  if (!Number.isFinite(startMs) || startMs <= madeMs + START_TOLERANCE_MS) return true;
  // The system reckons from the time of day: where that was set on meanwhile, all seem to have started later.
  const writer = (await realpath(file)).replace(/\d+\.pcapng$/, "");
  return await hasOpen(pid, (path) => path.startsWith(writer));
}

/** Whether a process has a file open whose path is such a one (Linux). Throws where it may not be looked at. */
export async function hasOpen(pid: number, isOne: (path: string) => boolean): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for (const name of await readdir(folder)) {
    if (isOne(await readlink(`${folder}/${name}`).catch(() => ""))) return true;
  }
  return false;
}

/**
 * What tells two processes apart that had the same id one after the other: the boot and the clock tick at which it
 * started (Linux); "" elsewhere, and where there is no such process.
 */
export async function startOf(pid: number): Promise<string> {
  try {
    const [status, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    return `${boot.trim()} ${status.slice(status.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return "";
  }
}

/** The parent of a process, where the system tells. */
export async function parentOf(pid: number): Promise<number | undefined> {
  return (await thisSystem()?.process(pid))?.ppid;
}

/** The words that a process was started with, and its working directory, where the system tells both (Linux). */
export async function commandOf(
  pid: number,
): Promise<{ readonly words: readonly string[]; readonly cwd: string } | undefined> {
  try {
    const [process, cwd] = await Promise.all([
      thisSystem()?.process(pid),
      readlink(`/proc/${pid}/cwd`),
    ]);
    return process?.words[0] ? { words: process.words, cwd } : undefined;
  } catch {
    return undefined;
  }
}
