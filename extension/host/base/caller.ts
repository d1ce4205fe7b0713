import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";
import type { CommandId } from "./command.ts";
import { HumanError } from "./human_error.ts";
import { ROW_KEY } from "./ids.ts";
import { type Place, TreeLine } from "./place.ts";

/** Who runs a command: a program, with options, or a person, perhaps at a place that says what they mean. */
export type Caller =
  | { readonly by: "program"; readonly options: object }
  | {
      readonly by: "person";
      readonly place: Place | undefined;
      /** Why it cannot be known what they mean. */
      readonly problem?: HumanError;
    };

/**
 * What stands in the menus of a tree's lines and not in its title, which hands over the same where no line is selected. A
 * line that is drawn anew while its menu is open is lost on the way: without it, the command would be about another thing.
 */
const OF_LINES: ReadonlySet<string> = new Set([
  "udpWorkbench.attachAndRunAgain",
  "udpWorkbench.closeSocket",
  "udpWorkbench.explainLosses",
  "udpWorkbench.explainSilence",
  "udpWorkbench.follow",
  "udpWorkbench.followAsText",
  "udpWorkbench.revealTerminal",
  "udpWorkbench.send",
  "udpWorkbench.setRules",
  "udpWorkbench.stop",
  "udpWorkbench.watchAgain",
] satisfies CommandId[]);

/**
 * Tells from the arguments of a command who runs it. VS Code does not: to title bars, menus, keys and programs it hands
 * the same kinds of objects. What it hands over, as seen in VS Code 1.139:
 *
 * - the palette, a key binding without `args`, the status bar, a button of a walkthrough: nothing;
 * - the title bar of a webview view: undefined; an entry of its "..." menu: `{"preserveFocus":false}`; either of them by
 *   keyboard: the keyboard event as data;
 * - the title bar of a tree: the line that is selected, or undefined, although its buttons belong to the view; the menu
 *   and the buttons of a line: that line; then the list of what is selected, or undefined;
 * - the context menu of a webview: what `data-vscode-context` says, with `webview`, the id of the view or the editor;
 * - the title bar of an editor: its Uri, and `{"groupId":0}`; the explorer: the Uri, and the list of what is selected;
 * - a key binding with `args`, a task, another extension, a command link: what they give.
 *
 * So a program is who gives an object of nothing but the command's own options, `{}` for all that it has by itself.
 * Throws a {@link HumanError} for what neither VS Code nor a program that is right would give.
 */
export function callerOf(
  command: string,
  [argument, ...others]: readonly unknown[],
  options: Readonly<Record<string, true>>,
): Caller {
  // What was left out comes as null where the window's process passes it on.
  if (argument === undefined || argument === null) {
    if (others.length === 0 || !OF_LINES.has(command)) return { by: "person", place: undefined };
    const problem = new HumanError(
      vscode.l10n.t(
        "Cannot run {0}: its line was drawn anew just then; choose it once more.",
        command,
      ),
    );
    return { by: "person", place: undefined, problem };
  }
  if (argument instanceof TreeLine) {
    return { by: "person", place: { kind: "treeLine", line: argument } };
  }
  if (argument instanceof vscode.Uri) {
    return { by: "person", place: { kind: "file", uri: argument } };
  }
  if (!isPlainObject(argument)) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot run {0}: its argument must be an object that holds its options.",
        command,
      ),
    );
  }
  if (ROW_KEY in argument) {
    return { by: "person", place: { kind: "row" } };
  }
  const names = Object.keys(argument);
  const unknown = names.filter((name) => !Object.hasOwn(options, name));
  if (unknown.length === 0) return { by: "program", options: argument };
  // No option of the command's at all: something of VS Code's own.
  if (unknown.length === names.length) return { by: "person", place: undefined };
  throw new HumanError(
    vscode.l10n.t(
      "Cannot run {0}: it has no option {1}; its options are {2}.",
      command,
      printable(unknown.join(", "), { limit: 100 }),
      Object.keys(options).join(", "),
    ),
  );
}

function isPlainObject(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
