import * as vscode from "vscode";
import { printable } from "../../core/text/printable.ts";

/** Why a file could not be read or written, in the editor's language; what the system says of it is English. */
export function fileErrorText(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return vscode.l10n.t("there is no such file (ENOENT)");
    case "EACCES":
    case "EPERM":
      return vscode.l10n.t("the system does not allow it ({0})", code);
    case "EISDIR":
      return vscode.l10n.t("it is a folder (EISDIR)");
    case "ENOSPC":
    case "EDQUOT":
      return vscode.l10n.t("the disk is full ({0})", code);
    case "EROFS":
      return vscode.l10n.t("the disk is read-only (EROFS)");
    default:
      return vscode.l10n.t("the system reports {0}", printable(code ?? name, { limit: 100 }));
  }
}
