import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { fileErrorText } from "../base/file_error_text.ts";
import { registerGuarded } from "../base/guarded.ts";
import { HumanError } from "../base/human_error.ts";
import { Commands, EXTENSION, Settings } from "../base/ids.ts";
import { optionError } from "../base/option_error.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { DatagramsPage } from "../datagrams/datagrams_page.ts";
import { rowsOf, SCOPES, type Scope } from "../datagrams/scope.ts";
import { findProgram } from "../system/find_program.ts";
import { allRecords, exportCapture, recordsOfRows } from "./export_capture.ts";

interface WiresharkContext {
  readonly live: LiveCapture;
  readonly log: vscode.LogOutputChannel;
  /** What wrote the file. */
  readonly application: string;
}

/** What it takes. */
interface WiresharkArgument {
  /** `all` of the window's capture (the default), or what is `filtered` or `selected` in the grid that was used last. */
  readonly datagrams?: Scope;
}

/** *Open in Wireshark*: an export of the datagrams; returns how many there are. */
export function registerOpenInWireshark(context: WiresharkContext): vscode.Disposable {
  const handler = async (argument?: WiresharkArgument | { readonly webview: string }) => {
    const source = DatagramsPage.lastUsed?.source ?? context.live;
    if (!argument) return openInWireshark(context, source, preferredScope());
    if ("webview" in argument) return openInWireshark(context, source, "selected");
    const { datagrams: scope = "all" } = argument;
    if (!SCOPES.includes(scope)) throw optionError("datagrams", SCOPES.join(", "));
    return openInWireshark(context, scope === "all" ? context.live : source, scope);
  };
  return registerGuarded(Commands.openInWireshark, handler, context.log);
}

/** What a person sees in the grid is what is meant. */
function preferredScope(): Scope {
  return DatagramsPage.lastUsed?.isFiltered ? "filtered" : "all";
}

async function openInWireshark(
  { live, log, application }: WiresharkContext,
  source: CaptureSource,
  scope: Scope,
): Promise<{ datagrams: number }> {
  const program = await findWireshark();
  if (source === live) await live.scan();
  const ids =
    scope === "all"
      ? allRecords(source.capture)
      : recordsOfRows(source.capture, await rowsOf(scope, vscode.l10n.t("Cannot open Wireshark")));
  // Private: captures hold what others said.
  const folder = await mkdtemp(join(tmpdir(), "udp-workbench-"));
  const remove = () =>
    rm(folder, { recursive: true, force: true }).catch((e) => log.warn(String(e)));
  try {
    const uri = vscode.Uri.file(join(folder, "udp.pcapng"));
    const result = await exportCapture({ source, ids, uri, format: "pcapng", application });
    // Never in the workspace, whose files it might take for its own.
    const options = { cwd: homedir(), detached: true, stdio: "ignore", shell: false } as const;
    const child = spawn(program, ["-r", uri.fsPath], options);
    child.once("exit", remove);
    await once(child, "spawn");
    child.unref();
    return result;
  } catch (error) {
    await remove();
    if (error instanceof HumanError) throw error;
    throw new HumanError(vscode.l10n.t("Cannot start {0}: {1}.", program, fileErrorText(error)));
  }
}

async function findWireshark(): Promise<string> {
  const settings = vscode.workspace.getConfiguration(EXTENSION);
  const path = settings.get<string>(Settings.wiresharkPath, "").trim();
  const places =
    path !== "" ? [path] : process.platform === "win32" ? windowsPlaces() : ["", ...MACOS_PLACES];
  for (const place of places) {
    const found = await findProgram("wireshark", place);
    if (found !== undefined) return found;
  }
  throw new HumanError(
    path === ""
      ? vscode.l10n.t(
          "Cannot find Wireshark: install it, or say in the setting udpWorkbench.wiresharkPath where it is; Export Capture writes a file for it.",
        )
      : vscode.l10n.t(
          "Cannot start {0}: there is no such program; correct the setting udpWorkbench.wiresharkPath.",
          path,
        ),
  );
}

const MACOS_PLACES =
  process.platform === "darwin" ? ["/Applications/Wireshark.app/Contents/MacOS/Wireshark"] : [];

function windowsPlaces(): string[] {
  const { ProgramFiles: folder = "C:\\Program Files" } = process.env;
  return ["", `${folder}\\Wireshark\\Wireshark.exe`];
}
