import { extname, join } from "node:path";
import * as vscode from "vscode";
import type { ExportedUnit, ExportFormat, Scope } from "../../api.ts";
import { checkFile, givenText } from "../base/checks.ts";
import type { Command, GivenOptions } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { askSteps, type PickStep } from "../base/multi_step.ts";
import { showInformation } from "../base/notify.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import type { LiveCapture } from "../capture/live_capture.ts";
import type { Grids } from "../datagrams/grids.ts";
import { rowsOf, SCOPES, scopeStep } from "../datagrams/scope.ts";
import type { PayloadDecoders } from "../definitions/payload_decoders.ts";
import {
  ExportCancelled,
  type Exported,
  exportCapture,
  fileNameOf,
  idsToExport,
} from "./export_capture.ts";

const FORMATS: readonly ExportFormat[] = ["pcapng", "jsonl", "csv", "parquet"];
const UNITS: readonly ExportedUnit[] = ["datagram", "record"];
/** In the list of formats: pcapng in which each datagram stands once. */
const PCAPNG_ONCE = "pcapng once";

interface Context {
  readonly live: LiveCapture;
  readonly grids: Grids;
  readonly decoders: () => Promise<PayloadDecoders>;
  /** What writes the file. */
  readonly application: string;
}

/** What is to be written, where to and as what. */
interface Exporting {
  readonly source: CaptureSource;
  readonly scope: Scope;
  readonly uri: vscode.Uri;
  readonly format: ExportFormat;
  readonly each: ExportedUnit;
}

/** *Export Capture...* */
export function exportCommand(context: Context): Command<"udpWorkbench.exportCapture", Exporting> {
  return {
    id: "udpWorkbench.exportCapture",
    options: { uri: true, format: true, scope: true, each: true },
    parse: (given) => exportOf(context, given),
    // The menu of a row: what is selected was meant.
    ask: (place) => ask(context, place?.kind === "row" ? "selected" : "all"),
    async run(exporting) {
      try {
        const { records } = await exportScope(context, exporting);
        return { datagrams: records };
      } catch (error) {
        if (!(error instanceof ExportCancelled)) throw error;
        throw new HumanError(
          vscode.l10n.t(
            "The export to {0} was cancelled: nothing was written.",
            exporting.uri.fsPath,
          ),
        );
      }
    },
    async runForPerson(exporting) {
      try {
        const result = await exportScope(context, exporting);
        showInformation(resultText(result, exporting.uri));
        return { datagrams: result.records };
      } catch (error) {
        // Whoever has cancelled it knows.
        if (error instanceof ExportCancelled) return undefined;
        throw error;
      }
    },
  };
}

function exportOf(
  { live, grids }: Context,
  given: GivenOptions<"udpWorkbench.exportCapture">,
): Exporting {
  const uri = checkFile("uri", given.uri);
  const { format = formatOf(uri), scope = "all" } = given;
  const knownFormat = FORMATS.find((known) => known === format);
  const knownScope = SCOPES.find((known) => known === scope);
  if (knownFormat === undefined || knownScope === undefined) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot export {0} as {1}: it is one of {2}, as one of {3}.",
        givenText(scope),
        givenText(format),
        SCOPES.join(", "),
        FORMATS.join(", "),
      ),
    );
  }
  const each = UNITS.find((known) => known === (given.each ?? unitOf(knownFormat)));
  if (each === undefined) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot export each {0}: it is one of {1}.",
        givenText(given.each),
        UNITS.join(", "),
      ),
    );
  }
  const source = knownScope === "all" ? live : grids.lastUsed?.source;
  if (source) return { source, scope: knownScope, uri, format: knownFormat, each };
  throw new HumanError(
    vscode.l10n.t("Cannot export what is {0}: use a grid of datagrams first.", knownScope),
  );
}

async function ask({ live, grids }: Context, preferred: Scope): Promise<Exporting | undefined> {
  const page = grids.lastUsed;
  const source = page?.source ?? live;
  const scopes = scopeStep(vscode.l10n.t("What to export"), rowCount(source), page, preferred);
  const steps = scopes.items.length > 1 ? [scopes, formatStep()] : [formatStep()];
  // Which one: with several grids open, nobody remembers the one that they used last.
  const answers = await askSteps(vscode.l10n.t("Export Capture: {0}", source.name), steps);
  if (!answers) return undefined;
  const isOnce = answers.at(-1) === PCAPNG_ONCE;
  const format = isOnce ? "pcapng" : (answers.at(-1) as ExportFormat);
  const each = isOnce ? "datagram" : unitOf(format);
  const scope = answers.length > 1 ? (answers[0] as Scope) : "all";
  const uri = await askPlace(fileNameOf(source), format);
  return uri && { source, scope, uri, format, each };
}

async function exportScope(
  { live, grids, application, decoders }: Context,
  { source, scope, uri, format, each }: Exporting,
): Promise<Exported> {
  if (source === live) await live.scan();
  const failure = vscode.l10n.t("Cannot export");
  const rows = scope === "all" ? undefined : await rowsOf(grids.lastUsed, scope, failure);
  const ids = idsToExport(source, each, rows);
  const job = { source, ids, uri, format, each, application };
  // These tell what decoders find.
  if (format !== "jsonl" && format !== "parquet") return exportCapture(job);
  return exportCapture({ ...job, decoders: await (await decoders()).load() });
}

/** A capture is what was recorded, so that it can be opened again; a list is of datagrams. */
function unitOf(format: ExportFormat): ExportedUnit {
  return format === "pcapng" ? "record" : "datagram";
}

/** As the grid counts them. */
function rowCount({ capture }: CaptureSource): number {
  return capture.length - capture.folded;
}

function resultText({ datagrams, records }: Exported, { fsPath }: vscode.Uri): string {
  if (records > datagrams) {
    return vscode.l10n.t(
      "Exported {0} datagrams to {1}, as {2} records: both ends recorded what was delivered.",
      numberText(datagrams),
      fsPath,
      numberText(records),
    );
  }
  return datagrams === 1
    ? vscode.l10n.t("Exported 1 datagram to {0}.", fsPath)
    : vscode.l10n.t("Exported {0} datagrams to {1}.", numberText(datagrams), fsPath);
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
        label: vscode.l10n.t("pcapng, each datagram once"),
        description: vscode.l10n.t("for Wireshark alone: without the record of its receiver"),
        value: PCAPNG_ONCE,
      },
      {
        label: "JSON Lines",
        description: vscode.l10n.t("for programs; the fields have Wireshark's names"),
        value: "jsonl",
      },
      { label: "CSV", description: vscode.l10n.t("for spreadsheets"), value: "csv" },
      {
        label: "Parquet",
        description: vscode.l10n.t(
          "for DuckDB, Spark and pandas; the fields have Wireshark's names",
        ),
        value: "parquet",
      },
    ],
  };
}

async function askPlace(name: string, format: ExportFormat): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t("Export Capture"),
    filters: { [format]: [format] },
    ...(folder && { defaultUri: vscode.Uri.file(join(folder.fsPath, `${name}.${format}`)) }),
  });
}

function formatOf({ path }: vscode.Uri): ExportFormat {
  const extension = extname(path).slice(1).toLowerCase();
  return FORMATS.find((format) => format === extension) ?? "pcapng";
}
