import type { CapturedSocket } from "../../core/capture/captured_socket.ts";
import { CaptureFolder } from "./capture_folder.ts";

/** True for the last segment of a program that has a socket open; `segments`: the names of all, in their order. */
export function isWritten(
  name: string,
  segments: readonly string[],
  open: readonly CapturedSocket[],
): boolean {
  const writer = CaptureFolder.writerOf(name);
  return (
    segments.findLast((other) => CaptureFolder.writerOf(other) === writer) === name &&
    open.some(({ program }) => program.writer === writer)
  );
}
