import * as vscode from "vscode";
import { withoutLinks } from "../../core/text/printable.ts";

/** What a step of a dialogue answers: a value, one step back, or the end of it all. */
type Answer<T> = { readonly value: T } | "back" | "cancelled";

export interface TextStep {
  readonly kind: "text";
  readonly prompt: string;
  readonly value: string;
  /** A sentence that says what is wrong, or undefined. */
  readonly check: (text: string) => string | undefined;
}

export interface PickStep {
  readonly kind: "pick";
  readonly prompt: string;
  readonly items: readonly PickItem[];
  /** Makes an item of what was typed, where other values than those of the list are possible. */
  readonly typed?: (text: string) => PickItem | undefined;
  /** The value of the item that Enter chooses first; else that of the first. */
  readonly active?: string;
}

export interface PickItem extends vscode.QuickPickItem {
  readonly value: string;
  /** The answer where one of its buttons is pressed. */
  readonly buttonValue?: string;
}

/** What is asked at last may depend on what was answered before. */
type Step = TextStep | PickStep | ((answers: readonly string[]) => TextStep | PickStep);

/**
 * Asks one thing after the other, with a button to go back; every step has its default in place, so that Enter
 * accepts it. Resolves with the answers in order, or undefined when the person gave up.
 */
export async function askSteps(
  title: string,
  steps: readonly Step[],
): Promise<string[] | undefined> {
  const answers: string[] = [];
  let at = 0;
  while (at < steps.length) {
    const wanted = steps[at];
    if (!wanted) break;
    const step = typeof wanted === "function" ? wanted(answers) : wanted;
    const isOne = steps.length === 1;
    const place: Place = {
      title,
      step: isOne ? undefined : at + 1,
      totalSteps: isOne ? undefined : steps.length,
      ignoreFocusOut: true,
    };
    const answer =
      step.kind === "text" ? await askText(step, place, answers[at]) : await pick(step, place);
    if (answer === "cancelled") return undefined;
    if (answer === "back") {
      at--;
      continue;
    }
    answers[at] = answer.value;
    at++;
  }
  return answers;
}

interface Place {
  readonly title: string;
  /** undefined where there is but one. */
  readonly step: number | undefined;
  readonly totalSteps: number | undefined;
  /** The question waits while somebody copies an address from elsewhere; Escape ends it. */
  readonly ignoreFocusOut: true;
}

function askText(
  step: TextStep,
  place: Place,
  before: string | undefined,
): Promise<Answer<string>> {
  const input = Object.assign(vscode.window.createInputBox(), place, {
    prompt: step.prompt,
    value: before ?? step.value,
    buttons: (place.step ?? 1) > 1 ? [vscode.QuickInputButtons.Back] : [],
  });
  return new Promise((resolve) => {
    const showProblem = () => {
      const problem = step.check(input.value);
      input.validationMessage = problem === undefined ? undefined : withoutLinks(problem);
    };
    input.onDidChangeValue(showProblem);
    input.onDidAccept(() => {
      const problem = step.check(input.value);
      if (problem === undefined) finish(input, resolve, { value: input.value.trim() });
      else showProblem();
    });
    watchEnd(input, resolve);
    input.show();
  });
}

function pick(step: PickStep, place: Place): Promise<Answer<string>> {
  const input = Object.assign(vscode.window.createQuickPick<PickItem>(), place, {
    placeholder: step.prompt,
    items: step.items,
    buttons: (place.step ?? 1) > 1 ? [vscode.QuickInputButtons.Back] : [],
  });
  const active = step.items.find(({ value }) => value === step.active);
  if (active) input.activeItems = [active];
  return new Promise((resolve) => {
    input.onDidTriggerItemButton(({ item }) => {
      finish(input, resolve, { value: item.buttonValue ?? item.value });
    });
    input.onDidChangeValue((text) => {
      const typed = text.trim() === "" ? undefined : step.typed?.(text.trim());
      const known = step.items.some(({ value }) => value === typed?.value);
      input.items = typed && !known ? [...step.items, typed] : step.items;
    });
    input.onDidAccept(() => {
      // Whoever is quicker than the list means what was typed.
      const item = input.activeItems[0] ?? step.typed?.(input.value.trim());
      if (item) finish(input, resolve, { value: item.value });
    });
    watchEnd(input, resolve);
    input.show();
  });
}

type AnyInput = vscode.InputBox | vscode.QuickPick<PickItem>;

function watchEnd(input: AnyInput, resolve: (answer: Answer<string>) => void): void {
  input.onDidTriggerButton((button) => {
    if (button === vscode.QuickInputButtons.Back) finish(input, resolve, "back");
  });
  // Hiding is also how an accepted input ends; a promise keeps its first answer.
  input.onDidHide(() => finish(input, resolve, "cancelled"));
}

function finish(
  input: AnyInput,
  resolve: (answer: Answer<string>) => void,
  answer: Answer<string>,
): void {
  resolve(answer);
  input.dispose();
}
