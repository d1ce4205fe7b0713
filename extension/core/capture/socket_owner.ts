import type { CapturedProgram } from "./captured_socket.ts";

/** One thread of a program, whose sockets the tap counts; or what a file names that no tap wrote. */
export interface SocketOwner {
  readonly program: CapturedProgram;
  /** The thread's number; undefined where no tap wrote the file. */
  readonly thread: number | undefined;
  /** When its writer began, microseconds since 1970, where that is known: no socket of it was bound before. */
  readonly startedAt: number | undefined;
  /** Its sockets are no ports of this machine, whatever they are called. */
  readonly isForeign: boolean;
  /** The same for the same owner in all files of a writer, and for no other; see {@link ownerKey}. */
  readonly key: string;
}

/** Files of several programs may have been merged into one: the writer alone does not tell them apart. */
export function ownerKey(program: CapturedProgram, thread: number | undefined): string {
  const { writer, name, command, pid } = program;
  return [writer, pid, thread, name, command].join("\0");
}

/** True where the sockets of `one` were there before those of `other`: by when their writers began. */
export function isEarlierOwner(one: SocketOwner, other: SocketOwner | undefined): boolean {
  const by = (one.startedAt ?? 0) - (other?.startedAt ?? 0);
  return by < 0 || (by === 0 && one.key < (other?.key ?? ""));
}
