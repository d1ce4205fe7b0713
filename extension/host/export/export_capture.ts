import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import * as vscode from "vscode";
import type { ExportedUnit, ExportFormat } from "../../api.ts";
import type { Capture } from "../../core/capture/capture.ts";
import { describedFields } from "../../core/decode/described_field.ts";
import { exportCsv } from "../../core/export/csv_export.ts";
import type { ExportedFields, ExportSource } from "../../core/export/export_source.ts";
import { exportJsonLines } from "../../core/export/json_export.ts";
import { exportParquet } from "../../core/export/parquet_export.ts";
import { exportPcapng } from "../../core/export/pcapng_export.ts";
import { printable } from "../../core/text/printable.ts";
import { fileErrorText } from "../base/file_error_text.ts";
import { HumanError } from "../base/human_error.ts";
import { numberText } from "../base/number_text.ts";
import type { CaptureSource } from "../capture/capture_source.ts";
import { allRows } from "../datagrams/scope.ts";
import { endsOf } from "../definitions/datagram_ends.ts";
import type { LoadedDecoders } from "../definitions/payload_decoders.ts";
import { PayloadWindows } from "./payload_windows.ts";

/** Below, an export is over before a person could read that it runs. */
const SHOWN_FROM = 20_000;
/** Datagrams between two looks at the progress bar and its button. */
const STEP = 1000;

interface ExportJob {
  readonly source: CaptureSource;
  /** What is to be exported; what is given up meanwhile is left out. */
  readonly ids: ArrayLike<number>;
  readonly uri: vscode.Uri;
  readonly format: ExportFormat;
  /** What `ids` are. */
  readonly each: ExportedUnit;
  /** What wrote the file. */
  readonly application: string;
  /** What tells the fields of payloads; left out: none are told. */
  readonly decoders?: LoadedDecoders;
}

/** What a file has got: a delivered datagram can be two records, one of each end. */
export interface Exported {
  readonly datagrams: number;
  readonly records: number;
}

/** Thrown where a person has ended an export; nothing was written then. */
export class ExportCancelled extends Error {}

/**
 * Writes datagrams to a file, with progress and a way out where they are many. The file is there as a whole or, with a
 * {@link HumanError} or {@link ExportCancelled}, as it was before.
 */
export async function exportCapture(job: ExportJob): Promise<Exported> {
  if (job.ids.length < SHOWN_FROM) return write(job, () => {});
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: exportingText(job),
    cancellable: true,
  };
  return vscode.window.withProgress(options, (progress, token) =>
    write(job, () => {
      if (token.isCancellationRequested) throw new ExportCancelled();
      progress.report({ increment: (100 * STEP) / job.ids.length });
    }),
  );
}

function exportingText({ ids, each }: ExportJob): string {
  const count = numberText(ids.length);
  return each === "record"
    ? vscode.l10n.t("Exporting {0} records", count)
    : vscode.l10n.t("Exporting {0} datagrams", count);
}

/** What is to be exported of these rows of a capture, or of all: themselves, or the records behind them. */
export function idsToExport(
  { capture }: Pick<CaptureSource, "capture">,
  each: ExportedUnit,
  rows: readonly number[] | undefined,
): ArrayLike<number> {
  if (each === "datagram") return rows ?? allRows({ capture });
  return rows ? recordsOfRows(capture, rows) : allRecords(capture);
}

/**
 * The records behind rows, in the order of time: a delivered datagram has two, one that was captured on its way as well has
 * more, and all belong into a capture.
 */
function recordsOfRows(capture: Capture, rows: readonly number[]): number[] {
  // While a grid is paused, a row of it may have been folded into another one, or be gone.
  const chosen = new Set(rows.filter((id) => capture.has(id)).map((id) => capture.shownWith(id)));
  const records: number[] = [];
  for (let position = 0; position < capture.length; position++) {
    const id = capture.idAt(position);
    if (chosen.has(capture.shownWith(id))) records.push(id);
  }
  return records;
}

/** The records of a capture, in the order of time. */
function allRecords(capture: Capture): Float64Array {
  const ids = new Float64Array(capture.length);
  for (let position = 0; position < ids.length; position++) ids[position] = capture.idAt(position);
  return ids;
}

/** What a file of a capture is called, without its extension: harmless to any shell and file system. */
export function fileNameOf({ isLive, name }: CaptureSource): string {
  const stem = name.replace(/(\.(pcapng|pcap|gz))+$/i, "").replace(/[^\w.-]+/g, "_");
  return isLive || /^[_.]*$/.test(stem) ? "udp" : stem;
}

/** Writes the file and returns what is in it. `onStep` may throw. */
async function write(job: ExportJob, onStep: () => void): Promise<Exported> {
  const { source, ids, uri, each } = job;
  let records = 0;
  let folded = 0;
  const counted = function* (): Generator<number, void> {
    for (let index = 0; index < ids.length; index++) {
      if (index % STEP === STEP - 1) onStep();
      const id = ids[index];
      if (id === undefined || !source.capture.has(id)) continue;
      records++;
      if (each === "record" && source.capture.isFolded(id)) folded++;
      yield id;
    }
  };
  const { capture } = source;
  const { decoders } = job;
  const payloads = new PayloadWindows(source);
  const chunks = chunksOf(job, {
    capture,
    ids: counted(),
    payload: (id) => payloads.payload(id),
    ...(decoders && { decoded: (id, payload) => fieldsOf(decoders, capture, id, payload) }),
  });
  try {
    if (uri.scheme === "file") await writeToDisk(uri.fsPath, chunks);
    else await vscode.workspace.fs.writeFile(uri, await collect(chunks));
  } catch (error) {
    if (error instanceof ExportCancelled) throw error;
    throw new HumanError(
      vscode.l10n.t(
        "Cannot export to {0}: {1}; choose another place.",
        printable(uri.fsPath, { limit: 300 }),
        fileErrorText(error),
      ),
    );
  } finally {
    await payloads.close();
  }
  return { datagrams: records - folded, records };
}

function fieldsOf(
  decoders: LoadedDecoders,
  capture: Capture,
  id: number,
  payload: Uint8Array,
): ExportedFields | undefined {
  const decoder = decoders.choose(endsOf(capture, id), payload)?.decoder;
  if (!decoder) return undefined;
  const { fields } = decoder.decode(payload, capture.capturedLength(id) < capture.wireLength(id));
  return fields && { decoder: decoder.id, fields: describedFields(fields) };
}

function chunksOf(
  { format, application, each }: ExportJob,
  source: ExportSource,
): AsyncIterable<Uint8Array> {
  switch (format) {
    case "pcapng":
      return exportPcapng(source, application, each);
    case "jsonl":
      return exportJsonLines(source);
    case "csv":
      return exportCsv(source);
    case "parquet":
      return exportParquet(source, application);
  }
}

/**
 * Beside the target first: a full disk must not cost the file that was there. Under a name that nobody can have taken,
 * with a link that leads elsewhere: the folder may be one that everybody can write to.
 */
async function writeToDisk(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const partial = `${path}.${process.pid}.${randomBytes(6).toString("hex")}.part`;
  const file = await open(partial, "wx");
  try {
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return Buffer.concat(parts);
}
