import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import { HumanError } from "../base/human_error.ts";
import { EXTENSION } from "../base/ids.ts";
import { definitionProblemText } from "../words/problem_text.ts";
import { findDefinition } from "./definition_files.ts";
import { isProto } from "./definition_paths.ts";
import type { DefinitionEntry } from "./definition_setting.ts";
import { protoProblemText } from "./proto_decoder.ts";
import { findProto } from "./proto_files.ts";

/** Most files that are offered. */
const MOST_FILES = 1000;

/**
 * Asks which definition of the workspace is for a port, and for which of its types where it has several, and writes that
 * into the settings of the workspace. Undefined: the person gave up.
 */
export async function chooseDefinition(port: number): Promise<DefinitionEntry | undefined> {
  const file = await askFile(port);
  if (file === undefined) return undefined;
  const types = isProto(file) ? await messagesOf(file) : await typesOf(file);
  const type = types.length > 1 ? await askType(file, types) : types[0];
  if (type === undefined) return undefined;
  const entry = { file, ...(type !== types[0] && { type }), port };
  await writeEntry(entry);
  return entry;
}

/** The types of a `.ksy`, its own first. */
async function typesOf(file: string): Promise<string[]> {
  const { definition, problems = [] } = (await findDefinition(file)) ?? {};
  if (definition) return [...definition.types.keys()];
  const [wrong] = problems.filter(({ severity }) => severity === "error");
  throw unreadable(file, wrong && definitionProblemText(wrong));
}

/** The messages of a `.proto`, by their full names. */
async function messagesOf(file: string): Promise<string[]> {
  const { schema, problem } = (await findProto(file)) ?? {};
  if (schema) return schema.messages.map(({ fullName }) => fullName);
  throw unreadable(file, problem && protoProblemText(problem));
}

function unreadable(file: string, problem: string | undefined): HumanError {
  const reason = problem ?? vscode.l10n.t("it cannot be read.");
  return new HumanError(
    vscode.l10n.t("Cannot decode by {0}: {1}", printable(file, { limit: 200 }), reason),
  );
}

async function askFile(port: number): Promise<string | undefined> {
  const uris = await vscode.workspace.findFiles(
    "**/*.{ksy,proto}",
    "**/node_modules/**",
    MOST_FILES,
  );
  const files = uris.map((uri) => vscode.workspace.asRelativePath(uri, false)).sort();
  if (files.length === 0) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot decode by a definition: this workspace has no .ksy and no .proto file.",
      ),
    );
  }
  const items = [...new Set(files)].map((file) => ({ label: printable(file), file }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Decode As"),
    ignoreFocusOut: true,
    placeHolder: vscode.l10n.t("Which definition is for port {0}?", String(port)),
  });
  return picked?.file;
}

async function askType(file: string, types: readonly string[]): Promise<string | undefined> {
  return vscode.window.showQuickPick(types, {
    title: vscode.l10n.t("Decode As"),
    ignoreFocusOut: true,
    placeHolder: vscode.l10n.t("Which type of {0} is a payload?", printable(file)),
  });
}

/** Before all others, in place of what was there for this port alone. */
async function writeEntry(entry: DefinitionEntry): Promise<void> {
  const settings = vscode.workspace.getConfiguration(EXTENSION);
  const before: unknown = settings.inspect("definitions")?.workspaceValue;
  const others = (Array.isArray(before) ? before : []).filter((one: unknown) => {
    if (typeof one !== "object" || one === null) return true;
    const { file, type, port, ...more } = one as Record<string, unknown>;
    return port !== entry.port || Object.keys(more).length > 0;
  });
  const target = vscode.ConfigurationTarget.Workspace;
  await settings.update("definitions", [entry, ...others], target);
}
