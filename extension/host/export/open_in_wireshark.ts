import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { ManyDatagrams, Scope } from "../../api.ts";
import { checkOneOf } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { fileErrorText } from "../base/file_error_text.ts";
import { HumanError } from "../base/human_error.ts";
import { tellInStatusBar } from "../base/notify.ts";
import { numberText } from "../base/number_text.ts";
import { openSetting, setting } from "../base/settings.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { Grids } from "../datagrams/grids.ts";
import { rowsOf, SCOPES } from "../datagrams/scope.ts";
import { findProgram } from "../system/find_program.ts";
import { exportCapture, fileNameOf, idsToExport } from "./export_capture.ts";

/** How long the status bar says what was opened. */
const STATUS_MS = 5000;

interface Context {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly log: vscode.LogOutputChannel;
  /** What writes the file. */
  readonly application: string;
}

/** Which datagrams, of what. */
interface Shown {
  readonly source: CaptureSource;
  readonly scope: Scope;
}

/** *Open in Wireshark*: an export of the datagrams. */
export function openInWireshark(context: Context): Command<"udpWorkbench.openInWireshark", Shown> {
  const { live, grids } = context;
  const lastSource = () => grids.lastUsed?.source ?? live;
  return {
    id: "udpWorkbench.openInWireshark",
    options: { datagrams: true },
    parse: ({ datagrams = "all" }) => {
      const scope = checkOneOf("datagrams", datagrams, SCOPES);
      return { scope, source: scope === "all" ? live : lastSource() };
    },
    // What a person sees in the grid is what is meant.
    ask: async (place) => ({
      scope: place?.kind === "row" ? "selected" : grids.lastUsed?.isFiltered ? "filtered" : "all",
      source: lastSource(),
    }),
    run: (shown) => open(context, shown),
    async runForPerson(shown) {
      const result = await open(context, shown);
      tellInStatusBar(
        vscode.l10n.t(
          "Wireshark opens {0} records of: {1}",
          numberText(result.datagrams),
          shown.source.name,
        ),
        STATUS_MS,
      );
      return result;
    },
  };
}

async function open(
  { live, grids, log, application }: Context,
  { source, scope }: Shown,
): Promise<ManyDatagrams> {
  const program = await findWireshark();
  if (source === live) await live.scan();
  const failure = vscode.l10n.t("Cannot open Wireshark");
  const rows = scope === "all" ? undefined : await rowsOf(grids.lastUsed, scope, failure);
  const each = "record";
  const ids = idsToExport(source, each, rows);
  // Private: captures hold what others said.
  const folder = await mkdtemp(join(tmpdir(), "udp-workbench-"));
  const remove = () =>
    rm(folder, { recursive: true, force: true }).catch((e) => log.warn(String(e)));
  try {
    // Wireshark's title shows it.
    const uri = vscode.Uri.file(join(folder, `${fileNameOf(source)}.pcapng`));
    const format = "pcapng";
    const { records } = await exportCapture({ source, ids, uri, format, each, application });
    // Never in the workspace, whose files it might take for its own.
    const options = { cwd: homedir(), detached: true, stdio: "ignore", shell: false } as const;
    const child = spawn(program, ["-r", uri.fsPath], options);
    child.once("exit", remove);
    await once(child, "spawn");
    child.unref();
    return { datagrams: records };
  } catch (error) {
    await remove();
    if (error instanceof HumanError) throw error;
    throw new HumanError(vscode.l10n.t("Cannot start {0}: {1}.", program, fileErrorText(error)));
  }
}

async function findWireshark(): Promise<string> {
  const path = setting("wiresharkPath").trim();
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
    [openSetting("wiresharkPath")],
  );
}

const MACOS_PLACES =
  process.platform === "darwin" ? ["/Applications/Wireshark.app/Contents/MacOS/Wireshark"] : [];

function windowsPlaces(): string[] {
  const { ProgramFiles: folder = "C:\\Program Files" } = process.env;
  return ["", `${folder}\\Wireshark\\Wireshark.exe`];
}
