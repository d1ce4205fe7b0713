import { MOST_TEXT, TRACED_CALLS } from "./tracer.ts";

/**
 * The options of strace(1) by which it tells what a `Tracer` understands. Behind them comes `--`, and the program.
 *
 * @param reader a command line for `sh` that reads it: strace starts it, and waits for its end
 * @param stopsLess whether strace knows how to let the calls pass that it is not asked for (`--seccomp-bpf`, since 5.3)
 */
export function straceOptions(reader: string, stopsLess: boolean): string[] {
  return [
    // Threads and children too; when, how long, and what each descriptor is; all bytes, each as \xHH.
    ...["-f", ...(stopsLess ? ["--seccomp-bpf"] : [])],
    ...["-ttt", "-T", "-yy", "-xx", "-s", String(MOST_TEXT)],
    ...["-e", "signal=none"],
    // What this machine does not know is left out.
    ...["-e", `trace=${TRACED_CALLS.map((name) => `?${name}`).join()}`],
    // What strace sees, no tap in the program is to see as well.
    ...["-E", "UDP_TAP_DIR"],
    ...["-o", `|exec ${reader}`],
  ];
}

/** A word for a POSIX shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
