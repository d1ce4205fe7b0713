import { extname, join } from "node:path";
import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { checkFile } from "../base/checks.ts";
import { HumanError } from "../base/human_error.ts";
import { askSteps, type PickStep } from "../base/multi_step.ts";
import { showInformation } from "../base/notify.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import { DatagramsPage } from "../datagrams/datagrams_page.ts";
import { rowsOf, SCOPES, type Scope, scopeStep } from "../datagrams/scope.ts";
import {
  allRecords,
  ExportCancelled,
  type ExportFormat,
  exportCapture,
  recordsOfRows,
} from "./export_capture.ts";

const FORMATS: readonly ExportFormat[] = ["pcapng", "jsonl", "csv"];

/** What the command takes. */
export interface ExportArgument {
  /** A Uri, its text, or an absolute path. */
  readonly uri: vscode.Uri | string;
  /** Where it is left out, the file's name tells: `.jsonl`, `.csv`, and pcapng for all others. */
  readonly format?: ExportFormat;
  /** `all` of the window's capture (the default), or what is `filtered` or `selected` in the grid that was used last. */
  readonly scope?: Scope;
}

interface ExportContext {
  readonly live: LiveCapture;
  readonly application: string;
}

/**
 * Export Capture: with an argument it returns how many datagrams were written, or throws. Without, it asks for what the
 * argument tells, beginning with `preferred`; undefined when the person gave up.
 */
export async function runExport(
  context: ExportContext,
  argument: ExportArgument | undefined,
  preferred: Scope = "all",
): Promise<{ datagrams: number } | undefined> {
  if (!argument) return askAndExport(context, preferred);
  const uri = checkFile("uri", argument.uri);
  const { format = formatOf(uri), scope = "all" } = argument;
  if (!FORMATS.includes(format) || !SCOPES.includes(scope)) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot export {0} as {1}: it is one of {2}, as one of {3}.",
        printable(String(scope), { limit: 60 }),
        printable(String(format), { limit: 60 }),
        SCOPES.join(", "),
        FORMATS.join(", "),
      ),
    );
  }
  const source = scope === "all" ? context.live : DatagramsPage.lastUsed?.source;
  try {
    return await exportScope(context, source, scope, uri, format);
  } catch (error) {
    if (!(error instanceof ExportCancelled)) throw error;
    throw new HumanError(
      vscode.l10n.t("The export to {0} was cancelled: nothing was written.", uri.fsPath),
    );
  }
}

async function askAndExport(
  context: ExportContext,
  preferred: Scope,
): Promise<{ datagrams: number } | undefined> {
  const page = DatagramsPage.lastUsed;
  const source = page?.source ?? context.live;
  const scopes = scopeStep(vscode.l10n.t("What to export"), source.capture.length, page, preferred);
  const steps = scopes.items.length > 1 ? [scopes, formatStep()] : [formatStep()];
  const answers = await askSteps(vscode.l10n.t("Export Capture"), steps);
  if (!answers) return undefined;
  const format = answers.at(-1) as ExportFormat;
  const scope = answers.length > 1 ? (answers[0] as Scope) : "all";
  const uri = await askPlace(format);
  if (!uri) return undefined;
  try {
    const result = await exportScope(context, source, scope, uri, format);
    const { datagrams } = result;
    showInformation(
      datagrams === 1
        ? vscode.l10n.t("Exported 1 datagram to {0}.", uri.fsPath)
        : vscode.l10n.t("Exported {0} datagrams to {1}.", numberText(datagrams), uri.fsPath),
    );
    return result;
  } catch (error) {
    // Whoever has cancelled it knows.
    if (error instanceof ExportCancelled) return undefined;
    throw error;
  }
}

async function exportScope(
  { live, application }: ExportContext,
  source: CaptureSource | undefined,
  scope: Scope,
  uri: vscode.Uri,
  format: ExportFormat,
): Promise<{ datagrams: number }> {
  if (source === live) await live.scan();
  if (!source) {
    throw new HumanError(
      vscode.l10n.t("Cannot export what is {0}: use a grid of datagrams first.", scope),
    );
  }
  const ids =
    scope === "all"
      ? allRecords(source.capture)
      : recordsOfRows(source.capture, await rowsOf(scope, vscode.l10n.t("Cannot export")));
  return exportCapture({ source, ids, uri, format, application });
}

function formatStep(): PickStep {
  return {
    kind: "pick",
    prompt: vscode.l10n.t("Format of the file"),
    items: [
      {
        label: "pcapng",
        description: vscode.l10n.t("for Wireshark, and to be opened here again"),
        value: "pcapng",
      },
      {
        label: "JSON Lines",
        description: vscode.l10n.t("for programs; the fields have Wireshark's names"),
        value: "jsonl",
      },
      { label: "CSV", description: vscode.l10n.t("for spreadsheets"), value: "csv" },
    ],
  };
}

async function askPlace(format: ExportFormat): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t("Export Capture"),
    filters: { [format]: [format] },
    ...(folder && { defaultUri: vscode.Uri.file(join(folder.fsPath, `udp.${format}`)) }),
  });
}

function formatOf({ path }: vscode.Uri): ExportFormat {
  const extension = extname(path).slice(1).toLowerCase();
  return FORMATS.find((format) => format === extension) ?? "pcapng";
}
