/**
 * Reads what strace writes of a program, from standard input, and records its UDP sockets into the capture folder that
 * `UDP_TAP_DIR` names. It is started by strace itself (`strace -o '|...'`), which waits for it, and holds the program up
 * where it cannot follow: so nothing is lost, and little is in memory.
 *
 *     strace_tap.cjs VERSION       strace's own, `6.1`
 */
import { LineSplitter } from "../../core/strace/line_splitter.ts";
import { Tracer } from "../../core/strace/tracer.ts";
import { readSettings } from "../node/settings.ts";
import { LocalEnds } from "./local_ends.ts";
import { TraceRecorder } from "./trace_recorder.ts";

/** How soon a port is seen that the system has chosen. */
const LOOK_MS = 50;

const settings = readSettings(process.env);
const [version = "?"] = process.argv.slice(2);

// Ctrl+C is the program's; strace ends with it, and this with strace.
for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGTSTP"] as const) {
  process.on(signal, () => {});
}

if (!settings) process.stdin.resume();
else {
  const recorder = new TraceRecorder(settings, version, process.ppid, ({ pid }) => {
    process.stderr.write(
      `UDP Workbench: process ${pid} uses io_uring, which strace does not see: datagrams may be missing in the panel.\n`,
    );
  });
  const lines = new LineSplitter();
  const tracer = new Tracer(recorder);
  const ends = new LocalEnds(tracer);
  const timer = setInterval(() => ends.look(), LOOK_MS);
  process.stdin.on("data", (bytes: Buffer) => {
    for (const line of lines.take(bytes)) tracer.take(line);
  });
  process.stdin.on("close", () => {
    clearInterval(timer);
    tracer.finish();
  });
}
