import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { straceOptions } from "../../core/strace/command_line.ts";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { findProgram } from "../system/find_program.ts";

const run = promisify(execFile);
/** It does nothing but look whether it may. */
const PATIENCE_MS = 10_000;

export interface Strace {
  /** Absolute. */
  readonly path: string;
  /** `6.1` */
  readonly version: string;
  /** It can let the calls pass that it is not asked for. */
  readonly stopsLess: boolean;
}

/** The strace of this machine, which has proved that it may trace; throws a {@link HumanError} that says what is missing. */
export async function findStrace(): Promise<Strace> {
  if (process.platform !== "linux") {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot watch a program: strace is for Linux; use UDP: Run File for JavaScript and Python, or UDP: Capture from Command.",
      ),
    );
  }
  const path = await findProgram("strace");
  if (path === undefined) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot watch a program: strace is not installed; install the package of that name.",
      ),
    );
  }
  let said = "";
  for (const stopsLess of [true, false]) {
    try {
      const options = [...straceOptions("cat >/dev/null", stopsLess), "--", "true"];
      await run(path, options, { timeout: PATIENCE_MS });
      return { path, version: await versionOf(path), stopsLess };
    } catch (error) {
      said = lastLine(error);
    }
  }
  throw new HumanError(whyNot(said, await ptraceScope()));
}

/**
 * Why strace, which said something, may not trace.
 *
 * @param scope `kernel.yama.ptrace_scope` (Documentation/admin-guide/LSM/Yama.rst); undefined where there is none
 */
export function whyNot(said: string, scope: number | undefined): string {
  const reason = printable(said, { limit: 200 });
  if (scope === 3) {
    return vscode.l10n.t(
      "Cannot watch a program: this machine lets nobody trace until it is started with another kernel.yama.ptrace_scope than 3 ({0}).",
      reason,
    );
  }
  if (scope === 2) {
    return vscode.l10n.t(
      "Cannot watch a program: only root may trace here ({0}); {1} lets everyone trace what they start.",
      reason,
      "sudo sysctl kernel.yama.ptrace_scope=1",
    );
  }
  return vscode.l10n.t(
    "Cannot watch a program: strace may not trace here ({0}); a container allows it when it is started with --cap-add=SYS_PTRACE.",
    reason,
  );
}

async function ptraceScope(): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile("/proc/sys/kernel/yama/ptrace_scope", "utf8"), 10);
  } catch {
    return undefined;
  }
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await run(path, ["--version"], { timeout: PATIENCE_MS });
  return /version ([^\s,]{1,40})/.exec(stdout)?.[1] ?? "?";
}

function lastLine(error: unknown): string {
  const { stderr = "", message = "" } = error as { stderr?: string; message?: string };
  return (stderr.trim() || message.trim()).split("\n").at(-1) ?? "";
}
