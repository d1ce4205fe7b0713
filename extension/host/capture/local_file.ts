import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { HumanError } from "../base/human_error.ts";
import { numberText } from "../base/number_text.ts";

/** A file of another scheme comes into memory as a whole. */
const MOST_COPIED = 256 * 2 ** 20;

/** A file that can be read from any place. */
export interface LocalFile {
  readonly path: string;
  /** To be called when it is not read any more. */
  remove(): Promise<void>;
}

/**
 * The file of a URI on this disk: itself, or a copy that only this user can read. `git:/a/b.pcap` has a path as well, but
 * what lies there is another version. Throws a {@link HumanError} where it is too large, and what its file system throws.
 */
export async function localFile(
  uri: vscode.Uri,
  mostCopied: number = MOST_COPIED,
): Promise<LocalFile> {
  if (uri.scheme === "file") return { path: uri.fsPath, remove: async () => {} };
  const { size } = await vscode.workspace.fs.stat(uri);
  // What the size said is no promise.
  const bytes = size > mostCopied ? undefined : await vscode.workspace.fs.readFile(uri);
  if (!bytes || bytes.length > mostCopied) {
    throw new HumanError(
      vscode.l10n.t(
        "Cannot read a capture of {0} bytes from {1}: it can have {2} there; save it to a disk first.",
        numberText(bytes?.length ?? size),
        uri.scheme,
        numberText(mostCopied),
      ),
    );
  }
  // mkdtemp makes the folder for this user only.
  const folder = await mkdtemp(join(tmpdir(), "udp-workbench-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, "copy"), bytes, { flag: "wx", mode: 0o600 });
  } catch (error) {
    await remove();
    throw error;
  }
  return { path: join(folder, "copy"), remove };
}
