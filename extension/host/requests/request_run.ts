import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import * as vscode from "vscode";
import type { Said } from "../../../scripts/udp_run.ts";
import { requestRuntime } from "../launch/file_runtime.ts";
import { tapEnvironment } from "../launch/tap_environment.ts";
import type { TaskPlaces } from "../launch/udp_task.ts";

/** What came of a block: a line of `udp_run --json`. */
export interface BlockResult {
  readonly title: string;
  /** That of its title, from 1 on. */
  readonly line: number;
  readonly outcome: "passed" | "failed" | "disabled";
  readonly ms: number;
  readonly retries: number;
  readonly failures: readonly BlockFailure[];
  readonly sent: readonly PassedDatagram[];
  readonly received: readonly PassedDatagram[];
  /** How many more came. */
  readonly dropped: number;
  readonly captured: readonly { readonly line: number; readonly value: string }[];
}

export interface BlockFailure {
  readonly line: number;
  readonly message: string;
  readonly said?: Said;
  /** Bytes in hexadecimal, where they are what differs. */
  readonly expected?: string;
  readonly got?: string;
}

/** The fields have Wireshark's names. */
export interface PassedDatagram {
  readonly "ip.src": string;
  readonly "udp.srcport": number;
  readonly "ip.dst": string;
  readonly "udp.dstport": number;
  readonly "data.data": string;
}

/** What is to be run of a file. */
export interface RequestRun {
  readonly file: vscode.Uri;
  /** Those of the blocks, from 1 on; all blocks, where it is left out. */
  readonly lines?: readonly number[];
  /** Of names, instead of those of the file. */
  readonly values: ReadonlyMap<string, string>;
  /** Addresses that may be sent to, besides this machine. */
  readonly allowed: readonly string[];
}

/** How long the runner may take to end before the harder signal. */
const PATIENCE_MS = 2000;
const MAX_COMPLAINT = 10_000;

/**
 * Runs a request file with the tap, so that what it sends is shown as any datagram is.
 *
 * @returns what it complains of, where it ran nothing: its exit code is 2
 */
export async function runRequestFile(
  { file, lines = [], values, allowed }: RequestRun,
  places: TaskPlaces,
  token: vscode.CancellationToken,
  onResult: (result: BlockResult) => void,
): Promise<string | undefined> {
  const runtime = await requestRuntime(places);
  const options = [
    "--json",
    // Not on the command line, which others of this machine see.
    ...(values.size > 0 ? ["--vars", "-"] : []),
    ...lines.flatMap((line) => ["--line", String(line)]),
    ...allowed.flatMap((address) => ["--allow", address]),
  ];
  const words = [places.runner, file.fsPath, ...options];
  const child = spawn(runtime.executable, [...runtime.args, ...words], {
    cwd: vscode.workspace.getWorkspaceFolder(file)?.uri.fsPath ?? dirname(file.fsPath),
    env: { ...process.env, ...runtime.env, ...tapEnvironment(places) },
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  child.stdin.on("error", () => {}); // it has ended before it read them, and says why
  child.stdin.end(JSON.stringify(Object.fromEntries(values)));
  let patience: NodeJS.Timeout | undefined;
  const cancelling = token.onCancellationRequested(() => {
    child.kill("SIGTERM");
    patience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  });
  try {
    const closed = once(child, "close");
    const [complaint, [exitCode]] = await Promise.all([
      complaintOf(child.stderr),
      closed,
      readResults(child.stdout, onResult),
    ]);
    return exitCode === 0 || exitCode === 1 || token.isCancellationRequested
      ? undefined
      : complaint;
  } finally {
    child.kill("SIGKILL"); // where it goes on although nobody hears it
    clearTimeout(patience);
    cancelling.dispose();
  }
}

async function readResults(output: Readable, onResult: (result: BlockResult) => void) {
  for await (const line of createInterface({ input: output, crlfDelay: Infinity })) {
    const result = JSON.parse(line) as BlockResult | { readonly passed: number };
    // The last line has the counts.
    if ("outcome" in result) onResult(result);
  }
}

async function complaintOf(output: Readable): Promise<string> {
  let complaint = "";
  output.setEncoding("utf8");
  for await (const text of output) complaint = (complaint + text).slice(0, MAX_COMPLAINT);
  return complaint.trim();
}
