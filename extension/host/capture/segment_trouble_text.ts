import * as vscode from "vscode";
import { numberText } from "../base/number_text.ts";
import type { FollowedSegment, SegmentTrouble } from "./followed_segment.ts";
import { captureProblemText } from "./problem_text.ts";

/**
 * What is not shown of a file, for somebody who believes that the table shows all that the folder holds. The path stands
 * last: in a narrow view the reason is what is seen.
 */
export function segmentTroubleText(
  { path, lost }: Pick<FollowedSegment, "path" | "lost">,
  trouble: SegmentTrouble,
): string {
  switch (trouble.kind) {
    case "spoiled":
      return vscode.l10n.t(
        "{0} What its program records there is not shown; start the program again. The file: {1}",
        captureProblemText(trouble.problem),
        path,
      );
    case "unfinished":
      return vscode.l10n.t(
        "A program ended while it was recording: its last {0} bytes are no whole packet, and nobody knows how many datagrams are missing. The file: {1}",
        numberText(trouble.bytes),
        path,
      );
    case "notFile":
      return vscode.l10n.t(
        "A pipe, a folder or a device has the name of a capture file, and is not read; remove it. The path: {0}",
        path,
      );
    case "replaced":
    case "shortened":
      return vscode.l10n.t(
        "A capture file was replaced or shortened by another program: the {0} datagrams that were read of it are not shown any more. The file: {1}",
        numberText(lost),
        path,
      );
    case "unreadable":
      return vscode.l10n.t(
        "Cannot read a capture file ({0}): what its program records there is not shown; make it readable. The file: {1}",
        trouble.code,
        path,
      );
  }
}
