import * as vscode from "vscode";

/** Where the choice of lines is kept, so that it can be in git and the whole team has it. */
export const PLOTS_FILE = ".vscode/udp-plots.json";

const MOST_PLOTS = 100;
const MOST_FIELDS = 24;
const LONGEST = 300;
const MOST_BYTES = 1 << 20;

/** What is plotted of the datagrams that are sent to a port. */
export interface KeptPlot {
  readonly port: number;
  /** What the names of the fields begin with in a filter; left out of text. */
  readonly definition?: string;
  readonly fields: readonly string[];
  /** The field that the plot goes along; left out: the time of receipt. */
  readonly x?: string;
}

/** The plots that the workspace keeps; none where it has no folder, or the file is not what it should be. */
export async function readPlots(): Promise<KeptPlot[]> {
  const uri = plotsUri();
  if (!uri) return [];
  try {
    const bytes = await vscode.workspace.fs.readFile(uri);
    return bytes.length > MOST_BYTES ? [] : plotsIn(new TextDecoder().decode(bytes));
  } catch {
    return [];
  }
}

/** Keeps what is plotted now in the place of what was kept of the same ports. Rejects where the file cannot be written. */
export async function writePlots(plots: readonly KeptPlot[]): Promise<void> {
  const uri = plotsUri();
  if (!uri) return;
  const ports = new Set(plots.map(({ port }) => port));
  const others = (await readPlots()).filter(({ port }) => !ports.has(port));
  const all = [...others, ...plots.filter(({ fields }) => fields.length > 0)];
  all.sort((one, other) => one.port - other.port);
  const text = `${JSON.stringify({ plots: all }, undefined, 2)}\n`;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}

/** Undefined in a window without a folder: there the choice lasts as long as the page. */
export function plotsUri(): vscode.Uri | undefined {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return folder && vscode.Uri.joinPath(folder.uri, PLOTS_FILE);
}

/** The plots in a file's text; what is none is left out. The file is data of others, as all of a workspace. */
export function plotsIn(text: string): KeptPlot[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  const { plots } = (typeof parsed === "object" && parsed) as { readonly plots?: unknown };
  if (!Array.isArray(plots)) return [];
  return plots.slice(0, MOST_PLOTS).flatMap((plot: unknown) => plotIn(plot) ?? []);
}

function plotIn(plot: unknown): KeptPlot | undefined {
  if (typeof plot !== "object" || plot === null) return undefined;
  const { port, definition, fields, x }: Readonly<Record<string, unknown>> = { ...plot };
  if (!Number.isInteger(port) || Number(port) < 0 || Number(port) > 65_535) return undefined;
  if (!Array.isArray(fields) || fields.length > MOST_FIELDS || !fields.every(isName))
    return undefined;
  return {
    port: Number(port),
    ...(isName(definition) && { definition }),
    fields,
    ...(isName(x) && x !== "" && { x }),
  };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= LONGEST;
}
