import { basename } from "node:path";
import { threadId } from "node:worker_threads";
import { formatProgram, type TapProcess } from "../../core/wire/tap_identity.ts";

/** The thread that the tap runs in, and the file name of its script. */
export interface Program {
  readonly process: TapProcess;
  readonly name: string;
}

export function describeProgram(): Program {
  const { bun, deno, node } = process.versions;
  const runtime = bun ? "bun" : deno ? "deno" : "node";
  const words = programWords();
  return {
    process: {
      runtime,
      version: bun ?? deno ?? node,
      pid: process.pid,
      ppid: process.ppid,
      thread: threadId,
      program: formatProgram(words),
    },
    name: basename(words[0] ?? "") || runtime,
  };
}

/** The script and its arguments, without the runtime's own flags. */
function programWords(): readonly string[] {
  const isEval = process.execArgv.some((flag) => /^(?:-e|-p|-pe|--eval|--print)(?:=|$)/.test(flag));
  return isEval ? ["[eval]", ...process.argv.slice(1)] : process.argv.slice(1);
}
