import * as vscode from "vscode";

const numbers = new Intl.NumberFormat(vscode.env.language);

/** `1,204`, as it is written in the editor's language. */
export function numberText(value: number): string {
  return numbers.format(value);
}
