import * as vscode from "vscode";
import { numberText } from "../base/number_text.ts";
import { isWriterAlive } from "../system/processes.ts";
import { CaptureFolder } from "./capture_folder.ts";
import { captureProblemText } from "./problem_text.ts";
import type { SegmentFile } from "./segment_file.ts";

/**
 * What cannot be read at the end of the capture folder's files, for somebody who believes that the table shows all that
 * they hold: a program was killed in the midst of a write, or a file was spoiled.
 */
export class UnreadEnds {
  /** File name → a sentence. */
  readonly #texts = new Map<string, string>();
  readonly #log: vscode.LogOutputChannel;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  get texts(): string[] {
    return [...this.#texts.values()];
  }

  /** Looks at a file that was read to its end, with `readOn` once more where its program has ended; true for news. */
  async look(name: string, segment: SegmentFile, readOn: () => Promise<void>): Promise<boolean> {
    const text = await endText(name, segment, readOn);
    if (text === this.#texts.get(name)) return false;
    if (text === undefined) return this.forget(name);
    this.#texts.set(name, text);
    this.#log.warn(text);
    return true;
  }

  forget(name: string): boolean {
    return this.#texts.delete(name);
  }
}

async function endText(
  name: string,
  segment: SegmentFile,
  readOn: () => Promise<void>,
): Promise<string | undefined> {
  const { path, problem } = segment;
  if (problem !== undefined) {
    return vscode.l10n.t(
      "{0} What its program records there is not shown; start the program again. The file: {1}",
      captureProblemText(problem),
      path,
    );
  }
  if (segment.unfinished === 0) return undefined;
  const pid = CaptureFolder.pidOf(name);
  if (pid !== undefined && (await isWriterAlive(pid, path))) return undefined;
  // It may have written the rest, and only then have ended.
  await readOn();
  if (segment.unfinished === 0) return undefined;
  return vscode.l10n.t(
    "A program ended while it was recording: its last {0} bytes are no whole packet, and nobody knows how many datagrams are missing. The file: {1}",
    numberText(segment.unfinished),
    path,
  );
}
