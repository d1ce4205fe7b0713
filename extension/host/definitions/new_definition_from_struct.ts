import * as vscode from "vscode";
import type { StructDefinition } from "../../api.ts";
import {
  definitionFromStruct,
  type StructOptions,
  structNames,
} from "../../core/cstruct/definition.ts";
import {
  C_PROBLEMS,
  CRefusal,
  type CRemark,
  DOUBTFUL_C_PROBLEMS,
  lineAndColumn,
} from "../../core/cstruct/problem.ts";
import { TARGETS, type Target } from "../../core/cstruct/target.ts";
import { printable } from "../../core/text/printable.ts";
import { checkFile, checkFlag, checkOneOf, checkText } from "../base/checks.ts";
import type { Command } from "../base/command.ts";
import { HumanError } from "../base/human_error.ts";
import { askSteps, type PickStep } from "../base/multi_step.ts";

/** What a definition is made of, and where it goes. */
interface Wish {
  readonly source: string;
  readonly options: StructOptions;
  /** Of the file that is written. */
  readonly uri: vscode.Uri | undefined;
}

const ENDIANS = ["le", "be"] as const;
const PLACES = ["untitled", "file"] as const;

/** *New Definition from C Struct...*: writes a `.ksy` for a struct that is selected, or was copied. */
export function newDefinitionFromStruct(): Command<"udpWorkbench.newDefinitionFromStruct", Wish> {
  return {
    id: "udpWorkbench.newDefinitionFromStruct",
    options: { source: true, struct: true, platform: true, endian: true, packed: true, uri: true },
    parse: ({ source, struct, platform, endian, packed, uri }) => ({
      source: checkText("source", source),
      options: {
        target: targetOf(platform ?? "x86-64-linux"),
        endian: checkOneOf("endian", endian ?? "le", ENDIANS),
        isPacked: checkFlag("packed", packed) ?? false,
        ...(struct !== undefined && { struct: checkText("struct", struct) }),
      },
      uri: uri === undefined ? undefined : checkFile("uri", uri),
    }),
    ask,
    async run({ source, options, uri }) {
      const definition = definitionOf(source, options);
      if (uri) await write(uri, definition.text);
      return definition;
    },
    async runForPerson({ source, options, uri }) {
      const definition = definitionOf(source, options);
      if (uri) await write(uri, definition.text);
      const document = uri
        ? await vscode.workspace.openTextDocument(uri)
        : await vscode.workspace.openTextDocument({ content: definition.text, language: "yaml" });
      await vscode.window.showTextDocument(document);
      return definition;
    },
  };
}

function targetOf(given: unknown): Target {
  const ids = TARGETS.map(({ id }) => id);
  const id = checkOneOf("platform", given, ids);
  return TARGETS.find((target) => target.id === id) ?? neverMissing(id);
}

function neverMissing(id: string): never {
  throw new RangeError(`there is no target ${id}`);
}

function definitionOf(source: string, options: StructOptions): StructDefinition {
  const { remarks, text, ...rest } = told(source, () => definitionFromStruct(source, options));
  const sentences = remarks.map(remarkText);
  const comments = sentences.map((sentence) => `# ${sentence}\n`).join("");
  return { ...rest, text: comments + text, remarks: sentences };
}

/** What `read` finds in C, or a {@link HumanError} with the place of what is wrong with it. */
function told<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CRefusal)) throw error;
    const { line, column } = lineAndColumn(source, error.at);
    const why = vscode.l10n.t(
      C_PROBLEMS[error.code],
      ...error.words.map((word) => printable(word)),
    );
    throw new HumanError(
      vscode.l10n.t(
        "Cannot make a definition of this C, line {0}, column {1}: {2}",
        String(line),
        String(column),
        why,
      ),
    );
  }
}

function remarkText({ code, arguments: words }: CRemark): string {
  return vscode.l10n.t(
    DOUBTFUL_C_PROBLEMS[code],
    ...words.map((word) => printable(word, { limit: 100 })),
  );
}

async function write(uri: vscode.Uri, text: string): Promise<void> {
  try {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  } catch (error) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot write {0}: {1}.",
        printable(uri.fsPath, { limit: 300 }),
        printable(error instanceof Error ? error.message : String(error), { limit: 200 }),
      ),
    );
  }
}

async function ask(): Promise<Wish | undefined> {
  const source = await askSource();
  if (source === undefined) return undefined;
  const [anyTarget = neverMissing("")] = TARGETS;
  const names = told(source, () => structNames(source, anyTarget));
  const steps: PickStep[] = [targetStep(), endianStep(), packedStep(), placeStep()];
  // The one that holds the others stands behind them.
  if (names.length > 1) steps.unshift(structStep(names.toReversed()));
  const answers = await askSteps(vscode.l10n.t("New Definition from C Struct"), steps);
  if (!answers) return undefined;
  const [target, endian, packed, place] = answers.slice(-4);
  const options: StructOptions = {
    target: targetOf(target),
    endian: checkOneOf("endian", endian, ENDIANS),
    isPacked: packed === "packed",
    ...(names.length > 1 && answers[0] !== undefined && { struct: answers[0] }),
  };
  if (place !== "file") return { source, options, uri: undefined };
  const { id } = told(source, () => definitionFromStruct(source, options));
  const uri = await askFile(`${id}.ksy`);
  return uri && { source, options, uri };
}

/** What is selected, else what was copied: a box of one line has no room for C. */
async function askSource(): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  const selected = editor?.document.getText(editor.selection) ?? "";
  if (isStruct(selected)) return selected;
  const copied = await vscode.env.clipboard.readText();
  const whole = editor?.document.getText() ?? "";
  const items = [
    ...(isStruct(copied)
      ? [{ label: vscode.l10n.t("What was copied"), detail: preview(copied), source: copied }]
      : []),
    ...(editor && isStruct(whole) && /^(c|cpp|objective-c)$/.test(editor.document.languageId)
      ? [
          {
            label: vscode.l10n.t("What the active editor has"),
            detail: preview(vscode.workspace.asRelativePath(editor.document.uri)),
            source: whole,
          },
        ]
      : []),
  ];
  if (items.length === 0) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot make a definition: select a struct of C in an editor, or copy one, and run the command again.",
      ),
    );
  }
  const [only] = items;
  if (items.length === 1) return only?.source;
  const title = vscode.l10n.t("New Definition from C Struct");
  return (await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true }))?.source;
}

function isStruct(text: string): boolean {
  return /\b(?:struct|union)\b[^;{]*\{/.test(text);
}

function preview(text: string): string {
  return printable(text.trim().replace(/\s+/g, " "), { limit: 80 });
}

function structStep(names: readonly string[]): PickStep {
  return {
    kind: "pick",
    prompt: vscode.l10n.t("Which of them is a payload?"),
    items: names.map((name) => ({ label: name, value: name })),
  };
}

function targetStep(): PickStep {
  return {
    kind: "pick",
    prompt: vscode.l10n.t(
      "What is the sender compiled for? Compilers lay out structs differently.",
    ),
    items: TARGETS.map(({ id, name, hasShortEnums }) => ({
      label: name,
      value: id,
      ...(hasShortEnums && { description: vscode.l10n.t("enums as small as their values") }),
    })),
  };
}

function endianStep(): PickStep {
  return {
    kind: "pick",
    prompt: vscode.l10n.t("In which order are the bytes of numbers sent?"),
    items: [
      { label: vscode.l10n.t("Little-endian"), value: "le", description: "07 00 = 7" },
      { label: vscode.l10n.t("Big-endian"), value: "be", description: "00 07 = 7" },
    ],
  };
}

function packedStep(): PickStep {
  return {
    kind: "pick",
    prompt: vscode.l10n.t("Is there padding between members?"),
    items: [
      {
        label: vscode.l10n.t("As the text says"),
        value: "natural",
        description: vscode.l10n.t("aligned, where there is no packed and no #pragma pack"),
      },
      {
        label: vscode.l10n.t("Packed"),
        value: "packed",
        description: vscode.l10n.t("none at all"),
      },
    ],
  };
}

function placeStep(): PickStep {
  const [untitled, file] = PLACES;
  return {
    kind: "pick",
    prompt: vscode.l10n.t("Where does the definition go?"),
    items: [
      { label: vscode.l10n.t("A new editor"), value: untitled },
      { label: vscode.l10n.t("A file of the workspace..."), value: file },
    ],
  };
}

async function askFile(name: string): Promise<vscode.Uri | undefined> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t("New Definition from C Struct"),
    filters: { [vscode.l10n.t("Definitions")]: ["ksy"] },
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder.uri, name) }),
  });
}
