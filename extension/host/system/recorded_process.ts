import { basename } from "node:path";
import type { CapturedProgram } from "../../core/capture/captured_socket.ts";
import type { Endpoint } from "../../core/wire/endpoint.ts";
import { parseSegmentName } from "../../core/wire/tap_identity.ts";
import { type OperatingSystem, thisSystem } from "./operating_system.ts";
import { hasOpen } from "./process_facts.ts";

export type RecordedProgram = Pick<CapturedProgram, "writer" | "pid" | "ppid">;

/**
 * Whether the process that has a recorded program's id is that program. The id may have been given out again; or it is
 * one of another namespace, where a container has the capture folder in it, and here it is somebody else's.
 *
 * What proves it on Linux: it has a file open that this program writes, or holds a socket that is bound as one of `ends`
 * (a tap that finds no room has no file). Elsewhere the system tells neither: there its parent has to be the recorded
 * one, or to be gone.
 */
export async function isRecordedProcess(
  { writer, pid, ppid }: RecordedProgram,
  ends: readonly Endpoint[],
  system: OperatingSystem | undefined = thisSystem(),
): Promise<boolean> {
  if (pid === undefined) return false;
  if (process.platform !== "linux") return isChildOf(pid, ppid, system);
  const isOurs = (path: string) => writerOf(basename(path)) === writer;
  if (await hasOpen(pid, isOurs).catch(() => false)) return true;
  if (!system || ends.length === 0) return false;
  const ports = new Set(ends.map(({ port }) => port));
  await system.udpSockets();
  await system.findOwners();
  const bound = (await system.udpSockets()).filter(({ port }) => ports.has(port));
  return bound.some((socket) => system.holds(pid, socket));
}

function writerOf(name: string): string | undefined {
  const segment = parseSegmentName(name);
  return segment && `${segment.startMs}-${segment.pid}.${segment.thread}`;
}

async function isChildOf(
  pid: number,
  ppid: number | undefined,
  system: OperatingSystem | undefined,
): Promise<boolean> {
  const found = await system?.process(pid);
  if (!system || found?.ppid === ppid) return true;
  return ppid !== undefined && (await system.process(ppid)) === undefined;
}
